"""Stores that are due: one that gives no answer does not keep the others waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from app.platforms.base import StoreAway
from app.storage.leases import DueStore

# So long a store is left alone about which we made a mistake.
_MISTAKEN_S = 60.0

Due = TypeVar("Due", bound=DueStore)

_log = structlog.get_logger()


def attempt_each(
    claimed: Iterable[Due],
    attempt: Callable[[Due], None],
    postpone: Callable[[Due, str, float], None],
) -> None:
    """Do what is to be done with each store, or come back to it later."""
    for due in claimed:
        try:
            attempt(due)
        except StoreAway as error:
            _log.warning("store away", store_id=due.store_id, error=str(error))
            postpone(due, str(error), error.wait_s)
        except Exception as error:
            name = type(error).__name__
            _log.error("store not attended to", store_id=due.store_id, error=name)
            postpone(due, name, _MISTAKEN_S)

"""Asks stores by which selling plans orders were bought, for tiers that hang on them.

No message of an order says so. The answer goes through the inbox like any message.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from app.jobs import Bell
from app.platforms.base import StoreAway
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.line_plans import find_plans
from app.storage import due_plans, ledger, own_messages, stores
from app.storage.database import Database
from app.storage.due_plans import DuePlans
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.rests import Rests

BATCH = 20
# So long one turn lasts at most, since the clock has other things to do.
TURN_S = 5.0
TOPIC = "orders/plans"
_MISTAKEN_S = 60.0

ApiOf = Callable[[Store], AdminApi | None]

_log = structlog.get_logger()


@dataclass(frozen=True)
class ReadingPlans:
    """Works through the orders of which stores are to be asked."""

    database: Database
    keys: Keyring
    api_of: ApiOf
    bell: Bell | None = None
    _rests: Rests = field(default_factory=Rests)

    def work(self) -> int:
        """Ask about the orders that are due; return how many were taken up."""
        count, began = 0, time.monotonic()
        while time.monotonic() - began < TURN_S:
            with self.database.sweeper() as connection:
                claimed = due_plans.claim(connection, BATCH)
            stores_due: dict[tuple[int, int], list[DuePlans]] = defaultdict(list)
            for due in claimed:
                stores_due[due.program_id, due.store_id].append(due)
            for whose, theirs in stores_due.items():
                self._attempt(*whose, theirs)
            count += len(claimed)
            if len(claimed) < BATCH:
                break
        return count

    def _attempt(self, program_id: int, store_id: int, claimed: list[DuePlans]) -> None:
        with self.database.program(program_id) as connection:
            now = ledger.now(connection)
        rests_s = self._rests.left_s(store_id, now)
        if rests_s:
            self._postpone(claimed, "the store rests", rests_s)
            return
        try:
            self._read(program_id, store_id, claimed)
        except StoreAway as error:
            _log.warning("store away", store_id=store_id, error=str(error))
            self._rests.begin(store_id, now, error.wait_s)
            self._postpone(claimed, str(error), error.wait_s)
        except Exception as error:
            _log.error("plans not read", error=type(error).__name__)
            self._postpone(claimed, type(error).__name__, _MISTAKEN_S)

    def _read(self, program_id: int, store_id: int, claimed: list[DuePlans]) -> None:
        with self.database.program(program_id) as connection:
            store = stores.stores_of(connection, program_id)[store_id]
        api = self.api_of(store)
        if api is None:
            # Should the app come back, the store's list tells which orders lack plans.
            self._finish(claimed)
            return
        for due in claimed:
            plans = find_plans(api, due.order_id)
            if plans is None:
                self._finish([due])
            else:
                self._tell(store, due, plans)
        if self.bell:
            self.bell.ring()

    def _tell(self, store: Store, due: DuePlans, plans: dict[str, str]) -> None:
        """Have the inbox keep an answer; the same one is kept once."""
        body = json.dumps({"order_id": due.order_id, "plans": plans}, sort_keys=True)
        digest = hashlib.sha256(body.encode()).hexdigest()[:16]
        key = f"plans/{due.order_id}/{digest}"
        with self.database.program(due.program_id) as connection:
            own_messages.keep(connection, self.keys, store, TOPIC, key, body)
            due_plans.finish(connection, [due])

    def _finish(self, claimed: list[DuePlans]) -> None:
        with self.database.program(claimed[0].program_id) as connection:
            due_plans.finish(connection, claimed)

    def _postpone(self, claimed: Iterable[DuePlans], note: str, least_s: float) -> None:
        """Come back to those later who are not done yet."""
        claimed = list(claimed)
        with self.database.program(claimed[0].program_id) as connection:
            due_plans.postpone(connection, claimed, note, least_s)

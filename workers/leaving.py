"""Stores that left without a word: told by what they refuse, as if they had said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.jobs import Bell
from app.platforms.shopify.about import departure_told
from app.platforms.shopify.set_up import COMPLIANCE
from app.storage import access, inbox, kept_messages
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.arrivals import arrival_of

# Asked hourly, a store that refuses our tokens for so long does not do so by mistake.
REFUSED_FOR = timedelta(days=1)

_log = structlog.get_logger()


@dataclass(frozen=True)
class Leaving:
    """Has the inbox hear of stores that must have taken the app out.

    A refusal alone may only mean that our tokens were lost. Whoever still sends
    messages has the app; who does neither for a day has taken it out. Nothing is erased
    for that, and an owner who opens the app is back.
    """

    database: Database
    keys: Keyring
    bell: Bell | None = None

    def look(self, store: Store) -> None:
        """Have it told that a store has left, if it must have."""
        with self.database.program(store.program_id) as connection:
            refusal = access.refusals(connection).get(store.store_id)
            since = refusal.since if refusal else None
            if not refusal or not since or refusal.at - since < REFUSED_FOR:
                return
            is_heard = kept_messages.is_heard(connection, store, since, COMPLIANCE)
        if is_heard:
            _log.warning(
                "tokens lost of a store that is there", store_id=store.store_id
            )
            return
        _log.warning("store left without a word", store_id=store.store_id)
        told = departure_told(store.domain, since)
        arrival = arrival_of(self.keys, store, f"left/{store.store_id}", told)
        with self.database.receiver_cursor() as cursor:
            inbox.keep(cursor, [arrival])
        if self.bell:
            self.bell.ring()

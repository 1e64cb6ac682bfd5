"""Stores that left: has that told where they did not, or were not believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from app.domain.presence import REDACTED_AFTER
from app.jobs import Bell
from app.platforms.base import Told
from app.platforms.shopify.about import departure_told, redaction_told
from app.storage import access, inbox, presences
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.arrivals import arrival_of
from workers.signs import said_after

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
            said_at = said_after(connection, self.keys, store, since)
        if said_at:
            _log.warning(
                "tokens lost of a store that is there", store_id=store.store_id
            )
            return
        _log.warning("store left without a word", store_id=store.store_id)
        told = departure_told(store.domain, since)
        self._tell(store, f"left/{store.store_id}", told)

    def remind(self, now: datetime) -> None:
        """Have redactions told again that were doubted, of stores that stayed away.

        Two installations may be so near to each other that it was not to be known
        which of them was meant; by now there is nothing else that could be.
        """
        with self.database.auditor() as connection:
            stores = presences.overdue(connection, now)
        for store, left_at in stores:
            told = redaction_told(store.domain, left_at + REDACTED_AFTER)
            try:
                self._tell(store, f"redacted/{store.store_id}", told)
            except Exception as error:
                name = type(error).__name__
                _log.error("store not reminded of", store_id=store.store_id, error=name)

    def _tell(self, store: Store, name: str, told: Told) -> None:
        arrival = arrival_of(store, name, told)
        with self.database.receiver_cursor() as cursor:
            inbox.keep(cursor, self.keys, [arrival])
        if self.bell:
            self.bell.ring()

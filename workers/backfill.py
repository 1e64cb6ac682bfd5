"""Past orders that only the store knows: what they would earn, and telling them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

from app.domain.credits import assess_all, credits
from app.domain.errors import UnreadableMessage
from app.domain.events import OrderChanged
from app.domain.fold import fold
from app.domain.ledger import Account
from app.domain.orders import OrderFacts
from app.jobs import Bell
from app.platforms.base import Archive, Message, Platform, Told
from app.storage import inbox, ledger, orders
from app.storage.database import Database
from app.storage.orders import KeptOrder
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.archive import PastFile
from workers.arrivals import arrival_of
from workers.steps import Step
from workers.terms import Terms

_AT_ONCE = 200
# So many orders are held in memory while they are looked at.
_HELD = 20_000

Item = TypeVar("Item")
ArchiveOf = Callable[[Store], Archive | None]


@dataclass(frozen=True)
class Prospect:
    """What past orders would come to: points that could be spent now or later.

    `looked_at` is how many orders of the file were seen, known ones too.
    """

    orders: int = 0
    shoppers: int = 0
    earned: int = 0
    available: int = 0
    pending: int = 0
    looked_at: int = 0


@dataclass(frozen=True)
class Backfilling:
    """Looks at past orders, and puts them into the inbox."""

    database: Database
    keys: Keyring
    platform: Platform
    conceal: Callable[[str], str]
    archive_of: ArchiveOf
    bell: Bell
    clock: Callable[[Connection], datetime] = ledger.now

    def prospect(self, store: Store, past: PastFile) -> Iterator[Prospect]:
        """Yield what the orders of a file that are unknown here would come to so far.

        What orders earn is looked at, and how much of it returns and time took since;
        gifts of tiers, cards and challenges come on top.
        """
        found, count = Prospect(), sum(1 for _ in past.orders())
        parts = 1 + count // _HELD
        for part in range(parts):
            theirs: dict[str, list[OrderFacts]] = defaultdict(list)
            others = 0
            for who, facts in self._unknown(store, past):
                if zlib.crc32(who.encode()) % parts == part:
                    theirs[who].append(facts)
                else:
                    others += 1
            if part == 0:
                mine = sum(map(len, theirs.values()))
                found = replace(found, looked_at=count - mine - others)
                yield found
            for some in _some(theirs.values()):
                found = self._added(store, found, some)
                yield found

    def tell(self, store: Store, past: PastFile) -> Iterator[Step]:
        """Put the orders of a file into the inbox, and yield how far that is.

        What was put there before a break is not put there again.
        """
        told, total = past.told, past.total
        for some in _some(islice(past.orders(), told, None)):
            with self.database.receiver_cursor() as cursor:
                inbox.keep(
                    cursor,
                    self.keys,
                    [arrival_of(store, id_, each) for id_, each in some],
                )
            told += len(some)
            past.note(told)
            self.bell.ring()
            yield Step("Orders go into the inbox", told, total)

    def _unknown(
        self, store: Store, past: PastFile
    ) -> Iterator[tuple[str, OrderFacts]]:
        """Yield orders that are unknown here, with whose they are."""
        for some in _some(past.orders()):
            named = [(store.store_id, order_id) for order_id, _ in some]
            with self.database.program(store.program_id) as connection:
                known = orders.facts_of(connection, store.program_id, named)
            for order_id, told in some:
                before = known.get((store.store_id, order_id))
                facts = self._heard(told)
                buyer = facts.buyer if facts else None
                who = buyer and (buyer.customer_id or buyer.email_key)
                if facts and who and not (before and before.snapshot):
                    yield who, facts

    def _heard(self, told: Told) -> OrderFacts | None:
        message = Message("", told.topic, told.body, told.at, self.conceal)
        try:
            event = self.platform.translate(message).event
        except UnreadableMessage:
            return None
        return event.facts if isinstance(event, OrderChanged) else None

    def _added(
        self, store: Store, found: Prospect, some: Sequence[list[OrderFacts]]
    ) -> Prospect:
        with self.database.program(store.program_id) as connection:
            terms = Terms(connection, store.program_id, self.keys)
            now = self.clock(connection)
            for facts in some:
                kept = [KeptOrder(store.store_id, each) for each in facts]
                earned = credits(assess_all(terms.applied(kept)))
                target = fold(earned, (), now)
                found = replace(
                    found,
                    orders=found.orders + len(facts),
                    shoppers=found.shoppers + 1,
                    earned=found.earned + sum(each.points for each in earned),
                    available=found.available + target.balance(Account.AVAILABLE),
                    pending=found.pending + target.balance(Account.PENDING),
                    looked_at=found.looked_at + len(facts),
                )
        return found


def _some(things: Iterable[Item]) -> Iterator[list[Item]]:
    things = iter(things)
    while some := list(islice(things, _AT_ONCE)):
        yield some

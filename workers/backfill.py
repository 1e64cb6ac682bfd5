"""Past orders that only the store knows: what they would earn, and telling them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from app.domain.errors import UnreadableMessage
from app.domain.events import OrderChanged
from app.domain.orders import OrderFacts
from app.jobs import Bell
from app.platforms.base import Archive, Message, Platform, Told
from app.storage import inbox, ledger, orders
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.archive import PastFile
from workers.arrivals import arrival_of
from workers.prospect import PastOrder, Prospect, Reckoning
from workers.steps import Step

_AT_ONCE = 200
# So many shoppers are reckoned at a time, whose messages wait as long; fewer, where
# they have more orders than are told at once.
_SHOPPERS = 20
# So many orders are held in memory while they are looked at.
_HELD = 20_000

Item = TypeVar("Item")
ArchiveOf = Callable[[Store], Archive | None]


@dataclass(frozen=True)
class Backfilling:
    """Looks at past orders, and puts them into the inbox."""

    database: Database
    keys: Keyring
    platform: Platform
    conceal: Callable[[str], str]
    archive_of: ArchiveOf
    bell: Bell
    secret_key: str
    home: Path
    clock: Callable[[Connection], datetime] = ledger.now

    def prospect(self, store: Store, past: PastFile) -> Iterator[Prospect]:
        """Yield what the orders of a file would come to so far; nothing is written.

        That is what settling would post if they were told now, to members who are known
        here too.
        """
        found, count = Prospect(), sum(1 for _ in past.orders())
        parts = 1 + count // _HELD
        reckoning = Reckoning(
            self.database, self.keys, self.secret_key, self.home, self.clock
        )
        for part in range(parts):
            theirs: dict[str, list[PastOrder]] = defaultdict(list)
            others = 0
            for who, order in self._news(store, past):
                if zlib.crc32(who.encode()) % parts == part:
                    theirs[who].append(order)
                else:
                    others += 1
            if part == 0:
                mine = sum(map(len, theirs.values()))
                found = replace(found, looked_at=count - mine - others)
                yield found
            for some in _few(theirs.values()):
                found = _counted(found, some)
                told = [each for orders in some for each in orders]
                found = found.with_changes(reckoning.movements(store, told))
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

    def _news(self, store: Store, past: PastFile) -> Iterator[tuple[str, PastOrder]]:
        """Yield orders of which not all is known here, with whose they are."""
        for some in _some(past.orders()):
            named = [(store.store_id, order_id) for order_id, _ in some]
            with self.database.program(store.program_id) as connection:
                known = orders.facts_of(connection, store.program_id, named)
            for order_id, told in some:
                before = known.get((store.store_id, order_id))
                event = self._heard(told)
                buyer = event.facts.buyer if event else None
                who = buyer and (buyer.customer_id or buyer.email_key)
                if event and who and not (before and _says(before, event.facts)):
                    is_unknown = before is None or before.snapshot is None
                    yield who, PastOrder(event, is_unknown)

    def _heard(self, told: Told) -> OrderChanged | None:
        message = Message("", told.topic, told.body, told.at, self.conceal)
        try:
            event = self.platform.translate(message).event
        except UnreadableMessage:
            return None
        return event if isinstance(event, OrderChanged) else None


def _says(known: OrderFacts, facts: OrderFacts) -> bool:
    """Whether all that facts say is known; by what buyers are known again is not asked.

    Marks are kept only where a programme needs them.
    """
    return known.merged(replace(facts, marks=())) == known


def _counted(found: Prospect, some: Sequence[Sequence[PastOrder]]) -> Prospect:
    unknown = [sum(each.is_unknown for each in orders) for orders in some]
    return replace(
        found,
        orders=found.orders + sum(unknown),
        shoppers=found.shoppers + sum(map(bool, unknown)),
        looked_at=found.looked_at + sum(map(len, some)),
    )


def _few(theirs: Iterable[list[PastOrder]]) -> Iterator[list[list[PastOrder]]]:
    """Yield the orders of a few shoppers at a time, and not many in all."""
    some: list[list[PastOrder]] = []
    for each in theirs:
        held = sum(map(len, some))
        if some and (len(some) == _SHOPPERS or held + len(each) > _AT_ONCE):
            yield some
            some = []
        some.append(each)
    if some:
        yield some


def _some(things: Iterable[Item]) -> Iterator[list[Item]]:
    things = iter(things)
    while some := list(islice(things, _AT_ONCE)):
        yield some

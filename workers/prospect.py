"""What past orders would come to: kept, reckoned as settling does, and undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.domain.events import OrderChanged
from app.domain.ledger import Account, Movement
from app.storage import budgets, ledger, members, referrals
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.change_orders import change_orders
from workers.refer import decide_waiting
from workers.scene import Scene
from workers.settle import Settled, Unsettled, whole_histories
from workers.terms import Terms


@dataclass(frozen=True)
class Prospect:
    """What past orders would come to: points that could be spent now or later.

    `orders` and `shoppers` are those whose orders are unknown here, `earned` all points
    that their members would be given, `available` and `pending` how many more they
    would have then. `looked_at` is how many orders of the file were seen.
    """

    orders: int = 0
    shoppers: int = 0
    earned: int = 0
    available: int = 0
    pending: int = 0
    looked_at: int = 0

    def with_changes(self, movements: Iterable[Movement]) -> Prospect:
        """Return this with what movements bring."""
        given, into = 0, Counter[Account]()
        for each in movements:
            given += each.points if each.source is Account.ISSUED else 0
            into[each.target] += each.points
            into[each.source] -= each.points
        return replace(
            self,
            earned=self.earned + given,
            available=self.available + into[Account.AVAILABLE],
            pending=self.pending + into[Account.PENDING],
        )


@dataclass(frozen=True)
class PastOrder:
    """What the store's file says of an order that has a buyer."""

    told: OrderChanged
    is_unknown: bool


@dataclass(frozen=True)
class Reckoning:
    """Reckons what orders of some shoppers after others would come to.

    What is used of budgets goes on from some to the next, as it would in the ledger.
    """

    database: Database
    keys: Keyring
    secret_key: str
    home: Path
    clock: Callable[[Connection], datetime] = ledger.now
    _used: Counter[str] = field(default_factory=Counter)

    def movements(
        self, store: Store, theirs: Sequence[PastOrder]
    ) -> Iterator[Movement]:
        """Yield the movements that settling would post if these orders were told.

        Nobody else may decide about these shoppers while that is reckoned, so they
        should be few.
        """
        with (
            self.database.program(store.program_id) as connection,
            _undone(connection),
        ):
            settled = self._settled(connection, store, [each.told for each in theirs])
        for each in settled:
            for before, now in each.allotments:
                self._used[now.budget] += now.used - (before.used if before else 0)
            yield from (movement for movement, _ in each.changes)

    def _settled(
        self, connection: Connection, store: Store, told: Sequence[OrderChanged]
    ) -> list[Settled]:
        terms = Terms(connection, store.program_id, self.keys)
        scene = Scene.of(
            connection,
            store,
            self.secret_key,
            self.keys,
            self.home,
            keeps_marks=terms.have_referrals,
        )
        names = {name for each in told for name in _names(each)}
        scene.people.lock(names)
        unsettled, now = Unsettled(), self.clock(connection)
        change_orders(scene, terms, told, unsettled)
        concerned = unsettled.whole | unsettled.news.keys()
        if terms.have_referrals:
            concerned |= decide_waiting(scene, names, now)
            concerned |= referrals.touched(connection, store.program_id, concerned)
        heads = members.lock_members(connection, store.program_id, concerned)
        return list(whole_histories(connection, terms, heads, now, self._used_of))

    def _used_of(
        self, connection: Connection, program_id: int, names: Iterable[str]
    ) -> Mapping[str, int]:
        used = budgets.used_of(connection, program_id, names)
        return Counter(used) + self._used


@contextmanager
def _undone(connection: Connection) -> Iterator[None]:
    """Undo at the end whatever is written meanwhile."""
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def _names(told: OrderChanged) -> Iterator[str]:
    people = (told.facts.buyer, told.customer)
    for person in people:
        if person:
            yield from filter(None, (person.customer_id, person.email_key))
    yield f"order {told.facts.order_id}"

"""Allots budgets to orders and surprises: once each, first come, and never more.

A budget is shared by all members, so what an order gets of it cannot follow from that
member's history alone. It is decided when the campaign first gives the order something,
and kept as a fact; with these facts a history folds to the same for ever.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.domain.beside import Beside
from app.domain.credits import Assessment, MemberOrder, assess, assess_all, award_left
from app.domain.earning.budget import charges
from app.domain.engagement.surprise import Surprise
from app.domain.ledger import Credit, Kind, Movement
from app.domain.phrases import counted
from app.domain.program import Program


@dataclass(frozen=True)
class Allotment:
    """What an order or a surprise was allotted of a budget, by its lot.

    `used` is what it holds of that now. Where the budget `ran_out` over it, it never
    gets more; else it does once the campaign gives it more, as long as there is room.
    """

    budget: str
    lot: str
    allotted: int
    used: int
    ran_out: bool = False

    def __str__(self) -> str:
        """Say what was allotted, and is held of it."""
        if not self.allotted:
            return f"The budget of “{self.budget}” was used up: nothing was allotted."
        points = f"{counted(self.allotted, 'point')}, {self.used:,} held"
        return f"Allotted of the budget of “{self.budget}”: {points}."


class Purse:
    """What is left of budgets while they are allotted to one member after another."""

    def __init__(self, used: Callable[[], Mapping[str, int]]) -> None:
        """Ask what is used of each budget when that is first needed."""
        self._ask = used
        self._used: Mapping[str, int] | None = None
        self._since = Counter[str]()

    def take(self, name: str, limit: int, points: int, *, whole: bool = False) -> int:
        """Take points as far as there are so many; `whole` means all or none."""
        if self._used is None:
            self._used = self._ask()
        room = max(0, limit - self._used.get(name, 0) - self._since[name])
        taken = 0 if whole and room < points else min(points, room)
        self._since[name] += taken
        return taken

    def put_back(self, name: str, points: int) -> None:
        """Have points of a budget again, or fewer, where that is below zero."""
        self._since[name] -= points


class Allotting:
    """Allots budgets to what one member ordered and did."""

    def __init__(self, known: Iterable[Allotment], purse: Purse) -> None:
        """Begin with what is known of this member's lots."""
        self._now: dict[str, dict[str, Allotment]] = defaultdict(dict)
        for each in known:
            self._now[each.lot][each.budget] = each
        self._before = {lot: dict(theirs) for lot, theirs in self._now.items()}
        self._purse = purse
        self._to_free: Callable[[], Iterable[Assessment]] = tuple

    def assessed(
        self, orders: Sequence[MemberOrder], beside: Beside
    ) -> list[Assessment]:
        """Assess all orders of the member, each within what it is allotted."""
        if self._before:
            known = [self.told(order) for order in orders]
            self._to_free = partial(assess_all, known, beside)
        return assess_all(orders, beside, self._assess)

    def told(self, order: MemberOrder) -> MemberOrder:
        """Return an order with what it was allotted so far."""
        theirs = self._now.get(order.lot, {})
        points = {name: each.allotted for name, each in theirs.items()}
        return replace(order, allotted=points)

    def gives(self, program: Program, surprise: Surprise, lot: str) -> bool:
        """Whether the budget has enough for a surprise, which comes whole or not."""
        limit, name = program.budgets.get(surprise.name), surprise.name
        if limit is None:
            return True
        known = self._now[lot].get(name)
        if known is None:
            points = program.charge_of(surprise)
            taken = self._take(name, limit, points, whole=True)
            known = Allotment(name, lot, taken, taken, ran_out=not taken)
            self._now[lot][name] = known
        return known.allotted > 0

    def changes(
        self,
        assessed: Iterable[Assessment],
        credits: Iterable[Credit],
        movements: Iterable[Movement],
        charged: Mapping[str, int],
    ) -> list[tuple[Allotment | None, Allotment]]:
        """Return allotments that are not as before, with those, once all is folded.

        None holds more than the ledger left with its lot: where the program lets
        members keep points of what they returned, these stay used. What brought a
        reward holds what it is `charged`, by its lot.
        """
        if not self._now:
            return []
        orders = {each.order.lot: each for each in assessed}
        lots = _lots(credits, movements)
        lots |= {lot: _Lot(points, 0) for lot, points in charged.items()}
        for each in self._all():
            lot = lots.get(each.lot, _NOTHING)
            self._use(each, _used(each, orders.get(each.lot), lot))
        return [
            (before, each)
            for each in self._all()
            if (before := self._before.get(each.lot, {}).get(each.budget)) != each
        ]

    def _all(self) -> list[Allotment]:
        return [each for theirs in self._now.values() for each in theirs.values()]

    def _take(self, name: str, limit: int, points: int, *, whole: bool = False) -> int:
        """Take points of a budget, once all that is free of it is there.

        What an order holds and should not have any more, because an older one was heard
        of late, is free for that one.
        """
        to_free, self._to_free = self._to_free, tuple
        for each in to_free():
            shares = charges(each.award)
            for known in list(self._now.get(each.order.lot, {}).values()):
                self._use(known, min(known.used, shares.get(known.budget, 0)))
        return self._purse.take(name, limit, points, whole=whole)

    def _use(self, each: Allotment, used: int) -> None:
        self._purse.put_back(each.budget, each.used - used)
        self._now[each.lot][each.budget] = replace(each, used=used)

    def _assess(self, order: MemberOrder) -> Assessment:
        """Assess an order, and allot it what its campaigns want and there is.

        One campaign that gets less may have another one give more, so they are allotted
        one by one.
        """
        if not order.program.budgets:
            return assess(order)
        known = self._now.get(order.lot, {})
        allotted = {
            name: known[name].allotted
            if name in known and known[name].ran_out
            else None
            for name in order.program.budgets
        }
        found = assess(replace(order, allotted=allotted))
        while wanted := _wanted(found, allotted):
            name, points = wanted
            allotted[name] = most = self._allot(order, name, points)
            if most < points:
                found = assess(replace(order, allotted=allotted))
        return replace(found, order=self.told(order))

    def _allot(self, order: MemberOrder, name: str, points: int) -> int:
        known = self._now[order.lot].get(name) or Allotment(name, order.lot, 0, 0)
        more = points - known.allotted
        if more > 0:
            taken = self._take(name, order.program.budgets[name], more)
            known = replace(
                known,
                allotted=known.allotted + taken,
                used=known.used + taken,
                ran_out=taken < more,
            )
            self._now[order.lot][name] = known
        return known.allotted


def _wanted(
    each: Assessment, allotted: Mapping[str, int | None]
) -> tuple[str, int] | None:
    """Return a budget of which an order has not been allotted yet what it gives."""
    shares = charges(each.award).items()
    return next((share for share in shares if allotted[share[0]] is None), None)


@dataclass(frozen=True)
class _Lot:
    """What the ledger left with a lot, and what should have gone back and did not."""

    points: int
    not_returned: int


_NOTHING = _Lot(0, 0)


def _lots(credits: Iterable[Credit], movements: Iterable[Movement]) -> dict[str, _Lot]:
    gone = Counter[str]()
    for movement in movements:
        if movement.kind == Kind.REVERSE:
            gone[movement.cause] += movement.points
    found = {}
    for credit in credits:
        went = sum(gone[each.cause] for each in credit.reversals)
        should = sum(each.points for each in credit.reversals)
        found[credit.lot] = _Lot(credit.points - went, should - went)
    return found


def _used(each: Allotment, order: Assessment | None, lot: _Lot) -> int:
    """Return what a lot holds of what it was allotted."""
    used = min(each.allotted, lot.points)
    if order is None:
        return used
    whole = charges(order.award).get(each.budget, 0)
    left = charges(award_left(order)).get(each.budget, 0)
    return min(used, whole, left + lot.not_returned)

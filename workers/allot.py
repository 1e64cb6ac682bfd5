"""Finds what orders and surprises were allotted, and what there is left for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.domain.allotments import Allotment, Allotting, Purse
from app.domain.credits import MemberOrder
from app.domain.engagement.engaged import Acts
from app.domain.engagement.happenings import occasion
from app.domain.engagement.surprise import Surprise
from app.domain.engagement.surprises import Gives, gift_lot
from app.domain.program import Program
from app.storage import budgets
from app.storage.ledger import Posted
from workers.terms import Terms

# How much of budgets is used, by name; locked, where points are to be allotted.
Used = Callable[[Connection, int, Iterable[str]], Mapping[str, int]]


def allotting(
    connection: Connection,
    terms: Terms,
    ordered: Mapping[int, Sequence[MemberOrder]],
    acts: Mapping[int, Acts],
    posted: Mapping[int, Mapping[str, Posted]],
    now: datetime,
    used: Used,
) -> Callable[[int], Allotting]:
    """Return what allots budgets to one of these members after another."""
    names = terms.budgets
    purse = Purse(partial(used, connection, terms.program_id, names))
    if not names:
        return lambda _: Allotting((), purse)
    owners: dict[str, int] = {}
    for member_id, orders in ordered.items():
        did = acts.get(member_id, Acts())
        lots = _lots(names, (order.lot for order in orders), did, now)
        owners |= dict.fromkeys(lots, member_id)
    for member_id, effects in posted.items():
        for lot in _gifts(effects.values()):
            # What is another's by now is settled with the rest of theirs.
            owners.setdefault(lot, member_id)
    known = budgets.allotments_of(connection, terms.program_id, owners)
    theirs: dict[int, list[Allotment]] = {member_id: [] for member_id in ordered}
    for lot, found in known.items():
        theirs[owners[lot]] += found
    return lambda member_id: Allotting(theirs[member_id], purse)


def lots_of_order(names: Iterable[str], lot: str) -> list[str]:
    """Return the lots of an order and of the surprises that may have followed it."""
    return [lot, *(gift_lot(name, lot.removeprefix("order/")) for name in names)]


def _lots(
    names: Iterable[str], orders: Iterable[str], acts: Acts, now: datetime
) -> Iterator[str]:
    for lot in orders:
        yield from lots_of_order(names, lot)
    for action in (*acts.actions, *acts.days(now)):
        yield from (gift_lot(name, occasion(action)) for name in names)


def _gifts(effects: Iterable[Posted]) -> Iterator[str]:
    for effect in effects:
        if effect.points and effect.template.lot.startswith("gift/"):
            yield effect.template.lot


def with_allotments(
    connection: Connection, terms: Terms, orders: Sequence[MemberOrder]
) -> list[MemberOrder]:
    """Return orders with what they were allotted, where nothing is to be changed."""
    if not terms.budgets:
        return list(orders)
    lots = [order.lot for order in orders]
    known = budgets.allotments_of(connection, terms.program_id, lots)
    purse = Purse(dict)
    return [Allotting(known.get(order.lot, ()), purse).told(order) for order in orders]


def given_by(known: Mapping[str, Iterable[Allotment]]) -> Gives:
    """Return what says of surprises whether they were given, by what was allotted."""

    def gives(_program: Program, surprise: Surprise, lot: str) -> bool:
        return not surprise.budget or any(each.allotted for each in known.get(lot, ()))

    return gives

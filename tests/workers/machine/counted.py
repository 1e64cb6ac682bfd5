"""Holds what plain stores keep against points that are counted one by one.

The oracle takes much from the app's own domain. Where a programme gives nothing but so
many points for each 1.00, all of it is done here once more from the raw messages, with
no line of the app in it: what was bought, what went back of it, when points wait, end,
pay debts and return. Whose an order is, and what was decided, the oracle says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.domain.ledger import Account, Credit
from tests.reckoning.orders import Heard, Terms, earned, plain_terms
from tests.reckoning.points import Purse
from tests.workers.machine.contents import Kept
from tests.workers.machine.expecting import Command
from tests.workers.machine.timeline import Timeline

_OF_A_LOT = Account.PENDING, Account.AVAILABLE, Account.RESERVED


def is_counted(
    kept: Kept,
    credits: Iterable[Credit],
    commands: Iterable[Command],
    now: datetime,
) -> bool:
    """Whether a member has the points that are counted, each where it should be."""
    given = [each for each in commands if isinstance(each, Credit)]
    taken = [each for each in commands if not isinstance(each, Credit)]
    credits = [*credits, *given]
    purse = Purse(credits, taken, now)
    by_lot = purse.by_lot()
    lots = {
        each.lot: (each.expires_at, *(by_lot[each.lot, at] for at in _OF_A_LOT))
        for each in credits
    }
    return kept.balances == purse.balances() and lots == {
        each.name: (each.expires_at, each.pending, each.available, each.reserved)
        for each in kept.lots.values()
    }


def plain_credits(
    orders: Iterable[Heard], store_id: int, timeline: Timeline
) -> list[Credit] | None:
    """What orders earn, None where nobody can say so plainly.

    That is where the programme gives more than plain points, or the store said two
    things of an order at one moment.
    """
    terms: dict[int, Terms] = {}
    for era in timeline.eras:
        plain = plain_terms(era.program)
        if plain is None:
            return None
        terms[era.program.version] = plain
    found = []
    for order in orders:
        if not order.is_clear:
            return None
        credit = earned(order, store_id, lambda at: terms[timeline.at(at).version])
        found += [credit] if credit else []
    return found

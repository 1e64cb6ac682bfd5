"""What somebody bought and did, one thing after another, for the plain reckonings.

Money of an order, and what went back of it, is taken from the domain, which is held
elsewhere; what follows from it for cards, challenges and surprises is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.actions import Action
from app.domain.credits import MemberOrder
from app.domain.eligible import count
from app.domain.expiry import patience
from app.domain.ledger import Credit
from app.domain.program import Program
from tests.reckoning.dates import end_of_points

# Which version of the programme is in force at a moment.
InForce = Callable[[datetime], Program]


@dataclass(frozen=True)
class Bought:
    """An order as it stands from `at` on: its terms, units and money of each part."""

    id: str
    at: datetime
    number: int
    placed_at: datetime
    cause: str
    program: Program
    units: tuple[int, ...]
    left_minor: tuple[int, ...]
    whole_minor: tuple[int, ...]


@dataclass(frozen=True)
class Did:
    """An action that was accepted, or a day that came, by which somebody is known."""

    id: str
    at: datetime
    action: str
    program: Program
    number: int = 0
    cause: str = "action"

    @property
    def placed_at(self) -> datetime:
        """When it was done."""
        return self.at


def bought_by(orders: Iterable[MemberOrder]) -> list[Bought]:
    """What was bought, and what was left after each return, in the order of time."""
    found: list[Bought] = []
    for order in orders:
        if order.is_paid:
            found += _of_order(order)
    return sorted(found, key=lambda each: (each.at, each.id, each.number))


def _of_order(order: MemberOrder) -> list[Bought]:
    facts = order.facts
    snapshot, paid_at = facts.counted_snapshot, facts.paid_at
    assert snapshot and paid_at
    counted = count(facts, order.program.counting)
    lines, whole = counted.lines, counted.parts_minor
    units = [each.units if whole[number] else 0 for number, each in enumerate(lines)]
    id_ = f"{order.store_id}/{facts.order_id}"
    placed_at = snapshot.processed_at
    about = placed_at, "order", order.program
    found = [Bought(id_, paid_at, 0, *about, tuple(units), whole, whole)]
    gone: Counter[str] = Counter()
    for number, back in enumerate(counted.returns, start=1):
        refund = facts.refunds.get(back.cause.removeprefix("refund/"))
        for line in refund.lines if refund else ():
            gone[line.line_id] += line.quantity
        left = []
        for place, each in enumerate(lines):
            by_units = units[place] - gone[each.line.id]
            by_money = _nearest(units[place] * back.parts_minor[place], whole[place])
            left.append(max(0, min(by_units, by_money)))
        at = max(paid_at, back.at)
        parts = back.parts_minor
        about = placed_at, back.cause, order.program
        found.append(Bought(id_, at, number, *about, tuple(left), parts, whole))
    return found


def _nearest(part: int, whole: int) -> int:
    return int(part / whole + 0.5) if whole else 0


def did_of(actions: Iterable[Action], in_force: InForce) -> list[Did]:
    """What was done, under the version of the programme of its time."""
    return [
        Did(f"{each.action}/{each.key}", each.at, each.action, in_force(each.at))
        for each in actions
    ]


def in_time(bought: Iterable[Bought], did: Iterable[Did]) -> list[Bought | Did]:
    """All that happened, in the order of its time."""
    return sorted([*bought, *did], key=lambda each: (each.at, each.id, each.number))


def a_credit(
    lot: str, at: datetime, points: int, counted_from: datetime, program: Program
) -> Credit:
    """Points as a lot of their own, which ends by the programme's dates, in UTC here.

    What takes them back does so whatever the programme says of orders that return.
    """
    return Credit(
        lot,
        lot,
        at,
        points,
        expires_at=ends_at(counted_from, program),
        patience=patience(counted_from, program, "UTC"),
    )


def ends_at(counted_from: datetime, program: Program) -> datetime | None:
    """When points of that time end by their date, None for never."""
    return end_of_points(
        counted_from,
        program.expires_after_months,
        program.expiry_rounding,
        program.expires_on,
    )

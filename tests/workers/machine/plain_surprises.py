"""Surprises, reckoned once more from docs/surprises.md: slowly, and plainly."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from app.domain.engagement.surprise import After, Surprise
from app.domain.ledger import Credit, Reversal
from tests.workers.machine.plain_deeds import Bought, Did, a_credit
from tests.workers.machine.plain_prizes import Prize, a_prize

# Whether a lot was allotted of its budget, None where nobody has decided on it yet.
IsAllotted = Callable[[str], bool | None]


@dataclass
class Surprised:
    """What surprises gave and took back, and what was won by them.

    `charged` is what those count in a budget that brought a reward, also where their
    order went back: it may have been taken.
    """

    given: dict[str, Credit] = field(default_factory=dict)
    prizes: dict[str, Prize] = field(default_factory=dict)
    charged: dict[str, int] = field(default_factory=dict)


def surprised(deeds: Sequence[Bought | Did], is_allotted: IsAllotted) -> Surprised:
    """What all surprises gave and took back."""
    found = Surprised()
    for name in {s.name for each in deeds for s in each.program.surprises}:
        _of_surprise(name, deeds, is_allotted, found)
    return found


def _of_surprise(
    name: str, deeds: Sequence[Bought | Did], is_allotted: IsAllotted, found: Surprised
) -> None:
    times = 0
    for deed in deeds:
        lot = f"gift/{name}/{deed.id}"
        surprise = next((s for s in deed.program.surprises if s.name == name), None)
        if deed.number:
            assert isinstance(deed, Bought)
            if not any(deed.left_minor):
                _take_back(lot, deed, found)
        elif surprise and (
            times < surprise.times_per_member_max
            and _follows(surprise, deed)
            and _is_drawn(surprise, deed.id)
            and (not surprise.budget or is_allotted(lot))
        ):
            times += 1
            _give(surprise, lot, deed, found)


def _give(surprise: Surprise, lot: str, deed: Bought | Did, found: Surprised) -> None:
    program, points = deed.program, surprise.points
    reward = program.reward(surprise.reward)
    if reward:
        found.prizes[lot] = a_prize(f"gift/{surprise.name}", surprise, program)
        found.charged[lot] = reward.points_cost
    else:
        given = a_credit(lot, deed.at, points, deed.placed_at, program)
        # A surprise follows its order, and goes back as far as that does.
        found.given[lot] = replace(given, return_policy=program.return_policy)


def _take_back(lot: str, deed: Bought, found: Surprised) -> None:
    """Take back what followed an order of which nothing is left."""
    found.prizes.pop(lot, None)
    given = found.given.get(lot)
    if given and not given.reversals:
        back = Reversal(f"{deed.cause}@{lot}", deed.at, given.points)
        found.given[lot] = replace(given, reversals=(back,))


def _follows(surprise: Surprise, deed: Bought | Did) -> bool:
    if isinstance(deed, Did):
        is_meant = not surprise.action or surprise.action == deed.action
        return surprise.after is After.ACTION and is_meant
    is_large = sum(deed.left_minor) >= max(1, surprise.amount_min * 100)
    return surprise.after is After.ORDER and is_large


def _is_drawn(surprise: Surprise, occasion: str) -> bool:
    told = f"{surprise.name}/{occasion}".encode()
    drawn = hmac.new(surprise.seed.encode(), told, "sha256").hexdigest()[:16]
    return Fraction(int(drawn, 16), 2**64) < Fraction(surprise.percent) / 100

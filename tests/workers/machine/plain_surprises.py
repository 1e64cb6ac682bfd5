"""Surprises, reckoned once more from docs/surprises.md: slowly, and plainly."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from app.domain.engagement.surprise import After, Surprise
from app.domain.ledger import Credit, Reversal
from tests.workers.machine.plain_deeds import Bought, Did, a_credit

# Whether a lot was allotted of its budget, None where nobody has decided on it yet.
IsAllotted = Callable[[str], bool | None]


def surprised(deeds: Sequence[Bought | Did], is_allotted: IsAllotted) -> list[Credit]:
    """What all surprises gave and took back."""
    return [
        credit
        for name in {s.name for each in deeds for s in each.program.surprises}
        for credit in _of_surprise(name, deeds, is_allotted)
    ]


def _of_surprise(
    name: str,
    deeds: Sequence[Bought | Did],
    is_allotted: IsAllotted,
) -> list[Credit]:
    given: dict[str, Credit] = {}
    for deed in deeds:
        lot = f"gift/{name}/{deed.id}"
        surprise = next((s for s in deed.program.surprises if s.name == name), None)
        if deed.number:
            assert isinstance(deed, Bought)
            if lot in given and not given[lot].reversals and not any(deed.left_minor):
                back = Reversal(f"{deed.cause}@{lot}", deed.at, given[lot].points)
                given[lot] = replace(given[lot], reversals=(back,))
        elif surprise and (
            len(given) < surprise.times_per_member_max
            and _follows(surprise, deed)
            and _is_drawn(surprise, deed.id)
            and (not surprise.budget or is_allotted(lot))
        ):
            points = surprise.points
            given[lot] = a_credit(lot, deed.at, points, deed.placed_at, deed.program)
    return list(given.values())


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

"""Why an order earned what it did: a sentence with an end, however many campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.earning.base import Award, NoAward

# Of the campaigns that gave nothing so many are told with the points, the rest counted.
TOLD_MAX = 5


@dataclass(frozen=True)
class Reasons:
    """What stands with an order for ever, and what of it is only counted there."""

    told: str
    counted: tuple[str, ...] = ()


def reasons_of(answers: Sequence[Award | NoAward]) -> Reasons:
    """Return why rules gave what they gave, and why campaigns gave nothing.

    Campaigns pile up in a programme: those outside their window are never told, and of
    the others that gave nothing only the first.
    """
    given = [each.reason for each in answers if isinstance(each, Award)]
    refused = [each for each in answers if isinstance(each, NoAward) and each.is_told]
    within = [each.reason for each in refused if not each.is_outside]
    within = list(dict.fromkeys(within))
    more = within[TOLD_MAX:] + [each.reason for each in refused if each.is_outside]
    told = list(dict.fromkeys([*given, *within[:TOLD_MAX]]))
    if more:
        campaigns = "campaign" if len(more) == 1 else "campaigns"
        told.append(f"{len(more):,} {campaigns} more gave nothing")
    return Reasons("; ".join(told), tuple(more))

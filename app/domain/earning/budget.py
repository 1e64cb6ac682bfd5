"""A budget: how much a campaign or a surprise may give to all members together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from app.domain.earning.base import Award, NoAward
from app.domain.settings import MOST, setting
from app.domain.valuation import Valuation


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The most that there is, in points, in expected cost, or both; None for no limit.

    True as a condition where there is any limit. A budget is known by the name of what
    it is for: a later version of the program with the same name goes on with it.
    """

    points: int | None = setting(
        "Most points, all members together", default=None, least=1, most=MOST
    )
    cost: Decimal | None = setting(
        "Most expected cost",
        default=None,
        hint="in the store's currency; needs what points are worth",
        above=0,
        most=MOST,
    )

    def __bool__(self) -> bool:
        """Any limit is a yes."""
        return self.points is not None or self.cost is not None

    def limit(self, valuation: Valuation) -> int | None:
        """Return the most points that there are, None where there is no limit."""
        by_cost = None if self.cost is None else valuation.points_for(self.cost)
        limits = [each for each in (self.points, by_cost) if each is not None]
        return min(limits, default=None)


def charges(answer: Award | NoAward) -> dict[str, int]:
    """Return how much an answer has of each budget, in whole points.

    A part of a point counts as one: so the rounding of the order, whatever it is, never
    gives more of a campaign than its budget is charged.
    """
    shares = answer.shares if isinstance(answer, Award) else ()
    return {
        name: int(points.to_integral_value(ROUND_CEILING)) for name, points in shares
    }


def within(
    name: str, answer: Award | NoAward, allotted: Mapping[str, int | None]
) -> Award | NoAward:
    """Return of a campaign's answer what the order was allotted of its budget."""
    if not isinstance(answer, Award):
        return answer
    most = allotted.get(name, 0)
    if most == 0:
        reason = f"the budget of “{name}” is used up"
        return NoAward(reason, is_told=name in allotted)
    if most is not None and answer.points > most:
        reason = f"{answer.reason}, limited to {most} by the budget of “{name}”"
        by_part = _first_parts(answer.by_part, Decimal(most))
        answer = Award(Decimal(most), reason, by_part)
    return replace(answer, shares=((name, answer.points),))


def _first_parts(by_part: tuple[Decimal, ...], most: Decimal) -> tuple[Decimal, ...]:
    """Return what there is for each part if the first ones take theirs whole.

    Shares in proportion could not be told exactly, and might cost a point by rounding.
    """
    found = []
    for points in by_part:
        found.append(min(points, most))
        most -= found[-1]
    return tuple(found)

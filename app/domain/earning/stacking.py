"""How several campaigns go together for one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from app.domain.earning.base import Award, EarningRule, Eligible, NoAward, Part
from app.domain.earning.budget import within
from app.domain.earning.campaign import Campaign


class Stacking(StrEnum):
    """What campaigns that hold at the same time come to.

    - `add`: each adds what it would alone, so twice and three times make four times;
    - `multiply`: each works on what those before it in the list gave, so they make six;
    - `best`: only the one that gives most counts, of equal ones the first.
    """

    ADD = "add"
    MULTIPLY = "multiply"
    BEST = "best"


def awards(
    rules: Sequence[EarningRule], eligible: Eligible, stacking: Stacking
) -> list[Award | NoAward]:
    """Return what each rule gives for an order: first for spending, then campaigns.

    Campaigns see the points of the parts, and give no more than the order was allotted
    of their budgets; all points stay exact, to be rounded once.
    """
    plain = [rule for rule in rules if not isinstance(rule, Campaign)]
    campaigns = [rule for rule in rules if isinstance(rule, Campaign)]
    answers = [rule.award(eligible) for rule in plain]
    if not campaigns or not any(answers):
        return answers
    earned = _with_points(plain, eligible)
    extra = list[Award | NoAward]()
    for campaign in campaigns:
        answer = campaign.award(earned)
        if campaign.budget:
            answer = within(campaign.name, answer, eligible.allotted)
        extra.append(answer)
        if stacking is Stacking.MULTIPLY and isinstance(answer, Award):
            earned = _added(earned, answer)
    if stacking is Stacking.BEST:
        extra = _best(extra)
    return answers + extra


def _with_points(plain: Sequence[EarningRule], eligible: Eligible) -> Eligible:
    parts = []
    for part in eligible.parts:
        answers = (rule.award(eligible.of([part])) for rule in plain)
        points = (answer.points for answer in answers if isinstance(answer, Award))
        parts.append(replace(part, points=sum(points, part.points)))
    return replace(eligible, parts=tuple(parts))


def _added(earned: Eligible, award: Award) -> Eligible:
    if not award.by_part:
        return earned
    parts = zip(earned.parts, award.by_part, strict=True)
    more = (replace(part, points=part.points + extra) for part, extra in parts)
    return replace(earned, parts=tuple[Part, ...](more))


def _best(answers: Sequence[Award | NoAward]) -> list[Award | NoAward]:
    given = [answer for answer in answers if isinstance(answer, Award)]
    if not given:
        return list(answers)
    best = max(given, key=lambda award: award.points)
    others = (answer for answer in answers if answer is not best)
    return [best, *(_stood_back(answer) for answer in others)]


def _stood_back(answer: Award | NoAward) -> NoAward:
    if isinstance(answer, NoAward):
        return answer
    return NoAward(f"{answer.reason} stands back behind the best campaign")

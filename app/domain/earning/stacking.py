"""How several campaigns go together for one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from app.domain.earning.base import Award, EarningRule, Eligible, NoAward, Part
from app.domain.earning.budget import within
from app.domain.earning.campaign import Campaign
from app.domain.money import spread

# More digits after the point than a rate times an amount of money can have.
_DIGITS = 9


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
    earned = replace(eligible, parts=_with_points(eligible, answers))
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


def _with_points(
    eligible: Eligible, answers: Sequence[Award | NoAward]
) -> tuple[Part, ...]:
    """Return the parts with the points that plain rules gave for the order.

    Each rule is asked once, of the whole: what it does not tell by part is shared out
    as money was spent, so that the parts always come to what the order earned.
    """
    earned = eligible.parts
    for answer in answers:
        if isinstance(answer, Award):
            points = answer.by_part or _shared_out(answer.points, earned)
            earned = _more(earned, points)
    return earned


def _shared_out(points: Decimal, parts: Sequence[Part]) -> tuple[Decimal, ...]:
    """Return points in parts, exactly: a rate has fewer digits than are kept here."""
    amounts = [part.amount_minor for part in parts]
    smallest = spread(int(points.scaleb(_DIGITS)), amounts)
    return tuple(Decimal(each).scaleb(-_DIGITS) for each in smallest)


def _more(parts: Sequence[Part], points: Sequence[Decimal]) -> tuple[Part, ...]:
    pairs = zip(parts, points, strict=True)
    return tuple(replace(part, points=part.points + more) for part, more in pairs)


def _added(earned: Eligible, award: Award) -> Eligible:
    if not award.by_part:
        return earned
    return replace(earned, parts=_more(earned.parts, award.by_part))


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
    reason = f"{answer.reason} stands back behind the best campaign"
    # Of a budget it is charged nothing then, and nobody could tell it from used up.
    return NoAward(reason, is_told=not answer.shares)

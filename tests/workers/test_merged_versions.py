"""Versions of a programme stay with what earned under them, whoever is merged."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from app.domain.actions import Review
from app.domain.challenges import ActStep, Challenge
from app.domain.engagement.surprise import After, Surprise
from app.domain.program import Program
from app.domain.tiers import Engagement, Tier, Tiers
from tests.builders.line import TestLine
from tests.builders.shopify import a_merge


def _program(review: int, challenge: int, surprise: int) -> Program:
    words = Challenge(name="words", steps=(ActStep(action="review"),), points=challenge)
    thanks = Surprise(
        name="thanks",
        points=surprise,
        after=After.ACTION,
        seed="always",
        times_per_member_max=9,
    )
    keen = Tier(name="Keen", needs=(Engagement(score=2, per_action=Decimal(1)),))
    return Program(
        actions=(Review(points=review),),
        challenges=(words,),
        surprises=(thanks,),
        tiers=Tiers(ladder=(keen,)),
    )


# A store begins with a version of its own, so these are the second and the third.
FIRST, SECOND = _program(20, 7, 3), _program(50, 9, 5)
# By the first a review, the challenge and a surprise; by the second a review more.
EARNED = 20 + 7 + 3 + 50 + 5


def _report(line: TestLine, customer: int) -> None:
    told = {"customer_id": str(customer), "action": "review", "by": "owner"}
    line.ask_own("actions/report", f"r{customer}", told | {"key": str(customer)})


def test_what_merged_customers_earned_keeps_its_version_whenever_they_are_merged(
    line: TestLine,
):
    """The later version is for all time, so that it would hold for what is older."""
    line.set_program(FIRST)
    pairs = [(7001, 7002), (7003, 7004), (7005, 7006)]
    for _, early in pairs:
        _report(line, early)
    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))
    line.set_program(SECOND, line.clock().replace(year=2001))
    line.settle(("customers/merge", a_merge(kept=7003, deleted=7004)))
    for late, _ in pairs:
        _report(line, late)
    line.settle(("customers/merge", a_merge(kept=7005, deleted=7006)))

    had = [line.standing(kept).available for kept, _ in pairs]
    assert [EARNED] * 3 == had
    versions = [_versions(line, kept) for kept, _ in pairs]
    assert [Counter({2: 3, 3: 2})] * 3 == versions
    assert line.replay("settled") == 9
    line.worker.drain()
    assert had == [line.standing(kept).available for kept, _ in pairs]
    assert (line.audit(), line.violations()) == (None, [])


def _versions(line: TestLine, customer: int) -> Counter[int]:
    """How many credits somebody has under each version."""
    earned = [each for each in line.transactions(customer) if each.kind == "earn"]
    points = Counter[str]()
    for each in earned:
        points[each.lot] += each.points
    return Counter(
        each.breakdown["program_version"]
        for each in earned
        if each.corrects is None and points[each.lot]
    )

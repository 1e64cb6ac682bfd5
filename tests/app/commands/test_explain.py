"""`tallymark explain` says what became of an order's points."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.challenges import Challenge, OrdersStep
from app.domain.engagement.stamp_card import StampCard
from app.domain.program import Limits, Program
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order


def test_points_that_lapsed_say_why(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(Program(expires_after_inactive_months=1))
    at = line.days_ago(40)
    line.settle(("orders/paid", an_order(processed_at=at, updated_at=at)))
    line.worker.settle_due()

    capsys.readouterr()
    run(line, "explain", DOMAIN, "5001")
    told = capsys.readouterr().out.splitlines()
    assert "Earned 100 points by version 2 of the programme" in "".join(told)
    assert told[-1].endswith("+100  available to expired  nothing was done for 1 month")


def test_an_order_that_earned_nothing_says_why_as_it_was_settled(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(Program(limits=Limits(order_amount_min=Decimal(200))))
    line.settle(("orders/paid", an_order()))
    line.set_program(Program())

    capsys.readouterr()
    run(line, "explain", DOMAIN, "5001")
    *_, reason, anew = capsys.readouterr().out.splitlines()
    assert reason.endswith("100.00 EUR counts, less than the least of 200.00 EUR.")
    assert anew.startswith("Settled anew, it would earn 100 points by version 3")


def test_cards_tell_why_there_is_no_stamp_by_the_pinned_version(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    tea = StampCard(name="tea", amount_min=Decimal(200))
    steps = (OrdersStep(orders=2),)
    winter = Challenge(name="winter", steps=steps)
    line.set_program(Program(stamp_cards=(tea,), challenges=(winter,)))
    line.settle(("orders/paid", an_order()))
    # What comes later has other cards, and one challenge more.
    spring = Challenge(name="spring", steps=steps)
    line.set_program(Program(challenges=(spring,)))

    capsys.readouterr()
    run(line, "explain", DOMAIN, "5001")
    told = capsys.readouterr().out.splitlines()
    counts = "it counts 1 of 2."
    assert [
        "No stamp of “Tea”: 100.00 EUR counts for it, less than the least of "
        "200.00 EUR.",
        f"For “Place 2 orders” of the challenge “Winter” {counts}",
        f"For “Place 2 orders” of the challenge “Spring” {counts}",
    ] == [each for each in told if "“Tea”" in each or "challenge" in each]

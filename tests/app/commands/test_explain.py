"""`tallymark explain` says what became of an order's points."""

from __future__ import annotations

from decimal import Decimal

import pytest

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

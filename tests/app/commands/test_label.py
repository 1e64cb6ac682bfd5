"""An owner says what customers were called before the store told of it."""

from __future__ import annotations

from decimal import Decimal

import click
import pytest

from app.domain.earning import Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.program import Program
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order

FOR_VIPS = Conditions(customer_tags=frozenset({"vip"}))
TWICE = Multiplier(times=Decimal(2), conditions=FOR_VIPS)


def test_what_a_customer_was_called_before_the_app_came_counts(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(Program(earning=(PurchasePoints(), TWICE)))
    run(line, "label", DOMAIN, "7001", "VIP", "--from", "2026-01-01")
    run(line, "label", DOMAIN, "7001", "31", "--segment", "--from", "2026-01-01")
    line.settle(("orders/paid", an_order()))
    capsys.readouterr()
    run(line, "explain", DOMAIN, "5001")
    told = capsys.readouterr().out

    assert line.standing(7001).available == 200
    assert "What its customer was called then: the tag “vip”." in told
    run(line, "label", DOMAIN, "7001", "vip", "--taken", "--from", "2026-10-01")
    line.worker.drain()
    assert line.standing(7001).available == 100
    assert line.violations() == []


@pytest.mark.parametrize("name", [" ", "v" * 256])
def test_a_name_that_no_tag_can_have_is_refused(line: TestLine, run: Run, name: str):
    with pytest.raises(click.ClickException, match="must be a tag"):
        run(line, "label", DOMAIN, "7001", name)

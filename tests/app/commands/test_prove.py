"""The command that proves: silent where all holds, and a sentence where it does not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from app.domain.errors import BrokenLedger
from app.domain.program import Limits, Program
from app.domain.tiers import OrdersPlaced, Tier, Tiers
from app.storage import tables
from tests.app.commands.conftest import Run
from tests.builders.line import TestLine
from tests.builders.shopify import a_refund, an_order


@pytest.fixture
def settled(line: TestLine) -> TestLine:
    """A line with an order, part of it given back."""
    line.settle(("orders/paid", an_order()), ("refunds/create", a_refund("30.00")))
    return line


def test_a_ledger_that_holds_is_said_to(
    settled: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    run(settled, "verify", "--seal")

    told = capsys.readouterr().out
    assert told.startswith("the ledger holds: 1 members, 1 seals, ")


def test_an_invariant_that_is_violated_is_told(settled: TestLine, run: Run):
    settled.tamper("update order_fact set is_forgotten = true")

    with pytest.raises(BrokenLedger, match=r"the-forgotten-are-gone: .* first: 1, 1"):
        run(settled, "verify")


def test_an_alert_is_told_and_breaks_nothing(
    settled: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    settled.tamper("update inbox set finished_at = now() - interval '33 days'")

    run(settled, "verify")

    assert "look at this: bodies-are-dropped" in capsys.readouterr().err


def test_facts_without_their_effect_are_told(settled: TestLine, run: Run):
    with settled.as_superuser() as connection:
        facts = connection.execute(tables.order_fact.select()).one().facts
        facts["snapshot"]["lines"][0]["quantity"] = 2
        connection.execute(update(tables.order_fact).values(facts=facts))

    with pytest.raises(
        BrokenLedger, match="facts and effects differ, missing is -15 by"
    ):
        run(settled, "verify")


def test_points_that_are_due_but_not_moved_yet_are_no_lie(line: TestLine, run: Run):
    recent = {"processed_at": line.days_ago(2), "updated_at": line.days_ago(2)}
    line.set_program(Program(credit_after_days=1), None)
    line.pass_days(-2)
    line.settle(("orders/paid", an_order(**recent)))
    assert line.standing(7001).pending == 100

    run(line, "verify")


def test_terms_that_changed_for_the_past_are_told_and_break_nothing(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(Program(limits=Limits(order_amount_min=Decimal(500))))
    line.settle(("orders/paid", an_order()))
    line.set_program(Program())

    run(line, "verify")

    assert "by terms that changed since, programme 1" in capsys.readouterr().err
    line.adjust(7001, 1)
    assert line.standing(7001).available == 101
    run(line, "verify")
    assert "changed since" not in capsys.readouterr().err


def test_a_tier_that_does_not_follow_from_the_orders_is_told_and_rebuilt(
    line: TestLine, run: Run
):
    regular = Tier(name="Regular", needs=(OrdersPlaced(orders=1),), entry_points=5)
    line.set_program(Program(tiers=Tiers(ladder=(regular,))))
    line.settle(("orders/paid", an_order()))
    line.tamper("update member set tier = 'King'")

    with pytest.raises(BrokenLedger, match="tier Regular in place of King"):
        run(line, "verify")

    run(line, "rebuild")
    run(line, "verify")

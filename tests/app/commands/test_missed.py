"""Why a surprise did not follow is kept with the order or action, and told."""

from __future__ import annotations

import pytest

from app.domain.actions import Anniversary, Review
from app.domain.engagement.products import Products
from app.domain.engagement.surprise import After, Surprise
from app.domain.program import Program
from app.storage.actions import actions_of, outcome_of
from app.storage.orders import find_order
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, a_merge, an_order

THANKS = Surprise(name="thanks", points=70, seed="a seed")
OTHERS = Products(product_ids=frozenset({"99"}))
CUPS = Surprise(name="cups", title="A cup", points=5, seed="s", products=OTHERS)
WORDS = Surprise(name="words", seed="s", after=After.ACTION, action="review")
PROGRAM = Program(
    actions=(Review(points=5), Anniversary()), surprises=(THANKS, CUPS, WORDS)
)
FIRST = an_order()
SECOND = an_order(id=5002, name="#1002", processed_at="2026-11-02T10:00:00Z")
ONCE = "each member can have it once"
OTHER = "it follows the action review alone"


def _of_order(line: TestLine, order_id: str) -> dict[str, str]:
    with line.in_program() as connection:
        where = line.store.program_id, line.store.store_id
        found = find_order(connection, *where, order_id)
    assert found
    return {each.surprise: str(each.reason) for each in found.missed}


def _of_actions(line: TestLine, customer_id: int) -> dict[str, dict[str, str]]:
    with line.in_program() as connection:
        whose = line.store.program_id, line.member_id(customer_id)
        kept = {row.key: outcome_of(row) for row in actions_of(connection, *whose)}
    return {
        key: {each.surprise: str(each.reason) for each in outcome.missed}
        for key, outcome in kept.items()
        if outcome
    }


def _report(line: TestLine, key: str, customer: int = 7001) -> None:
    told = {"customer_id": str(customer), "action": "review", "key": key, "by": "Bo"}
    line.ask_own("actions/report", f"review/{key}", told)


def test_with_an_order_whatever_comes_first(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(PROGRAM)
    no_cups = {"cups": "nothing of the order counts for it"}
    line.settle(("orders/paid", SECOND))
    assert no_cups == _of_order(line, "5002")
    # An order that is heard of late came first, so the surprise was its own.
    line.settle(("orders/paid", FIRST))
    assert no_cups == _of_order(line, "5001")
    assert {"thanks": ONCE} | no_cups == _of_order(line, "5002")
    assert 200 + 70 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])

    capsys.readouterr()
    run(line, "explain", DOMAIN, "5001")
    told = capsys.readouterr().out
    assert "No surprise “A cup”: nothing of the order counts for it.\n" in told
    assert "“Thanks”:" not in told
    assert "+70  issued to available  surprise “Thanks”\n" in told
    run(line, "explain", DOMAIN, "5002")
    told = capsys.readouterr().out
    assert f"No surprise “Thanks”: {ONCE}.\n" in told


def test_with_an_action_and_worked_out_for_a_day(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(PROGRAM)
    joined = ADA | {"created_at": line.days_ago(400)}
    line.settle(("customers/create", joined))
    _report(line, "first")
    _report(line, "hers", 7002)
    [joining] = _of_actions(line, 7001).keys() - {"first"}
    once = {"words": ONCE}
    other = {"words": OTHER}
    assert {joining: other, "first": {}} == _of_actions(line, 7001)
    assert {"hers": {}} == _of_actions(line, 7002)
    line.settle(("customers/merge", a_merge(7001, 7002)))
    assert {joining: other, "first": {}, "hers": once} == _of_actions(line, 7001)
    assert (line.audit(), line.violations()) == (None, [])

    capsys.readouterr()
    run(line, "action", "explain", DOMAIN, "7001")
    told = capsys.readouterr().out.splitlines()
    assert [
        f"joining ({joining}): no surprise “Words”, since {OTHER}.",
        f"anniversary ({joining}-1): no surprise “Words”, since {OTHER}.",
        f"review (hers): no surprise “Words”, since {ONCE}.",
    ] == [each.partition(" ")[2] for each in told if "Words" in each]

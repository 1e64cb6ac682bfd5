"""What is settled the short way ends as if the whole history had been folded."""

import re
from typing import Any

from sqlalchemy import event

from app.domain.actions import Review
from app.domain.program import Limits, Program
from tests.builders.line import TestLine
from tests.builders.shopify import a_refund, an_order


def test_a_dispute_heard_late_takes_back_what_was_released_after_it_began(
    line: TestLine,
):
    line.set_program(Program(credit_after_days=14))
    placed = line.days_ago(10)
    line.settle(("orders/paid", an_order(processed_at=placed, updated_at=placed)))
    line.pass_days(5)
    line.worker.settle_due()
    released = line.standing(7001)
    dispute = {
        "id": 3001,
        "order_id": 5001,
        "type": "chargeback",
        "amount": "100.00",
        "currency": "EUR",
        "status": "under_review",
        "initiated_at": line.days_ago(2),
    }
    line.settle(("disputes/create", dispute))

    held = line.standing(7001)
    assert (100, 0) == (released.available, released.pending)
    assert (0, 100) == (held.available, held.pending)
    assert line.audit() is None


def _asked_beside_orders(line: TestLine, id_: int) -> list[str]:
    """The statements about actions and the like that an order and its refund take."""
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    event.listen(line.database.engine, "before_cursor_execute", note)
    line.settle(("orders/paid", an_order(id=id_)))
    line.adjust(7001, -1)
    line.settle(("refunds/create", a_refund("40.00", order_id=id_, id=id_ * 10)))
    event.remove(line.database.engine, "before_cursor_execute", note)
    found = re.compile(r"\b(from|into) (action|birthday|member_progress)\b", re.I)
    return [statement for statement in statements if found.search(statement)]


def test_a_program_without_actions_asks_nothing_of_them(line: TestLine):
    without = _asked_beside_orders(line, 5001)
    line.set_program(Program(actions=(Review(),)))

    assert [] == without
    assert _asked_beside_orders(line, 5002)


def test_a_refund_frees_the_members_limit_for_an_order_that_came_after_it(
    line: TestLine,
):
    line.set_program(Program(limits=Limits(points_per_member_max=100)))
    back = a_refund("100.00") | {"processed_at": line.days_ago(3)}
    placed = [
        an_order(id=id_, processed_at=line.days_ago(ago), updated_at=line.days_ago(ago))
        for id_, ago in ((5001, 5), (5002, 4), (5003, 1))
    ]
    line.settle(*(("orders/paid", order) for order in placed))
    before = line.standing(7001).available
    # Heard of last, it is for the one order that was placed after it.
    line.settle(("refunds/create", back))

    assert (100, 100) == (before, line.standing(7001).available)
    earned = {
        each.lot[-4:]: each.points
        for each in line.transactions(7001)
        if each.kind == "earn"
    }
    assert {"5001": 100, "5003": 100} == earned
    assert (None, []) == (line.audit(), line.violations())

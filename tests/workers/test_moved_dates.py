"""When points expire follows what is known of their order, and the ledger says so."""

from __future__ import annotations

from app.domain.program import Program
from tests.builders.line import TestLine
from tests.builders.shopify import a_refund, an_order, later


def test_an_order_that_turns_out_older_has_its_points_expire_earlier(line: TestLine):
    line.set_program(Program(expires_after_months=1))
    placed, older = line.days_ago(5), line.days_ago(25)
    order = an_order(processed_at=placed)
    line.settle(("orders/paid", order))
    line.settle(("orders/updated", later(order, processed_at=older)))

    assert line.audit() is None
    assert [] == line.violations()
    assert 100 == line.standing(7001).available
    line.settle(("refunds/create", a_refund("30.00", created_at=line.days_ago(0))))
    line.pass_days(10)
    line.worker.settle_due()
    assert 0 == line.standing(7001).available
    assert line.audit() is None
    line.rebuild()
    assert line.audit() is None

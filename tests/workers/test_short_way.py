"""What is settled the short way ends as if the whole history had been folded."""

from app.domain.program import Program
from tests.builders.line import TestLine
from tests.builders.shopify import an_order


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

"""An order that earned nothing keeps why, beside its facts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.program import Limits, Program
from app.storage import orders
from app.storage.orders import KeptOrder
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_refund, an_order
from tests.builders.tokens import a_session_token

FIFTY = Decimal(50)
FROM_FIFTY = Program(limits=Limits(order_amount_min=FIFTY))
A_DAY = Program(limits=Limits(points_per_day_max=100))
TOO_SMALL = "20.00 EUR counts, less than the least of 50.00 EUR"
UNPAID = "the order is not paid (pending)"


def _kept(line: TestLine, order_id: int) -> KeptOrder:
    with line.in_program() as connection:
        where = line.store.program_id, line.store.store_id
        found = orders.find_order(connection, *where, str(order_id))
    assert found
    return found


def _reason(line: TestLine, order_id: int = 5001) -> str | None:
    return _kept(line, order_id).unearned_because


def _small(**more: Any) -> dict[str, Any]:
    return an_order(a_line("20.00"), **more)


@pytest.mark.parametrize(
    "more",
    [
        {},
        # What one order earns hangs on others too: the whole history is folded.
        {"limits": replace(FROM_FIFTY.limits, points_per_day_max=1000)},
    ],
)
def test_the_reason_stands_with_an_order_until_it_earns(line: TestLine, more: Any):
    line.set_program(replace(FROM_FIFTY, **more))
    unpaid = an_order(financial_status="pending")
    line.settle(("orders/create", unpaid), ("orders/paid", _small(id=5002, name="#2")))

    assert [UNPAID, TOO_SMALL] == [_reason(line, each) for each in (5001, 5002)]
    line.settle(("orders/paid", an_order(updated_at="2026-11-02T10:00:00Z")))
    assert (None, 1) == (_reason(line), len(line.transactions(7001)))
    line.settle(("refunds/create", a_refund("100.00", (11, 1, "100.00"))))
    assert _reason(line) is None
    assert [] == line.violations()


def test_a_refund_of_an_order_that_never_came_says_so(line: TestLine):
    line.settle(("refunds/create", a_refund("10.00")))

    assert "the order itself has not arrived yet" == _reason(line)


def test_what_a_limit_left_nothing_of_says_so(line: TestLine):
    line.set_program(A_DAY)
    line.settle(("orders/paid", an_order()))
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))

    assert "the limit of the day or of the member is reached" == _reason(line, 5002)
    # A refund frees the limit for no order that was placed before it.
    line.settle(("refunds/create", a_refund("100.00", (11, 1, "100.00"))))
    assert [] == line.violations()


def test_an_order_of_nobody_has_its_reason_too(line: TestLine):
    nobody = {"customer": None, "email": None, "contact_email": None}
    line.set_program(Program(limits=replace(A_DAY.limits, order_amount_min=FIFTY)))
    line.settle(("orders/paid", _small(**nobody)))

    assert (None, TOO_SMALL) == (_kept(line, 5001).member_id, _reason(line))


def test_other_terms_change_the_reason_once_the_order_is_settled_anew(line: TestLine):
    line.set_program(FROM_FIFTY)
    line.settle(("orders/paid", _small()))
    line.set_program(replace(FROM_FIFTY, limits=Limits(order_amount_min=Decimal(30))))
    assert TOO_SMALL == _reason(line)

    line.settle(("orders/updated", _small(updated_at="2026-11-02T10:00:00Z")))
    assert TOO_SMALL.replace("50", "30") == _reason(line)


def test_the_door_says_why_of_an_order_however_long_ago_it_was(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
):
    line.set_program(FROM_FIFTY)
    earned = an_order(id=5002, name="#1002")
    line.settle(("orders/paid", _small()), ("orders/paid", earned))
    monkeypatch.setattr("app.api.history._READ_FOR_ORDER", 0)
    headers = {"Authorization": f"Bearer {a_session_token('7001')}"}

    def told(order_id: int) -> dict[str, Any]:
        answer = line.client.get(f"/api/orders/{order_id}", headers=headers)
        found: dict[str, Any] = answer.get_json()
        return found

    assert {"points": 0, "state": "none", "reason": TOO_SMALL} == told(5001)
    assert {"points": 0, "state": "unknown", "reason": ""} == told(5002)

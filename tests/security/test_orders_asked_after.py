"""Whoever asks after an order is told of their own, and of no other that it exists."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.builders.line import TestLine
from tests.builders.shopify import an_order
from tests.builders.tokens import a_session_token

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
NOTHING = {"points": 0, "state": "unknown", "reason": ""}


@pytest.fixture(scope="module")
def known(module_line: TestLine) -> TestLine:
    """A store with orders of two customers."""
    module_line.settle(
        ("orders/paid", an_order()),
        ("orders/paid", an_order(id=5003, name="5001", customer=GRACE, email="g@x.eu")),
    )
    return module_line


def _ask(line: TestLine, order_id: str, customer_id: str = "7001", method: str = "GET"):
    token = a_session_token(customer_id)
    headers = {"Authorization": f"Bearer {token}"}
    return line.client.open(f"/api/orders/{order_id}", method=method, headers=headers)


def test_who_placed_an_order_is_told_of_it(known: TestLine):
    told = {"points": 100, "state": "earned", "reason": ""}
    assert told == _ask(known, "5001").get_json()
    assert b"" == _ask(known, "5001", method="HEAD").get_data()


@pytest.mark.parametrize(
    "order_id",
    [
        "5003",
        "5999",
        "#1001",
        "1001",
        "05001",
        "+5001",
        "-5001",
        "5001.0",
        "5e3",
        "0x1389",
        " 5001",
        "5001 ",
        "5001\n",
        "5001\0",
        "\u0665\u0660\u0660\u0661",
        "\uff15\uff10\uff10\uff11",
        "²",
        "5001,5003",
        "5001' or '1'='1",
        "%",
        "_" * 4,
        "9" * 5000,
        "gid:5001",
    ],
)
def test_anything_else_is_as_if_there_were_none(known: TestLine, order_id: str):
    answer = _ask(known, quote(order_id, safe=""))

    assert (200, NOTHING) == (answer.status_code, answer.get_json())


@pytest.mark.parametrize("customer_id", ["", "7009", "7001 ", "07001", "%"])
def test_nobody_else_is_told_of_it(known: TestLine, customer_id: str):
    answer = _ask(known, "5001", customer_id)

    if customer_id == "7009":
        assert (200, NOTHING) == (answer.status_code, answer.get_json())
    else:
        assert answer.status_code in (401, 403)
        assert "points" not in answer.get_json()

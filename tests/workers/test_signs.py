"""A redaction is held up by what is signed or known to ourselves, and by no header."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.storage import access
from app.storage.access import Given, Sealed
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, an_order
from workers.leaving import Leaving

LEFT = ("app/uninstalled", {"id": 1, "myshopify_domain": DOMAIN})
REDACTED = ("shop/redact", {"shop_id": 1, "shop_domain": DOMAIN})
LONG_AGO = "update store set installed_at = now() - interval '30 days'"
DAYS = timedelta(hours=48)


@pytest.fixture
def left(line: TestLine) -> TestLine:
    """A store that took the app out two days ago, and has a member here."""
    line.settle(("orders/paid", an_order()))
    line.tamper(LONG_AGO)
    line.settle_at(line.clock() - DAYS, *LEFT)
    assert line.mentions("7001")
    return line


def _is_forgotten(line: TestLine) -> bool:
    return not line.mentions("7001")


OLD: dict[str, tuple[str, dict[str, Any]]] = {
    "an order": ("orders/paid", an_order()),
    "a customer": ("customers/update", ADA | {"updated_at": "2026-11-02T10:00:00Z"}),
    "a customer without a time": ("customers/update", ADA),
    "a collection": ("collections/update", {"id": 1}),
    "a segment": (
        "customer.joined_segment",
        {
            "customer_id": "gid://shopify/Customer/7001",
            "segment_id": "gid://shopify/Segment/1",
        },
    ),
    "what cannot be read": ("orders/paid", {"id": "x"}),
}


@pytest.mark.parametrize("told", OLD)
def test_what_was_signed_before_is_no_sign_whenever_it_is_said_to_be_sent(
    left: TestLine, told: str
):
    for at in (left.clock(), left.clock() + timedelta(days=365)):
        left.settle_at(at, *OLD[told])
    left.settle_at(left.clock(), *REDACTED)

    assert _is_forgotten(left)


@pytest.mark.parametrize("at", ["2001-01-01T00:00:00Z", None])
def test_what_was_signed_since_is_a_sign_whenever_it_is_said_to_be_sent(
    left: TestLine, at: str | None
):
    order = an_order(id=5002, updated_at=left.clock().isoformat())
    headers = {"X-Shopify-Triggered-At": at} if at else {}
    left.deliver("orders/updated", order, **headers)
    left.settle_at(left.clock(), *REDACTED)

    assert "ignored" == left.inbox()[-1].state
    assert not _is_forgotten(left)


def test_what_is_another_stores_is_no_sign_of_this_one(left: TestLine):
    left.add_store("other.myshopify.com")
    order = an_order(
        id=5002,
        updated_at=left.clock().isoformat(),
        order_status_url="https://other.myshopify.com/1/orders/1",
    )
    left.settle_at(left.clock(), "orders/updated", order)
    left.settle_at(left.clock(), *REDACTED)

    assert _is_forgotten(left)


def _let_in(line: TestLine) -> None:
    with line.in_program() as connection:
        given = Given(Sealed("token"), (), None)
        access.keep(connection, line.keys, line.store, given)


def test_a_store_that_takes_our_token_is_not_redacted_whatever_its_headers_say(
    line: TestLine,
):
    """Nor for a redaction of a time before that is sent again as if it were new."""
    line.settle(("orders/paid", an_order()))
    line.tamper(LONG_AGO)
    _let_in(line)
    line.settle_at(line.clock() + timedelta(days=9999), *REDACTED)
    assert not _is_forgotten(line)
    line.settle_at(line.clock(), *LEFT)

    assert _is_forgotten(line)


def test_a_store_that_refuses_our_token_is_redacted(line: TestLine):
    line.settle(("orders/paid", an_order()))
    line.tamper(LONG_AGO)
    _let_in(line)
    line.tamper(
        "update store_access set refused_at = now(), "
        "obtained_at = now() - interval '29 days'"
    )
    line.settle_at(line.clock(), *REDACTED)

    assert _is_forgotten(line)


def test_a_redaction_that_was_doubted_is_carried_out_once_nothing_else_is_left(
    line: TestLine,
):
    """An old word of leaving, sent again as if it were new, holds it up no longer."""
    line.settle(("orders/paid", an_order()))
    line.add_store(DOMAIN)
    line.tamper("update store set installed_at = now() - interval '50 hours'")
    line.settle_at(line.clock() - timedelta(hours=49), *LEFT)
    line.settle_at(line.clock() + timedelta(days=9999), *LEFT)
    line.settle_at(line.clock() - timedelta(hours=1), *REDACTED)
    assert "ignored" == line.inbox()[-1].state
    leaving = Leaving(line.database, line.keys)

    leaving.remind(line.clock() + timedelta(hours=70))
    assert 0 == line.worker.drain()
    for _ in range(2):
        leaving.remind(line.clock() + timedelta(hours=73))
        line.worker.drain()
        assert _is_forgotten(line)
    assert 1 == len([row for row in line.inbox() if "redacted/" in row.delivery_id])


def test_a_store_that_came_back_is_not_reminded_of(line: TestLine):
    line.settle(("orders/paid", an_order()))
    line.settle_at(line.clock(), *LEFT)
    line.add_store(DOMAIN)
    line.settle_at(line.clock() + DAYS, *REDACTED)
    Leaving(line.database, line.keys).remind(line.clock() + timedelta(days=30))

    assert 0 == line.worker.drain()
    assert not _is_forgotten(line)

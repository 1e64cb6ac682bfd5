"""Who was forgotten stays so, and whoever comes back with a store is somebody new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.actions import Birthday, Joining, Newsletter
from app.domain.program import Program
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, a_merge, an_order, later

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
ADA_MAIL = "ada@example.com"
JOINED = ADA | {"created_at": "2026-10-01T10:00:00Z", "state": "enabled"}
REDACTED = {
    "shop_id": 1,
    "shop_domain": DOMAIN,
    "customer": {"id": 7001, "email": ADA_MAIL, "phone": None},
    "orders_to_redact": [5001],
}


def _names_ada(line: TestLine) -> list[str]:
    return line.mentions("7001", ADA_MAIL, line.worker.conceal(ADA_MAIL))


def _come_back(line: TestLine) -> None:
    line.add_store(DOMAIN)


def _anew(line: TestLine, **more: Any) -> dict[str, Any]:
    """An order that is placed in a moment."""
    at = (line.clock() + timedelta(minutes=1)).isoformat()
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), at)
    return an_order(id=5002, **times, **more)


@pytest.fixture
def left(line: TestLine) -> TestLine:
    """A store with a member who has points, which was redacted as a whole."""
    line.settle(("orders/paid", an_order()))
    line.be_left()
    assert not _names_ada(line)
    return line


def test_who_was_forgotten_with_a_store_is_a_new_member_once_it_is_back(
    left: TestLine,
):
    _come_back(left)
    left.settle(("customers/update", ADA))
    assert 0 == left.standing(7001).available
    left.settle(("orders/paid", _anew(left)))

    assert 100 == left.standing(7001).available
    assert {"available": 200, "issued": -200} == left.totals()
    assert (left.audit(), left.violations()) == (None, [])


def test_a_guest_who_was_forgotten_with_a_store_may_be_one_again(line: TestLine):
    line.settle(("orders/paid", an_order(customer=None)))
    line.be_left()
    _come_back(line)
    line.settle(("orders/paid", _anew(line, customer=None)))
    line.settle(("customers/create", ADA))

    assert 100 == line.standing(7001).available


def test_an_order_of_before_stays_nobodys_once_its_buyer_is_back(left: TestLine):
    _come_back(left)
    left.settle(("orders/paid", _anew(left)))
    left.settle(("orders/updated", later(an_order())))

    assert 100 == left.standing(7001).available
    with left.in_program() as connection:
        query = "select facts ->> 'buyer' from order_fact where order_id = '5001'"
        assert [None] == list(connection.exec_driver_sql(query).scalars())


MESSAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "an order": ("orders/paid", an_order(id=5003)),
    "an order of before": ("orders/updated", later(an_order())),
    "a guest's order": ("orders/paid", an_order(id=5003, customer=None)),
    "a customer": ("customers/update", ADA),
    "a new customer": ("customers/create", JOINED),
    "a deletion": ("customers/delete", {"id": 7001}),
    "a merge": ("customers/merge", a_merge(7002, 7001)),
    "a tag": (
        "customer.tags_added",
        {
            "customerId": "gid://shopify/Customer/7001",
            "tags": ["vip"],
            "occurredAt": "2026-11-06T10:00:00Z",
        },
    ),
    "another's order": ("orders/paid", an_order(id=5004, customer=GRACE)),
}


@pytest.mark.parametrize("told", MESSAGES)
def test_before_a_redacted_store_is_back_nobody_is_known_again(
    left: TestLine, told: str
):
    left.settle(MESSAGES[told])

    assert not _names_ada(left)
    assert not left.mentions("7002", "grace@example.com")
    assert {"available": 100, "issued": -100} == left.totals()
    assert "settled" == left.inbox()[-1].state


@pytest.mark.parametrize("told", [each for each in MESSAGES if "other" not in each])
@pytest.mark.parametrize("is_back", [False, True])
def test_who_asked_to_be_forgotten_stays_so_whatever_is_told_of_them(
    line: TestLine, told: str, is_back: bool
):
    """Nor does a store that goes and comes back bring them with it."""
    line.settle(("orders/paid", an_order()), ("customers/redact", REDACTED))
    if is_back:
        line.be_left()
        _come_back(line)
    line.settle(MESSAGES[told])

    assert not _names_ada(line)
    assert {"available": 100, "issued": -100} == line.totals()


@pytest.mark.parametrize("is_redacted", [False, True])
@pytest.mark.parametrize("order", [{}, {"customer": None}], ids=["customer", "guest"])
def test_who_orders_anew_in_a_store_that_came_back_is_somebody_new(
    line: TestLine, order: dict[str, Any], is_redacted: bool
):
    line.settle(("orders/paid", an_order()), ("customers/redact", REDACTED))
    if is_redacted:
        line.be_left()
    _come_back(line)
    line.settle(("orders/paid", _anew(line, **order)))
    assert {"available": 200, "issued": -200} == line.totals()
    # What is told late of the order before is nobody's still.
    line.settle(("orders/updated", later(an_order())), ("customers/update", JOINED))
    line.settle(("orders/paid", an_order(id=5003)))

    if not order:
        assert 100 == line.standing(7001).available
    assert {"available": 200, "issued": -200} == line.totals()
    assert (line.audit(), line.violations()) == (None, [])


def test_in_the_same_installation_who_was_forgotten_stays_so(line: TestLine):
    line.settle(("orders/paid", an_order()), ("customers/redact", REDACTED))
    line.settle(("orders/paid", _anew(line)))

    assert not _names_ada(line)


def test_who_came_back_may_be_forgotten_again(line: TestLine):
    line.settle(("orders/paid", an_order()), ("customers/redact", REDACTED))
    _come_back(line)
    line.settle(("orders/paid", _anew(line)))
    assert _names_ada(line)
    line.settle(("customers/redact", REDACTED | {"orders_to_redact": [5002]}))
    line.settle(("customers/update", ADA), ("orders/updated", later(_anew(line))))

    assert not _names_ada(line)


def test_what_the_forgotten_did_once_for_ever_somebody_new_may_do_again(
    line: TestLine,
):
    """Nor does it touch the points of who they were."""
    actions = (
        Joining(points=20),
        Newsletter(points=10, shoppers_report=True),
        Birthday(points=90, days_known_before=0),
    )
    line.set_program(Program(actions=actions))
    day = line.clock() + timedelta(days=3)
    told = ({"action": "newsletter"}, _birthday(day.month, day.day))
    for _ in range(2):
        line.settle(("customers/create", JOINED))
        for body in told:
            assert 202 == line.post("actions", "7001", body).status_code
        line.worker.drain()
        assert 30 == line.standing(7001).available
        line.be_left()
        _come_back(line)

    assert {"available": 60, "issued": -60} == line.totals()
    assert line.violations() == []


def _birthday(month: int, day: int) -> dict[str, Any]:
    return {"action": "birthday", "month": month, "day": day}

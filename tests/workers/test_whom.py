"""Requests of privacy that name somebody by a phone, an address or an order alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.domain.program import Program
from app.domain.referral_terms import ReferralTerms
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, an_order
from workers.whom import (
    FORGOTTEN,
    NAMES_NOBODY,
    NO_PHONES,
    SEVERAL,
    UNKNOWN,
    UNKNOWN_PHONE,
)

PHONE = "+49 151 2345678"
GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
KNOWN = ("customers/create", ADA | {"phone": "0151 2345678"})
BY_PHONE = {"phone": PHONE}
OF_NOBODY = an_order(id=5002, customer=None, email=None, phone=PHONE)


@pytest.fixture
def friends(line: TestLine) -> TestLine:
    """A store whose programme brings friends, so that people are known by phone."""
    line.set_program(Program(referral=ReferralTerms()))
    return line


def _ask(line: TestLine, customer: dict[str, Any], *orders: int) -> dict[str, Any]:
    """What the file says that a request for data becomes."""
    body = {
        "shop_domain": DOMAIN,
        "customer": {"id": None, "email": None, "phone": None} | customer,
        "orders_requested": list(orders),
        "data_request": {"id": 99},
    }
    line.settle(("customers/data_request", body))
    [path] = (line.home / "data_requests").glob("*.json")
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def _redact(line: TestLine, customer: dict[str, Any], *orders: int) -> Any:
    body = {
        "shop_domain": DOMAIN,
        "customer": {"id": None, "email": None, "phone": None} | customer,
        "orders_to_redact": list(orders),
    }
    line.settle(("customers/redact", body))
    return line.inbox()[-1]


def _orders(told: dict[str, Any]) -> list[str]:
    return [each["order_id"] for one in told["members"] for each in one["orders"]]


def test_who_asks_by_phone_alone_is_told_what_is_kept_of_them(friends: TestLine):
    friends.settle(
        KNOWN,
        ("customers/create", GRACE),
        ("orders/paid", an_order()),
        ("orders/paid", OF_NOBODY),
    )
    told = _ask(friends, BY_PHONE)

    assert told["not_found"] is None
    assert ["5001"] == _orders(told)
    assert ["5002"] == [each["order_id"] for each in told["orders_of_nobody"]]


def test_of_several_with_one_phone_nobody_is_told_of_the_others(friends: TestLine):
    friends.settle(KNOWN, ("customers/create", GRACE | {"phone": PHONE}))
    told = _ask(friends, BY_PHONE)

    assert (SEVERAL, []) == (told["not_found"], told["members"])
    assert "quarantined" == friends.inbox()[-1].state


def test_an_order_tells_which_of_several_with_one_phone_it_is(friends: TestLine):
    friends.settle(
        KNOWN,
        ("customers/create", GRACE | {"phone": PHONE}),
        ("orders/paid", an_order()),
        ("orders/paid", an_order(id=5003, customer=GRACE, email=GRACE["email"])),
    )
    assert ["5001"] == _orders(_ask(friends, BY_PHONE, 5001))
    assert "settled" == _redact(friends, BY_PHONE, 5001).state

    assert not friends.mentions("7001", friends.worker.conceal(ADA["email"]))
    assert friends.mentions("7002")


def test_where_no_phones_are_kept_the_file_and_the_log_say_so(line: TestLine):
    line.settle(KNOWN, ("orders/paid", an_order()))
    with capture_logs() as logs:
        told = _ask(line, BY_PHONE)

    assert (NO_PHONES, []) == (told["not_found"], told["members"])
    assert [NO_PHONES] == [each["why"] for each in logs if "why" in each]
    assert "2345678" not in repr(logs)


@pytest.mark.parametrize(
    ("customer", "why"),
    [
        (BY_PHONE, UNKNOWN_PHONE),
        ({}, NAMES_NOBODY),
        ({"phone": "12"}, NAMES_NOBODY),
        ({"id": 7009}, UNKNOWN),
        ({"email": "nobody@example.com"}, UNKNOWN),
    ],
)
def test_a_request_that_finds_nobody_says_why_and_makes_nobody(
    friends: TestLine, customer: dict[str, Any], why: str
):
    friends.settle(("orders/paid", an_order()))
    told = _ask(friends, customer)

    assert (why, []) == (told["not_found"], told["members"])
    with friends.in_program() as connection:
        for table, count in (("member", 1), ("address", 1)):
            query = f"select count(*) from {table}"
            assert count >= connection.exec_driver_sql(query).scalar_one()


def test_of_the_forgotten_the_file_says_that_they_are(line: TestLine):
    line.settle(("orders/paid", an_order()))
    _redact(line, {"id": 7001, "email": ADA["email"]})

    told = _ask(line, {"id": 7001})
    assert (FORGOTTEN, []) == (told["not_found"], told["members"])


def test_who_asks_by_mail_address_alone_is_a_guest_or_a_customer(line: TestLine):
    line.settle(("orders/paid", an_order(customer=None)))
    assert ["5001"] == _orders(_ask(line, {"email": " ADA@example.com"}))
    line.settle(("customers/create", ADA))

    assert ["5001"] == _orders(_ask(line, {"email": ADA["email"]}))


@pytest.mark.parametrize(
    ("customer", "why"),
    [(BY_PHONE, NO_PHONES), ({}, NAMES_NOBODY), ({"phone": "12"}, NAMES_NOBODY)],
)
def test_a_redaction_that_finds_nobody_is_set_aside_and_says_why(
    line: TestLine, customer: dict[str, Any], why: str
):
    line.settle(KNOWN)
    with capture_logs() as logs:
        message = _redact(line, customer)

    assert ("quarantined", why) == (message.state, message.note)
    assert [why] == [each["why"] for each in logs if "why" in each]
    assert line.mentions("7001")


@pytest.mark.parametrize("customer", [ADA, None], ids=["customer", "guest"])
def test_who_is_named_by_orders_alone_is_forgotten_with_all_of_theirs(
    line: TestLine, customer: dict[str, Any] | None
):
    line.settle(
        ("orders/paid", an_order(customer=customer)),
        ("orders/paid", an_order(id=5002, customer=customer)),
        ("orders/paid", an_order(id=5003, customer=GRACE, email=GRACE["email"])),
    )
    assert "settled" == _redact(line, BY_PHONE, 5001).state
    assert not line.mentions("7001", line.worker.conceal(ADA["email"]))
    assert line.mentions("7002")
    # The same once more, when nothing is left.
    assert "settled" == _redact(line, BY_PHONE, 5001).state


def test_orders_of_several_say_of_nobody_that_they_are_meant(line: TestLine):
    line.settle(
        ("orders/paid", an_order()),
        ("orders/paid", an_order(id=5003, customer=GRACE, email=GRACE["email"])),
    )
    message = _redact(line, BY_PHONE, 5001, 5003)

    assert ("quarantined", SEVERAL) == (message.state, message.note)
    assert line.mentions("7001")
    assert line.mentions("7002")

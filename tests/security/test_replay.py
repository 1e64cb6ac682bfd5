"""A true message sent again, late, or under other headers has the effect of one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.actions import Newsletter
from app.domain.earning import Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.program import Program
from app.platforms.shopify.topics import TOPICS
from app.storage import tables
from app.storage.invariants import findings
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, a_line, a_merge, a_refund, an_order, later

OTHER = "other.myshopify.com"
PAYLOADS = Path(__file__).parent.parent / "payloads"
ORDER = an_order(a_line("33.50", 3), order_status_url=f"https://{DOMAIN}/1/orders/a")
REFUND = a_refund("33.50", (11, 1, "33.50"))
PAYMENT = REFUND["transactions"][0]
CHOSEN = {
    "customer_id": "gid://shopify/Customer/7001",
    "segment_id": "gid://shopify/Segment/31",
}
TAGGED = {
    "customerId": "gid://shopify/Customer/7001",
    "tags": ["VIP"],
    "occurredAt": "2026-11-01T08:00:00.000Z",
}
DISPUTE = {
    "id": 1,
    "order_id": 5001,
    "type": "chargeback",
    "amount": "100.50",
    "currency": "EUR",
    "status": "lost",
    "initiated_at": "2026-11-06T10:00:00Z",
}
CONSENT = {
    "customer_id": 7001,
    "email_marketing_consent": {
        "state": "subscribed",
        "consent_updated_at": "2026-11-06T10:00:00Z",
    },
}
PRODUCT = {
    "id": 21,
    "tags": "mug",
    "updated_at": "2026-11-01T10:00:00Z",
    "variants": [],
}
# Bodies that name no store of ours.
BODIES = [
    ("orders/paid", ORDER | {"order_status_url": "https://own-name.example/1/a"}),
    ("orders/delete", {"id": 5001}),
    ("refunds/create", REFUND),
    ("order_transactions/create", PAYMENT),
    ("disputes/create", DISPUTE),
    ("customers/update", ADA | {"created_at": "2026-11-01T10:00:00Z"}),
    ("customers/delete", {"id": 7001}),
    ("customers/merge", a_merge(kept=7001, deleted=7002)),
    ("customers_email_marketing_consent/update", CONSENT),
    ("customer.tags_added", TAGGED),
    ("customer.tags_removed", TAGGED),
    ("customer.joined_segment", CHOSEN),
    ("customer.left_segment", CHOSEN),
    ("products/update", PRODUCT),
]
COPY = "the same body came before, under another store or the opposite topic"
FOR_VIPS = Conditions(customer_tags=frozenset({"vip"}))
TWICE = Multiplier(times=Decimal(2), conditions=FOR_VIPS)


def _effects(line: TestLine) -> tuple[Any, ...]:
    """All that messages have done: totals, and a customer's standing and history."""
    history = [
        (row.effect_key, row.kind, row.points, row.effective_at)
        for row in line.transactions(7001)
    ]
    return line.totals(), history, line.standing(7001)


@pytest.fixture(scope="module")
def settled(module_line: TestLine) -> TestLine:
    """An order and a part of it given back, with another store beside it.

    Shared, since nothing that is done to it here may have an effect.
    """
    module_line.add_store(OTHER)
    module_line.settle(("orders/paid", ORDER), ("refunds/create", REFUND))
    assert 67 == module_line.standing(7001).available
    return module_line


def _again(line: TestLine, topic: str, body: Any, **headers: str) -> None:
    assert 200 == line.deliver(topic, body, **headers).status_code
    line.worker.drain()
    line.make_due()
    line.worker.drain()


@pytest.mark.parametrize("topic", sorted({*TOPICS, "carts/update", "ORDERS/PAID", ""}))
@pytest.mark.parametrize("body", [ORDER, REFUND], ids=["order", "refund"])
def test_under_another_topic_a_true_body_has_no_other_effect(
    settled: TestLine, topic: str, body: Any
):
    before = _effects(settled)

    _again(settled, topic, body)

    assert before == _effects(settled)
    assert settled.audit() is None


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Shopify-Webhook-Id": "another"},
        {"X-Shopify-Webhook-Id": ""},
        {"X-Shopify-Webhook-Id": "w" * 5000},
        {"X-Shopify-Event-Id": "another"},
        {"X-Shopify-Triggered-At": "2036-11-01T10:00:00Z"},
        {"X-Shopify-Triggered-At": "never"},
        {"X-Shopify-API-Version": "1999-01"},
        {"X-Shopify-Shop-Domain": "nobody.myshopify.com"},
        {"X-Shopify-Shop-Domain": ""},
        {"X-Shopify-Shop-Domain": f"{DOMAIN}.evil.example"},
        {"X-Shopify-Shop-Domain": DOMAIN.upper() + "/"},
    ],
    ids=lambda headers: str(headers)[:60],
)
def test_under_other_headers_a_true_body_has_no_other_effect(
    settled: TestLine, headers: dict[str, str]
):
    before = _effects(settled)

    for topic, body in (("orders/paid", ORDER), ("refunds/create", REFUND)):
        _again(settled, topic, body, **headers)

    assert before == _effects(settled)


def test_an_order_under_another_of_our_stores_is_set_aside(settled: TestLine):
    before = _effects(settled)

    _again(settled, "orders/paid", ORDER, **{"X-Shopify-Shop-Domain": OTHER})

    row = settled.inbox()[-1]
    assert before == _effects(settled)
    assert "quarantined" == row.state
    assert "the body is about another store than the headers" == row.note


def _everything(line: TestLine) -> dict[str, list[str]]:
    """All rows of all tables, but for the messages themselves."""
    kept = [each for each in tables.metadata.sorted_tables if each.name != "inbox"]
    with line.database.auditor() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in kept
        }


@pytest.mark.parametrize(("topic", "body"), BODIES, ids=[topic for topic, _ in BODIES])
def test_a_body_that_names_no_store_has_no_effect_under_another_of_ours(
    line: TestLine, topic: str, body: Any
):
    """Nor has it one where it is tried again, and where it is sent once more."""
    for store in (line.add_store(OTHER), line.store):
        line.store = store
        line.set_program(Program(actions=(Newsletter(points=5),)))
    untouched = _everything(line)
    line.settle((topic, body))
    before = _everything(line)
    for _ in range(2):
        _again(line, topic, body, **{"X-Shopify-Shop-Domain": OTHER})
    line.replay("quarantined")
    line.worker.drain()

    first, *copies = line.inbox()
    assert ("settled", None) == (first.state, first.note)
    assert untouched != before
    assert before == _everything(line)
    assert 2 * [("quarantined", COPY)] == [(row.state, row.note) for row in copies]
    assert "bodies-have-one-head" in _alarms(line)


def test_of_two_that_are_claimed_together_the_first_counts(line: TestLine):
    line.add_store(OTHER)
    for domain in (DOMAIN, OTHER):
        line.deliver("refunds/create", REFUND, **{"X-Shopify-Shop-Domain": domain})
    line.worker.drain()

    assert ["settled", "quarantined"] == [row.state for row in line.inbox()]


def test_a_copy_that_was_kept_for_a_store_to_come_has_no_effect_there(line: TestLine):
    line.settle(("refunds/create", REFUND))
    line.deliver("refunds/create", REFUND, **{"X-Shopify-Shop-Domain": OTHER})
    line.add_store(OTHER)
    before = _everything(line)

    assert 1 == line.replay("ignored")
    line.worker.drain()

    assert before == _everything(line)
    assert ["settled", "quarantined"] == [row.state for row in line.inbox()]


def test_what_was_set_aside_itself_keeps_no_true_message_from_counting(line: TestLine):
    """An order under a store that is not its own, before the true one."""
    line.add_store(OTHER)
    line.deliver("orders/paid", ORDER, **{"X-Shopify-Shop-Domain": OTHER})
    line.worker.drain()

    line.settle(("orders/paid", ORDER), ("orders/updated", ORDER))
    assert 1 == line.replay("quarantined")
    line.worker.drain()

    states = [row.state for row in line.inbox()]
    assert ["quarantined", "settled", "settled"] == states
    assert 100 == line.standing(7001).available


@pytest.mark.parametrize(
    "topic", ["orders/paid", "customers/redact", "app/uninstalled"]
)
@pytest.mark.parametrize("head", [OTHER, "nobody.myshopify.com"])
def test_a_body_that_names_the_store_of_its_head_counts_whatever_came_before(
    line: TestLine, topic: str, head: str
):
    """Also where the false one still waits, and where the same was sent before."""
    bodies = {
        "orders/paid": ORDER,
        "customers/redact": {"shop_domain": DOMAIN, "customer": ADA},
        "app/uninstalled": {"id": 1, "myshopify_domain": DOMAIN.upper()},
    }
    line.add_store(OTHER)
    line.settle(("orders/paid", an_order(id=5002)))
    untouched = _everything(line)
    line.deliver(topic, bodies[topic], **{"X-Shopify-Shop-Domain": head})
    line.settle((topic, bodies[topic]))

    _, false, true = line.inbox()
    assert ("ignored" if head != OTHER else "quarantined") == false.state
    assert ("settled", None) == (true.state, true.note)
    assert untouched != _everything(line)


def test_a_segment_is_joined_though_the_same_came_for_a_store_of_nobody(line: TestLine):
    """Its body says no time, so all that come later are the same."""
    nobody = {"X-Shopify-Shop-Domain": "nobody.myshopify.com"}
    line.deliver("customer.joined_segment", CHOSEN, **nobody)
    topics = [f"customer.{each}_segment" for each in ("joined", "left", "joined")]
    line.settle(*((topic, CHOSEN) for topic in topics))

    assert ["ignored", *3 * ["settled"]] == [row.state for row in line.inbox()]
    assert "bodies-have-one-head" in _alarms(line)


def test_a_true_message_counts_again_when_it_is_replayed(line: TestLine):
    line.add_store(OTHER)
    line.settle(("refunds/create", REFUND))
    _again(line, "refunds/create", REFUND, **{"X-Shopify-Shop-Domain": OTHER})

    assert 1 == line.replay("settled")
    line.worker.drain()

    assert ["settled", "quarantined"] == [row.state for row in line.inbox()]


@pytest.mark.parametrize(
    ("topics", "points"),
    [(("added", "removed"), 200), (("removed", "added"), 100)],
)
def test_a_body_about_tags_has_no_effect_under_the_opposite_topic(
    line: TestLine, topics: tuple[str, str], points: int
):
    line.set_program(Program(earning=(PurchasePoints(), TWICE)))
    true, opposite = (f"customer.tags_{each}" for each in topics)
    line.settle(("orders/paid", an_order()), (true, TAGGED), (true, TAGGED))
    before = _everything(line)
    _again(line, opposite, TAGGED)

    assert points == line.standing(7001).available
    assert before == _everything(line)
    assert ("quarantined", COPY) == (line.inbox()[-1].state, line.inbox()[-1].note)
    assert "bodies-have-one-head" in _alarms(line)


def test_a_segment_may_be_joined_and_left_and_joined_without_an_alarm(line: TestLine):
    """Bodies of both are alike, for they say no time."""
    topics = [f"customer.{each}_segment" for each in ("joined", "left", "joined")]
    line.settle(*((topic, CHOSEN) for topic in topics))

    assert 3 * ["settled"] == [row.state for row in line.inbox()]
    assert [] == _alarms(line)


@pytest.mark.parametrize(
    ("topic", "headers"),
    [
        ("refunds/create", {"X-Shopify-Shop-Domain": OTHER}),
        ("refunds/create", {"X-Shopify-Shop-Domain": "nobody.myshopify.com"}),
        ("customers/update", {}),
    ],
)
def test_a_body_under_another_head_raises_the_alarm(
    line: TestLine, topic: str, headers: dict[str, str]
):
    line.add_store(OTHER)
    line.settle(("orders/paid", ORDER), ("refunds/create", REFUND))
    line.settle(("orders/updated", ORDER), ("refunds/create", REFUND))
    assert [] == _alarms(line)

    _again(line, topic, REFUND, **headers)

    assert "bodies-have-one-head" in _alarms(line)


def _alarms(line: TestLine) -> list[str]:
    return [each.invariant.name for each in findings(line.database) if each.rows]


def test_real_orders_cannot_be_taken_to_another_store(line: TestLine):
    """Real bodies are of jsmith.myshopify.com, and show it in the order's address."""
    bodies = [path.read_bytes() for path in PAYLOADS.glob("orders_*.json")]
    with_address = [body for body in bodies if b"https://jsmith." in body]
    line.add_store("jsmith.myshopify.com")

    line.settle(*(("orders/paid", body) for body in with_address))

    assert len(with_address) > 10
    assert {"quarantined"} == {row.state for row in line.inbox()}
    assert {} == line.totals()


@pytest.mark.parametrize("days", [1, 366])
def test_a_delivery_that_comes_again_much_later_has_no_effect(
    line: TestLine, days: int
):
    """Not by its id, nor when its row, its body and its id are long gone."""
    line.settle(("orders/paid", ORDER), ("refunds/create", REFUND))
    before = _effects(line)
    line.pass_days(days)
    _again(line, "orders/paid", ORDER)
    line.tamper("delete from inbox")
    for topic, body in (("orders/paid", ORDER), ("refunds/create", REFUND)):
        _again(line, topic, body)

    assert before == _effects(line)
    assert {"settled"} == {row.state for row in line.inbox()}


def test_an_older_view_of_an_order_after_a_newer_one_changes_nothing(line: TestLine):
    newer = later(an_order(a_line("20.00", 2)), total_price="40.00")
    line.settle(("orders/updated", newer))
    before = _effects(line)
    for body in (an_order(a_line("900.00")), an_order(financial_status="pending")):
        _again(line, "orders/updated", body)

    assert before == _effects(line)
    assert 40 == line.standing(7001).available


def test_an_older_address_after_a_newer_one_claims_nothing_back(line: TestLine):
    """Points of a guest went to who proved the address; an old message moves none."""
    guest = an_order(customer=None, email="eve@example.com")
    eve = {"id": 7002, "email": "eve@example.com", "verified_email": True}
    line.settle(
        ("orders/paid", guest),
        ("customers/update", eve | {"updated_at": "2026-11-06T10:00:00Z"}),
    )
    assert 100 == line.standing(7002).available
    thief = {"id": 7003, "email": "eve@example.com", "verified_email": True}
    for at in ("2026-11-07T10:00:00Z", "2026-11-20T10:00:00Z"):
        _again(line, "customers/update", thief | {"updated_at": at})

    assert (100, 0) == (line.standing(7002).available, line.standing(7003).available)

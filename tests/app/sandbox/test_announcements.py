"""Every action sends the messages that Shopify would send."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.sandbox.order_steps import EditRequest
from app.sandbox.orders import Order, RefusedError
from app.sandbox.refunds import RefundRequest
from app.sandbox.shelves import COLLECTIONS
from app.sandbox.store import Store

PAYLOADS = Path(__file__).parents[2] / "payloads"

Buy = Callable[..., Order]
Told = Callable[[], list[tuple[str, Any]]]


def _topics(told: Told) -> list[str]:
    return [topic for topic, _ in told()]


def test_an_order_paid_at_once(buy: Buy, told: Told) -> None:
    order = buy(code="FIVEOFF", house_blend=1, low_bowl=1)
    messages = dict(told())
    assert set(messages) == {
        "orders/create",
        "orders/paid",
        "order_transactions/create",
        "orders/updated",
    }
    body = messages["orders/paid"]
    assert body["id"] == order.id > 2**53
    assert body["test"] is False
    assert body["financial_status"] == "paid"
    assert body["customer"]["email"] == "ada@example.com"
    assert body["discount_codes"] == [
        {"code": "FIVEOFF", "amount": "5.00", "type": "fixed_amount"}
    ]
    assert body["total_tax"] == "3.03"
    assert body["order_status_url"].startswith("https://sandbox.myshopify.com/")
    paid = messages["order_transactions/create"]
    assert (paid["kind"], paid["amount"]) == ("sale", body["total_price"])


def test_a_bank_transfer_is_paid_later(buy: Buy, store: Store, told: Told) -> None:
    order = buy(gateway="bank", house_blend=1)
    messages = dict(told())
    assert set(messages) == {"orders/create", "orders/updated"}
    assert messages["orders/create"]["financial_status"] == "pending"
    assert messages["orders/create"]["total_outstanding"] == "17.40"
    store.collect(order.id)
    assert _topics(told) == [
        "orders/paid",
        "order_transactions/create",
        "orders/updated",
    ]
    with pytest.raises(RefusedError):
        store.collect(order.id)
    assert told() == []


def test_a_guest_has_no_customer_until_one_is_attached(
    buy: Buy, store: Store, told: Told
) -> None:
    order = buy(is_guest=True, house_blend=1)
    bodies = [body for topic, body in told() if topic.startswith("orders/")]
    assert [body["customer"] for body in bodies] == [None] * 3
    with store.data.reading() as rows:
        grace = rows.customers()[1]
    store.attach(order.id, grace.id)
    ((topic, body),) = told()
    assert (topic, body["customer"]["id"]) == ("orders/updated", grace.id)


def test_a_refund_is_told_alone_and_within_its_order(
    buy: Buy, store: Store, told: Told
) -> None:
    order = buy(low_bowl=2)
    told()
    store.refund(order.id, RefundRequest({order.lines[0].id: 1}, restock=True))
    messages = dict(told())
    assert list(messages) == [
        "refunds/create",
        "order_transactions/create",
        "orders/updated",
    ]
    refund = messages["refunds/create"]
    assert messages["orders/updated"]["refunds"] == [refund]
    (line,) = refund["refund_line_items"]
    assert (line["subtotal"], line["total_tax"]) == (34.0, 3.4)
    assert line["restock_type"] == "cancel"
    assert line["line_item"]["current_quantity"] == 1
    assert refund["transactions"][0]["amount"] == "37.40"


def test_a_pending_refund_has_no_transaction_message_until_it_succeeds(
    buy: Buy, store: Store, told: Told
) -> None:
    order = buy(low_bowl=2)
    told()
    wish = RefundRequest({order.lines[0].id: 1}, pending=True)
    refund_id = store.refund(order.id, wish).refunds[0].id
    assert _topics(told) == ["refunds/create", "orders/updated"]
    store.settle_refund(order.id, refund_id)
    messages = dict(told())
    assert list(messages) == ["order_transactions/create", "orders/updated"]
    embedded = messages["orders/updated"]["refunds"][0]["transactions"][0]
    assert embedded["status"] == "success"


def test_restocking_alone_moves_no_money(buy: Buy, store: Store, told: Told) -> None:
    order = buy(house_blend=2)
    told()
    wish = RefundRequest({order.lines[0].id: 1}, restock=True, with_money=False)
    store.refund(order.id, wish)
    messages = dict(told())
    assert list(messages) == ["refunds/create", "orders/updated"]
    assert messages["refunds/create"]["transactions"] == []


def test_cancelling_with_the_money_back(buy: Buy, store: Store, told: Told) -> None:
    order = buy(house_blend=1, gift_card=1)
    told()
    store.cancel(order.id, "customer", give_back=True, restock=True)
    messages = dict(told())
    assert list(messages) == [
        "orders/cancelled",
        "refunds/create",
        "order_transactions/create",
        "orders/updated",
    ]
    body = messages["orders/cancelled"]
    assert (body["financial_status"], body["cancel_reason"]) == ("refunded", "customer")
    assert body["current_total_price"] == "0.00"
    store.delete(order.id)
    assert told() == [("orders/delete", {"id": order.id})]


def test_cancelling_before_payment_voids(buy: Buy, store: Store, told: Told) -> None:
    order = buy(gateway="bank", house_blend=1)
    told()
    store.cancel(order.id, "inventory", give_back=True, restock=False)
    body = dict(told())["orders/cancelled"]
    assert body["financial_status"] == "voided"
    assert body["total_outstanding"] == "0.00"


def test_an_edit_up_is_owed_and_then_paid(buy: Buy, store: Store, told: Told) -> None:
    order = buy(house_blend=1)
    told()
    line = order.lines[0].id
    store.edit(order.id, EditRequest({line: 3}))
    messages = dict(told())
    assert list(messages) == ["orders/edited", "orders/updated"]
    edit = messages["orders/edited"]["order_edit"]
    assert edit["order_id"] == order.id
    assert edit["line_items"] == {
        "additions": [{"id": line, "delta": 2}],
        "removals": [],
    }
    body = messages["orders/updated"]
    assert body["line_items"][0]["quantity"] == 3
    assert body["financial_status"] == "partially_paid"
    assert body["total_outstanding"] == "25.00"
    store.collect(order.id)
    assert "orders/paid" in _topics(told)


def test_an_edit_down_owes_the_shopper(buy: Buy, store: Store, told: Told) -> None:
    order = buy(house_blend=3)
    told()
    store.edit(order.id, EditRequest({order.lines[0].id: 1}))
    messages = dict(told())
    assert list(messages) == ["orders/edited", "orders/updated"]
    body = messages["orders/updated"]
    (line,) = body["line_items"]
    assert (line["quantity"], line["current_quantity"]) == (3, 1)
    assert body["current_subtotal_price"] == "12.50"
    assert body["total_outstanding"] == "-25.00"
    assert body["refunds"][0]["transactions"] == []


def test_an_edit_down_can_give_the_money_back_at_once(
    buy: Buy, store: Store, told: Told
) -> None:
    order = buy(house_blend=3)
    told()
    store.edit(order.id, EditRequest({order.lines[0].id: 1}, settle_now=True))
    assert _topics(told) == [
        "orders/edited",
        "refunds/create",
        "order_transactions/create",
        "orders/updated",
    ]


def test_parcels_are_partial_until_all_is_sent(
    buy: Buy, store: Store, told: Told
) -> None:
    order = buy(house_blend=2)
    told()
    line = order.lines[0].id
    store.fulfil(order.id, {line: 1})
    assert _topics(told) == ["orders/partially_fulfilled", "orders/updated"]
    store.fulfil(order.id, {line: 1})
    messages = dict(told())
    assert list(messages) == ["orders/fulfilled", "orders/updated"]
    assert messages["orders/fulfilled"]["fulfillment_status"] == "fulfilled"
    with pytest.raises(RefusedError):
        store.cancel(order.id, "customer", give_back=False, restock=False)


@pytest.mark.parametrize("end", ["won", "lost"])
def test_a_dispute_is_opened_and_ended(
    buy: Buy, store: Store, told: Told, end: str
) -> None:
    order = buy(house_blend=1)
    told()
    dispute = store.open_dispute(order.id).disputes[0]
    ((topic, body),) = told()
    assert (topic, body["status"]) == ("disputes/create", "needs_response")
    assert (body["order_id"], body["amount"]) == (order.id, "17.40")
    store.settle_dispute(order.id, dispute.id, end)
    ((topic, body),) = told()
    assert (topic, body["status"]) == ("disputes/update", end)
    assert body["finalized_on"]


def test_an_order_is_always_later_than_it_was(
    buy: Buy, store: Store, told: Told
) -> None:
    order = buy(house_blend=3)
    line = order.lines[0].id
    store.edit(order.id, EditRequest({line: 4}, settle_now=True))
    store.refund(order.id, RefundRequest({line: 1}))
    store.refund(order.id, RefundRequest(amount_minor=10))
    times = [
        datetime.fromisoformat(body["updated_at"])
        for topic, body in told()
        if topic == "orders/updated"
    ]
    assert len(times) == 4
    assert times == sorted(set(times))


def test_a_customers_life(store: Store, told: Told) -> None:
    mary = store.customers.register("Mary Keller", "mary@example.com")
    ((topic, body),) = told()
    assert (topic, body["id"]) == ("customers/create", mary.id)
    assert body["addresses"]
    with pytest.raises(RefusedError):
        store.customers.register("Other", "MARY@example.com")
    store.customers.request_data(mary.id)
    store.customers.redact(mary.id)
    store.customers.delete(mary.id)
    assert _topics(told) == [
        "customers/data_request",
        "customers/redact",
        "customers/delete",
    ]


def test_who_gets_mail_is_told_as_a_real_store_tells_it(
    store: Store, told: Told
) -> None:
    customers = store.customers
    mary = customers.register("Mary", "mary@example.com", has_newsletter=True)
    for wanted in (True, False, False, True):
        customers.set_newsletter(mary.id, has_newsletter=wanted)

    (created, _), *consents = told()
    assert "customers/create" == created
    [real] = PAYLOADS.glob("customers_email_marketing_consent_update__*.json")
    example = json.loads(real.read_text())
    for topic, body in consents:
        assert "customers_email_marketing_consent/update" == topic
        assert {*example} == {*body}
    told_of = [body["email_marketing_consent"] for _, body in consents]
    for each in told_of:
        assert example["email_marketing_consent"].keys() == each.keys()
    assert ["subscribed", "unsubscribed", "subscribed"] == [
        each["state"] for each in told_of
    ]


def test_tags_and_segments_are_told_as_a_real_store_tells_them(
    store: Store, told: Told
) -> None:
    with store.data.reading() as rows:
        ada = rows.customers()[0]
    store.labels.add_tags(ada.id, "VIP, likes tea, VIP")
    store.labels.remove_tags(ada.id, "vip")
    store.labels.join(ada.id, 31)
    store.labels.leave(ada.id, 31)

    messages = dict(told())
    for topic, body in messages.items():
        [real] = PAYLOADS.glob(f"{topic}__*.json")
        assert {*json.loads(real.read_text())} == {*body}
        assert str(ada.id) in repr(body)
    assert messages["customer.tags_added"]["tags"] == ["VIP", "likes tea"]
    assert messages["customer.tags_removed"]["tags"] == ["VIP"]
    assert messages["customer.left_segment"]["segment_id"].endswith("/31")
    for refused in (
        lambda: store.labels.add_tags(ada.id, "Likes Tea"),
        lambda: store.labels.remove_tags(ada.id, "VIP"),
        lambda: store.labels.add_tags(ada.id, " , "),
        lambda: store.labels.leave(ada.id, 31),
        lambda: store.labels.join(ada.id, 99),
        lambda: store.labels.join(1, 31),
    ):
        with pytest.raises(RefusedError):
            refused()


def test_merged_customers_share_their_orders(
    buy: Buy, store: Store, told: Told
) -> None:
    order = buy(house_blend=1)
    told()
    with store.data.reading() as rows:
        ada, grace, _ = rows.customers()
    with pytest.raises(RefusedError):
        store.customers.delete(ada.id)
    store.customers.merge(grace.id, ada.id)
    messages = dict(told())
    assert list(messages) == ["customers/merge", "customers/update"]
    merge = messages["customers/merge"]
    assert merge["admin_graphql_api_customer_kept_id"].endswith(f"/{grace.id}")
    assert merge["admin_graphql_api_customer_deleted_id"].endswith(f"/{ada.id}")
    store.refund_everything(order.id)
    assert dict(told())["orders/updated"]["customer"]["id"] == grace.id
    store.customers.redact(grace.id)
    assert told()[0][1]["orders_to_redact"] == [order.id]


def test_a_product_that_moves_is_told_by_its_collections_alone(
    shop: Flask, told: Told
) -> None:
    """Other tags are told by the product itself."""
    browser = shop.test_client()
    browser.post("/admin/products/evening-decaf/tags", data={"tags": "tea, sale,"})
    ceramics, gifts = list(COLLECTIONS)[1:]
    moved = {"collection": [ceramics, gifts]}
    browser.post("/admin/products/morning-mug/collections", data=moved)
    browser.post("/admin/products/morning-mug/collections", data={"collection": 17})

    (topic, product), *collections = told()
    assert (topic, product["tags"]) == ("products/update", "tea, sale")
    assert [(topic, body["id"]) for topic, body in collections] == [
        ("collections/update", gifts)
    ]

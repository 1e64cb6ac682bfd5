"""Whatever is done to an order, the sums in its messages balance."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox import cart, catalogue, order_record, order_steps, refunds
from app.sandbox.announcements import whole_order_body
from app.sandbox.order_steps import CARD, Buyer, EditRequest, Stamp
from app.sandbox.orders import Order, RefusedError
from app.sandbox.refunds import RefundRequest

walks = settings(max_examples=60, deadline=None)

AT = "2026-11-22T10:00:00+00:00"
Body = dict[str, Any]

carts = st.builds(
    cart.price,
    st.dictionaries(
        st.sampled_from([product.handle for product in catalogue.PRODUCTS]),
        st.integers(min_value=1, max_value=7),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([None, *catalogue.DISCOUNTS]),
)
counts = st.lists(st.integers(min_value=0, max_value=5), min_size=4, max_size=4)
wishes = st.fixed_dictionaries(
    {
        "units": counts,
        "shipping": st.booleans(),
        "restock": st.booleans(),
        "amount_minor": st.none() | st.integers(min_value=1, max_value=9000),
        "with_money": st.sampled_from([True, True, False]),
        "pending": st.booleans(),
    }
)
edits = st.fixed_dictionaries({"edit": counts, "settle_now": st.booleans()})
steps = st.lists(wishes | edits | st.just({"collect": True}), max_size=6)


def _place(chosen: cart.Cart, gateway: str = CARD) -> tuple[Order, refunds.Ids]:
    ids = itertools.count(1).__next__
    stamp = Stamp(1001, "abcdef", AT, "EUR")
    return order_steps.place(chosen, Buyer("a@b.c", "Ada B"), gateway, ids, stamp), ids


def _walk(order: Order, ids: refunds.Ids, step: dict[str, Any]) -> Order:
    if "collect" in step:
        return order_steps.collect(order, ids, AT)
    counted = step.get("edit") or step["units"]
    units = {x.id: n for x, n in zip(order.lines, counted, strict=False)}
    if "edit" in step:
        return order_steps.edit(order, EditRequest(units, step["settle_now"]), ids, AT)
    capped = {key: min(n, order.line(key).current_units) for key, n in units.items()}
    return refunds.refund(order, RefundRequest(**{**step, "units": capped}), ids, AT)


def _after(chosen: cart.Cart, walked: list[dict[str, Any]]) -> Order:
    order, ids = _place(chosen)
    for step in walked:
        try:
            order = _walk(order, ids, step)
        except RefusedError:
            continue
    return order


def _body(order: Order) -> Body:
    return whole_order_body(order, None, "sandbox.myshopify.com")


def _shop(amount: Body) -> Decimal:
    assert amount["shop_money"] == amount["presentment_money"]
    return Decimal(amount["shop_money"]["amount"])


@walks
@given(carts, steps)
def test_every_refund_gives_back_what_its_parts_say(
    chosen: cart.Cart, walked: list[dict[str, Any]]
) -> None:
    for refund in _body(_after(chosen, walked))["refunds"]:
        back = sum(Decimal(item["amount"]) for item in refund["transactions"])
        lines = sum(
            Decimal(str(line["subtotal"])) + Decimal(str(line["total_tax"]))
            for line in refund["refund_line_items"]
        )
        postage = sum(
            _shop(line["subtotal_amount_set"])
            for line in refund["refund_shipping_lines"]
        )
        kept = sum(
            Decimal(item["amount"]) + Decimal(item["tax_amount"])
            for item in refund["order_adjustments"]
            if item["kind"] == "refund_discrepancy"
        )
        in_adjustments = sum(
            Decimal(item["amount"])
            for item in refund["order_adjustments"]
            if item["kind"] == "shipping_refund"
        )
        assert back == lines + postage - kept
        assert in_adjustments == -postage


@walks
@given(carts, steps)
def test_the_sums_of_an_order_follow_from_its_lines(
    chosen: cart.Cart, walked: list[dict[str, Any]]
) -> None:
    body = _body(_after(chosen, walked))
    lines = body["line_items"]
    priced = sum(Decimal(x["price"]) * x["quantity"] for x in lines)
    off = sum(Decimal(a["amount"]) for x in lines for a in x["discount_allocations"])
    tax = sum(Decimal(t["price"]) for x in lines for t in x["tax_lines"])
    postage = _shop(body["total_shipping_price_set"])
    assert Decimal(body["total_line_items_price"]) == priced
    assert Decimal(body["total_discounts"]) == off
    assert sum(Decimal(code["amount"]) for code in body["discount_codes"]) == off
    assert Decimal(body["subtotal_price"]) == priced - off
    assert Decimal(body["total_tax"]) == tax
    assert sum(Decimal(item["price"]) for item in body["tax_lines"]) == tax
    assert Decimal(body["total_price"]) == priced - off + tax + postage
    gone = [line for r in body["refunds"] for line in r["refund_line_items"]]
    assert _shop(body["current_subtotal_price_set"]) == priced - off - sum(
        Decimal(str(line["subtotal"])) for line in gone
    )
    assert _shop(body["current_total_tax_set"]) == tax - sum(
        Decimal(str(line["total_tax"])) for line in gone
    )
    for line in lines:
        left = sum(x["quantity"] for x in gone if x["line_item_id"] == line["id"])
        assert line["current_quantity"] == line["quantity"] - left >= 0
        assert 0 <= line["fulfillable_quantity"] <= line["current_quantity"]


@walks
@given(carts, steps)
def test_no_more_money_goes_back_than_was_paid(
    chosen: cart.Cart, walked: list[dict[str, Any]]
) -> None:
    order = _after(chosen, walked)
    assert order.refundable_minor >= 0
    assert min(order.current_goods_minor, order.current_tax_minor) >= 0
    assert order.current_shipping_minor >= 0


@walks
@given(carts)
def test_units_given_back_one_by_one_sum_to_the_order(chosen: cart.Cart) -> None:
    order, ids = _place(chosen)
    for line in order.lines:
        for _ in range(line.quantity):
            order = refunds.refund(order, RefundRequest({line.id: 1}), ids, AT)
    if order.current_shipping_minor:
        order = refunds.refund(order, RefundRequest(shipping=True), ids, AT)
    assert not any(refund.adjustments for refund in order.refunds[: chosen.units])
    assert order.current_total_minor == order.refundable_minor == 0
    assert order.financial_status == "refunded"


@walks
@given(carts, steps)
def test_an_order_is_written_down_and_read_again(
    chosen: cart.Cart, walked: list[dict[str, Any]]
) -> None:
    order = _after(chosen, walked)
    assert order_record.from_json(order_record.as_json(order)) == order


@given(carts, st.integers(min_value=1, max_value=400))
def test_money_alone_is_a_negative_discrepancy(chosen: cart.Cart, amount: int) -> None:
    order, ids = _place(chosen)
    order = refunds.refund(order, RefundRequest(amount_minor=amount), ids, AT)
    (adjustment,) = order.refunds[0].adjustments
    assert (adjustment.kind, adjustment.amount_minor) == ("refund_discrepancy", -amount)
    assert order.outstanding_minor == 0
    assert order.current_goods_minor == order.goods_minor


def test_what_the_owner_keeps_is_a_positive_discrepancy() -> None:
    order, ids = _place(cart.price({"low-bowl": 2}, None))
    wish = RefundRequest({order.lines[0].id: 1}, amount_minor=3000)
    order = refunds.refund(order, wish, ids, AT)
    (adjustment,) = order.refunds[0].adjustments
    assert adjustment.amount_minor == 3740 - 3000
    assert order.outstanding_minor == 0


def test_units_restocked_without_money_are_owed_and_paid_later() -> None:
    order, ids = _place(cart.price({"house-blend": 2}, None))
    wish = RefundRequest({order.lines[0].id: 1}, restock=True, with_money=False)
    order = refunds.refund(order, wish, ids, AT)
    assert order.outstanding_minor == -1250
    assert order.financial_status == "paid"
    order = refunds.refund(order, RefundRequest(amount_minor=1250), ids, AT)
    assert order.outstanding_minor == 0
    assert order.financial_status == "partially_refunded"


def test_a_pending_refund_counts_when_its_money_arrives() -> None:
    order, ids = _place(cart.price({"house-blend": 2}, None))
    wish = RefundRequest({order.lines[0].id: 1}, pending=True)
    order = refunds.refund(order, wish, ids, AT)
    assert (order.financial_status, order.moved("refund")) == ("paid", 0)
    order = refunds.settle(order, order.refunds[0].id, AT)
    assert order.financial_status == "partially_refunded"
    assert order.moved("refund") == 1250

"""Whatever is done to an order, the sums in its messages balance."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.sandbox import cart, catalogue, money, order_record, order_steps, refunds
from app.sandbox.announcements import whole_order_body
from app.sandbox.automatic import AutomaticDiscount
from app.sandbox.discounts import FIXED_AMOUNT, PERCENTAGE, SHIPPING, Discount
from app.sandbox.order_steps import CARD, Buyer, EditRequest, Stamp
from app.sandbox.orders import (
    GIFT_CARD,
    STORE_CREDIT,
    Order,
    RefusedError,
    Tender,
)
from app.sandbox.refunds import RefundRequest

walks = settings(max_examples=60, deadline=None)

AT = "2026-11-22T10:00:00+00:00"
Body = dict[str, Any]

SOME_PRODUCTS = st.lists(
    st.sampled_from([product.product_id for product in catalogue.PRODUCTS]),
    max_size=2,
    unique=True,
).map(tuple)


def _codes(kind: str, values: st.SearchStrategy[int]) -> st.SearchStrategy[Discount]:
    given = (st.just("SAVE"), st.just(kind), values, st.just("A reward"))
    return st.builds(Discount, *given, product_ids=SOME_PRODUCTS)


discounts = st.one_of(
    st.sampled_from([None, *catalogue.DISCOUNTS]),
    _codes(PERCENTAGE, st.integers(min_value=1, max_value=100)),
    _codes(FIXED_AMOUNT, st.integers(min_value=1, max_value=20_000)),
    st.just(Discount("SAVE", SHIPPING, 0, "A reward")),
)
baskets = st.dictionaries(
    st.sampled_from([product.handle for product in catalogue.PRODUCTS]),
    st.integers(min_value=1, max_value=7),
    min_size=1,
    max_size=4,
)
percents = st.builds(
    AutomaticDiscount,
    st.just(1),
    st.just("A tier's share"),
    st.just(PERCENTAGE),
    st.integers(min_value=1, max_value=100),
    st.just(AT),
    st.just(AT),
)
postage = st.just(AutomaticDiscount(2, "A tier's postage", SHIPPING, 0, AT, AT))
with_code = st.builds(cart.price, baskets, discounts)
beside = st.one_of(
    st.tuples(), st.tuples(percents), st.tuples(postage), st.tuples(percents, postage)
)
# An order has one discount on its postage, whatever these say of themselves.
carts = st.builds(cart.price, baskets, discounts, beside).filter(
    lambda chosen: [each.kind for each in chosen.discounts].count(SHIPPING) < 2
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


def _place(
    chosen: cart.Cart, gateway: str = CARD, tenders: Sequence[Tender] = ()
) -> tuple[Order, refunds.Ids]:
    ids = itertools.count(1).__next__
    stamp, buyer = Stamp(1001, "abcdef", AT, "EUR"), Buyer("a@b.c", "Ada B")
    return order_steps.place(chosen, buyer, gateway, ids, stamp, tenders), ids


def _walk(order: Order, ids: refunds.Ids, step: dict[str, Any]) -> Order:
    if "collect" in step:
        return order_steps.collect(order, ids, AT)
    counted = step.get("edit") or step["units"]
    units = {x.id: n for x, n in zip(order.lines, counted, strict=False)}
    if "edit" in step:
        return order_steps.edit(order, EditRequest(units, step["settle_now"]), ids, AT)
    capped = {key: min(n, order.line(key).current_units) for key, n in units.items()}
    return refunds.refund(order, RefundRequest(**{**step, "units": capped}), ids, AT)


def _after(
    chosen: cart.Cart, walked: list[dict[str, Any]], tenders: Sequence[Tender] = ()
) -> Order:
    order, ids = _place(chosen, tenders=tenders)
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
    postage = sum(Decimal(x["discounted_price"]) for x in body["shipping_lines"])
    postage_off = sum(
        Decimal(a["amount"])
        for x in body["shipping_lines"]
        for a in x["discount_allocations"]
    )
    assert _shop(body["total_shipping_price_set"]) == postage
    assert postage + postage_off == sum(
        Decimal(x["price"]) for x in body["shipping_lines"]
    )
    assert Decimal(body["total_line_items_price"]) == priced
    assert Decimal(body["total_discounts"]) == off + postage_off
    _assert_each_discount_has_its_share(body)
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


def _assert_each_discount_has_its_share(body: Body) -> None:
    """Every discount that is told took something off, and a code just what it says."""
    taken = [Decimal(0) for _ in body["discount_applications"]]
    for part in (*body["line_items"], *body["shipping_lines"]):
        for each in part["discount_allocations"]:
            taken[each["discount_application_index"]] += Decimal(each["amount"])
    assert all(taken)
    told = zip(body["discount_applications"], taken, strict=True)
    coded = [(e["code"], minor) for e, minor in told if e["type"] == "discount_code"]
    codes = body["discount_codes"]
    assert coded == [(code["code"], Decimal(code["amount"])) for code in codes]


@given(with_code, percents)
def test_a_share_of_an_order_is_of_what_discounts_on_products_leave(
    alone: cart.Cart, share: AutomaticDiscount
) -> None:
    units = {line.product.handle: line.quantity for line in alone.lines}
    both = cart.price(units, alone.discount, (share,))
    goods = [line for line in alone.lines if not line.product.gift_card]
    is_on_products = bool(alone.discount and alone.discount.product_ids)
    worth = sum(x.net_minor if is_on_products else x.price_minor for x in goods)
    left = sum(line.net_minor for line in goods)
    wanted = money.percent_of(worth, share.value) + alone.discount_minor
    most = left + alone.discount_minor

    assert both.discount_minor == min(wanted, most)
    assert all(0 <= line.discount_minor <= line.price_minor for line in both.lines)


@given(with_code)
def test_a_code_takes_off_just_what_it_says(chosen: cart.Cart) -> None:
    discount = chosen.discount
    assume(discount is not None)
    assert discount
    counted = cart.counting(chosen.lines, discount)
    worth = sum(line.price_minor for line in counted)
    expected = {
        PERCENTAGE: money.percent_of(worth, discount.value),
        FIXED_AMOUNT: min(discount.value, worth),
        SHIPPING: 0,
    }
    assert chosen.discount_minor == expected[discount.kind]
    assert all(0 <= line.discount_minor <= line.price_minor for line in chosen.lines)
    assert {line.product for line in chosen.lines if line.discount_minor} <= {
        line.product for line in counted if not line.product.gift_card
    }
    is_free = discount.kind == SHIPPING
    assert chosen.shipping_minor == (0 if is_free else chosen.full_shipping_minor)
    assert chosen.total_minor + chosen.saved_minor == (
        sum(line.price_minor for line in chosen.lines)
        + chosen.tax_minor
        + chosen.full_shipping_minor
    )


@walks
@given(carts, steps)
def test_all_refunds_together_give_back_just_what_was_paid(
    chosen: cart.Cart, walked: list[dict[str, Any]]
) -> None:
    order, ids = _after(chosen, walked), itertools.count(10_000).__next__
    paid = order.moved("sale")
    try:
        order = refunds.refund(order, refunds.everything(order), ids, AT)
    except RefusedError:
        assert order.refundable_minor == 0
    assert order.moved("refund") + order.moved("refund", "pending") == paid
    back = sum(
        Decimal(each["amount"])
        for refund in _body(order)["refunds"]
        for each in refund["transactions"]
    )
    assert back == Decimal(money.text(paid))


@walks
@given(carts, steps, st.tuples(*[st.integers(min_value=0, max_value=100)] * 2))
def test_no_payment_gets_back_more_than_it_paid(
    chosen: cart.Cart, walked: list[dict[str, Any]], percents: tuple[int, int]
) -> None:
    by_card = chosen.total_minor * percents[0] // 100
    by_credit = (chosen.total_minor - by_card) * percents[1] // 100
    tenders = [Tender(GIFT_CARD, by_card, 1), Tender(STORE_CREDIT, by_credit, 2)]
    order = _after(chosen, walked, [each for each in tenders if each.amount_minor])
    sales = [t for t in order.transactions if t.kind == "sale"]
    for sale in sales:
        back = [t.amount_minor for t in order.transactions if t.parent_id == sale.id]
        assert sum(back) <= sale.amount_minor
        assert sale.amount_minor > 0
    for refund in order.refunds:
        parts = order.transactions_of(refund)
        assert len({part.parent_id for part in parts}) == len(parts)
    assert order.refundable_minor == sum(order.left_of(sale) for sale in sales)


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
    assert order.moved("refund") == order.moved("sale") == order.total_minor
    assert order.financial_status == ("refunded" if order.total_minor else "paid")


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
    assume(amount <= order.refundable_minor)
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

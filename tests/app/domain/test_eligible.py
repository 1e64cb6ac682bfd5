"""What counts of an order: each line's own money, in the store's currency."""

from dataclasses import replace

import pytest

from app.domain.eligible import count
from app.domain.program import Counting
from tests.app.domain.heard import (
    PAID,
    UPDATED,
    counted,
    heard,
    left_minor,
    points_left,
)
from tests.builders.shopify import a_line, a_refund, an_order, later

WITH_TAX = Counting(includes_tax=True)
WITH_SHIPPING = Counting(includes_shipping=True)


def _base(*lines, counting=None, **more):
    return counted((PAID, an_order(*lines, **more)), counting=counting).base_minor


def test_the_lines_after_their_discounts_count():
    assert 16490 == _base(
        a_line("100.00", discount="14.10"), a_line("99.00", id=12, discount="20.00")
    )


def test_a_discount_of_the_whole_order_is_taken_from_its_lines():
    line = a_line("199.00", total_discount="0.00") | {
        "discount_allocations": [{"amount": "14.10"}, {"amount": "5.00"}]
    }

    assert 17990 == _base(line, total_price="179.90")


def test_a_line_of_old_bodies_tells_only_its_total_discount():
    line = a_line("50.00", discount_allocations=None, total_discount="5.00")

    assert (
        4500 == counted((PAID, an_order(a_line()) | {"line_items": [line]})).base_minor
    )


def test_a_discount_larger_than_a_line_takes_nothing_from_other_lines():
    assert 1000 == _base(a_line("5.00", discount="9.00"), a_line("10.00", id=12))


@pytest.mark.parametrize(
    ("taxes_included", "counting", "base_minor"),
    [
        (False, Counting(), 12000),
        (False, WITH_TAX, 14000),
        (True, Counting(), 10000),
        (True, WITH_TAX, 12000),
    ],
)
def test_tax_counts_where_the_program_says_so(taxes_included, counting, base_minor):
    line = a_line("120.00", tax="20.00")

    assert base_minor == _base(line, taxes_included=taxes_included, counting=counting)


def test_all_taxes_of_a_line_are_taken_out():
    line = a_line("120.00") | {"tax_lines": [{"price": "15.00"}, {"price": "5.00"}]}

    assert 10000 == _base(line, taxes_included=True)


@pytest.mark.parametrize(
    ("taxes_included", "counting", "base_minor"),
    [
        (False, Counting(), 10000),
        (False, WITH_SHIPPING, 10500),
        (False, Counting(includes_shipping=True, includes_tax=True), 10600),
        (True, WITH_SHIPPING, 10400),
        (True, Counting(includes_shipping=True, includes_tax=True), 10500),
    ],
)
def test_shipping_counts_where_the_program_says_so(
    taxes_included, counting, base_minor
):
    shipping = {"price": "5.00", "tax_lines": [{"price": "1.00"}]}

    assert base_minor == _base(
        taxes_included=taxes_included, shipping_lines=[shipping], counting=counting
    )


def test_free_shipping_counts_at_what_was_paid_for_it():
    shipping = {"price": "5.00", "discounted_price": "0.00"}

    assert 10000 == _base(shipping_lines=[shipping], counting=WITH_SHIPPING)


def test_buying_a_gift_card_does_not_count_unless_wanted():
    lines = a_line("50.00"), a_line("25.00", id=12, gift_card=True)

    assert 5000 == _base(*lines)
    assert 7500 == _base(*lines, counting=Counting(includes_gift_cards=True))


def test_a_tip_does_not_count():
    tip = a_line("10.00", id=12, product_id=None, title="Tip")

    assert 5000 == _base(a_line("50.00"), tip, total_tip_received="10.00")


def test_a_tip_in_another_language_is_known_by_its_amount():
    tip = a_line("10.00", id=12, product_id=None, title="Trinkgeld")

    assert 5000 == _base(a_line("50.00"), tip, total_tip_received="10.00")


def test_a_custom_line_without_product_is_no_tip():
    custom = a_line("10.00", id=12, product_id=None, title="Tip")

    assert 6000 == _base(a_line("50.00"), custom, total_tip_received="0.00")


def test_an_excluded_product_does_not_count():
    lines = a_line("50.00", product_id=21), a_line("25.00", id=12, product_id=22)

    assert 2500 == _base(
        *lines, counting=Counting(excluded_product_ids=frozenset({"21"}))
    )


def test_shop_money_counts_and_not_what_the_shopper_saw():
    def both(shop, presented):
        return {
            "shop_money": {"amount": shop, "currency_code": "AUD"},
            "presentment_money": {"amount": presented, "currency_code": "USD"},
        }

    order = an_order(
        a_line("45.85", price_set=both("60.33", "45.85")),
        currency="AUD",
        presentment_currency="USD",
        total_price_set=both("60.33", "45.85"),
    )

    assert 6033 == counted((PAID, order)).base_minor


def test_a_currency_without_minor_units_is_counted_whole():
    assert 1200 == _base(a_line("1200"), currency="JPY")
    assert 1200 == points_left((PAID, an_order(a_line("1200"), currency="JPY")))


@pytest.mark.parametrize("status", ["pending", "authorized", "partially_paid"])
def test_an_order_that_is_not_paid_earns_nothing(status):
    assert 0 == points_left(("orders/create", an_order(financial_status=status)))


def test_a_test_order_earns_nothing():
    assert 0 == points_left((PAID, an_order(test=True)))


def test_an_edit_that_takes_units_away_lowers_what_counts():
    edited = an_order(a_line("10.00", 3, current_quantity=1))

    assert 1000 == _base(*edited["line_items"])


def test_an_edit_that_takes_a_whole_line_away_lowers_what_counts():
    lines = a_line("10.00"), a_line("5.00", id=12, current_quantity=0)

    assert 1000 == _base(*lines)


def test_a_line_added_by_an_edit_counts_once_it_is_paid():
    added = a_line("40.00", id=12)
    unpaid = later(
        an_order(a_line("100.00"), added),
        financial_status="partially_paid",
        total_outstanding="40.00",
    )
    paid = later(an_order(a_line("100.00"), added), minute=20)

    assert 100 == points_left((PAID, an_order()), (UPDATED, unpaid))
    assert 140 == points_left((PAID, an_order()), (UPDATED, unpaid), (UPDATED, paid))


def test_what_an_unpaid_edit_adds_never_lowers_what_was_paid_for():
    before = an_order(a_line("100.00", tax="20.00"), total_price="120.00")
    edited = later(
        an_order(
            a_line("100.00", tax="20.00"),
            a_line("50.00", id=12, tax="10.00"),
            total_price="180.00",
        ),
        financial_status="partially_paid",
        total_outstanding="60.00",
    )

    assert 100 == points_left((PAID, before), (UPDATED, edited))


def test_an_unpaid_gift_card_added_by_an_edit_changes_nothing():
    card = a_line("60.00", id=12, gift_card=True)
    edited = later(
        an_order(a_line("100.00"), card),
        financial_status="partially_paid",
        total_outstanding="60.00",
    )

    assert 100 == points_left((PAID, an_order()), (UPDATED, edited))


def test_units_taken_back_without_money_before_payment_were_never_bought():
    order = an_order(a_line("10.00", 3, current_quantity=2))
    removed = a_refund(None, (11, 1, "10.00"), processed_at="2026-11-01T10:00:02Z")
    unpaid = order | {"financial_status": "pending", "refunds": [removed]}
    paid = later(order)

    assert 2000 == left_minor(("orders/updated", unpaid), (PAID, paid))


def test_a_restock_after_payment_changes_nothing_though_payment_was_seen_late():
    restock = a_refund(None, (11, 1, "10.00"))
    order = later(
        an_order(a_line("10.00", 3, current_quantity=2), refunds=[restock]), minute=30
    )

    assert 3000 == left_minor((UPDATED, order))


def test_a_return_is_not_also_taken_for_an_edit():
    refund = a_refund("10.00", (11, 1, "10.00"))
    order = an_order(
        a_line("10.00", 3, current_quantity=2),
        financial_status="partially_refunded",
        refunds=[refund],
    )

    found = counted((PAID, an_order(a_line("10.00", 3))), (UPDATED, later(order)))

    assert 3000 == found.base_minor
    assert 2000 == found.returns[-1].remaining_minor


def test_quantities_below_nothing_count_for_nothing():
    assert 0 == _base(a_line("10.00", -3))
    assert 0 == _base(a_line("10.00", 3, current_quantity=-5))


@pytest.mark.parametrize(
    ("line", "counting", "reason"),
    [
        ({"tags": ("Sale", "New")}, {"excluded_tags": {"sale"}}, "its tag sale"),
        ({"collection_ids": ("8", "9")}, {"excluded_collection_ids": {"9"}}, "its col"),
        ({"is_tip": True}, {"includes_gift_cards": True}, "tips"),
        ({"is_gift_card": True}, {}, "gift cards"),
    ],
)
def test_a_line_is_told_why_it_does_not_count(line, counting, reason):
    facts = heard((PAID, an_order()))
    changed = replace(facts.snapshot.lines[0], **line)
    facts = replace(facts, snapshot=replace(facts.snapshot, lines=(changed,)))
    rules = Counting(**counting)

    [told] = count(facts, rules).lines

    assert told.excluded_because.startswith(reason)
    assert 10000 == told.net_minor
    assert 0 == count(facts, rules).base_minor


def test_a_tag_or_collection_that_is_not_excluded_counts():
    facts = heard((PAID, an_order()))
    line = replace(facts.snapshot.lines[0], tags=("new",), collection_ids=("8",))
    facts = replace(facts, snapshot=replace(facts.snapshot, lines=(line,)))
    rules = Counting(
        excluded_tags=frozenset({"sale"}), excluded_collection_ids=frozenset({"9"})
    )

    assert 10000 == count(facts, rules).base_minor

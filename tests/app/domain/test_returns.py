"""How much of what counted went back: refunds, cancellations, chargebacks."""

import pytest

from app.domain.program import Counting, Program
from tests.app.domain.heard import (
    PAID,
    REFUND,
    UPDATED,
    credit_of,
    heard,
    left_minor,
    points_left,
)
from tests.builders.shopify import a_line, a_refund, an_order, later

ORDER = (PAID, an_order(a_line("60.00"), a_line("40.00", id=12)))
DISCREPANCY = "refund_discrepancy"


def _left(*refunds, order=ORDER, counting=None):
    told = [(REFUND, refund) for refund in refunds]
    return left_minor(order, *told, counting=counting)


def _dispute(status, amount="100.00", **more):
    return "disputes/update", {
        "id": 1,
        "order_id": 5001,
        "type": "chargeback",
        "amount": amount,
        "currency": "EUR",
        "status": status,
        "initiated_at": "2026-11-10T10:00:00Z",
    } | more


def test_a_line_that_goes_back_takes_its_own_money():
    assert 6000 == _left(a_refund("40.00", (12, 1, "40.00")))


def test_a_restock_without_money_takes_nothing():
    assert 10000 == _left(a_refund(None, (11, 1, "60.00")))
    assert 10000 == _left(a_refund("0.00", (11, 1, "60.00")))


def test_money_without_lines_takes_what_was_paid_back():
    told = a_refund("41.94", adjustments=((DISCREPANCY, "-41.94"),))

    assert 5806 == _left(told)


def test_money_without_lines_or_adjustment_takes_what_was_paid_back():
    assert 5806 == _left(a_refund("41.94"))


def test_a_line_at_no_worth_with_real_money_takes_the_money():
    assert 5806 == _left(a_refund("41.94", (11, 1, "0.00")))


def test_what_the_store_kept_of_a_line_stays():
    told = a_refund("35.00", (11, 1, "60.00"), adjustments=((DISCREPANCY, "25.00"),))

    assert 6500 == _left(told)


def test_more_than_the_line_was_worth_takes_more():
    told = a_refund("70.00", (11, 1, "60.00"), adjustments=((DISCREPANCY, "-10.00"),))

    assert 3000 == _left(told)


def test_more_than_the_order_was_worth_takes_no_more_than_the_order():
    told = a_refund("500.00", adjustments=((DISCREPANCY, "-500.00"),))

    assert 0 == _left(told)
    assert 0 == _left(told, a_refund("500.00", id=9002))


@pytest.mark.parametrize("counting", [Counting(), Counting(includes_shipping=True)])
def test_shipping_alone_takes_only_shipping(counting):
    shipping = [{"price": "5.00"}]
    order = PAID, an_order(shipping_lines=shipping, total_price="105.00")
    told = a_refund("5.00", adjustments=(("shipping_refund", "-5.00"),))

    assert 10000 == _left(told, order=order, counting=counting)


def test_shipping_beside_a_line_is_not_taken_for_goods():
    order = PAID, an_order(shipping_lines=[{"price": "5.00"}], total_price="105.00")
    told = a_refund(
        "45.00",
        (11, 1, "100.00"),
        adjustments=(("shipping_refund", "-5.00"), (DISCREPANCY, "60.00")),
    )

    assert 6000 == _left(told, order=order)


def test_duties_are_not_taken_for_goods():
    duties = {"shop_money": {"amount": "7.00", "currency_code": "EUR"}}
    whole = a_refund("47.00", (12, 1, "40.00"), total_duties_set=duties)
    kept = ((DISCREPANCY, "17.00"),)
    part = a_refund(
        "30.00", (12, 1, "40.00"), adjustments=kept, total_duties_set=duties
    )

    assert 6000 == _left(whole)
    assert 7700 == _left(part)


@pytest.mark.parametrize("status", ["pending", "failure", "error"])
def test_money_that_has_not_moved_takes_nothing(status):
    assert 10000 == _left(a_refund("40.00", (12, 1, "40.00"), status=status))


def test_money_that_moves_later_takes_its_part_then():
    pending = a_refund("40.00", (12, 1, "40.00"), status="pending")
    moved = a_refund("40.00")["transactions"][0]

    assert 6000 == left_minor(
        ORDER, (REFUND, pending), ("order_transactions/create", moved)
    )


def test_of_two_payments_only_the_one_that_moved_takes():
    told = a_refund("60.00", (11, 1, "60.00"))
    [whole] = told["transactions"]
    parts = [
        whole | {"id": 1, "amount": "20.00"},
        whole | {"id": 2, "amount": "40.00", "status": "pending"},
    ]

    assert 8000 == _left(told | {"transactions": parts})


def test_only_refunds_are_money_back():
    told = a_refund("40.00", (12, 1, "40.00"))
    told["transactions"][0]["kind"] = "void"

    assert 10000 == _left(told)


@pytest.mark.parametrize("gateway", ["shopify_store_credit", "gift_card"])
def test_a_refund_as_credit_is_a_refund_all_the_same(gateway):
    told = a_refund("40.00", (12, 1, "40.00"))
    told["transactions"][0]["gateway"] = gateway

    assert 6000 == _left(told)


def test_a_line_that_did_not_count_takes_nothing_when_it_goes_back():
    order = PAID, an_order(a_line("60.00"), a_line("40.00", id=12, gift_card=True))

    assert 6000 == _left(a_refund("40.00", (12, 1, "40.00")), order=order)


def test_money_that_no_line_explains_takes_its_share_of_what_counted():
    order = PAID, an_order(a_line("60.00"), a_line("40.00", id=12, gift_card=True))

    assert 3000 == _left(a_refund("50.00"), order=order)


@pytest.mark.parametrize("adjusted", [(), ((DISCREPANCY, "-60.00"),)])
def test_half_of_the_money_is_half_of_what_counted_where_prices_include_tax(adjusted):
    line = a_line("120.00", tax="20.00")
    order = PAID, an_order(line, taxes_included=True)

    assert 5000 == _left(a_refund("60.00", adjustments=adjusted), order=order)


@pytest.mark.parametrize(
    ("taxes_included", "includes_tax", "paid_back", "left"),
    [
        (False, False, "120.00", 10000),
        (False, True, "120.00", 12000),
        (True, False, "100.00", 8000),
        (True, True, "100.00", 10000),
    ],
)
def test_tax_goes_back_with_its_line(taxes_included, includes_tax, paid_back, left):
    line = a_line("100.00", 2, tax="40.00")
    order = PAID, an_order(line, taxes_included=taxes_included)
    told = a_refund(paid_back, (11, 1, "100.00"), tax="20.00")

    counting = Counting(includes_tax=includes_tax)
    assert left == _left(told, order=order, counting=counting)


def test_a_refund_in_the_shoppers_currency_is_read_at_the_orders_own_rate():
    assert 5000 == _left(
        _in_currency(a_refund("66.00"), "USD"),
        order=(PAID, _presented(an_order(), "USD", "132.00")),
    )


def test_a_refund_of_a_line_in_the_shoppers_coarser_currency_is_exact():
    lines = a_line("1000000"), a_line("1000000", id=12, gift_card=True)
    order = _presented(an_order(*lines, currency="VND"), "USD", "79.97")
    told = _in_currency(a_refund("39.99", (11, 1, "1000000")), "USD")
    subtotal = {"amount": "1000000", "currency_code": "VND"}
    told["refund_line_items"][0]["subtotal_set"] = {"shop_money": subtotal}

    assert 0 == _left(told, order=(PAID, order))


def test_an_adjustment_is_read_in_the_stores_currency():
    lines = a_line("60.00"), a_line("40.00", id=12, gift_card=True)
    order = _presented(an_order(*lines), "JPY", "16000")
    told = _in_currency(a_refund("3198"), "JPY")
    told["order_adjustments"] = [
        {
            "kind": DISCREPANCY,
            "amount": "-19.99",
            "amount_set": {
                "shop_money": {"amount": "-19.99", "currency_code": "EUR"},
            },
        }
    ]

    [refund] = heard((PAID, order), (REFUND, told)).refunds_in_time()
    assert -1999 == refund.discrepancy_minor


def _presented(order, currency, total):
    money = {"amount": total, "currency_code": currency}
    shop = {"amount": order["total_price"], "currency_code": order["currency"]}
    total_set = {"shop_money": shop, "presentment_money": money}
    return order | {"presentment_currency": currency, "total_price_set": total_set}


def _in_currency(refund, currency):
    refund["transactions"][0]["currency"] = currency
    return refund


def test_cancelling_with_a_refund_is_three_messages_and_one_effect():
    refund = a_refund("100.00", (11, 1, "60.00"), (12, 1, "40.00"))
    over = later(
        ORDER[1],
        cancelled_at="2026-11-05T10:00:00Z",
        financial_status="refunded",
        refunds=[refund],
    )
    told = ORDER, ("orders/cancelled", over), (REFUND, refund), (UPDATED, over)

    credit = credit_of(*told)

    assert 100 == credit.points == sum(back.points for back in credit.reversals)
    assert 1 == len([back for back in credit.reversals if back.points])


def test_cancelling_with_part_of_the_money_takes_that_part():
    refund = a_refund("40.00", (12, 1, "40.00"))
    over = later(ORDER[1], cancelled_at="2026-11-05T10:00:00Z", refunds=[refund])

    assert 60 == points_left(ORDER, ("orders/cancelled", over))


def test_cancelling_with_money_that_moves_later_takes_the_same_part():
    refund = a_refund("40.00", (12, 1, "40.00"), status="pending")
    over = later(ORDER[1], cancelled_at="2026-11-05T10:00:00Z", refunds=[refund])
    moved = a_refund("40.00")["transactions"][0]

    assert 60 == points_left(
        ORDER, ("orders/cancelled", over), ("order_transactions/create", moved)
    )


def test_an_order_cancelled_before_payment_earns_nothing():
    over = an_order(cancelled_at="2026-11-01T11:00:00Z", financial_status="voided")

    assert credit_of(("orders/cancelled", over)) is None


def test_an_order_cancelled_after_payment_keeps_no_points():
    over = later(ORDER[1], cancelled_at="2026-11-05T10:00:00Z")

    assert 0 == points_left(ORDER, ("orders/cancelled", over))


@pytest.mark.parametrize("status", ["voided", "refunded"])
def test_an_order_that_ended_without_telling_how_keeps_no_points(status):
    over = later(ORDER[1], financial_status=status)

    assert 0 == points_left(ORDER, (UPDATED, over))


def test_a_deleted_order_keeps_no_points():
    assert 0 == points_left(ORDER, ("orders/delete", {"id": 5001}))


@pytest.mark.parametrize("status", ["needs_response", "under_review", "won"])
def test_a_dispute_that_is_not_lost_takes_nothing(status):
    assert 100 == points_left(ORDER, _dispute(status))


@pytest.mark.parametrize("amount", ["100.00", "120.00"])
def test_a_lost_chargeback_takes_everything(amount):
    assert 0 == points_left(ORDER, _dispute("lost", amount))


def test_a_chargeback_of_a_part_takes_its_share():
    assert 75 == points_left(ORDER, _dispute("lost", "25.00"))


def test_a_chargeback_settled_by_a_refund_is_not_taken_twice():
    refund = a_refund("40.00", (12, 1, "40.00"))

    assert 60 == points_left(
        ORDER, (REFUND, refund), _dispute("charge_refunded", "40.00")
    )


def test_a_refund_and_a_chargeback_never_take_more_than_was_earned():
    credit = credit_of(
        ORDER,
        (REFUND, a_refund("60.00", (11, 1, "60.00"))),
        _dispute("lost"),
        program=Program(),
    )

    assert 100 == sum(back.points for back in credit.reversals)

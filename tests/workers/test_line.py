"""From signed messages to a standing: every way an order's messages can come."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.earning import PurchasePoints
from app.domain.program import CreditWhen, Program, ReturnPolicy
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_refund, an_order, later


def test_a_paid_order_earns_a_point_for_each_whole_euro(line: TestLine):
    line.settle(("orders/paid", an_order(a_line("99.99"))))

    assert line.standing(7001).available == 99


def test_an_order_that_is_not_paid_earns_nothing_until_it_is(line: TestLine):
    line.settle(("orders/create", an_order(financial_status="pending")))
    before = line.standing(7001)
    line.settle(("orders/paid", later(an_order())))

    assert (before.available, line.standing(7001).available) == (0, 100)


def test_refunding_one_of_three_units_takes_its_own_points(line: TestLine):
    line.settle(("orders/paid", an_order(a_line("33.50", 3))))
    line.settle(("refunds/create", a_refund("33.50", (11, 1, "33.50"))))

    assert line.standing(7001).available == 67


def test_repeats_change_nothing(line: TestLine):
    refund = ("refunds/create", a_refund("33.50", (11, 1, "33.50")))
    paid = ("orders/paid", an_order(a_line("33.50", 3)))
    line.settle(paid, refund)
    before = len(line.transactions(7001))

    line.settle(refund, paid, paid, refund)

    assert line.standing(7001).available == 67
    assert before == len(line.transactions(7001))


def test_a_refund_that_comes_before_its_order_waits(line: TestLine):
    line.settle(("refunds/create", a_refund("40.00", (11, 2, "40.00"))))
    line.settle(("orders/paid", an_order(a_line("20.00", 5))))

    assert line.standing(7001).available == 60


def test_cancelling_with_a_refund_is_three_messages_and_one_effect(line: TestLine):
    refund = a_refund("100.00", (11, 1, "100.00"))
    cancelled = later(
        an_order(),
        financial_status="refunded",
        cancelled_at="2026-11-05T10:00:00Z",
        refunds=[refund],
    )
    line.settle(("orders/paid", an_order()))
    for message in (
        ("orders/cancelled", cancelled),
        ("refunds/create", refund),
        ("orders/updated", cancelled),
    ):
        line.settle(message)

    kinds = [(row.kind, row.points) for row in line.transactions(7001)]
    assert kinds == [("earn", 100), ("reverse", 100)]
    assert line.standing(7001).available == 0


def test_a_pending_refund_takes_points_when_the_money_goes(line: TestLine):
    refund = a_refund("100.00", (11, 1, "100.00"), status="pending")
    line.settle(("orders/paid", an_order()), ("refunds/create", refund))
    before = line.standing(7001).available
    line.settle(
        ("order_transactions/create", refund["transactions"][0] | {"status": "success"})
    )

    assert (before, line.standing(7001).available) == (100, 0)


def test_a_lost_chargeback_takes_points_and_a_won_one_leaves_them(line: TestLine):
    dispute = {
        "id": 3001,
        "order_id": 5001,
        "type": "chargeback",
        "amount": "100.00",
        "currency": "EUR",
        "status": "under_review",
        "initiated_at": "2026-11-06T10:00:00Z",
    }
    line.settle(("orders/paid", an_order()), ("disputes/create", dispute))
    under_review = line.standing(7001).available
    line.settle(("disputes/update", dispute | {"status": "lost"}))

    assert (under_review, line.standing(7001).available) == (100, 0)


def test_a_refund_reverses_at_the_rate_at_which_it_was_earned(line: TestLine):
    line.settle(("orders/paid", an_order()))
    line.set_program(Program(earning=(PurchasePoints(rate=Decimal(2)),)))
    line.settle(("refunds/create", a_refund("50.00", adjustments=())))

    assert line.standing(7001).available == 50


def test_a_held_credit_is_pending_and_released_in_its_time(line: TestLine):
    line.set_program(Program(credit_after_days=14))
    order = an_order(updated_at=line.days_ago(10), processed_at=line.days_ago(10))
    line.settle(("orders/paid", order))
    before = line.standing(7001)
    line.pass_days(5)
    line.worker.settle_due()

    after = line.standing(7001)
    assert (before.available, before.pending) == (0, 100)
    assert (after.available, after.pending) == (100, 0)


def test_points_can_wait_for_fulfilment(line: TestLine):
    line.set_program(Program(credit_when=CreditWhen.FULFILLED))
    line.settle(("orders/paid", an_order()))
    before = line.standing(7001)
    line.settle(("orders/fulfilled", later(an_order(), fulfillment_status="fulfilled")))

    assert (before.available, before.pending) == (0, 100)
    assert line.standing(7001).available == 100


def test_points_expire_by_themselves(line: TestLine):
    line.set_program(Program(expires_after_months=1))
    placed = line.days_ago(20)
    line.settle(("orders/paid", an_order(processed_at=placed, updated_at=placed)))
    before = line.standing(7001).available
    line.pass_days(12)
    line.worker.settle_due()

    assert (before, line.standing(7001).available) == (100, 0)
    assert line.transactions(7001)[-1].kind == "expire"


def test_what_an_edit_adds_earns_when_it_is_paid(line: TestLine):
    bigger = later(an_order(a_line("100.00"), a_line("50.00", id=12)))
    line.settle(("orders/paid", an_order()))
    line.settle(
        (
            "orders/updated",
            bigger
            | {"financial_status": "partially_paid", "total_outstanding": "50.00"},
        )
    )
    before = line.standing(7001).available
    line.settle(("orders/paid", later(bigger, 20)))

    assert (100, 150) == (before, line.standing(7001).available)


def test_what_an_edit_takes_away_goes_back(line: TestLine):
    line.settle(("orders/paid", an_order(a_line("50.00", 2))))
    smaller = later(an_order(a_line("50.00", 2, current_quantity=1)))
    line.settle(("orders/edited", {"order_edit": {"order_id": 5001}}))
    line.settle(("orders/updated", smaller))

    assert 50 == line.standing(7001).available


def test_what_is_owed_is_paid_by_later_credits(line: TestLine):
    line.settle(("orders/paid", an_order()))
    line.adjust(7001, -80)
    line.settle(("refunds/create", a_refund("100.00", (11, 1, "100.00"))))
    in_debt = line.standing(7001)
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))

    assert (in_debt.available, in_debt.owed) == (0, 80)
    assert (line.standing(7001).available, line.standing(7001).owed) == (20, 0)


def test_an_owner_may_let_refunds_reach_no_further_than_the_balance(line: TestLine):
    line.set_program(Program(return_policy=ReturnPolicy.WITHIN_BALANCE))
    line.settle(("orders/paid", an_order()))
    line.adjust(7001, -80)
    tomorrow = line.days_ago(-1)
    refund = a_refund("100.00", (11, 1, "100.00"), processed_at=tomorrow)
    line.settle(("refunds/create", refund))

    assert (0, 0) == (line.standing(7001).available, line.standing(7001).owed)


def test_an_adjustment_with_the_same_key_counts_once(line: TestLine):
    line.settle(("orders/paid", an_order()))
    for _ in range(3):
        line.adjust(7001, 25, key="goodwill-1")

    assert line.standing(7001).available == 125


def test_every_credit_says_which_rule_which_base_and_why(line: TestLine):
    line.settle(("orders/paid", an_order(a_line("60.00"), a_line("9.99", id=12))))

    [earned] = line.transactions(7001)
    assert earned.breakdown["base"] == "69.99 EUR"
    assert earned.breakdown["rules"] == ["purchase"]
    assert earned.reason == "69.99 EUR at 1 point per 1 EUR, 69.99 rounded down"


def _messages() -> list[tuple[str, Any]]:
    """An order's life: made, paid, a unit back, an amount back, a chargeback."""
    order = an_order(a_line("33.50", 3), financial_status="pending")
    first = a_refund("33.50", (11, 1, "33.50"))
    second = a_refund(
        "7.25",
        id=9002,
        processed_at="2026-11-06T10:00:00Z",
        adjustments=(("refund_discrepancy", "-7.25"),),
        status="pending",
    )
    money = second["transactions"][0] | {"status": "success"}
    dispute = {
        "id": 3001,
        "order_id": 5001,
        "type": "chargeback",
        "amount": "10.05",
        "currency": "EUR",
        "initiated_at": "2026-11-07T10:00:00Z",
    }
    paid = later(order, 1, financial_status="paid", updated_at="2026-11-01T10:01:00Z")
    back = later(paid, 2, financial_status="partially_refunded", refunds=[first])
    return [
        ("orders/create", order),
        ("orders/paid", paid),
        ("orders/updated", back),
        ("refunds/create", first),
        ("refunds/create", second),
        ("order_transactions/create", money),
        ("disputes/create", dispute | {"status": "needs_response"}),
        ("disputes/update", dispute | {"status": "lost"}),
        ("customers/update", an_order()["customer"]),
    ]


@settings(max_examples=40)
@given(st.data())
def test_any_order_and_number_of_deliveries_gives_the_same_end(
    line: TestLine, data: st.DataObject
):
    """100.50 paid, 33.50 and 7.25 back, a tenth charged back: 49.70 left, 49 points."""
    number = data.draw(st.integers(10**6, 10**12), label="first id")
    messages = [(topic, _renumbered(body, number)) for topic, body in _messages()]
    copies = data.draw(st.lists(st.sampled_from(messages), max_size=6), label="copies")
    order = data.draw(st.permutations(messages + copies), label="order")
    cuts = data.draw(st.sets(st.integers(1, len(order))), label="drained after")

    for count, message in enumerate(order, start=1):
        line.deliver(*message)
        if count in cuts:
            line.worker.drain()
    line.worker.drain()

    standing = line.standing(7001 + number)
    assert (standing.available, standing.pending, standing.owed) == (49, 0, 0)
    assert standing.lifetime_earned == 49
    lots: dict[str, int] = defaultdict(int)
    for row in line.transactions(7001 + number):
        lots[row.lot] += row.points if row.kind == "earn" else -row.points
    assert {49} == set(lots.values())


def _renumbered(body: Any, by: int) -> Any:
    """The same body with its order, customer, refund and payment ids moved."""
    names = {"id", "order_id"}
    if isinstance(body, dict):
        return {
            key: value + by if key in names and value > 1000 else _renumbered(value, by)
            for key, value in body.items()
        } | ({"email": f"{by}@example.com"} if "email" in body else {})
    if isinstance(body, list):
        return [_renumbered(each, by) for each in body]
    return body

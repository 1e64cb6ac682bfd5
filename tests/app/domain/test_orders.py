"""Facts merge to the same whole in any order, however often each is heard."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.orders import (
    DISPUTE_PROGRESS,
    PAYMENT_PROGRESS,
    TRANSACTION_PROGRESS,
    Buyer,
    Dispute,
    OrderFacts,
    Payment,
    Refund,
    RefundLine,
)
from tests.app.domain.heard import PAID, PLACED_AT, REFUND, facts_of, heard
from tests.builders.shopify import a_line, a_refund, an_order, later

IDS = st.sampled_from("123")
# Few moments and few amounts, so that ties are common.
MOMENTS = st.integers(0, 2).map(lambda hour: PLACED_AT + timedelta(hours=hour))
AMOUNTS = st.integers(0, 2)


def _by_id(facts):
    return st.lists(facts, max_size=3).map(lambda found: {one.id: one for one in found})


payments = st.builds(
    Payment,
    id=IDS,
    kind=st.sampled_from(["refund", "sale"]),
    status=st.sampled_from([*TRANSACTION_PROGRESS, "unheard of"]),
    amount_minor=AMOUNTS,
    currency=st.sampled_from(["EUR", "USD"]),
)
refunds = st.builds(
    Refund,
    id=IDS,
    at=MOMENTS,
    lines=st.lists(
        st.builds(
            RefundLine,
            line_id=IDS,
            quantity=AMOUNTS,
            subtotal_minor=st.none() | AMOUNTS,
            tax_minor=AMOUNTS,
        ),
        max_size=2,
    ).map(tuple),
    shipping_minor=AMOUNTS,
    shipping_tax_minor=AMOUNTS,
    duties_minor=AMOUNTS,
    discrepancy_minor=AMOUNTS,
    payments=_by_id(payments),
)
disputes = st.builds(
    Dispute,
    id=IDS,
    at=MOMENTS,
    status=st.sampled_from(DISPUTE_PROGRESS),
    amount_minor=AMOUNTS,
    currency=st.just("EUR"),
)
_A_SNAPSHOT = facts_of(PAID, an_order()).snapshot
assert _A_SNAPSHOT
snapshots = st.builds(
    replace,
    st.just(_A_SNAPSHOT),
    updated_at=MOMENTS,
    financial_status=st.sampled_from(PAYMENT_PROGRESS),
    total_minor=AMOUNTS,
    cancelled_at=st.none() | MOMENTS,
)
buyers = st.builds(
    Buyer, at=MOMENTS, customer_id=st.none() | IDS, email_key=st.none() | IDS
)
orders = st.builds(
    OrderFacts,
    order_id=st.just("5001"),
    snapshot=snapshots | snapshots | st.none(),
    paid_snapshot=st.just(None),
    buyer=st.none() | buyers,
    unpaid_at=st.none() | MOMENTS,
    refunds=_by_id(refunds),
    payments=_by_id(payments),
    disputes=_by_id(disputes),
    paid_at=st.none() | MOMENTS,
    fulfilled_at=st.none() | MOMENTS,
    deleted_at=st.none() | MOMENTS,
    plans=st.dictionaries(IDS, st.sampled_from(["", "77", "78"])),
)


@settings(max_examples=40)
@given(snapshots, snapshots, MOMENTS)
def test_of_two_snapshots_of_one_moment_the_same_wins_whichever_came_first(
    one, other, at
):
    one, other = (replace(each, updated_at=at) for each in (one, other))
    mine, yours = (OrderFacts("5001", snapshot=each) for each in (one, other))

    assert mine.merged(yours) == yours.merged(mine)
    assert mine.merged(yours).snapshot in (one, other)


@settings(max_examples=40)
@given(orders, orders)
def test_merging_does_not_ask_which_came_first(one, other):
    assert one.merged(other) == other.merged(one)


@settings(max_examples=40)
@given(orders, orders, orders)
def test_merging_does_not_ask_what_was_merged_before(one, two, three):
    assert one.merged(two).merged(three) == one.merged(two.merged(three))


@settings(max_examples=40)
@given(orders, orders)
def test_what_is_known_already_changes_nothing(one, other):
    both = one.merged(other)

    assert both == both.merged(other)
    assert both == both.merged(both)
    assert one == one.merged(one)


@settings(max_examples=40)
@given(st.lists(orders, min_size=1, max_size=4), st.data())
def test_repeats_in_any_order_come_to_the_same(found, data):
    shuffled = data.draw(st.permutations(found + found))

    assert reduce(OrderFacts.merged, found) == reduce(OrderFacts.merged, shuffled)


@settings(max_examples=40)
@given(orders, orders)
def test_nothing_that_was_known_is_lost(one, other):
    both = one.merged(other)

    assert {*one.refunds, *other.refunds} == {*both.refunds}
    assert {*one.payments, *other.payments} == {*both.payments}
    assert {*one.disputes, *other.disputes} == {*both.disputes}
    assert {*one.plans, *other.plans} == {*both.plans}
    for id_, plan in one.plans.items():
        assert not plan or both.plans[id_]
    for id_, refund in one.refunds.items():
        assert {*refund.payments} <= {*both.refunds[id_].payments}


@settings(max_examples=40)
@given(orders, orders)
def test_other_lines_are_put_where_an_order_counts_and_nowhere_else(one, other):
    facts = one.merged(other)
    counted = facts.counted_snapshot
    assume(counted)
    emptied = facts.with_counted_lines(())

    assert emptied.counted_snapshot == replace(counted, lines=())
    assert facts == emptied.with_counted_lines(counted.lines)


def test_facts_of_different_orders_never_merge():
    with pytest.raises(AssertionError):
        OrderFacts("1").merged(OrderFacts("2"))


def test_the_snapshot_written_last_wins():
    old = an_order(name="old")
    new = later(an_order(name="new"))

    assert "new" == heard((PAID, new), (PAID, old)).snapshot.number


def test_the_snapshot_written_last_wins_though_an_older_one_was_farther():
    old = an_order(financial_status="voided")
    new = later(an_order(financial_status="paid"))

    assert "paid" == heard((PAID, new), (PAID, old)).snapshot.financial_status


@pytest.mark.parametrize(
    ("first", "second"),
    [("pending", "paid"), ("paid", "partially_refunded"), ("authorized", "voided")],
)
def test_of_two_snapshots_of_one_second_the_farther_wins(first, second):
    one, other = an_order(financial_status=first), an_order(financial_status=second)

    assert second == heard((PAID, other), (PAID, one)).snapshot.financial_status
    assert second == heard((PAID, one), (PAID, other)).snapshot.financial_status


def test_the_first_time_at_which_an_order_was_seen_paid_is_kept():
    paid, updated = an_order(), later(an_order())

    assert facts_of(PAID, paid).paid_at == heard((PAID, updated), (PAID, paid)).paid_at


def test_a_succeeded_payment_is_not_undone_by_an_older_word():
    pending = a_refund("10.00", status="pending")
    done = a_refund("10.00")

    [refund] = heard((REFUND, done), (REFUND, pending)).refunds_in_time()

    assert "success" == refund.payments["90010"].status


def test_a_refund_hears_of_its_payment_from_the_payment_itself():
    pending = a_refund("10.00", status="pending")
    done = a_refund("10.00")["transactions"][0]
    facts = heard((REFUND, pending), ("order_transactions/create", done))

    [refund] = facts.refunds_in_time()

    assert "success" == refund.payments["90010"].status


def test_refunds_are_told_in_the_order_in_which_they_happened():
    second = a_refund("1.00", id=1, processed_at="2026-11-07T10:00:00Z")
    first = a_refund("1.00", id=2, processed_at="2026-11-06T10:00:00Z")

    facts = heard((REFUND, second), (REFUND, first))

    assert ["2", "1"] == [refund.id for refund in facts.refunds_in_time()]


def test_plans_are_lacking_while_any_product_of_a_paid_order_may_have_one():
    lines = a_line(id=11), a_line(id=12), a_line(id=13, product_id=None)
    paid = facts_of(PAID, an_order(*lines))
    asked = replace(paid, plans={"11": "77", "12": ""})

    assert paid.lacks_plans
    assert replace(paid, plans={"11": "77"}).lacks_plans
    assert not asked.lacks_plans
    edited = later(an_order(*lines, a_line(id=14)))
    assert asked.merged(facts_of(PAID, edited)).lacks_plans
    for change in (
        {"financial_status": "pending"},
        {"test": True},
        {"line_items": [lines[-1]]},
    ):
        assert not facts_of(PAID, an_order(*lines) | change).lacks_plans
    assert not replace(paid, deleted_at=PLACED_AT).lacks_plans
    assert not OrderFacts("5001", plans={"11": "77"}).lacks_plans


def test_a_plan_that_was_known_outlives_its_end_in_the_store():
    known, gone = (OrderFacts("1", plans={"11": plan}) for plan in ("77", ""))

    assert known.merged(gone).plans == gone.merged(known).plans == {"11": "77"}


def test_a_dispute_that_was_lost_is_not_reopened_by_an_older_word():
    def dispute(status):
        return "disputes/update", {
            "id": 1,
            "order_id": 5001,
            "type": "chargeback",
            "amount": "100.00",
            "currency": "EUR",
            "status": status,
        }

    facts = heard(dispute("lost"), dispute("needs_response"))

    assert "lost" == facts.disputes["1"].status
    assert not facts.disputes["1"].is_open

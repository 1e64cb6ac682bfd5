"""The story of an order's points agrees with the points."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from app.domain.credits import assess, credits
from app.domain.earning import Bonus, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.explain import explain
from app.domain.program import Limits, Program
from tests.app.domain.heard import PAID, REFUND, UPDATED, an_owned, credit_of, heard
from tests.builders.shopify import a_line, a_refund, an_order, later


def _story(*messages, program=None, kept_reason=None):
    assessed = assess(an_owned(heard(*messages), program))
    given = credits([assessed])
    return explain(assessed, given[0] if given else None, kept_reason)


def test_a_plain_order_is_told_from_its_lines_to_its_points():
    assert [
        "Order #1001, placed 2026-11-01 10:00 UTC, paid.",
        "Line 11: 3 x 33.50 EUR less 0.50 EUR, 100.00 EUR counts.",
        "In all 100.00 EUR counts.",
        "Earned 100 points by version 1 of the programme: "
        "100.00 EUR at 1 point per 1 EUR.",
    ] == _story((PAID, an_order(a_line("33.50", 3, discount="0.50"))))


def test_the_time_of_an_order_is_told_in_the_zone_that_is_named():
    order = an_order(processed_at="2026-11-01T22:00:00-05:00")

    assert "placed 2026-11-02 03:00 UTC" in _story((PAID, order))[0]


def test_a_line_that_does_not_count_says_why():
    story = _story((PAID, an_order(a_line("50.00"), a_line(id=12, gift_card=True))))

    assert "Line 12: 1 x 10.00 EUR does not count" in story[2]
    assert "gift cards earn when they are spent" in story[2]


def test_rounding_and_limits_are_told():
    program = Program(limits=Limits(points_per_order_max=30))

    story = _story((PAID, an_order(a_line("99.99"))), program=program)

    assert "99.99 rounded down" in story[-1]
    assert "limited to 30 points an order" in story[-1]


def test_an_order_that_earns_nothing_says_why():
    minimum = Program(limits=Limits(order_amount_min=Decimal(200)))
    unpaid = an_order(financial_status="pending")

    assert (
        "less than the least of 200.00 EUR"
        in _story((PAID, an_order()), program=minimum)[-1]
    )
    assert "No points: the order is not paid (pending)." == _story((PAID, unpaid))[-1]
    assert (
        "No points: test orders earn nothing."
        == _story((PAID, an_order(test=True)))[-1]
    )
    assert ["No points: the order itself has not arrived yet."] == _story(
        (REFUND, a_refund("1.00"))
    )


def test_each_return_says_what_it_took_and_what_stays():
    story = _story(
        (PAID, an_order()),
        (REFUND, a_refund("40.50", (11, 1, "40.50"))),
        (REFUND, a_refund("9.50", (11, 1, "9.50"), id=9002)),
    )

    assert [
        "2026-11-05: refunded (refund/9001), so 59.50 EUR is left of what counted: "
        "41 points go back, 59 stay.",
        "2026-11-05: refunded (refund/9002), so 50.00 EUR is left of what counted: "
        "9 points go back, 50 stay.",
    ] == story[-2:]


def test_a_cancelled_order_says_so():
    over = later(an_order(), cancelled_at="2026-11-05T10:00:00Z")

    story = _story((PAID, an_order()), (UPDATED, over))

    assert "2026-11-05: cancelled (cancellation)" in story[-1]
    assert story[-1].endswith("100 points go back, 0 stay.")


def test_the_story_takes_back_what_the_ledger_takes_back():
    told = (
        (PAID, an_order(a_line("10.99", 3))),
        (REFUND, a_refund("10.99", (11, 1, "10.99"))),
        (REFUND, a_refund("21.98", (11, 2, "21.98"), id=9002)),
    )

    said = [
        int(re.search(r": (\d+) points go", line)[1]) for line in _story(*told)[-2:]
    ]

    assert [back.points for back in credit_of(*told).reversals] == said


def test_every_campaign_is_told_though_the_points_only_count_them():
    ends = [datetime(2020, 1, day) for day in range(2, 9)]  # noqa: DTZ001
    over = [Bonus(points=50, conditions=Conditions(ends_at=each)) for each in ends]
    program = Program(earning=(PurchasePoints(), *over))
    story = _story((PAID, an_order()), program=program)

    assert story[-8].endswith("1 point per 1 EUR; 7 campaigns more gave nothing.")
    assert [
        "Also without a bonus of 50 points: the campaign ran until the end of "
        f"{each - timedelta(days=1):%-d %B %Y}."
        for each in ends
    ] == story[-7:]


def test_an_order_that_earned_nothing_says_why_as_it_was_settled():
    unpaid = PAID, an_order(financial_status="pending")
    reason = "the order is not paid (pending)"

    assert f"No points: {reason}." == _story(unpaid, kept_reason=reason)[-1]
    assert [
        "No points: nothing gave points then.",
        f"Settled anew, it would earn nothing either: {reason}.",
    ] == _story(unpaid, kept_reason="nothing gave points then")[-2:]
    assert [
        "No points: nothing gave points then.",
        "Settled anew, it would earn 100 points by version 1 of the programme: "
        "100.00 EUR at 1 point per 1 EUR.",
    ] == _story((PAID, an_order()), kept_reason="nothing gave points then")[-2:]

"""Campaigns over the whole line: products are known by what the store told of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.earning import Bonus, Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.program import Counting, Program
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import a_line, a_refund, an_order, later

COFFEE = Multiplier(times=Decimal(3), conditions=Conditions(tags=frozenset({"coffee"})))


def _tagged(tags: str, at: str, product_id: int = 21) -> dict[str, object]:
    return {"id": product_id, "tags": tags, "updated_at": at, "variants": []}


def test_a_tag_counts_as_it_was_when_the_order_first_earned(line: TestLine):
    line.set_program(Program(earning=(PurchasePoints(), COFFEE)))
    order = an_order(a_line("60.00"), a_line("40.00", id=12, product_id=22))

    line.settle(("products/update", _tagged("Coffee, new", "2026-10-01T10:00:00Z")))
    line.settle(("orders/paid", order))
    earned = line.standing(7001).available
    line.settle(("products/update", _tagged("tea", "2026-11-02T10:00:00Z")))
    line.settle(("refunds/create", a_refund("60.00", (11, 1, "60.00"))))

    assert (earned, line.standing(7001).available) == (3 * 60 + 40, 40)


def test_an_order_that_earned_nothing_has_no_terms_until_it_earns(line: TestLine):
    line.set_program(Program(counting=Counting(excluded_tags=frozenset({"sale"}))))
    line.settle(("products/update", _tagged("sale", "2026-10-01T10:00:00Z")))
    line.settle(("orders/paid", an_order()))
    line.settle(("products/update", _tagged("", "2026-11-02T10:00:00Z")))
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))
    by_itself = line.standing(7001).available
    line.settle(("orders/updated", later(an_order())))
    heard_again = line.standing(7001).available
    line.settle(("products/update", _tagged("sale", "2026-11-03T10:00:00Z")))
    line.settle(("orders/updated", later(an_order(), minute=20)))

    # Now it has earned, and keeps what it earned by.
    assert (by_itself, heard_again) == (100, 200)
    assert line.standing(7001).available == 200


EDITED = [
    a_line("60.00"),
    a_line("40.00", id=12, product_id=22),
    a_line("20.00", id=13, product_id=23),
]


@pytest.mark.parametrize(
    ("program", "unpaid", "paid"),
    [
        (Program(counting=Counting(excluded_tags=frozenset({"coffee"}))), 40, 60),
        (Program(earning=(PurchasePoints(), COFFEE)), 3 * 60 + 40, 3 * 60 + 60),
    ],
    ids=["an excluded tag", "a campaign"],
)
def test_an_edit_that_is_not_paid_yet_leaves_products_what_they_are(
    line: TestLine, program: Program, unpaid: int, paid: int
):
    line.set_program(program)
    line.settle(("products/update", _tagged("coffee", "2026-10-01T10:00:00Z")))
    line.settle(("orders/paid", an_order(*EDITED[:2])))
    edited = an_order(*EDITED, financial_status="partially_paid")
    line.settle(("orders/updated", later(edited)))
    points = line.standing(7001).available
    line.settle(("orders/updated", later(an_order(*EDITED), minute=20)))

    assert (unpaid, paid) == (points, line.standing(7001).available)
    assert (line.audit(), line.violations()) == (None, [])


def test_what_an_edit_adds_is_what_it_was_when_it_was_paid_for(line: TestLine):
    line.set_program(Program(earning=(PurchasePoints(), COFFEE)))
    line.settle(("orders/paid", an_order(*EDITED[:2])))
    line.settle(("products/update", _tagged("coffee", "2026-11-02T10:00:00Z", 22)))
    edited = an_order(*EDITED, financial_status="partially_paid")
    line.settle(("orders/updated", later(edited)))
    line.settle(("products/update", _tagged("coffee", "2026-11-05T11:00:00Z", 23)))
    line.settle(("orders/updated", later(an_order(*EDITED), minute=20)))
    points = line.standing(7001).available
    line.settle(("products/update", _tagged("tea", "2026-11-06T10:00:00Z", 23)))
    line.settle(("orders/updated", later(an_order(*EDITED), minute=30)))

    # What was there from the first, without tags then, has none by now either.
    assert points == line.standing(7001).available == 60 + 40 + 3 * 20
    assert (line.audit(), line.violations()) == (None, [])


def test_an_older_order_that_is_heard_of_late_takes_the_welcome_over(line: TestLine):
    welcome = Bonus(points=50, conditions=Conditions(order_to=1))
    line.set_program(Program(earning=(PurchasePoints(), welcome)))
    older = an_order(a_line("10.00"), id=5000, processed_at="2026-10-01T10:00:00Z")

    line.settle(("orders/paid", an_order()))
    line.settle(("orders/paid", older))

    assert line.standing(7001).available == 100 + 10 + 50
    told = {row.cause for row in line.transactions(7001) if "bonus" in row.reason}
    assert f"order/{line.store.store_id}/5000" in told
    assert line.audit() is None


def test_a_cart_is_told_what_a_campaign_brings(line: TestLine):
    line.set_program(Program(earning=(PurchasePoints(), COFFEE)))
    line.settle(("products/update", _tagged("coffee", "2026-10-01T10:00:00Z")))
    cart = {
        "currency": "EUR",
        "lines": [{"product_id": 21, "price_minor": 1000, "quantity": 1}],
    }

    answer = line.client.post(f"/proxy/estimate?{proxy_query()}", json=cart)

    assert answer.get_json()["points"] == 30

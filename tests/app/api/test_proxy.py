"""What the storefront asks: only Shopify's signature says who it is for."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.earning import Bonus, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.program import Counting, Program
from app.domain.rewards import AmountOff
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import a_line, a_refund, an_order


def test_a_member_sees_the_balance_and_the_way_to_the_next_reward(line: TestLine):
    line.settle(("orders/paid", an_order()))

    answer = line.ask("standing", "7001")

    told = answer.get_json()
    assert "no-store" == answer.headers["Cache-Control"]
    assert (True, 100, 0, 0) == tuple(
        told[name] for name in ("signed_in", "available", "pending", "owed")
    )
    assert told["next_reward"] == {
        "id": "free_shipping-300",
        "kind": "free_shipping",
        "name": "Free shipping",
        "description": "",
        "points_cost": 300,
        "points_needed": 200,
        "progress": 0.3333,
        "available": False,
        "reason": "200 points too few",
        "reason_code": "too_few_points",
        "step": None,
        "points_max": None,
        "slots": [],
        "terms": None,
    }
    assert ["1 point for each €1.00 you spend"] == told["program"]["ways_to_earn"]


def test_the_history_tells_what_came_and_went(line: TestLine):
    line.settle(("orders/paid", an_order()))
    line.settle(("refunds/create", a_refund("40.00")))

    history = line.ask("standing", "7001").get_json()["history"]

    assert [("reverse", -40, "Order #1001"), ("earn", 100, "Order #1001")] == [
        (each["kind"], each["points"], each["text"]) for each in history
    ]


def test_a_guest_sees_the_program_and_no_person(line: TestLine):
    line.settle(("orders/paid", an_order()))

    told = line.ask("standing").get_json()

    assert {
        "signed_in",
        "program",
        "rewards",
        "actions",
        "stamp_cards",
        "challenges",
        "gift",
        "can_claim",
    } == set(told)
    assert told["signed_in"] is False
    assert ["Free shipping", "€5.00 off", "€10.00 off"] == [
        reward["name"] for reward in told["rewards"]
    ]
    shown = {"id", "kind", "name", "description", "points_cost", "terms"}
    assert all(shown == set(reward) for reward in told["rewards"])


def test_members_and_guests_read_the_terms_of_a_reward(line: TestLine):
    off = AmountOff(
        points_cost=10,
        amount=Decimal(5),
        order_amount_min=Decimal(20),
        valid_days=30,
        ends_at=datetime(2099, 12, 25),  # noqa: DTZ001 - on the walls of the store
    )
    line.set_program(Program(rewards=(off,)))
    line.settle(("orders/paid", an_order()))
    terms = {
        "order_amount_min": {"amount": "20.00", "currency": "EUR"},
        "order_share_max": None,
        "valid_days": 30,
        "ends_at": "2099-12-25T00:00:00",
        "unused_returns": True,
    }

    for customer_id in ("7001", ""):
        [told] = line.ask("standing", customer_id).get_json()["rewards"]
        assert terms == told["terms"]


def test_a_customer_who_never_bought_has_nothing_yet(line: TestLine):
    told = line.ask("standing", "4711").get_json()

    assert (True, 0, []) == (told["signed_in"], told["available"], told["history"])


def test_with_every_reward_in_reach_there_is_no_next_one(line: TestLine):
    line.settle(("orders/paid", an_order()))
    line.adjust(7001, 5000)

    assert line.ask("standing", "7001").get_json()["next_reward"] is None


def test_an_unchanged_standing_is_304(line: TestLine):
    line.settle(("orders/paid", an_order()))
    etag = line.ask("standing", "7001").headers["ETag"]

    query = proxy_query("7001")
    again = line.client.get(f"/proxy/standing?{query}", headers={"If-None-Match": etag})
    line.adjust(7001, 1)
    changed = line.client.get(
        f"/proxy/standing?{query}", headers={"If-None-Match": etag}
    )

    assert (304, 200) == (again.status_code, changed.status_code)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda query: query.replace(
            "logged_in_customer_id=7001", "logged_in_customer_id=2"
        ),
        lambda query: query.replace("shop=test", "shop=best"),
        lambda query: query + "&logged_in_customer_id=7002",
        lambda query: query + "&shop=other.myshopify.com",
        lambda query: query + "&extra=1",
        lambda query: query.split("&signature")[0],
        lambda query: query[:-1] + ("0" if query[-1] != "0" else "1"),
        lambda _: proxy_query("7001", timestamp=str(int(time.time()) - 91)),
        lambda _: proxy_query("7001", timestamp=str(int(time.time()) + 95)),
        lambda _: proxy_query("7001", timestamp="soon"),
        lambda _: proxy_query("7001", secret="another"),
        lambda _: "",
    ],
)
def test_a_query_that_the_store_did_not_sign_just_now_is_401(
    line: TestLine, spoil: Any
):
    answer = line.client.get(f"/proxy/standing?{spoil(proxy_query('7001'))}")

    assert 401 == answer.status_code
    assert "available" not in answer.get_data(as_text=True)


def test_a_store_that_has_not_installed_the_app_is_404(line: TestLine):
    answer = line.ask("standing", "7001", shop="other.myshopify.com")

    assert 404 == answer.status_code


def test_one_store_never_sees_anothers_customers(line: TestLine):
    line.add_store("other.myshopify.com")
    line.settle(("orders/paid", an_order()))

    told = line.ask("standing", "7001", shop="other.myshopify.com").get_json()

    assert (0, []) == (told["available"], told["history"])


def test_a_cart_is_estimated_by_the_rules_of_orders(line: TestLine):
    line.set_program(Program(counting=Counting(excluded_tags=frozenset({"sale"}))))
    cart = {
        "currency": "EUR",
        "lines": [
            {
                "product_id": 1,
                "price_minor": 1250,
                "quantity": 2,
                "discount_minor": 100,
            },
            {"product_id": 2, "price_minor": 5000, "quantity": 1, "gift_card": True},
            {"product_id": 3, "price_minor": 990, "quantity": 1, "tags": ["Sale"]},
        ],
    }

    answer = line.client.post(f"/proxy/estimate?{proxy_query()}", json=cart)

    assert 24 == answer.get_json()["points"]
    assert "exact" == answer.get_json()["bound"]


def test_a_cart_whose_prices_have_tax_in_them_earns_at_most_so_much(line: TestLine):
    mug = {"product_id": 1, "price_minor": 2400, "quantity": 1}
    cart = {"currency": "EUR", "taxes_included": True, "lines": [mug]}
    with_tax = {"lines": [mug | {"tax_minor": 383}]}
    told = [
        line.client.post(f"/proxy/estimate?{proxy_query()}", json=each).get_json()
        for each in (cart, cart | with_tax, cart | with_tax | {"taxes_included": None})
    ]

    assert [(24, "at_most"), (20, "exact"), (24, "at_most")] == [
        (each["points"], each["bound"]) for each in told
    ]


def test_a_cart_in_another_currency_is_not_guessed_at(line: TestLine):
    cart = {"currency": "JPY", "lines": [{"price_minor": 5000, "quantity": 1}]}

    answer = line.client.post(f"/proxy/estimate?{proxy_query()}", json=cart)

    told = {"points": None, "bound": "at_least", "reason": "the cart is not in EUR"}
    assert told == answer.get_json()


def test_a_cart_of_a_member_is_estimated_as_the_order_that_it_would_be(line: TestLine):
    third = Conditions(order_from=3, order_to=3)
    first = Conditions(order_from=1, order_to=1)
    campaigns = Bonus(points=1000, conditions=third), Bonus(points=50, conditions=first)
    line.set_program(Program(earning=(PurchasePoints(), *campaigns)))
    cart = {"currency": "EUR", "lines": [{"price_minor": 1000, "quantity": 1}]}

    def told(customer_id: str) -> int:
        answer = line.client.post(
            f"/proxy/estimate?{proxy_query(customer_id)}", json=cart
        )
        points: int = answer.get_json()["points"]
        return points

    assert (10, 60) == (told(""), told("7001"))
    unpaid = an_order(id=5003, financial_status="pending")
    line.settle(("orders/paid", an_order()), ("orders/create", unpaid))
    line.settle(("orders/paid", an_order(id=5004, test=True)))
    assert 10 == told("7001")
    line.settle(("orders/paid", an_order(id=5002)))
    assert 1010 == told("7001")
    line.settle(("orders/paid", an_order(a_line("10.00"), id=5005)))
    assert 1000 + 2 * 100 + 10 + 50 == line.standing(7001).available


@pytest.mark.parametrize(
    "cart",
    [
        {},
        {"currency": "euro", "lines": []},
        {"currency": "EUR", "lines": [{"price_minor": -1, "quantity": 1}]},
        {"currency": "EUR", "lines": [{"price_minor": 10**18, "quantity": 1}]},
        {"currency": "EUR", "lines": "all"},
        [],
    ],
)
def test_a_cart_that_makes_no_sense_is_422_and_says_why(line: TestLine, cart: Any):
    answer = line.client.post(f"/proxy/estimate?{proxy_query()}", json=cart)

    assert 422 == answer.status_code
    assert answer.get_json()["fields"]


def test_a_cart_that_is_not_json_is_refused(line: TestLine):
    answer = line.client.post(f"/proxy/estimate?{proxy_query()}", data="{")

    assert answer.status_code in (400, 415)
    assert answer.get_json()["error"]


def test_an_answer_made_before_is_given_again_only_while_nothing_changed(
    line: TestLine,
):
    line.settle(("orders/paid", an_order()))
    first = line.ask("standing", "7001")
    same = line.ask("standing", "7001")
    line.adjust(7001, 1)
    changed = line.ask("standing", "7001")

    assert first.data == same.data
    assert 101 == changed.get_json()["available"]
    assert 2 == len(changed.get_json()["history"])


def test_a_new_program_shows_at_once(line: TestLine):
    line.settle(("orders/paid", an_order()))
    before = line.ask("standing", "7001")
    line.set_program(Program(rewards=()), datetime.now(UTC))
    after = line.ask("standing", "7001")

    assert before.get_json()["rewards"]
    assert [] == after.get_json()["rewards"]
    assert before.headers["ETag"] != after.headers["ETag"]

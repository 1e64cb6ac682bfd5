"""A code made for one customer is taken once, by them, while it holds."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.sandbox import automatic, balances, catalogue, codes
from app.sandbox.automatic import AutomaticDiscount
from app.sandbox.balances import Credit, GiftCard
from app.sandbox.customers import Customer
from app.sandbox.discounts import (
    FIXED_AMOUNT,
    ORDERS,
    PERCENTAGE,
    PRODUCTS,
    SHIPMENTS,
    SHIPPING,
    Discount,
)
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox.orders import Order, RefusedError
from app.sandbox.store import Store

BOWL = catalogue.PRODUCTS[6]
AT = datetime.now(UTC).replace(microsecond=0)
SAVE = Discount(
    "SAVE-12AB",
    FIXED_AMOUNT,
    500,
    "5 euros off",
    id=77,
    starts_at=AT.isoformat(),
    usage_limit=1,
)


@pytest.fixture
def people(store: Store) -> list[Customer]:
    with store.data.reading() as rows:
        return rows.customers()


@pytest.fixture
def keep(store: Store, people: list[Customer]) -> Callable[..., Discount]:
    """A function that keeps a code for Ada; `changes` overrule."""

    def kept(**changes: Any) -> Discount:
        discount = replace(SAVE, **{"customer_id": people[0].id, **changes})
        with store.data.transaction() as rows:
            codes.save(rows, discount)
        return discount

    return kept


@pytest.fixture
def browser(shop: Flask) -> FlaskClient:
    return shop.test_client()


def _sign_in(browser: FlaskClient, customer: Customer) -> None:
    browser.post("/account/login", data={"customer_id": str(customer.id)})


def _try(browser: FlaskClient, code: str = "save-12ab") -> str:
    answer = browser.post("/cart/code", data={"code": code}, follow_redirects=True)
    return html.unescape(answer.text)


def _pay(browser: FlaskClient, store: Store) -> Order:
    browser.post("/checkout", data={"payment": "card"})
    with store.data.reading() as rows:
        return rows.orders()[0]


def _uses(store: Store) -> int:
    with store.data.reading() as rows:
        found = codes.find(rows, SAVE.code)
    assert found
    return found.uses


def test_a_code_is_taken_once_and_only_once(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep()
    _sign_in(browser, people[0])
    browser.post("/cart/add", data={"handle": "low-bowl"})
    assert "\u22125.00 EUR" in _try(browser)
    order = _pay(browser, store)

    assert (order.code, order.goods_minor) == ("SAVE-12AB", 3400 - 500)
    assert _uses(store) == 1
    browser.post("/cart/add", data={"handle": "low-bowl"})
    assert "SAVE-12AB has been used already." in _try(browser)
    assert "\u22125.00 EUR" not in browser.get("/cart").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"customer_id": 5}, "belongs to another customer."),
        ({"uses": 1}, "has been used already."),
        ({"ends_at": AT.isoformat()}, "has expired."),
        ({"starts_at": (AT + timedelta(days=1)).isoformat()}, "holds later."),
        ({"goods_min_minor": 3401}, "needs goods of 34.01 or more."),
        ({"product_ids": (1,)}, "is for something that is not in your cart."),
    ],
)
def test_a_code_that_does_not_hold_is_refused_in_clear_words(
    browser: FlaskClient,
    people: list[Customer],
    keep: Any,
    changes: dict[str, Any],
    words: str,
):
    keep(**changes)
    _sign_in(browser, people[0])
    browser.post("/cart/add", data={"handle": "low-bowl"})

    assert f"SAVE-12AB {words}" in _try(browser)


def test_a_stranger_is_asked_to_sign_in(browser: FlaskClient, keep: Any):
    keep()
    browser.post("/cart/add", data={"handle": "low-bowl"})

    assert "sign in to use it" in _try(browser)


def test_a_code_for_nobody_in_particular_is_for_all(browser: FlaskClient, keep: Any):
    keep(customer_id=None, goods_min_minor=3400)
    browser.post("/cart/add", data={"handle": "low-bowl"})

    assert "\u22125.00 EUR" in _try(browser)


def test_a_cart_that_shrinks_below_the_minimum_loses_the_code(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep(goods_min_minor=6000)
    _sign_in(browser, people[0])
    browser.post("/cart/add", data={"handle": "low-bowl", "quantity": "2"})
    assert "\u22125.00 EUR" in _try(browser)
    browser.post("/cart", data={"quantity.low-bowl": "1"})

    assert "needs goods of 60.00" in browser.get("/cart").text
    assert _pay(browser, store).code is None
    assert _uses(store) == 0


def test_free_postage_takes_the_postage_off(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep(kind=SHIPPING, value=0)
    _sign_in(browser, people[0])
    browser.post("/cart/add", data={"handle": "low-bowl"})
    _try(browser)
    order = _pay(browser, store)

    assert (order.shipping_minor, order.shipping_discount_minor) == (0, 490)
    assert order.goods_minor == 3400
    assert _uses(store) == 1


def test_free_postage_on_what_is_posted_for_nothing_is_not_used_up(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep(kind=SHIPPING, value=0)
    _sign_in(browser, people[0])
    browser.post("/cart/add", data={"handle": "low-bowl", "quantity": "2"})
    _try(browser)

    assert _pay(browser, store).code is None
    assert _uses(store) == 0


def test_one_unit_of_a_product_is_free_however_many_there_are(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep(value=BOWL.price_minor, product_ids=(BOWL.product_id,))
    _sign_in(browser, people[0])
    browser.post("/cart/add", data={"handle": "house-blend"})
    browser.post("/cart/add", data={"handle": "low-bowl", "quantity": "3"})
    _try(browser)
    order = _pay(browser, store)

    assert [line.discount_minor for line in order.lines] == [0, BOWL.price_minor]


def test_goods_for_nothing_leave_the_postage_to_pay(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep(kind=PERCENTAGE, value=100)
    _sign_in(browser, people[0])
    browser.post("/cart/add", data={"handle": "house-blend", "quantity": "5"})
    _try(browser)
    order = _pay(browser, store)

    assert (order.goods_minor, order.total_minor) == (0, 490)
    assert (order.financial_status, order.moved("sale")) == ("paid", 490)


ALL = (ORDERS, PRODUCTS, SHIPMENTS)


@pytest.mark.parametrize(
    ("code", "share", "taken", "is_coded"),
    [
        ({"combines": ALL}, ALL, [340, 500], True),
        ({"combines": ALL, "product_ids": (BOWL.product_id,)}, ALL, [500, 290], True),
        ({"combines": ALL, "product_ids": (BOWL.product_id,)}, (ORDERS,), [500], True),
        ({"combines": ALL, "kind": SHIPPING, "value": 0}, ALL, [340, 490], True),
        ({"combines": ALL}, (PRODUCTS,), [500], True),
        ({}, ALL, [500], True),
        ({"value": 340}, ALL, [340], False),
        ({"value": 339, "combines": (PRODUCTS,)}, ALL, [340], False),
    ],
)
def test_a_code_goes_together_with_what_applies_by_itself_if_both_say_so(
    store: Store,
    people: list[Customer],
    keep: Any,
    code: dict[str, Any],
    share: tuple[str, ...],
    taken: list[int],
    is_coded: bool,
):
    """Else the better of the two applies, and a code that would not is not used up."""
    keep(**code)
    at = AT.isoformat()
    ten = AutomaticDiscount(5, "Gold", PERCENTAGE, 10, at, at, combines=share)
    with store.data.transaction() as rows:
        automatic.save(rows, ten)
    ada = people[0]
    chosen = store.priced({"low-bowl": 1}, SAVE.code, ada)
    assert [chosen.taken_by(each) for each in chosen.used] == taken
    assert (chosen.refusal is None) == is_coded

    order = store.place_order(chosen, Buyer(ada.email, ada.name, ada.id), CARD)

    assert (order.code, _uses(store)) == ((SAVE.code, 1) if is_coded else (None, 0))
    assert order.saved_minor == sum(taken)


def test_two_checkouts_at_once_take_a_code_once(
    store: Store, people: list[Customer], keep: Any
):
    keep()
    ada = people[0]
    chosen = store.priced({"low-bowl": 1}, SAVE.code, ada)
    assert chosen.saved_minor == 500

    def place(_: int) -> bool:
        try:
            store.place_order(chosen, Buyer(ada.email, ada.name, ada.id), CARD)
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(place, range(8))) == 1
    assert _uses(store) == 1


def test_a_code_that_ended_meanwhile_stops_the_checkout(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep()
    chosen = store.priced({"low-bowl": 1}, SAVE.code, people[0])
    keep(ends_at=AT.isoformat())
    buyer = Buyer(people[0].email, people[0].name, people[0].id)

    with pytest.raises(RefusedError, match="has expired"):
        store.place_order(chosen, buyer, CARD)


def test_the_account_and_the_back_office_list_what_there_is(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    ada, at = people[0], AT.isoformat()
    keep(uses=1)
    card = GiftCard(78, "cafe12345678", ada.id, 2500, 1900, None, None, at)
    with store.data.transaction() as rows:
        balances.save_card(rows, card)
        balances.save_credit(rows, Credit(79, ada.id, 725, 725, at))
    _sign_in(browser, ada)

    for page in ("/account", "/admin/rewards"):
        text = browser.get(page).text
        for words in ("SAVE-12AB", ">used<", "cafe12345678", "19.00 EUR", "7.25 EUR"):
            assert words in text
    _sign_in(browser, people[1])
    assert "SAVE-12AB" not in browser.get("/account").text


def test_who_two_customers_become_has_the_rewards_of_both(
    browser: FlaskClient, store: Store, people: list[Customer], keep: Any
):
    keep()
    ada, grace = people[:2]
    at = AT.isoformat()
    card = GiftCard(78, "cafe12345678", ada.id, 2500, 2500, None, None, at)
    with store.data.transaction() as rows:
        balances.save_card(rows, card)
        balances.save_credit(rows, Credit(79, ada.id, 725, 725, at))
    store.customers.merge(grace.id, ada.id)

    with store.data.reading() as rows:
        assert [each.code for each in codes.made(rows, grace.id)] == [SAVE.code]
        assert [each.code for each in balances.cards(rows, grace.id)] == [card.code]
        assert balances.balance_of(rows, grace.id) == 725
        assert codes.made(rows, ada.id) == []


def test_trouble_is_arranged_by_form_and_ends(browser: FlaskClient):
    data = {"kind": "throttled", "count": "2"}
    answer = browser.post("/admin/rewards/trouble", data=data, follow_redirects=True)
    assert "Still to come: throttled, throttled." in answer.text
    data = {"kind": "nonsense", "count": "2"}
    answer = browser.post("/admin/rewards/trouble", data=data, follow_redirects=True)
    assert "All calls are answered now." in answer.text


@pytest.mark.parametrize("product_ids", [(), (BOWL.product_id,)], ids=["order", "bowl"])
def test_what_is_off_the_order_is_in_no_price_of_a_line(
    browser: FlaskClient,
    people: list[Customer],
    keep: Callable[..., Discount],
    product_ids: tuple[int, ...],
):
    code = keep(product_ids=product_ids).code
    _sign_in(browser, people[0])
    for handle in (BOWL.handle, "house-blend"):
        browser.post("/cart/add", data={"handle": handle})
    browser.post("/cart/code", data={"code": code})

    told = browser.get("/extensions/checkout/state.json").get_json()
    page = html.unescape(browser.get("/cart").text)

    blend = catalogue.find("house-blend")
    assert blend
    whole = [BOWL.price_minor, blend.price_minor]
    off_bowl, off_order = (500, []) if product_ids else (0, [5.0])
    assert off_order == [
        each["discountedAmount"]["amount"] for each in told["discountAllocations"]
    ]
    amounts = [line["cost"]["totalAmount"]["amount"] for line in told["lines"]]
    assert [whole[0] - off_bowl, whole[1]] == [round(each * 100) for each in amounts]
    # The cart's block spreads it over the lines, as the order will.
    lines = re.findall(r'"discount_minor": (\d+)', page)
    assert 500 == sum(map(int, lines))
    assert (int(lines[1]) == 0) is bool(product_ids)

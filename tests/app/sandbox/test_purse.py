"""Gift cards and store credit pay orders, and get back what was refunded."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.sandbox import balances, cart
from app.sandbox.balances import Credit, GiftCard
from app.sandbox.order_steps import BANK, CARD, Buyer
from app.sandbox.orders import GIFT_CARD, STORE_CREDIT, Order, RefusedError
from app.sandbox.purse import Purse
from app.sandbox.refunds import RefundRequest
from app.sandbox.store import Store

AT = datetime.now(UTC).replace(microsecond=0).isoformat()
EVERYTHING = Purse("CAFE-1234 5678", with_credit=True)
Told = Callable[[], list[tuple[str, Any]]]


@pytest.fixture
def ada(store: Store) -> Buyer:
    """Ada, with 10.00 on a gift card and 5.00 on her account."""
    with store.data.transaction() as rows:
        found = rows.customers()[0]
        card = GiftCard(78, "cafe12345678", found.id, 1000, 1000, None, None, AT)
        balances.save_card(rows, card)
        balances.save_credit(rows, Credit(79, found.id, 500, 500, AT))
    return Buyer(found.email, found.name, found.id)


def _buy(
    store: Store, buyer: Buyer, purse: Purse, gateway: str = CARD, **handles: int
) -> Order:
    wanted = {name.replace("_", "-"): count for name, count in handles.items()}
    chosen = cart.price(wanted or {"low-bowl": 1}, None)
    return store.place_order(chosen, buyer, gateway, purse)


def _left(store: Store, buyer: Buyer) -> tuple[int, int]:
    assert buyer.customer_id
    with store.data.reading() as rows:
        card = balances.cards(rows)[0]
        return card.balance_minor, balances.balance_of(rows, buyer.customer_id)


def _paid(order: Order, kind: str = "sale") -> list[tuple[str, int]]:
    return [
        (each.gateway, each.amount_minor)
        for each in order.transactions
        if each.kind == kind
    ]


def test_the_purse_pays_first_and_the_card_the_rest(
    store: Store, ada: Buyer, told: Told
):
    told()
    order = _buy(store, ada, EVERYTHING)
    total = 3400 + 340 + 490

    assert _paid(order) == [
        (GIFT_CARD, 1000),
        (STORE_CREDIT, 500),
        (CARD, total - 1500),
    ]
    assert (order.financial_status, order.outstanding_minor) == ("paid", 0)
    assert _left(store, ada) == (0, 0)
    messages = dict(told())
    assert messages["orders/paid"]["payment_gateway_names"] == [
        GIFT_CARD,
        STORE_CREDIT,
        CARD,
    ]


def test_a_purse_that_is_full_enough_pays_all(store: Store, ada: Buyer):
    with store.data.transaction() as rows:
        card = balances.cards(rows)[0]
        balances.save_card(rows, replace(card, balance_minor=9000))
    order = _buy(store, ada, EVERYTHING)

    assert _paid(order) == [(GIFT_CARD, 4230)]
    assert _left(store, ada) == (9000 - 4230, 500)
    assert order.financial_status == "paid"


def test_the_bank_is_waited_for_where_the_purse_leaves_something(
    store: Store, ada: Buyer, told: Told
):
    order = _buy(store, ada, EVERYTHING, BANK)
    assert (order.financial_status, order.outstanding_minor) == ("partially_paid", 2730)
    assert "orders/paid" not in dict(told())
    order = store.collect(order.id)

    assert (order.financial_status, order.outstanding_minor) == ("paid", 0)
    assert "orders/paid" in dict(told())


def test_a_refund_fills_the_purse_again_after_the_card(store: Store, ada: Buyer):
    order = _buy(store, ada, EVERYTHING)
    order = store.refund(order.id, RefundRequest(amount_minor=2900))
    assert _paid(order, "refund") == [(CARD, 2730), (STORE_CREDIT, 170)]
    assert _left(store, ada) == (0, 170)
    order = store.refund_everything(order.id)

    assert _left(store, ada) == (1000, 500)
    assert order.moved("refund") == order.total_minor


def test_a_pending_refund_fills_the_purse_when_it_arrives(store: Store, ada: Buyer):
    order = _buy(store, ada, EVERYTHING)
    order = store.refund_everything(order.id, pending=True)
    assert _left(store, ada) == (0, 0)
    store.settle_refund(order.id, order.refunds[0].id)

    assert _left(store, ada) == (1000, 500)


def test_credit_goes_back_to_whom_the_customer_has_become(store: Store, ada: Buyer):
    order = _buy(store, ada, Purse(with_credit=True))
    with store.data.reading() as rows:
        grace = rows.customers()[1]
    assert ada.customer_id
    store.customers.merge(grace.id, ada.customer_id)
    store.refund_everything(order.id)

    with store.data.reading() as rows:
        assert balances.balance_of(rows, grace.id) == 500
        assert balances.balance_of(rows, ada.customer_id) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "otherwise123"}, "does not know that gift card"),
        ({"deactivated_at": AT}, "has ended"),
        ({"expires_on": "2026-01-01"}, "has ended"),
        ({"balance_minor": 0}, "Nothing is left"),
    ],
)
def test_a_card_that_cannot_pay_stops_the_checkout(
    store: Store, ada: Buyer, changes: dict[str, Any], words: str
):
    with store.data.transaction() as rows:
        card = balances.cards(rows)[0]
        balances.save_card(rows, replace(card, **changes))

    with pytest.raises(RefusedError, match=words):
        _buy(store, ada, EVERYTHING)
    with store.data.reading() as rows:
        assert rows.orders() == []


def test_checkouts_at_once_spend_a_purse_once(store: Store, ada: Buyer):
    def paid(_: int) -> int:
        try:
            order = _buy(store, ada, EVERYTHING)
        except RefusedError:
            return 0
        return sum(minor for way, minor in _paid(order) if way != CARD)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(paid, range(6))) == 1500
    assert _left(store, ada) == (0, 0)


def test_a_guest_has_no_credit_to_use(store: Store, ada: Buyer):
    order = _buy(store, replace(ada, customer_id=None), Purse(with_credit=True))

    assert _paid(order) == [(CARD, 4230)]


def test_the_checkout_offers_and_takes_what_there_is(
    shop: Flask, store: Store, ada: Buyer
):
    browser = shop.test_client()
    browser.post("/cart/add", data={"handle": "low-bowl"})
    assert "with_credit" not in browser.get("/checkout").text
    browser.post("/account/login", data={"customer_id": str(ada.customer_id)})
    checkout = " ".join(browser.get("/checkout").text.split())
    assert "Use my store credit of 5.00 EUR" in checkout
    assert "<dt>Left to pay</dt><dd>37.30 EUR</dd>" in checkout
    data = {"payment": "card", "gift_card": "nonsense"}
    answer = browser.post("/checkout", data=data, follow_redirects=True)
    assert "does not know that gift card" in answer.text
    data = {"payment": "card", "gift_card": "CAFE12345678", "with_credit": "yes"}
    thanks = browser.post("/checkout", data=data, follow_redirects=True).text

    with store.data.reading() as rows:
        order = rows.orders()[0]
    assert [way for way, _ in _paid(order)] == [GIFT_CARD, STORE_CREDIT, CARD]
    assert "Paid with a gift card" in thanks
    assert "<span>Paid with store credit</span><span>5.00 EUR</span>" in thanks

"""Shoppers buy and the owner looks after their orders, all by forms."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.sandbox import catalogue, metafields
from app.sandbox.admin import set_up
from app.sandbox.admin.words import Call
from app.sandbox.metafields import Metafield
from app.sandbox.orders import Order
from app.sandbox.outbox import latest
from app.sandbox.store import Store
from tests.app.sandbox.conftest import NOWHERE

PAGES = (
    "/",
    "/cart",
    "/pages/rewards",
    "/account/login",
    "/admin",
    "/admin/webhooks",
    "/admin/customers",
    "/admin/products",
    "/admin/rewards",
    "/admin/app",
    *(f"/products/{product.handle}" for product in catalogue.PRODUCTS),
)


@pytest.fixture
def browser(shop: Flask) -> FlaskClient:
    return shop.test_client()


def _follow(browser: FlaskClient, path: str, **data: Any) -> str:
    answer: TestResponse = browser.post(path, data=data, follow_redirects=True)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def _buy(browser: FlaskClient, store: Store, **data: Any) -> Order:
    browser.post("/cart/add", data={"handle": "low-bowl", "quantity": "2"})
    browser.post("/cart/add", data={"handle": "house-blend"})
    _follow(browser, "/checkout", **{"email": "guest@example.com", **data})
    with store.data.reading() as rows:
        return rows.orders()[0]


def _read(store: Store, order: Order) -> Order:
    with store.data.reading() as rows:
        found = rows.order(order.id)
    assert found
    return found


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_says_what_it_is(
    browser: FlaskClient, path: str
) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "This is a sandbox store." in answer.text
    policy = answer.headers["Content-Security-Policy"]
    # The app is shown in a frame of its page, from where it really is.
    more = f"; frame-src 'self' {NOWHERE}" if path == "/admin/app" else ""
    if not path.startswith("/admin"):
        more = "; style-src 'self' 'unsafe-inline'"
    assert policy == f"default-src 'self'; img-src 'self' data:{more}"
    assert not re.search(r"<script(?![^>]* src=)| on\w+=", answer.text)
    without_blocks = re.sub(r'style="--tallymark[^"]*"', "", answer.text)
    assert not re.search(r"<style|style=", without_blocks)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/products/nothing", "/orders/1/thank-you", f"/admin/orders/{2**70}"],
)
def test_what_is_not_there_is_said_kindly(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "Back to the shop" in answer.text


def test_the_apps_blocks_are_on_the_pages_of_the_theme(browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"handle": "low-bowl"})
    for path, block in (
        ("/", "member"),
        ("/cart", "cart-points"),
        ("/pages/rewards", "member-page"),
        ("/products/low-bowl", "product-points"),
        ("/account/login", "launcher"),
    ):
        text = browser.get(path).text
        assert f'id="shopify-block-{block}"' in text
        assert ('id="shopify-block-launcher"' in text) == (block != "member-page")
        assert 'type="module" src="/cdn/tallymark/tallymark.js"' in text
        assert '<link rel="stylesheet" href="/cdn/tallymark/tallymark.css">' in text
        assert "<tallymark-balance" not in text
    assert "tallymark" not in browser.get("/admin").text
    assert "shopify-block" not in browser.get("/checkout").text


def test_points_are_in_the_page_before_any_script(
    browser: FlaskClient, store: Store
) -> None:
    with store.data.transaction() as rows:
        ada = rows.customers()[0]
        call = Call(rows, store.settings, store.clock())
        for key, type_, value in (
            ("balance", "number_integer", "72"),
            ("next_reward", "json", '{"name": "A <mug>", "points_needed": 28}'),
            ("tier", "single_line_text_field", "Silver"),
        ):
            # A tier is defined as the app's own affair, so themes do not see it.
            access = {"storefront": "NONE" if key == "tier" else "PUBLIC_READ"}
            set_up.define_metafield(
                call,
                {"namespace": "$app", "key": key, "type": type_, "access": access},
            )
            metafields.save(rows, Metafield(ada.id, "$app", key, type_, value))
        terms = {"currency": "EUR", "points": 1, "per": 100, "plus": 0, "least": 0}
        told = json.dumps(terms | {"taxes": False})
        of_app = (metafields.INSTALLATION_ID, "tallymark", "earning", "json", told)
        metafields.save(rows, Metafield(*of_app))
    assert "Earns you 34 points" in browser.get("/products/low-bowl").text
    browser.post("/cart/add", data={"handle": "low-bowl"})
    assert "This order earns 34 points" in browser.get("/cart").text
    for path in ("/", "/cart", "/pages/rewards"):
        assert "72 points" not in browser.get(path).text
    browser.post("/account/login", data={"customer_id": str(ada.id)})
    for path in ("/", "/cart", "/pages/rewards"):
        text = browser.get(path).text
        assert "72 points" in text
        assert "28 points to A &lt;mug&gt;" in text
        assert "Silver" not in text
    assert 'href="/account" aria-label="Rewards: 72 points"' in browser.get("/").text


def test_the_widgets_files_are_served_and_no_others(
    browser: FlaskClient, store: Store
) -> None:
    folder = store.settings.widget_folder
    (folder / "tallymark.js").write_text("export {};")
    (folder / "secret.py").write_text("")
    answer = browser.get("/cdn/tallymark/tallymark.js")
    assert answer.text == "export {};"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    same = {"If-None-Match": answer.headers["ETag"]}
    assert browser.get("/cdn/tallymark/tallymark.js", headers=same).status_code == 304
    for path in ("secret.py", "../store/sandbox.sqlite3", "..%2f..%2fx.json"):
        assert browser.get(f"/cdn/tallymark/{path}").status_code == 404


def test_scripts_of_a_page_use_codes_in_the_cart(browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"handle": "low-bowl"})
    assert browser.get("/cart.js").get_json()["discount_codes"] == []
    told = [
        browser.post("/cart/update.js", json={"discount": codes}).get_json()
        for codes in ("welcome10", "WELCOME10,FIVEOFF", "FIVEOFF,NONSENSE", "")
    ]
    assert [
        [(each["code"], each["applicable"]) for each in one["discount_codes"]]
        for one in told
    ] == [
        [("WELCOME10", True)],
        [("WELCOME10", False), ("FIVEOFF", True)],
        [("FIVEOFF", True), ("NONSENSE", False)],
        [],
    ]
    assert [3060, 2900, 2900, 3400] == [one["total_price"] for one in told]


def test_the_cart_tells_the_widget_its_lines(browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"handle": "evening-decaf", "quantity": "2"})
    browser.post("/cart/add", data={"handle": "gift-card"})
    browser.post("/cart/code", data={"code": " welcome10 "})
    text = browser.get("/cart").text
    found = re.search(r'<tallymark-estimate[^>]* lines="([^"]*)"', text)
    assert found
    decaf, card = json.loads(html.unescape(found[1]))
    assert decaf == {
        "product_id": catalogue.PRODUCTS[2].product_id,
        "price_minor": 1190,
        "quantity": 2,
        "discount_minor": 238,
        "gift_card": False,
        "tags": ["sale"],
    }
    assert (card["gift_card"], card["discount_minor"]) == (True, 0)


def test_quantities_and_codes_can_be_changed(browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"handle": "house-blend", "quantity": "2"})
    assert "31.25 EUR" not in _follow(browser, "/cart", **{"quantity.house-blend": "3"})
    assert "\u22125.00 EUR" in _follow(browser, "/cart/code", code="fiveoff")
    assert "\u22125.00 EUR" not in _follow(browser, "/cart/code", remove_code="yes")
    assert "does not know" in _follow(browser, "/cart/code", code="NONSENSE")
    assert "It is empty" in _follow(browser, "/cart", remove="house-blend")
    assert browser.get("/checkout").status_code == 303


def test_one_product_is_bought_once_and_by_a_plan(
    browser: FlaskClient, store: Store
) -> None:
    plan = catalogue.MONTHLY
    assert "Every month</option>" in browser.get("/products/house-blend").text
    assert "How often" not in browser.get("/products/low-bowl").text
    wanted = {"handle": "house-blend", "selling_plan": str(plan.plan_id)}
    for data in (wanted, {"handle": "house-blend"}, wanted):
        browser.post("/cart/add", data=data)
    choice = f"house-blend:{plan.plan_id}"
    assert "each, every month" in _follow(browser, "/cart", **{f"quantity.{choice}": 3})
    for handle in ("low-bowl", "nothing"):
        answer = browser.post("/cart/add", data=wanted | {"handle": handle})
        assert answer.status_code == 404
    assert "House Blend, every month" in _follow(
        browser, "/checkout", email="guest@example.com"
    )
    with store.data.reading() as rows:
        order = rows.orders()[0]
        told = [each.body for each in latest(rows, 10)]
    assert {(each.quantity, each.plan_id) for each in order.lines} == {
        (3, plan.plan_id),
        (1, None),
    }
    assert told
    assert not any(b"plan" in body for body in told)
    assert "every month" in browser.get(f"/admin/orders/{order.id}").text


def test_a_guest_buys_with_an_email_address(browser: FlaskClient, store: Store) -> None:
    order = _buy(browser, store)
    assert (order.customer_id, order.email) == (None, "guest@example.com")
    assert (order.financial_status, order.total_minor) == ("paid", 8730 + 0)
    thanks = browser.get(f"/orders/{order.id}/thank-you").text
    assert "/static/thank_you.js" in thanks
    assert "It is empty" in browser.get("/cart").text


def test_a_guest_without_an_address_is_asked_for_one(browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"handle": "low-bowl"})
    text = _follow(browser, "/checkout", email="nobody")
    assert "Please enter your e-mail address." in text


def test_a_guest_can_open_an_account_while_paying(
    browser: FlaskClient, store: Store
) -> None:
    order = _buy(browser, store, name="Mary Keller", create_account="yes")
    with store.data.reading() as rows:
        mary = rows.customer_by_email("guest@example.com")
    assert mary
    assert order.customer_id == mary.id
    assert "Hello, Mary." in browser.get("/account").text


def test_a_shopper_signs_in_and_sees_their_points(
    browser: FlaskClient, store: Store
) -> None:
    with store.data.reading() as rows:
        ada = rows.customers()[0]
    assert browser.get("/account").status_code == 303
    text = _follow(browser, "/account/login", customer_id=str(ada.id))
    assert "Hello, Ada." in text
    for box, is_ticked in ({"newsletter": "yes"}, True), ({}, False):
        mail = _follow(browser, "/account/newsletter", **box)
        assert is_ticked == bool(re.search(r'id="newsletter"[^>]* checked', mail))
    assert '<tallymark-balance class="points">' in text
    assert "iframe" not in text
    bundles = store.settings.widget_folder / "dist"
    bundles.mkdir()
    (bundles / "Checkout.js").write_text("")
    order = _buy(browser, store)
    assert order.customer_id == ada.id
    text = browser.get("/account").text
    assert f"#{order.number}" in text
    assert 'src="/extensions/account"' in text
    assert 'src="/extensions/account-page"' in browser.get("/account/rewards").text
    page = f"/account/orders/{order.id}"
    assert f'src="/extensions/order-status?order_id={order.id}"' in (
        browser.get(page).text
    )
    state = f"/extensions/order-status/state.json?order_id={order.id}"
    assert browser.get(state).get_json()["bundle"].endswith("/OrderStatus.js")
    assert browser.get("/extensions/nowhere").status_code == 404
    assert "Hello" not in _follow(browser, "/account/logout")
    assert browser.get(page).status_code == 303
    guest = _buy(browser, store)
    browser.post("/account/login", data={"customer_id": str(ada.id)})
    assert browser.get(f"/account/orders/{guest.id}").status_code == 404


def test_signing_in_leads_nowhere_else(browser: FlaskClient, store: Store) -> None:
    with store.data.reading() as rows:
        data = {"customer_id": str(rows.customers()[0].id)}
    for wanted, path in (("/checkout", "/checkout"), ("//evil.example", "/account")):
        answer = browser.post("/account/login", data={**data, "next": wanted})
        assert answer.location == path


def test_the_owner_refunds_by_form(browser: FlaskClient, store: Store) -> None:
    order = _buy(browser, store)
    page = f"/admin/orders/{order.id}"
    bowl = f"units.{order.lines[0].id}"
    text = _follow(
        browser, f"{page}/refund", **{bowl: "1", "restock": "yes", "pending": "yes"}
    )
    assert "Let the refund succeed" in text
    refund = _read(store, order).refunds[0]
    text = _follow(browser, f"{page}/refunds/{refund.id}/settle")
    assert "partially refunded" in text
    assert "more money than is left" in _follow(browser, f"{page}/refund", amount="999")
    assert "12.50" in _follow(browser, f"{page}/refund", amount="x")
    assert "only 1 left" in _follow(browser, f"{page}/refund", **{bowl: "9"})
    _follow(browser, f"{page}/refund", action="everything")
    assert _read(store, order).financial_status == "refunded"


def test_the_owner_does_all_the_rest_by_form(
    browser: FlaskClient, store: Store
) -> None:
    order = _buy(browser, store, payment="bank")
    page = f"/admin/orders/{order.id}"
    coffee = f"units.{order.lines[1].id}"
    _follow(browser, f"{page}/pay")
    _follow(browser, f"{page}/edit", **{coffee: "2", "settle_now": "yes"})
    _follow(browser, f"{page}/dispute")
    dispute = _read(store, order).disputes[0]
    assert "won" in _follow(
        browser, f"{page}/disputes/{dispute.id}/settle", status="won"
    )
    with store.data.reading() as rows:
        linus = rows.customers()[2]
    _follow(browser, f"{page}/attach", customer_id=str(linus.id))
    _follow(browser, f"{page}/fulfil", **{coffee: "1"})
    now = _read(store, order)
    assert (now.financial_status, now.fulfillment_status) == ("paid", "partial")
    assert (now.customer_id, now.lines[1].quantity) == (linus.id, 2)
    assert "has been sent" in browser.get(page).text
    assert "Only a cancelled order" in _follow(browser, f"{page}/delete")


def test_the_owner_cancels_and_deletes(browser: FlaskClient, store: Store) -> None:
    order = _buy(browser, store)
    page = f"/admin/orders/{order.id}"
    text = _follow(
        browser, f"{page}/cancel", reason="fraud", refund="yes", restock="yes"
    )
    assert "Delete order" in text
    assert "No orders yet" in _follow(browser, f"{page}/delete")


def test_orders_can_be_read_by_scripts(browser: FlaskClient, store: Store) -> None:
    order = _buy(browser, store)
    (found,) = browser.get("/admin/orders.json").get_json()["orders"]
    assert found["id"] == order.id
    assert found["line_items"][0]["price_set"]["shop_money"] == {
        "amount": "34.00",
        "currency_code": "EUR",
    }


def test_the_switches_are_remembered(browser: FlaskClient, store: Store) -> None:
    _buy(browser, store)
    text = _follow(
        browser,
        "/admin/webhooks/switches",
        hold="yes",
        shuffle="yes",
        lose_percent="30",
    )
    assert "on release" in text
    assert re.search(r'id="hold"[^>]* checked', text)
    assert 'value="30"' in text
    text = _follow(browser, "/admin/webhooks/release")
    assert not re.search(r'id="hold"[^>]* checked', text)
    assert "once more" in _follow(browser, "/admin/webhooks/1/redeliver")


def test_customers_are_looked_after_by_form(browser: FlaskClient, store: Store) -> None:
    _follow(browser, "/account/register", name="Mary Keller", email="mary@example.com")
    with store.data.reading() as rows:
        ada, _, _, mary = rows.customers()
    _follow(browser, f"/admin/customers/{ada.id}/data-request")
    _follow(browser, f"/admin/customers/{ada.id}/redact")
    whose = {"customer_id": str(ada.id)}
    text = _follow(browser, "/admin/customers/tags", tags="VIP, tea", **whose)
    assert '<span class="badge">VIP</span>' in text
    _follow(browser, "/admin/customers/tags", tags="vip", action="remove", **whose)
    text = _follow(browser, "/admin/customers/segments", segment="31", **whose)
    assert '<span class="badge">Regulars</span>' in text
    text = _follow(
        browser, "/admin/customers/segments", segment="31", action="leave", **whose
    )
    assert ["tea"] == re.findall(r'<span class="badge">(\w+)</span>', text)
    text = _follow(
        browser, "/admin/customers/merge", kept_id=str(ada.id), gone_id=str(mary.id)
    )
    assert "mary@example.com" not in text
    assert "different" in _follow(browser, "/admin/customers/merge", kept_id="x")
    assert "is deleted" in _follow(browser, f"/admin/customers/{ada.id}/delete")

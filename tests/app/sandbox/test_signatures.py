"""What the store signs is what Shopify would have signed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask
from flask.testing import FlaskClient
from shopify_app import ShopifyApp

from app.sandbox import grants, outbox
from app.sandbox.deliveries import Receiver, Sender, headers_of, sign
from app.sandbox.main import SandboxSettings, create_store
from app.sandbox.orders import Order
from app.sandbox.proxy import signature
from app.sandbox.store import Store
from tests.app.sandbox.conftest import NOWHERE, SHOP

ORACLE = ShopifyApp("client-id", "hush")


def test_the_official_app_proxy_example_is_signed_the_same() -> None:
    query = parse_qsl(
        "extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1"
        "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
    )
    expected = "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"
    assert signature("hush", query) == expected
    assert signature("hush", query[::-1][:-2] + query[:2]) == expected


def test_a_message_is_signed_over_its_bytes() -> None:
    # Worked out with: printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary
    assert sign("hush", b'{"id":1}') == "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="


def test_shopifys_own_library_accepts_the_messages(
    store: Store, buy: Callable[..., Order]
) -> None:
    buy(code="WELCOME10", house_blend=2, low_bowl=1)
    receiver = Receiver("http://127.0.0.1:1", "sandbox.myshopify.com", "hush")
    with store.data.reading() as rows:
        deliveries = outbox.latest(rows)
    assert deliveries
    for delivery in deliveries:
        request = {
            "method": "POST",
            "headers": headers_of(delivery, receiver),
            "url": "https://app.example/webhooks/shopify",
            "body": delivery.body.decode(),
        }
        verdict = ORACLE.verify_webhook_req(request)
        assert verdict.ok, verdict.log
        assert verdict.shop == "sandbox"
        spoilt = {**request, "body": delivery.body.decode() + " "}
        assert not ORACLE.verify_webhook_req(spoilt).ok


def test_shopifys_own_library_accepts_what_the_proxy_passes_on(
    make_store: Callable[..., Flask], pretend_app: Any
) -> None:
    browser = make_store(pretend_app.url).test_client()
    browser.get("/apps/tallymark/standing?extra=1&extra=2&name=%C3%A9+%26")
    (heard,) = pretend_app.heard
    verdict = ORACLE.verify_app_proxy_req(
        {
            "method": "GET",
            "headers": heard.headers,
            "url": f"https://app.example{heard.path}",
            "body": "",
        }
    )
    assert verdict.ok, verdict.log
    assert not verdict.logged_in_customer_id


def _what_extensions_say(browser: FlaskClient) -> dict[str, Any]:
    """Return the claims of the token that extensions get, once it is verified."""
    token = browser.get("/extensions/token").get_json()["token"]
    verdict = ORACLE.verify_checkout_ui_ext_req(
        {
            "method": "GET",
            "headers": {"Authorization": f"Bearer {token}"},
            "url": "https://app.example/api/standing",
            "body": "",
        }
    )
    assert verdict.ok, verdict.log
    assert verdict.shop == "sandbox"
    claims: dict[str, Any] = verdict.id_token.claims
    return claims


def test_shopifys_own_library_accepts_the_tokens_of_extensions(
    tmp_path: Path,
) -> None:
    settings = SandboxSettings(
        SHOP, "hush", NOWHERE, tmp_path, tmp_path, client_id="client-id"
    )
    shop = create_store(settings, start_sender=False)
    browser, store = shop.test_client(), shop.extensions["sandbox"]
    with store.data.reading() as rows:
        ada = rows.customers()[0]
    always = {"dest", "aud", "exp", "nbf", "iat", "jti"}
    assert _what_extensions_say(browser).keys() == always

    browser.post("/account/login", data={"customer_id": ada.id})
    told = _what_extensions_say(browser)
    assert told["sub"] == f"gid://shopify/Customer/{ada.id}"
    assert told["exp"] - told["nbf"] == 300
    store.app.set_scopes(set(grants.SCOPES) - {"write_customers"})
    assert _what_extensions_say(browser).keys() == always


def test_a_sender_says_all_that_shopify_says(
    store: Store, buy: Callable[..., Order], pretend_app: Any
) -> None:
    buy(house_blend=1)
    receiver = Receiver(pretend_app.url, "sandbox.myshopify.com", "hush")
    Sender(store.data, receiver).step()
    for heard in pretend_app.heard:
        assert heard.path == "/webhooks/shopify"
        assert heard.headers["content-type"] == "application/json"
        assert heard.headers["x-shopify-api-version"] == "2026-10"
        assert heard.headers["x-shopify-shop-domain"] == "sandbox.myshopify.com"
        assert heard.headers["x-shopify-triggered-at"].endswith("Z")
        assert heard.headers["x-shopify-hmac-sha256"] == sign("hush", heard.body)
    events = {x.headers["x-shopify-event-id"] for x in pretend_app.heard}
    ids = {x.headers["x-shopify-webhook-id"] for x in pretend_app.heard}
    assert len(events) == 1
    assert len(ids) == len(pretend_app.heard) == 4

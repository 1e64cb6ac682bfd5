"""The app proxy changes a request and its answer as Shopify does, and no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.sandbox.store import Store


@pytest.fixture
def proxied(make_store: Callable[..., Flask], pretend_app: Any) -> Flask:
    return make_store(pretend_app.url)


@pytest.fixture
def browser(proxied: Flask) -> FlaskClient:
    return proxied.test_client()


def _query(heard: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(heard.path).query, keep_blank_values=True)


def _sign_in(browser: FlaskClient, shop: Flask) -> int:
    store: Store = shop.extensions["sandbox"]
    with store.data.reading() as rows:
        ada = rows.customers()[0]
    browser.post("/account/login", data={"customer_id": str(ada.id)})
    return ada.id


def test_a_guest_is_passed_on_as_no_one(browser: FlaskClient, pretend_app: Any) -> None:
    pretend_app.headers = {"Content-Type": "application/json"}
    answer = browser.get("/apps/tallymark/standing?a=&a=2")
    (heard,) = pretend_app.heard
    query = _query(heard)
    assert answer.json == {"ok": True}
    assert urlsplit(heard.path).path == "/proxy/standing"
    assert query["a"] == ["", "2"]
    assert query["shop"] == ["sandbox.myshopify.com"]
    assert query["logged_in_customer_id"] == [""]
    assert query["path_prefix"] == ["/apps/tallymark"]
    assert abs(int(query["timestamp"][0]) - time.time()) < 5


def test_a_shopper_is_passed_on_by_id_without_cookies(
    browser: FlaskClient, proxied: Flask, pretend_app: Any
) -> None:
    customer_id = _sign_in(browser, proxied)
    browser.get("/apps/tallymark/standing")
    (heard,) = pretend_app.heard
    assert _query(heard)["logged_in_customer_id"] == [str(customer_id)]
    assert "cookie" not in heard.headers
    browser.post("/account/logout")
    browser.get("/apps/tallymark/standing")
    assert _query(pretend_app.heard[-1])["logged_in_customer_id"] == [""]


def test_no_one_can_say_who_they_are(browser: FlaskClient, pretend_app: Any) -> None:
    browser.get("/apps/tallymark/x?logged_in_customer_id=1&shop=evil&signature=0")
    query = _query(pretend_app.heard[0])
    assert query["logged_in_customer_id"] == [""]
    assert query["shop"] == ["sandbox.myshopify.com"]
    assert len(query["signature"]) == 1


def test_method_body_and_type_are_passed_on(
    browser: FlaskClient, pretend_app: Any
) -> None:
    browser.post(
        "/apps/tallymark/redeem/a%20b",
        data=b'{"id": "\xc3\xa9"}',
        headers={"Content-Type": "application/json", "If-None-Match": '"1"'},
    )
    (heard,) = pretend_app.heard
    assert (heard.method, heard.body) == ("POST", b'{"id": "\xc3\xa9"}')
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["if-none-match"] == '"1"'
    assert heard.headers["x-forwarded-host"] == "localhost"
    assert urlsplit(heard.path).path == "/proxy/redeem/a%20b"


def test_some_headers_of_the_answer_are_taken_away(
    browser: FlaskClient, pretend_app: Any
) -> None:
    taken_away = (
        "Set-Cookie Accept-Patch Accept-Ranges Connection Date Delta-Base IM P3P Pragma"
        " Preference-Applied Proxy-Authenticate Public-Key-Pins Server"
        " Service-Worker-Allowed Trailer Tk Warning X-Powered-By"
    ).split()
    pretend_app.headers = dict.fromkeys(taken_away, "x") | {
        "Cache-Control": "no-store",
        "ETag": '"2"',
    }
    answer = browser.get("/apps/tallymark/standing")
    assert [] == [name for name in taken_away if name in answer.headers]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["ETag"] == '"2"'


@pytest.mark.parametrize("status", [304, 401, 404, 503])
def test_the_apps_status_is_passed_on(
    browser: FlaskClient, pretend_app: Any, status: int
) -> None:
    pretend_app.answers = [status]
    assert browser.get("/apps/tallymark/standing").status_code == status


def test_redirects_are_followed_by_the_store(
    browser: FlaskClient, pretend_app: Any
) -> None:
    pretend_app.answers = [302]
    pretend_app.headers = {"Location": f"{pretend_app.url}/elsewhere"}
    assert browser.get("/apps/tallymark/standing").status_code == 200
    assert pretend_app.heard[-1].path == "/elsewhere"


def test_an_app_that_is_down_is_said_to_be(shop: Flask) -> None:
    started = time.monotonic()
    assert shop.test_client().get("/apps/tallymark/x").status_code == 502
    assert time.monotonic() - started < 5

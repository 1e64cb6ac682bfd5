"""The older way in: asked for by a signed query, answered to the same browser."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app.main import create_app
from app.platforms.shopify.scopes import SCOPES
from app.sandbox.app_home import signed
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from tests.builders.installation import PUBLIC_URL, Installation

COOKIE = "__Host-tallymark-install"


@pytest.fixture
def elsewhere(site: Installation) -> Installation:
    """The store that leads back to where the app is reached from outside."""
    settings = site.shop.store.settings
    object.__setattr__(settings, "app_url", PUBLIC_URL)
    return site


def _begin(site: Installation, **changes: str) -> str:
    words = {"shop": SANDBOX_DOMAIN, "timestamp": str(int(time.time()))} | changes
    answer = site.get(f"/shopify/install?{signed('hush', words)}")
    assert answer.status_code == 302
    return answer.headers["Location"]


def _agreed(asked: str) -> str:
    """Where the store leads back to once its owner has agreed."""
    answer = requests.get(asked, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_an_owner_who_agrees_has_the_store_installed(elsewhere: Installation):
    asked = _begin(elsewhere)
    words = {name: value[0] for name, value in parse_qs(urlsplit(asked).query).items()}
    assert asked.startswith(f"{elsewhere.shop.url}/admin/oauth/authorize?")
    assert words["scope"] == ",".join(SCOPES)
    assert words["redirect_uri"] == f"{PUBLIC_URL}/shopify/callback"
    cookie = elsewhere.client.get_cookie(COOKIE, domain="app.example")
    assert cookie
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Lax")

    answer = elsewhere.get(_agreed(asked))

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"/admin/apps/{SANDBOX_CLIENT_ID}")
    assert elsewhere.is_open
    assert elsewhere.store
    assert elsewhere.store.opened_at
    assert not elsewhere.client.get_cookie(COOKIE, domain="app.example")


def test_a_signed_visit_from_outside_is_led_there(elsewhere: Installation):
    words = {"shop": SANDBOX_DOMAIN, "timestamp": str(int(time.time()))}
    answer = elsewhere.get(f"/shopify?{signed('hush', words)}")

    assert answer.headers["Location"].startswith("/shopify/install?")
    assert elsewhere.get(answer.headers["Location"]).status_code == 302


def test_a_signed_visit_to_a_store_that_is_installed_ends_there(
    elsewhere: Installation,
):
    elsewhere.get(_agreed(_begin(elsewhere)))
    words = {"shop": SANDBOX_DOMAIN, "timestamp": str(int(time.time()))}
    opened = f"/shopify?{signed('hush', words)}"

    answer = elsewhere.get(opened)

    assert answer.status_code == 200
    assert "installed in sandbox.myshopify.com" in answer.text
    assert "tallymark programme page sandbox.myshopify.com" in answer.text
    # Whoever has the address has no more than this of it.
    assert "/owner/open/" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'none'")

    # Where the store shut us out, and word of it is still on its way, leave is asked.
    elsewhere.shop.store.app.uninstall()
    again = elsewhere.get(opened)
    assert again.headers["Location"].startswith("/shopify/install?")


def test_an_answer_to_another_browser_is_refused(elsewhere: Installation):
    back = _agreed(_begin(elsewhere))
    elsewhere.client.delete_cookie(COOKIE, domain="app.example")

    assert elsewhere.get(back).status_code == 401
    assert elsewhere.store is None


def test_an_answer_counts_once(elsewhere: Installation):
    back = _agreed(_begin(elsewhere))
    elsewhere.get(back)

    assert elsewhere.get(back).status_code == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "another"),
        ("shop", "other.myshopify.com"),
        ("shop", "evil.example"),
        ("shop", "sandbox.myshopify.com.evil.example"),
        ("timestamp", "1317327555"),
    ],
)
def test_another_answer_than_was_asked_for_is_refused(
    elsewhere: Installation, name: str, value: str
):
    """Even where Shopify's signature fits: it is of another browser, or of long ago."""
    query = parse_qs(urlsplit(_agreed(_begin(elsewhere))).query)
    words = {each: query[each][0] for each in query if each != "hmac"}
    back = f"/shopify/callback?{signed('hush', words | {name: value})}"

    assert elsewhere.get(back).status_code == 401
    assert elsewhere.store is None


@pytest.mark.parametrize("spoil", ["&shop=other.myshopify.com", "&hmac=0", "&x=1"])
def test_a_query_that_is_not_what_was_signed_is_refused(
    elsewhere: Installation, spoil: str
):
    words = {"shop": SANDBOX_DOMAIN, "timestamp": str(int(time.time()))}
    query = signed("hush", words) + spoil

    for path in ("install", "callback"):
        assert elsewhere.get(f"/shopify/{path}?{query}").status_code == 401


@pytest.mark.parametrize("missing", ["public_url", "shopify_api_key"])
def test_without_an_address_or_an_id_there_is_no_such_way(
    site: Installation, missing: str
):
    app = create_app(
        site.line.settings_with(**{"public_url": PUBLIC_URL, missing: None})
    )
    words = {"shop": SANDBOX_DOMAIN, "timestamp": str(int(time.time()))}

    answer = app.test_client().get(f"/shopify/install?{signed('hush', words)}")

    assert answer.status_code == 404
    app.extensions["tallymark"].database.close()

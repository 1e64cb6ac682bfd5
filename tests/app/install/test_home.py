"""Whoever opens the app in a store installs it; nobody else does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from redis import Redis
from rq import Queue
from shopify_app import ShopifyApp
from structlog.testing import capture_logs

from app.audit_log import EVENT
from app.jobs import QUEUE
from app.sandbox import cart
from app.sandbox.admin import trouble
from app.sandbox.app_home import home_url, id_token
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from tests.builders.id_tokens import an_id_token
from tests.builders.installation import PUBLIC_URL, Installation
from tests.storefront_widget.theme import the_theme

ORACLE = ShopifyApp(SANDBOX_CLIENT_ID, "hush")


def _made(**changes: Any) -> str:
    return an_id_token(SANDBOX_DOMAIN, **{"aud": SANDBOX_CLIENT_ID} | changes)


FORGED: dict[str, Callable[[], str]] = {
    "none": lambda: "",
    "over": lambda: _made(exp=int(time.time()) - 60),
    "unsigned": lambda: _made(algorithm="none"),
    "of another app": lambda: _made(aud="another"),
    "by another secret": lambda: _made(secret="other"),
    "of another store": lambda: _made(iss="https://other.myshopify.com/admin"),
}


def _oracle(url: str) -> Any:
    request: Any = {"method": "GET", "headers": {}, "url": url, "body": ""}
    return ORACLE.verify_app_home_req(request, "/shopify/bounce")


def test_opening_the_app_installs_the_store(site: Installation, redis: Redis):
    with capture_logs() as logs:
        answer = site.open()
        site.open()

    assert answer.status_code == 200
    assert "installed in sandbox.myshopify.com" in answer.text
    assert "1 point for each €1.00" in answer.text
    assert site.store
    assert (site.store.currency, site.store.timezone) == ("EUR", "UTC")
    assert (site.store.install_count, site.is_open) == (1, True)
    where = {"program_id": site.store.program_id, "store_id": site.store.store_id}
    noted = {"what": "store installed", "by": "the store", **where}
    assert [each for each in logs if each["event"] == EVENT] == [
        {"event": EVENT, "log_level": "info"} | noted
    ]
    # A worker is to set it up now, whatever it has said before.
    assert 1 == len(Queue(QUEUE, connection=redis))


def test_the_page_leads_to_the_program_of_its_store(site: Installation):
    [link] = re.findall(r'href="(/owner/open/[^"]+)"', site.open().text)
    opened = site.get(link)

    assert opened.status_code == 303
    page = site.get(opened.headers["Location"])
    assert "1 point for each €1.00" in page.text


def test_the_page_says_what_next_with_the_way_to_the_theme_editor(site: Installation):
    page = site.open().text
    [written] = re.findall(r'href="([^"]+/themes/[^"]+)"', page)
    editor = f"{site.shop.url}/admin/themes/current/editor"
    embed = the_theme().schema("launcher")
    words = f"context=apps&activateAppId={SANDBOX_CLIENT_ID}/launcher"

    assert "What next" in page
    assert "tallymark programme page" not in page
    assert f"{editor}?{words}" == unescape(written)
    # Shopify activates app embeds by their names, and no other blocks.
    assert "body" == embed["target"]
    assert requests.get(unescape(written), timeout=10).url == f"{site.shop.url}/"


def test_opening_it_again_asks_for_nothing_more(site: Installation):
    before = [site.open(), *site.shop.grants()][1:]
    site.open()

    assert before == site.shop.grants()
    assert site.store
    assert site.store.install_count == 1


def test_what_the_sandbox_opens_shopifys_package_takes(site: Installation):
    url = home_url(site.shop.store.settings)
    verdict = _oracle(url.replace(site.shop.store.settings.app_url, PUBLIC_URL))

    assert verdict.ok
    assert verdict.shop == "sandbox"


@pytest.mark.parametrize("name", FORGED)
def test_without_a_good_token_nothing_is_installed(site: Installation, name: str):
    written = FORGED[name]()
    query = urlencode({"embedded": "1", "shop": "evil.example", "id_token": written})
    answer = site.get(f"/shopify?{query}")

    assert answer.status_code == 302
    sent_to = urlsplit(answer.headers["Location"])
    assert sent_to.path == "/shopify/bounce"
    again = parse_qs(sent_to.query)["shopify-reload"][0]
    assert again == "/shopify?embedded=1&shop=evil.example"
    assert site.store is None
    # Shopify's package looks at no issuer, and refuses all others.
    assert _oracle(f"{PUBLIC_URL}/shopify?{query}").ok == ("store" in name)


def test_outside_of_a_store_it_says_where_to_open_it(site: Installation):
    answer = site.get("/shopify?shop=sandbox.myshopify.com")

    assert answer.status_code == 401
    assert "in the admin of your store" in answer.text
    assert site.store is None


def test_only_its_store_and_the_admin_may_show_it_in_a_frame(site: Installation):
    ours = site.open().headers["Content-Security-Policy"]
    bounced = site.get("/shopify/bounce?shop=evil.example&shopify-reload=/shopify")
    alone = site.get("/shopify?shop=evil.example").headers["Content-Security-Policy"]

    assert ours.endswith(f"frame-ancestors {site.shop.url} https://admin.shopify.com")
    theirs = bounced.headers["Content-Security-Policy"]
    assert theirs.endswith(
        "frame-ancestors https://*.myshopify.com https://admin.shopify.com"
    )
    assert alone.endswith("frame-ancestors 'none'")
    assert "evil" not in ours + theirs + alone + bounced.text
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
        assert name in bounced.headers


@pytest.mark.parametrize("kind", [trouble.BROKEN, trouble.HANG_AFTER])
def test_a_store_that_gave_no_answer_is_installed_at_the_next_try(
    site: Installation, kind: str
):
    site.shop.let_happen(kind, where=trouble.TOKENS)
    first = site.open()

    assert first.status_code == 503
    assert site.store is None
    assert site.open().status_code == 200
    assert site.is_open


def test_a_store_that_refuses_is_not_installed(site: Installation):
    token = id_token(site.shop.store.settings)
    site.shop.store.app.uninstall()
    answer = site.get(f"/shopify?{urlencode({'id_token': token})}")

    assert answer.status_code == 502
    assert site.store is None


def test_what_was_said_before_anybody_opened_it_counts(site: Installation):
    ada = site.shop.ada
    chosen = cart.price({"low-bowl": 1}, None)
    site.shop.store.place_order(chosen, Buyer(ada.email, ada.name, ada.id), CARD)
    site.hear()
    assert {row.state for row in site.line.inbox()} == {"ignored"}

    site.open()
    site.line.worker.drain()

    assert {row.state for row in site.line.inbox()} == {"settled"}
    assert site.line.totals()["available"] > 0


def test_a_scope_that_was_taken_away_is_asked_for(site: Installation):
    site.open()
    site.shop.store.app.set_scopes(["read_orders", "write_customers"])
    site.hear()

    answer = site.open()
    assert "Please let it" in answer.text
    assert "write_discounts" in answer.text
    assert "read_orders" not in answer.text

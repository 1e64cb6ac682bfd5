"""Every page for people of a store, in a real browser: axe finds nothing there.

Shoppers' pages are looked at where they are told of, the form with its mistakes in
`owner/test_story.py`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.counter.link import counter_path
from app.owner.sign_in import link_path
from app.sandbox import cart
from app.sandbox.app_home import home_url, signed
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox_token import SANDBOX_DOMAIN
from app.storage.database import Database
from app.storage.program_document import load_program
from tests.app.owner import test_approvals as waiting
from tests.builders.installation import Installation
from tests.builders.line import DOMAIN, TestLine
from tests.builders.listening import listening
from tests.builders.open_store import served
from tests.builders.shopify import ADA, a_line, an_order

# Styles that ask for a width ask for no colours, so two of the four are enough.
LOOKS = (("light", 390), ("dark", 1200))
EVERY_RULE = {"rules": {"target-size": {"enabled": True}}}
PROGRAMME = Path(__file__).parents[2] / "docs" / "programmes" / "membership-club.json"


@dataclass(frozen=True)
class Site:
    """A store of which much is to be seen, the app's address, and one page."""

    line: TestLine
    installed: Installation
    app_url: str
    page: Page

    def home(self) -> str:
        """Where the store opens the app."""
        parts = urlsplit(home_url(self.installed.shop.store.settings))
        return f"{self.app_url}{parts.path}?{parts.query}"

    def signed_visit(self) -> str:
        """Where a store leads that does not show the app within its own pages."""
        words = {"shop": SANDBOX_DOMAIN, "timestamp": str(int(time.time()))}
        return f"{self.app_url}/shopify?{signed('hush', words)}"

    def counter(self) -> str:
        """Where vouchers are taken in."""
        whose = self.line.store.program_id, self.line.store.store_id
        return self.app_url + counter_path("secret", *whose)

    def in_app(self, path: str) -> str:
        """Return where a path of the app is."""
        return self.app_url + path

    def in_store(self, path: str) -> str:
        """Return where a path of the sandbox store is."""
        return self.installed.shop.url + path


Where = Callable[[Site], str]


def _app(path: str) -> Where:
    return lambda site: site.in_app(path)


def _store(path: str) -> Where:
    return lambda site: site.in_store(path)


PAGES: dict[str, Where] = {
    "not signed in": _app("/owner/open/nothing"),
    "programme and its versions": _app("/owner/program?saved=2"),
    "form": _app("/owner/program/form"),
    "approvals and doubts": _app("/owner/approvals"),
    "no such page of the owner": _app("/owner/program/form?version=99"),
    "home": Site.home,
    "home without the store's frame": Site.signed_visit,
    "home without a token": _app("/shopify"),
    "bounce": _app("/shopify/bounce"),
    "counter": Site.counter,
    "orders": _store("/admin"),
    "order": _store("/admin/orders/{order}"),
    "webhooks": _store("/admin/webhooks"),
    "customers": _store("/admin/customers"),
    "products": _store("/admin/products"),
    "rewards": _store("/admin/rewards"),
    "app": _store("/admin/app"),
}


@pytest.fixture(scope="module")
def site(
    new_database_url: Callable[[], str],
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    browser: Browser,
) -> Iterator[Site]:
    """A store with seven versions, with doubts, and with an order in the sandbox."""
    home = tmp_path_factory.mktemp("pages")
    database = Database(new_database_url())
    with ExitStack() as open_things:
        open_things.callback(database.close)
        line = TestLine(database, redis_url, home)
        shop = open_things.enter_context(served(home / "shop"))
        installed = Installation(line, shop)
        open_things.callback(installed.close)
        _much_happens(line, installed)
        url = open_things.enter_context(listening(installed.client.application))
        context = browser.new_context()
        open_things.callback(context.close)
        page = context.new_page()
        link = link_path("secret", "shopify", DOMAIN, datetime.now(UTC))
        page.goto(url + link)
        yield Site(line, installed, url, page)


def _much_happens(line: TestLine, installed: Installation) -> None:
    now = line.clock()
    for days in (-3, -2, 9, -1):
        line.set_program(waiting.PROGRAM, now + timedelta(days=days))
    ada = ADA | {"default_address": waiting.HOME}
    order = an_order(a_line("500.00"), customer=ada, billing_address=waiting.HOME)
    line.settle(("orders/paid", order))
    waiting.reports(line, "review", "771")
    waiting.reports(line, "custom-repair-cafe", "12", by="owner")
    line.redeem(7001, "mug")
    waiting.brings(line, 8001, default_address=waiting.HOME)
    line.set_program(load_program(json.loads(PROGRAMME.read_text())), now)
    line.set_program(waiting.PROGRAM, now + timedelta(days=20))

    grace = installed.shop.ada
    bought = cart.price({"low-bowl": 1}, None)
    buyer = Buyer(grace.email, grace.name, grace.id)
    installed.shop.store.place_order(bought, buyer, CARD)
    installed.open()
    installed.shop.store.app.set_scopes(["read_orders", "write_customers"])
    installed.hear()


@pytest.mark.parametrize("where", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_and_nothing_sticks_out(site: Site, where: Where):
    with site.installed.shop.store.data.reading() as rows:
        order_id = rows.orders()[0].id
    answer = site.page.goto(where(site).replace("{order}", str(order_id)))
    assert answer
    assert answer.status < 500
    site.page.eval_on_selector_all("details", "all => all.map(one => one.open = true)")
    for scheme, width in LOOKS:
        site.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        site.page.set_viewport_size({"width": width, "height": 800})
        wide = site.page.evaluate("document.documentElement.scrollWidth")
        found = Axe().run(site.page, options=EVERY_RULE).response["violations"]
        rules = [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found]
        assert (scheme, width, []) == (scheme, wide, rules)

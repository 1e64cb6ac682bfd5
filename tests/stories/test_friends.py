"""A story in two browsers: Ada's link, her friend's gift, and the points for it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.conftest import DOMAIN, Running, violations


@pytest.fixture
def friend(browser: Browser, demo: Running) -> Iterator[Page]:
    """A page in a browser profile of its own: no cookie, nothing stored."""
    context = browser.new_context(base_url=demo.store_url)
    yield context.new_page()
    context.close()


@pytest.fixture
def at_once(demo: Running) -> None:
    """First orders stand as soon as they are paid."""
    shown: dict[str, Any] = json.loads(
        demo.tallymark("programme", "show", DOMAIN).stdout
    )
    shown["referral"] |= {"stand_days": 0, "advocate_points": 200}
    file = demo.home.parent / "friends.json"
    file.write_text(json.dumps(shown))
    told = demo.tallymark("programme", "apply", DOMAIN, str(file))
    assert "is in force" in told.stdout, told.stderr


def _sign_up(page: Page, name: str, email: str) -> None:
    page.goto("/account/login")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/account")


def _buy(page: Page, units: int, code: str | None = None) -> str:
    page.goto("/products/morning-mug")
    page.get_by_label("Quantity").fill(str(units))
    page.get_by_role("button", name="Add to cart").click()
    if code:
        page.goto("/cart")
        page.get_by_label("Discount code").fill(code)
        page.get_by_role("button", name="Apply").click()
    page.goto("/checkout")
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url("**/thank-you")
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found
    return found.group(1)


def _panel(page: Page) -> Any:
    page.goto("/")
    page.locator("tallymark-launcher").get_by_role("button").first.click()
    return page.get_by_role("dialog")


def _shows(page: Page, text: str) -> Any:
    """Open the panel again and again for a while, until it says something."""
    for _ in range(20):
        panel = _panel(page)
        with suppress(AssertionError):
            expect(panel).to_contain_text(text, timeout=700)
            return panel
        time.sleep(0.3)
    expect(panel).to_contain_text(text)
    return panel


def test_a_link_works_in_another_browser(page: Page, friend: Page, at_once: None):
    _sign_up(page, "Vera", "vera@example.com")
    _buy(page, 1)
    panel = _shows(page, "Bring a friend")
    expect(panel).to_contain_text("Your friend gets €5.00 off")
    link = panel.get_by_label("Your link", exact=True).input_value()
    assert [] == violations(page)

    friend.goto(link)
    friend.wait_for_url("**/")
    assert "tallymark_friend" not in friend.url
    welcome = "A friend gives you €5.00 off: sign in or open an account to get it."
    expect(_panel(friend)).to_contain_text(welcome)
    _sign_up(friend, "Wim", "wim@example.com")
    gift = _shows(friend, "Ready to use").locator("code").first.inner_text()
    assert "vera" not in friend.content().lower()

    order_id = _buy(friend, 2, gift)
    panel = _shows(page, "1 friend came")
    _shows(page, "A friend's first order")
    # 25 for joining, 24 for the mug and 200 for the friend.
    expect(panel).to_contain_text("249 points")
    assert "wim" not in page.content().lower()

    friend.goto(f"/admin/orders/{order_id}")
    friend.get_by_role("button", name="Cancel order").click()
    _shows(page, "49 points")
    expect(_shows(page, "Taken back")).not_to_contain_text("249 points")

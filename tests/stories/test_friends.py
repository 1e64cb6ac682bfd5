"""Stories in several browsers: friends who come by a link and by a code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.commands.demo_program import demo_program
from app.domain.referral_terms import ReferralTerms
from app.storage.program_document import dump_program
from tests.stories.conftest import DOMAIN, Running, violations
from tests.stories.shopper import (
    buy,
    has,
    once,
    panel,
    pay,
    put,
    row,
    sign_up,
    use_code,
)

WELCOME = "A friend gives you €5.00 off: sign in or open an account to get it."


@pytest.fixture
def new_page(browser: Browser, demo: Running) -> Iterator[Callable[[], Page]]:
    """Pages in browser profiles of their own: no cookie, nothing stored."""
    contexts = []

    def opened() -> Page:
        contexts.append(browser.new_context(base_url=demo.store_url))
        return contexts[-1].new_page()

    yield opened
    for each in contexts:
        each.close()


@pytest.fixture(scope="module")
def at_once(demo: Running) -> None:
    """First orders stand as soon as they are paid."""
    terms = ReferralTerms(stand_days=0, advocate_points=200)
    program = replace(demo_program(datetime.now(UTC).date()), referral=terms)
    file = demo.home.parent / "friends.json"
    file.write_text(json.dumps(dump_program(program)))
    told = demo.tallymark("programme", "apply", DOMAIN, str(file))
    assert "is in force" in told.stdout, told.stderr


@pytest.mark.usefixtures("at_once")
def test_a_link_works_in_another_browser(page: Page, new_page: Callable[[], Page]):
    sign_up(page, "Vera")
    buy(page, "morning-mug")
    shown = has(page, "49 points")
    expect(shown).to_contain_text("Your friend gets €5.00 off")
    link = shown.get_by_label("Your link", exact=True).input_value()
    assert [] == violations(page)

    friend = new_page()
    friend.goto(link)
    friend.wait_for_url("**/")
    assert "tallymark_friend" not in friend.url
    expect(panel(friend)).to_contain_text(WELCOME)
    sign_up(friend, "Wim")
    gift = _gift(friend)
    assert "vera" not in friend.content().lower()

    put(friend, "morning-mug", 2)
    use_code(friend, gift)
    order_id = pay(friend)
    # 25 for joining, 24 for the mug and 200 for the friend.
    shown = has(page, "249 points")
    expect(shown).to_contain_text("1 friend came")
    expect(row(shown, "Recent activity", "A friend's first order")).to_be_visible()
    assert "wim" not in page.content().lower()

    friend.goto(f"/admin/orders/{order_id}")
    friend.get_by_role("button", name="Cancel order").click()
    expect(row(has(page, "49 points"), "Recent activity", "Taken back")).to_be_visible()


@pytest.mark.usefixtures("at_once")
def test_a_code_that_a_friend_types_lowers_the_price_of_the_first_order(
    new_page: Callable[[], Page],
):
    advocate, friend = new_page(), new_page()
    sign_up(advocate, "Nora")
    shown = has(advocate, "25 points")
    code = shown.get_by_label("Your code", exact=True).input_value()

    shown = panel(friend)
    told = shown.get_by_role("status")
    _type(shown, "NOBODYSCODE")
    expect(told).to_have_text(re.compile("NOBODYSCODE: nobody has this code"))
    _type(shown, f" {code[:3].lower()} {code[3:].lower()}")
    expect(told).to_have_text(WELCOME)
    assert [] == violations(friend)
    sign_up(friend, "Max")
    gift = _gift(friend)

    put(friend, "morning-mug", 2)
    friend.goto("/checkout")
    total = friend.locator("#order .total dd")
    expect(total).to_have_text("57.70 EUR")
    use_code(friend, gift)
    friend.goto("/checkout")
    expect(total).to_have_text("52.20 EUR")
    pay(friend)
    # 25 for joining, and 200 for the friend.
    expect(has(advocate, "225 points")).to_contain_text("1 friend came")


def _type(shown: Locator, code: str) -> None:
    shown.get_by_label("Your friend\N{RIGHT SINGLE QUOTATION MARK}s code").fill(code)
    shown.get_by_role("button", name="Use it").click()


def _gift(friend: Page) -> str:
    """Have the store's page claim the gift, and return its code once there is one."""
    friend.goto("/")
    once(friend, lambda told: "granted" in {r["state"] for r in told["redemptions"]})
    ready = row(panel(friend), "Your rewards", "Ready to use")
    return ready.locator("code").inner_text()

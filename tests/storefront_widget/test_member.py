"""A member page: what the panel shows, within the page of a theme."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import focused, has_no_sideways_scroll
from tests.storefront_widget.standings import (
    GOLD,
    SILVER,
    VISIT,
    a_guest,
    a_redemption,
    an_engaged_member,
)
from tests.storefront_widget.test_accessibility import violations
from tests.storefront_widget.test_weight import SHIFT_OBSERVER

BODY = """<tallymark-member login-url="/fr/account">Points are away</tallymark-member>
<p id="below">Orders</p>"""
LINK = {"code": "ABCDEFGHJK", "points": 200, "gift": "5.00 EUR off", "friends": 2}
FULL = an_engaged_member() | {
    "tier": SILVER,
    "next_tier": GOLD,
    "referral": LINK | {"pending": 50},
    "rewards": [VISIT],
    "redemptions": [a_redemption(), a_redemption("refused", id="r2")],
}


def member(page: Page):
    return page.locator("tallymark-member")


def words(page: Page) -> str:
    """What is to be read of the page's own words."""
    return member(page).inner_text()


@pytest.mark.parametrize("width", [360, 1200])
def test_a_member_page_shows_all_of_it_and_moves_nothing(open_shop, visit, width):
    late = Answer(FULL, delay_seconds=0.3)
    shop = open_shop(late, body=BODY, head='<script src="/shift.js"></script>')
    shop.files["/shift.js"] = SHIFT_OBSERVER
    page = visit(shop, width)
    assert words(page) == "Points are away"
    expect(member(page).get_by_role("heading")).to_have_text(
        [
            "Your points",
            "Rewards",
            "Your rewards",
            "Your tier",
            "Bring a friend",
            "Ways to earn",
            "Recent activity",
        ]
    )
    assert words(page) == ""
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") <= 0.001
    assert has_no_sideways_scroll(page)
    assert violations(page) == []


def test_a_guest_of_a_member_page_is_led_to_sign_in(open_shop, visit):
    page = visit(open_shop(Answer(a_guest()), body=BODY), 360)
    link = member(page).get_by_role("link", name="Sign in")

    expect(link).to_have_attribute("href", "/fr/account")
    assert violations(page) == []


def test_a_reward_is_taken_by_the_keyboard_and_what_came_of_it_is_in_sight(
    open_shop, visit
):
    shop = open_shop(Answer(FULL), body=BODY)
    shop.redemptions = [Answer(a_redemption())]
    page = visit(shop, 360)
    member(page).get_by_label("Date: A visit").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert "Take: A visit" == focused(page)
    page.keyboard.press("Enter")

    told = member(page).get_by_role("status")
    expect(told).to_have_text("5.00 EUR off: TMABCDEFGHJK")
    expect(told).to_be_in_viewport(ratio=1)
    assert "5.00 EUR off: TMABCDEFGHJK" == focused(page)
    [wish] = [body for body in shop.asked("/apps/tallymark/redemptions") if body]
    assert VISIT["slots"][1]["starts_at"] == json.loads(wish)["slot"]


def test_what_cannot_be_fetched_leaves_the_page_its_words(open_shop, visit):
    page = visit(open_shop(Answer({}, 503), body=BODY))
    page.route("**/panel.js", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    page.wait_for_timeout(300)
    assert words(page) == "Points are away"

    page = visit(open_shop(Answer(FULL), body=BODY))
    page.wait_for_timeout(300)
    assert words(page) == "Points are away"

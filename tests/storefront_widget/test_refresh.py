"""After a checkout the page asks again, a few times, until points change."""

import time

from playwright.sync_api import Page, expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.standings import a_guest, a_member

STANDING = "/apps/tallymark/standing"
RECORDER = """
window.heard = [];
document.addEventListener("tallymark:standing", (event) =>
  window.heard.push([event.detail.available, event.bubbles, event.composed]));
"""


def refresh(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")


def balance(page: Page):
    return page.locator("tallymark-balance #line")


def test_it_asks_until_the_points_arrive_and_then_stops(open_shop, visit):
    same, more = Answer(a_member()), Answer(a_member(available=145))
    shop = open_shop(same, same, same, more)
    page = visit(shop)
    expect(balance(page)).to_have_text("120 points")
    start = time.monotonic()
    refresh(page)
    expect(balance(page)).to_have_text("145 points")
    assert 0.9 < time.monotonic() - start < 4
    page.wait_for_timeout(1200)
    assert len(shop.asked(STANDING)) == 4


def test_it_gives_up_after_four_seconds(open_shop, visit):
    shop = open_shop(Answer(a_member()))
    page = visit(shop, own={})  # a page of its own, for its own clock
    page.clock.install()
    expect(balance(page)).to_have_text("120 points")
    refresh(page)
    for _ in range(12):
        page.clock.run_for(1000)
        page.wait_for_timeout(40)
    assert len(shop.asked(STANDING)) == 6


def test_many_refreshes_at_once_are_one(open_shop, visit):
    shop = open_shop(Answer(a_member()), Answer(a_member(available=145)))
    page = visit(shop)
    expect(balance(page)).to_have_text("120 points")
    for _ in range(5):
        refresh(page)
    expect(balance(page)).to_have_text("145 points")
    page.wait_for_timeout(700)
    assert len(shop.asked(STANDING)) <= 7


def test_owed_points_that_are_repaid_count_as_change(open_shop, visit):
    owing = a_member(available=0, owed=30)
    repaid = {**owing, "owed": 5, "lifetime_earned": 445}
    shop = open_shop(Answer(owing), Answer(repaid))
    page = visit(shop)
    expect(balance(page)).to_have_text("0 points")
    refresh(page)
    page.wait_for_timeout(800)
    assert len(shop.asked(STANDING)) == 2


def test_a_failed_refresh_keeps_what_was_shown(open_shop, visit):
    page = visit(open_shop(Answer(a_member()), Answer(status=500)))
    expect(balance(page)).to_have_text("120 points")
    refresh(page)
    page.wait_for_timeout(300)
    expect(balance(page)).to_have_text("120 points")


def test_an_app_that_comes_back_is_found_on_refresh(open_shop, visit):
    page = visit(open_shop(Answer(status=500), Answer(a_member())))
    page.wait_for_timeout(200)
    refresh(page)
    expect(balance(page)).to_have_text("120 points")


def test_a_member_who_signs_out_gets_the_page_words_back(open_shop, visit):
    page = visit(open_shop(Answer(a_member()), Answer(a_guest())))
    expect(balance(page)).to_have_text("120 points")
    refresh(page)
    expect(page.get_by_text("a balance in your account")).to_be_visible()
    expect(page.get_by_text("Rewards wait for you")).to_be_visible()
    expect(page.locator("progress")).not_to_be_visible()


def test_the_page_is_told(open_shop, visit):
    shop = open_shop(Answer(a_member()), head='<script src="/recorder.js"></script>')
    shop.files["/recorder.js"] = RECORDER
    page = visit(shop)
    expect(balance(page)).to_have_text("120 points")
    assert page.evaluate("window.heard") == [[120, True, True]]


def test_an_element_that_left_the_page_is_forgotten(open_shop, visit):
    page = visit(open_shop(Answer(a_member()), Answer(a_member(available=145))))
    expect(balance(page)).to_have_text("120 points")
    page.evaluate(
        "window.gone = document.querySelector('tallymark-balance'); gone.remove()"
    )
    refresh(page)
    expect(page.locator("tallymark-launcher button").first).to_have_text("145 points")
    assert page.evaluate("gone.shadowRoot.textContent") == "120 points"

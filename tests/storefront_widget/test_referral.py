"""A friend's link: kept by the landing page, claimed once somebody is signed in."""

import json

from playwright.sync_api import expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import open_panel
from tests.storefront_widget.standings import a_guest, a_member

CLAIMS = "/apps/tallymark/referrals"
GIFT = "5.00 EUR off"
LINK = {"code": "ABCDEFGHJK", "points": 200, "gift": GIFT, "friends": 2, "pending": 50}
ARRIVED = "?tallymark_friend=MNPQRSTUVW&color=blue"


def test_a_guest_is_told_of_the_gift_and_nothing_is_claimed(open_shop, visit):
    shop = open_shop(Answer(a_guest(gift=GIFT)))
    page = visit(shop)
    assert "A friend gives you" not in open_panel(page).inner_text()
    page.goto(shop.url + ARRIVED)
    page.wait_for_url("**/?color=blue")

    expect(open_panel(page)).to_contain_text(f"A friend gives you {GIFT}")
    assert shop.asked(CLAIMS) == []


def test_the_code_is_claimed_once_somebody_is_signed_in(open_shop, visit):
    guest = Answer(a_guest(gift=GIFT))
    shop = open_shop(guest, guest, Answer(a_member()))
    page = visit(shop)
    with page.expect_response("**/standing?*"):
        page.goto(shop.url + ARRIVED)
    with page.expect_request(f"**{CLAIMS}?*"):
        page.goto(shop.url)
    page.goto(shop.url)
    page.wait_for_timeout(300)

    [claim] = map(json.loads, shop.asked(CLAIMS))
    assert claim["code"] == "MNPQRSTUVW"
    assert not claim["is_own_browser"]
    assert len(claim["device"]) == 36


def test_a_claim_that_did_not_get_through_is_made_again(open_shop, visit):
    shop = open_shop(Answer(a_member()))
    shop.claims = [Answer({}, 503), Answer({}, 422), Answer({}, 202)]
    page = visit(shop)
    page.goto(shop.url + ARRIVED)
    page.wait_for_timeout(300)
    page.goto(shop.url)
    page.wait_for_timeout(300)
    page.goto(shop.url)
    page.wait_for_timeout(300)

    assert len(shop.asked(CLAIMS)) == 2


def test_ones_own_link_is_not_claimed(open_shop, visit):
    shop = open_shop(Answer(a_member(referral=LINK)))
    page = visit(shop)
    page.goto(f"{shop.url}?tallymark_friend={LINK['code']}")
    page.wait_for_timeout(300)

    assert shop.asked(CLAIMS) == []


def test_another_account_in_the_advocates_browser_says_so(open_shop, visit):
    shop = open_shop(Answer(a_member(referral=LINK)), Answer(a_member()))
    page = visit(shop)
    page.wait_for_timeout(200)
    page.goto(f"{shop.url}?tallymark_friend={LINK['code']}")
    page.wait_for_timeout(300)

    [claim] = map(json.loads, shop.asked(CLAIMS))
    assert claim["is_own_browser"]


def test_a_member_copies_the_link(open_shop, visit):
    shop = open_shop(Answer(a_member(referral=LINK)))
    page = visit(shop)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = open_panel(page)
    expect(card).to_contain_text("2 friends came · 50 points pending")
    card.get_by_role("button", name="Copy").click()

    expect(card.get_by_role("status")).to_have_text("The link is copied")
    link = f"{shop.url}apps/tallymark/r/ABCDEFGHJK"
    assert page.evaluate("navigator.clipboard.readText()") == link

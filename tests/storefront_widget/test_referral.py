"""A friend's link: kept by the landing page, claimed once somebody is signed in."""

import json

from playwright.sync_api import expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import focused, has_no_sideways_scroll, open_panel
from tests.storefront_widget.standings import LINK, a_guest, a_member
from tests.storefront_widget.test_accessibility import violations

CLAIMS = "/apps/tallymark/referrals"
GIFT = "5.00 EUR off"
FIELD = "Your friend\u2019s code"
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


def test_a_member_copies_the_link_and_the_code(open_shop, visit):
    shop = open_shop(Answer(a_member(referral=LINK)))
    page = visit(shop)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = open_panel(page)
    expect(card).to_contain_text("2 friends came · 50 points pending")
    link = f"{shop.url}apps/tallymark/r/ABCDEFGHJK"
    for name, value in (("Your link", link), ("Your code", "ABCDEFGHJK")):
        expect(card.get_by_label(name, exact=True)).to_have_value(value)
        card.get_by_role("button", name=f"Copy: {name}").click()
        expect(card.get_by_role("status")).to_have_text(f"Copied: {name}")
        assert page.evaluate("navigator.clipboard.readText()") == value
    expect(card.get_by_label(FIELD)).to_have_count(0)


def says(reason: str = "", gift: str | None = None, status: int = 200) -> Answer:
    return Answer({"gift": gift, "reason": reason, "id": "a"}, status)


def test_a_member_types_a_friends_code_with_the_keyboard(open_shop, visit):
    shop = open_shop(Answer(a_member(can_claim=True)))
    shop.claims = [
        says("nobody has this code", status=202),
        says(gift=GIFT, status=202),
    ]
    page = visit(shop, 390, reduced_motion="reduce")
    card = open_panel(page)
    field = card.get_by_label(FIELD)
    field.fill("  wrong-code ")
    page.keyboard.press("Enter")
    expect(card.get_by_role("status")).to_have_text("WRONGCODE: nobody has this code")
    assert "WRONGCODE: nobody has this code" == focused(page)
    assert violations(page) == []
    assert has_no_sideways_scroll(page)

    field.fill(" mnpq-rstu vw")
    page.keyboard.press("Tab")
    assert "Use it" == focused(page)
    page.keyboard.press("Enter")
    done = f"Your gift comes among your rewards: {GIFT}"
    expect(card.get_by_role("status")).to_have_text(done)
    expect(field).to_have_count(0)
    claims = [json.loads(body) for body in shop.asked(CLAIMS)]
    assert ["WRONGCODE", "MNPQRSTUVW"] == [claim["code"] for claim in claims]
    assert {36} == {len(claim["device"]) for claim in claims}


def test_what_is_typed_stays_when_all_else_is_drawn_anew(open_shop, visit):
    shop = open_shop(Answer(a_member(can_claim=True)), Answer(a_member(can_claim=True)))
    page = visit(shop)
    field = open_panel(page).get_by_label(FIELD)
    field.fill("MNPQ")
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    page.wait_for_timeout(700)
    expect(field).to_be_focused()
    expect(field).to_have_value("MNPQ")


def test_a_guest_types_a_code_and_it_is_claimed_after_the_sign_in(open_shop, visit):
    guest = Answer(a_guest(gift=GIFT, can_claim=True))
    shop = open_shop(guest, Answer(a_member(can_claim=True)), lang="de")
    shop.claims = [Answer({}, 503), says("das ist er nicht"), says(gift=GIFT)]
    page = visit(shop, 390, reduced_motion="reduce")
    page.locator("tallymark-launcher section > button").click()
    card = page.get_by_role("dialog", name="Prämien")
    field = card.get_by_label("Code deiner Freunde")
    told = card.get_by_role("status")
    for words in ("Das hat nicht geklappt", "MNPQRSTUVW: das ist er nicht", GIFT):
        field.fill("mnpqrstuvw")
        card.get_by_role("button", name="Einlösen").click()
        expect(told).to_contain_text(words)
    expect(card.get_by_text("Ein Geschenk für dich")).to_have_count(2)
    expect(field).to_have_count(0)
    assert violations(page) == []
    assert len(shop.asked(f"{CLAIMS}/MNPQRSTUVW")) == 3
    assert shop.asked(CLAIMS) == []

    shop.claims = [says("du hast schon bestellt")]
    with page.expect_request(f"**{CLAIMS}?*"):
        page.goto(shop.url)
    page.wait_for_timeout(200)
    [claim] = map(json.loads, shop.asked(CLAIMS))
    assert "MNPQRSTUVW" == claim["code"]
    page.locator("tallymark-launcher section > button").click()
    expect(card).to_contain_text("MNPQRSTUVW: du hast schon bestellt")


def test_whoever_cannot_be_brought_has_no_field_for_it(open_shop, visit):
    for state in (a_guest(can_claim=False), a_member(can_claim=False)):
        card = open_panel(visit(open_shop(Answer(state))))
        expect(card.get_by_label(FIELD)).to_have_count(0)

"""Taking a reward in the panel: one click, one wish, and the code to use."""

import json

import pytest
from playwright.sync_api import expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import focused, launcher, open_panel
from tests.storefront_widget.standings import (
    CARD,
    FIVE_OFF,
    FREE_TEA,
    SLIDER,
    VISIT,
    a_member,
    a_redemption,
)
from tests.storefront_widget.test_accessibility import violations

WISHES = "/apps/tallymark/redemptions"


def test_a_click_becomes_a_code(open_shop, visit):
    after = a_member(available=20, redemptions=[a_redemption()], rewards=[])
    shop = open_shop(Answer(a_member()), Answer(after))
    shop.redemptions = [
        Answer(a_redemption("waiting"), 202),
        Answer(a_redemption("granting")),
        Answer(a_redemption()),
    ]
    card = open_panel(visit(shop))
    card.get_by_role("button", name="Take: 5.00 EUR off").click()

    expect(card.get_by_role("status")).to_have_text("5.00 EUR off: TMABCDEFGHJK")
    expect(card.get_by_role("heading", name="Your rewards")).to_be_visible()
    expect(card.locator("code")).to_have_text("TMABCDEFGHJK")
    [wish] = [body for body in shop.asked(WISHES) if body]
    assert {"reward_id": FIVE_OFF["id"], "points": None}.items() <= json.loads(
        wish
    ).items()


def test_the_focus_stays_in_the_panel(open_shop, visit):
    shop = open_shop(Answer(a_member()))
    shop.redemptions = [Answer(a_redemption("refused", reason="there are none left"))]
    page = visit(shop)
    card = open_panel(page)
    card.get_by_role("button", name="Take: 5.00 EUR off").click()

    told = "5.00 EUR off: there are none left"
    expect(card.get_by_role("status")).to_have_text(told)
    assert focused(page) == told


def test_a_click_that_failed_is_sent_again_as_the_same_wish(open_shop, visit):
    shop = open_shop(Answer(a_member()))
    shop.redemptions = [Answer("", 503), Answer(a_redemption())]
    card = open_panel(visit(shop))
    take = card.get_by_role("button", name="Take: 5.00 EUR off")
    take.click()
    expect(card.get_by_role("status")).to_have_text(
        "That did not work. Please try again."
    )
    take.click()
    expect(card.get_by_role("status")).to_contain_text("TMABCDEFGHJK")

    first, second = (json.loads(body) for body in shop.asked(WISHES) if body)
    assert first == second


@pytest.mark.parametrize(
    ("lang", "heading", "take"),
    [("en", "Waiting for you", "Take"), ("de", "Liegt für dich bereit", "Nehmen")],
)
def test_what_was_won_waits_and_is_taken_for_nothing(
    open_shop, visit, lang, heading, take
):
    card = CARD | {"points": 0, "reward": "A free tea"}
    standing = a_member(prizes=[FREE_TEA], stamp_cards=[card])
    shop = open_shop(Answer(standing), lang=lang)
    shop.redemptions = [Answer(a_redemption(name="A free tea", points=0))]
    page = visit(shop, reduced_motion="reduce")
    launcher(page).click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name=heading)).to_be_visible()
    expect(panel.get_by_role("listitem").first).to_contain_text("Tea card")
    expect(panel.get_by_text("3 / 8")).to_be_visible()
    assert [] == violations(page)
    panel.get_by_role(
        "button", name=f"{take}: 2 \N{MULTIPLICATION SIGN} A free tea"
    ).click()

    expect(panel.get_by_role("status")).to_have_text("A free tea: TMABCDEFGHJK")
    [wish] = [json.loads(body) for body in shop.asked(WISHES) if body]
    told = wish["reward_id"], wish["prize"], wish["points"]
    assert ("tea", FREE_TEA["prize"], None) == told


def test_the_shopper_chooses_how_many_points_are_money(open_shop, visit):
    shop = open_shop(Answer(a_member(rewards=[SLIDER])))
    shop.redemptions = [Answer(a_redemption())]
    page = visit(shop)
    card = open_panel(page)
    slider = card.get_by_role("slider", name=SLIDER["name"])
    expect(slider).to_have_attribute("max", "100")
    slider.focus()
    page.keyboard.press("ArrowRight")
    card.get_by_role("button", name="Take").click()

    expect(card.get_by_role("status")).to_contain_text("TMABCDEFGHJK")
    [wish] = [body for body in shop.asked(WISHES) if body]
    assert json.loads(wish)["points"] == 75


def test_the_shopper_chooses_a_date_and_another_date_is_another_wish(open_shop, visit):
    shop = open_shop(Answer(a_member(rewards=[VISIT])))
    shop.redemptions = [Answer("", 503), Answer(a_redemption("asked"))]
    card = open_panel(visit(shop))
    date = card.get_by_label("Date: A visit")
    expect(date.locator("option")).to_have_text(
        ["Dec 24, 2026, 6:00 PM", "Jan 14, 2027, 9:30 AM"]
    )
    take = card.get_by_role("button", name="Take: A visit")
    take.click()
    expect(card.get_by_role("status")).to_contain_text("did not work")
    date.select_option(index=1)
    take.click()
    expect(card.get_by_role("status")).to_contain_text("Waiting for the store")

    first, second = (json.loads(body) for body in shop.asked(WISHES) if body)
    slots = [slot["starts_at"] for slot in VISIT["slots"]]
    assert slots == [first["slot"], second["slot"]]
    assert first["request_id"] != second["request_id"]


def test_a_reward_for_a_date_says_which_and_when_it_is_too_late(open_shop, visit):
    slot = {"slot": "2026-12-24T18:00:00", "cancel_until": "2001-01-01T00:00:00Z"}
    open_still = slot | {"id": "r2", "cancel_until": "2090-01-01T00:00:00Z"}
    taken = [a_redemption(code=None, **each) for each in (slot, open_still)]
    card = open_panel(visit(open_shop(Answer(a_member(redemptions=taken)))))

    expect(card.get_by_text("Dec 24, 2026, 6:00 PM · Ready to use")).to_have_count(2)
    expect(card.get_by_role("button", name="Give back")).to_have_count(1)


def test_a_reward_that_was_not_used_is_given_back(open_shop, visit):
    shop = open_shop(Answer(a_member(redemptions=[a_redemption()])))
    shop.redemptions = [
        Answer(a_redemption(), 202),
        Answer(a_redemption("ending")),
        Answer(a_redemption("ended", reason="cancelled")),
    ]
    card = open_panel(visit(shop))
    card.get_by_role("button", name="Give back: 5.00 EUR off").click()

    expect(card.get_by_role("status")).to_have_text("5.00 EUR off: cancelled")
    assert shop.asked(f"{WISHES}/r1/cancel") == [b"{}"]

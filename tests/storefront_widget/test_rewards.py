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
    GIVEN,
    LIMITED,
    SLIDER,
    TREES,
    VISIT,
    a_guest,
    a_member,
    a_redemption,
)
from tests.storefront_widget.test_accessibility import violations

WISHES = "/apps/tallymark/redemptions"
DONATIONS = "/apps/tallymark/donations"


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


def asked_ids(shop) -> list[str]:
    return [json.loads(body)["request_id"] for body in shop.asked(WISHES) if body]


def test_a_wish_that_is_undecided_stays_the_same_however_often_it_is_drawn(
    open_shop, visit
):
    before = a_member()
    shop = open_shop(Answer(before))
    shop.redemptions = [Answer(a_redemption("waiting", name=""), 202)]
    page = visit(shop, own={})  # a page of its own, for its own clock
    page.clock.install()
    page.reload()
    card = open_panel(page)
    take = card.get_by_role("button", name="Take: 5.00 EUR off")
    drawn = "(button) => { button.drawn = true; }"
    for points in (121, 122):
        take.evaluate(drawn)
        take.click()
        shop.standings = [Answer(before | {"available": points})]
        with page.expect_response("**/standing?*"):
            page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
            page.clock.run_for(10)
        expect(card.locator("strong")).to_have_text(f"{points} points")
        # It is another button now, and may be pressed.
        assert not take.evaluate("(button) => button.drawn")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        take.click()
    assert len(asked_ids(shop)) == 3
    assert len(set(asked_ids(shop))) == 1

    # Once the standing has it, it is decided: the next click is a new wish.
    shop.standings = [Answer(before | {"redemptions": [a_redemption()]})]
    with page.expect_response("**/standing?*"):
        page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
        page.clock.run_for(10)
    expect(card.locator("code")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        take.click()
    assert len(set(asked_ids(shop))) == 2


@pytest.mark.parametrize(
    ("lang", "terms"),
    [
        (
            "en",
            "on orders from €20.00 on · up to 50 % of an order · valid for 30 days"
            " · offered until Dec 24, 2026 · no points back if unused",
        ),
        (
            "de",
            "für Bestellungen ab 20,00 € · bis zu 50 % einer Bestellung"
            " · 30 Tage gültig · zu haben bis 24.12.2026"
            " · ungenutzt keine Punkte zurück",
        ),
    ],
)
def test_a_reward_tells_its_terms_before_points_are_spent(
    open_shop, visit, lang, terms
):
    prize = FREE_TEA | {"terms": LIMITED["terms"]}
    standing = a_member(rewards=[LIMITED, FIVE_OFF], prizes=[prize])
    page = visit(open_shop(Answer(standing), lang=lang))
    launcher(page).click()
    rows = page.get_by_role("dialog").get_by_role("listitem")
    for at in (0, 1):
        told = rows.nth(at).inner_text().replace("\N{NO-BREAK SPACE}", " ")
        assert terms in told
    expect(rows.nth(2)).not_to_contain_text("€")


def test_a_code_tells_until_when_it_can_be_used(open_shop, visit):
    until = "2026-12-24T14:30:30Z"
    taken = [
        a_redemption(valid_until=until),
        a_redemption("used", id="r2", valid_until=until),
    ]
    card = open_panel(visit(open_shop(Answer(a_member(redemptions=taken)))))
    told = "Ready to use · until Dec 24, 2026, 2:30 PM"
    expect(card.get_by_text(told)).to_have_count(1)
    expect(card.get_by_text("until Dec 24")).to_have_count(1)


@pytest.mark.parametrize(
    ("lang", "given"),
    [("en", "€12.50 given so far"), ("de", "12,50 € gespendet")],
)
@pytest.mark.parametrize("state", [a_member, a_guest])
def test_what_a_cause_was_given_is_told_beside_it_and_asked_once(
    open_shop, visit, lang, given, state
):
    shop = open_shop(Answer(state(rewards=[TREES, FIVE_OFF])), lang=lang)
    shop.donations = [Answer({"donations": [GIVEN]}, delay_seconds=0.2)]
    page = visit(shop, 360)
    page.wait_for_timeout(100)
    assert shop.asked(DONATIONS) == []
    launcher(page).click()
    trees = page.get_by_role("listitem").filter(has_text=TREES["name"])
    height = trees.bounding_box()["height"]
    expect(trees).to_contain_text(given)
    assert trees.bounding_box()["height"] == pytest.approx(height, abs=0.1)
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    page.wait_for_timeout(700)
    expect(trees).to_contain_text(given)
    assert len(shop.asked(DONATIONS)) == 1


def test_without_totals_causes_are_offered_as_ever_and_without_causes_none_is_asked(
    open_shop, visit
):
    shop = open_shop(Answer(a_member(rewards=[TREES])))
    shop.donations = [Answer({"error": "away"}, 503)]
    card = open_panel(visit(shop))
    button = card.get_by_role("button", name=f"Take: {TREES['name']}")
    expect(button).to_be_enabled()
    expect(card).not_to_contain_text("given so far")

    shop = open_shop(Answer(a_member()))
    open_panel(visit(shop))
    assert shop.asked(DONATIONS) == []


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


def draw_anew(page, shop, standing: dict) -> None:
    """Have the panel drawn with another standing."""
    shop.standings = [Answer(standing)]
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    points = f"{standing['available']} points"
    expect(page.get_by_role("dialog").locator("strong")).to_have_text(points)


def test_what_was_chosen_and_the_focus_outlast_a_panel_that_is_drawn_anew(
    open_shop, visit
):
    # What was won has choices of its own, by whatever name.
    prize = FREE_TEA | {"name": "A visit", "times": 1, "slots": VISIT["slots"]}
    member = a_member(rewards=[SLIDER, VISIT], prizes=[prize], can_claim=True)
    shop = open_shop(Answer(member | {"available": 200}))
    shop.redemptions = [Answer(a_redemption())]
    page = visit(shop)
    card = open_panel(page)
    slider = card.get_by_role("slider")
    slider.fill("150")
    won, bought = card.get_by_label("Date: A visit").all()
    bought.select_option(index=1)
    card.get_by_label("code").fill("ABC")
    take = card.get_by_role("button", name=f"Take: {SLIDER['name']}")

    for focus, points in (slider, 190), (bought, 180), (take, 170):
        focus.focus()
        slider.evaluate("(node) => { node.old = true; }")
        draw_anew(page, shop, member | {"available": points})
        assert not slider.evaluate("(node) => node.old")
        expect(focus).to_be_focused()
        expect(slider).to_have_value("150")
        expect(take).to_have_text("Take: 150 points")
        expect(won).to_have_value(VISIT["slots"][0]["starts_at"])
        expect(bought).to_have_value(VISIT["slots"][1]["starts_at"])
        expect(card.get_by_label("code")).to_have_value("ABC")
    take.click()

    expect(card.get_by_role("status")).to_contain_text("TMABCDEFGHJK")
    [wish] = [body for body in shop.asked(WISHES) if body]
    assert json.loads(wish)["points"] == 150


def test_what_cannot_be_chosen_any_more_is_chosen_afresh(open_shop, visit):
    member = a_member(rewards=[SLIDER, VISIT], available=200)
    shop = open_shop(Answer(member))
    page = visit(shop)
    card = open_panel(page)
    card.get_by_role("slider").fill("150")
    card.get_by_label("Date: A visit").select_option(index=1)
    taken = VISIT | {"slots": VISIT["slots"][:1]}
    draw_anew(page, shop, member | {"available": 149, "rewards": [SLIDER, taken]})

    expect(card.get_by_role("slider")).to_have_value("50")
    only = VISIT["slots"][0]["starts_at"]
    expect(card.get_by_label("Date: A visit")).to_have_value(only)
    expect(card.get_by_role("button", name=f"Take: {SLIDER['name']}")).to_have_text(
        "Take"
    )


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

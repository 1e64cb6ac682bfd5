"""Saying what one did, and when one's birthday is: one click, one report."""

import json

import pytest
from playwright.sync_api import Locator, expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import focused, has_no_sideways_scroll, open_panel
from tests.storefront_widget.standings import ACTIONS, a_member, an_engaged_member
from tests.storefront_widget.test_accessibility import violations

REPORTS = "/apps/tallymark/actions"
MINE = "I did this: Newsletter"


def reports(shop) -> list[dict]:
    return [json.loads(body) for body in shop.asked(REPORTS)]


def status(card: Locator) -> Locator:
    return card.get_by_role("status")


def test_two_clicks_report_once_and_the_points_appear(open_shop, visit):
    done = [each | {"can_report": False, "can_earn": False} for each in ACTIONS]
    after = a_member(available=130, actions=done)
    shop = open_shop(Answer(an_engaged_member()), Answer(after))
    shop.reports = [Answer({"id": "newsletter"}, 202, delay_seconds=0.2)]
    page = visit(shop)
    card = open_panel(page)
    card.get_by_role("button", name=MINE).dblclick()

    expect(status(card)).to_have_text("Newsletter: Noted")
    expect(card.locator("strong")).to_have_text("130 points")
    expect(card.get_by_role("button", name="I did this")).to_have_count(0)
    [told] = reports(shop)
    assert told["action"] == "newsletter"
    assert len(told["key"]) == 36


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (403, "sign in again"),
        (422, "does not take this any more"),
        (429, "in an hour"),
        (503, "did not work"),
    ],
)
def test_a_report_that_failed_says_why_and_goes_again_with_its_key(
    open_shop, visit, code, words
):
    shop = open_shop(Answer(an_engaged_member()))
    shop.reports = [Answer({}, code), Answer({}, 202)]
    page = visit(shop)
    card = open_panel(page)
    card.get_by_role("button", name=MINE).click()
    expect(status(card)).to_contain_text(words)
    page.reload()
    card = open_panel(page)
    card.get_by_role("button", name=MINE).click()

    expect(status(card)).to_have_text("Newsletter: Noted")
    assert focused(page) == "Newsletter: Noted"
    first, second = reports(shop)
    assert first == second


def test_a_birthday_is_given_once_by_the_keyboard_and_kept_while_offline(
    open_shop, visit
):
    known = [each | {"can_report": False} for each in ACTIONS]
    shop = open_shop(Answer(an_engaged_member()))
    page = visit(shop, 320, reduced_motion="reduce")
    card = open_panel(page)
    assert has_no_sideways_scroll(page)
    assert violations(page) == []
    form = card.get_by_role("form", name="Your birthday")
    form.get_by_label("Day").select_option("30")
    form.get_by_label("Month").select_option("February")
    save = form.get_by_role("button", name="Save")
    save.click()
    there_is_none = form.get_by_label("Day").evaluate("(day) => day.validationMessage")
    assert there_is_none == "There is no such day."
    assert reports(shop) == []

    form.get_by_label("Day").select_option("29")
    page.route(f"**{REPORTS}?*", lambda route: route.abort())
    save.click()
    expect(status(card)).to_contain_text("cannot be reached")
    page.unroute_all()
    form.get_by_label("Month").focus()
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    page.wait_for_timeout(200)
    expect(form.get_by_label("Month")).to_be_focused()
    shop.standings = [Answer(a_member(actions=known))]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    noted = "February 29 is noted. You can change it after a year."
    expect(status(card)).to_have_text(noted)
    expect(form).to_have_count(0)
    expect(card).to_contain_text("Noted. You can change it after a year.")
    assert reports(shop) == [{"action": "birthday", "month": 2, "day": 29}]


def test_who_has_nothing_to_report_fetches_nothing_for_it(open_shop, visit):
    shop = open_shop(Answer(a_member(actions=ACTIONS[:2])))
    card = open_panel(visit(shop))
    expect(card).to_contain_text("Being looked at")
    assert shop.asked("/widget/report.js") == []


def test_a_report_that_earned_nothing_says_why(open_shop, visit):
    why = "only the first ten of a day count"
    told = [each | {"reason": why, "waiting": 0} for each in ACTIONS[1:3]]
    shop = open_shop(Answer(a_member(actions=told)))
    shop.reports = [Answer({"id": "a", "reason": why}, 202)]
    card = open_panel(visit(shop))
    expect(card.get_by_role("listitem").filter(has_text="review")).to_contain_text(why)
    card.get_by_role("button", name=MINE).click()

    expect(status(card)).to_have_text(why)


def test_a_german_page_reads_german_and_english_has_no_word_more(open_shop, visit):
    page = visit(open_shop(Answer(an_engaged_member()), lang="de-AT"))
    card = open_panel_in(page, "Prämien")
    expect(card).to_contain_text("120 Punkte")
    form = card.get_by_role("form", name="Your birthday")
    form.get_by_label("Tag").select_option("12")
    form.get_by_label("Monat").select_option("Mai")
    form.get_by_role("button", name="Speichern").click()
    expect(status(card)).to_contain_text("12. Mai ist notiert")
    gaps = """async () => {
      await import("/widget/giveaways.js");
      const { TEXTS } = await import("/widget/texts.js");
      const gaps = (text) => [...new Set(JSON.stringify(text).match(/{\\w+}/g))].sort();
      const words = (tag) => Object.entries(TEXTS[tag])
        .map(([name, text]) => `${name} ${gaps(text)}`).sort();
      return [words("en"), words("de")];
    }"""
    english, german = page.evaluate(gaps)
    assert english == german


def open_panel_in(page, title: str) -> Locator:
    page.locator("tallymark-launcher section > button").click()
    return page.get_by_role("dialog", name=title)

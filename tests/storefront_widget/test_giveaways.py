"""Draws in the panel: the promise before, one's own entries, and who won after."""

import pytest
from playwright.sync_api import Page, expect

from tests.storefront_widget.shop import STRICT_CSP, Answer
from tests.storefront_widget.sight import at_every_width, open_panel
from tests.storefront_widget.standings import (
    DRAWN,
    NEXT_DRAW,
    OTHERS_ENTRY,
    OWN_ENTRY,
    SPA,
    a_guest,
    a_member,
    a_redemption,
)
from tests.storefront_widget.test_accessibility import violations
from tests.storefront_widget.test_weight import SHIFT_OBSERVER

GIVEAWAYS = "/apps/tallymark/giveaways"
ENTERED = a_redemption("used", kind="giveaway_entry", id=OWN_ENTRY, code=None)
MEMBER = a_member(rewards=[SPA], redemptions=[ENTERED])
LOST = DRAWN | {"is_won": False, "winners": [OTHERS_ENTRY]}


def told(*giveaways: dict, **more: float) -> Answer:
    return Answer({"giveaways": list(giveaways)}, **more)


def draws(page: Page):
    """The rows below the heading of draws."""
    return page.locator("div:has(> h3:text-matches('^(Draws|Verlosungen)$')) li")


@pytest.mark.parametrize(
    ("lang", "entries", "until", "promise"),
    [
        ("en", "Your entries: 1", "Drawn after Dec 24, 2026", "Promise: "),
        ("de", "Deine Lose: 1", "Ziehung nach dem 24.12.2026", "Versprechen: "),
    ],
)
def test_before_the_draw_there_are_the_promise_and_ones_own_entries(
    open_shop, visit, lang, entries, until, promise
):
    shop = open_shop(Answer(MEMBER), lang=lang)
    shop.giveaways = [told(NEXT_DRAW)]
    page = visit(shop, reduced_motion="reduce")
    page.locator("tallymark-launcher section > button").click()
    row = draws(page)
    expect(row).to_contain_text("a spa")
    for words in (entries, until):
        expect(row).to_contain_text(words)
    expect(row.get_by_text(promise)).to_be_hidden()
    row.locator("summary").focus()
    page.keyboard.press("Enter")

    for words in (promise + NEXT_DRAW["commitment"], OWN_ENTRY):
        expect(row.get_by_text(words)).to_be_visible()
    for _ in at_every_width(page):
        assert violations(page) == []
    # What was opened stays so, and keeps the focus, when all else is drawn anew.
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    page.wait_for_timeout(700)
    expect(row.get_by_text(OWN_ENTRY)).to_be_visible()
    expect(row.locator("summary")).to_be_focused()
    assert len(shop.asked(GIVEAWAYS)) == 1


@pytest.mark.parametrize(
    ("draw", "words", "more"),
    [
        (DRAWN, "You won!", "The store will get in touch with you."),
        (LOST, "Not this time", ""),
    ],
)
def test_after_the_draw_there_is_who_won_and_the_way_to_run_it_again(
    open_shop, visit, draw, words, more
):
    over = NEXT_DRAW | {"is_open": False, "commitment": None, "entries": 0}
    shop = open_shop(Answer(MEMBER), csp=STRICT_CSP)
    shop.giveaways = [told(over | {"draws": [draw]})]
    page = visit(shop, 390, reduced_motion="reduce")
    open_panel(page)
    row = draws(page)
    expect(row).to_have_count(1)
    for each in (words, more, "Drawn on Nov 20, 2026 · 2 entries in all"):
        expect(row).to_contain_text(each)
    row.locator("summary").click()
    for each in ("commitment", "seed"):
        expect(row.get_by_text(draw[each])).to_be_visible()
    expect(row.get_by_text(f"Won: {draw['winners'][0]}")).to_be_visible()
    link = row.get_by_role("link", name="All entries, and how it is done")
    expect(link).to_have_attribute("href", f"{GIVEAWAYS}/{draw['commitment']}")
    assert violations(page) == []


def test_who_has_no_entry_is_told_how_to_take_part_and_guests_see_what_all_see(
    open_shop, visit
):
    nobodys = NEXT_DRAW | {"own_entries": [], "commitment": None, "ends_at": None}
    shop = open_shop(Answer(a_member(rewards=[SPA])))
    shop.giveaways = [told(nobodys)]
    card = open_panel(visit(shop))
    expect(card).to_contain_text("Take an entry among the rewards to take part.")
    expect(card).to_contain_text("The store has set no day yet · 12 entries in all")
    card.get_by_text("How to check it").click()
    expect(card).to_contain_text("The store has promised no seed yet.")

    lost = DRAWN | {"own_entries": [], "is_won": False}
    shop = open_shop(Answer(a_guest(rewards=[SPA])), direction="rtl")
    shop.giveaways = [told(nobodys | {"draws": [lost]})]
    page = visit(shop, 390, reduced_motion="reduce")
    card = open_panel(page)
    expect(draws(page)).to_have_count(2)
    for words in ("Not this time", "Take an entry", "Your entries"):
        expect(card).not_to_contain_text(words)
    assert violations(page) == []


def test_an_entry_that_is_taken_is_there_at_once_and_draws_move_nothing(
    open_shop, visit
):
    before = a_member(rewards=[SPA])
    shop = open_shop(Answer(before), Answer(MEMBER))
    shop.body = "<tallymark-member>Points</tallymark-member>"
    shop.head = '<script src="/shift.js"></script>'
    shop.files["/shift.js"] = SHIFT_OBSERVER
    none = NEXT_DRAW | {"own_entries": []}
    shop.giveaways = [told(none, delay_seconds=0.3), told(NEXT_DRAW)]
    page = visit(shop)
    expect(draws(page)).to_contain_text("Take an entry")
    page.wait_for_timeout(200)
    assert page.evaluate("window.shift") <= 0.001
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    expect(draws(page)).to_contain_text("Your entries: 1")
    assert len(shop.asked(GIVEAWAYS)) == 2


def test_without_an_answer_the_panel_opens_and_without_draws_nothing_is_fetched(
    open_shop, visit
):
    shop = open_shop(Answer(MEMBER))
    shop.giveaways = [Answer({"error": "away"}, 503)]
    page = visit(shop)
    card = open_panel(page)
    expect(card.get_by_role("button", name=f"Take: {SPA['name']}")).to_be_visible()
    expect(draws(page)).to_have_count(0)

    shop.giveaways = [told(NEXT_DRAW, delay_seconds=2)]
    page = visit(shop)
    open_panel(page)
    expect(draws(page)).to_have_count(0)
    expect(draws(page)).to_have_count(1)

    shop = open_shop(Answer(a_member()))
    open_panel(visit(shop))
    assert shop.asked(GIVEAWAYS) == shop.asked("/widget/giveaways.js") == []

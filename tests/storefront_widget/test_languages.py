"""Words follow the page's language, with its own plurals and numbers."""

import pytest
from playwright.sync_api import expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import launcher
from tests.storefront_widget.standings import a_guest, a_member

POLISH = """
import { TEXTS } from "/widget/texts.js";
TEXTS.pl = {
  points: { one: "{count} punkt", few: "{count} punkty", many: "{count} punktów" },
  rewards: "Nagrody",
};
"""
POLISH_SCRIPT = '<script type="module" src="/pl.js"></script>'


@pytest.mark.parametrize(
    ("available", "words"),
    [(1, "1 punkt"), (3, "3 punkty"), (12345, "12 345 punktów")],
)
def test_a_language_can_be_added(open_shop, visit, available, words):
    standing = a_member(available=available)
    shop = open_shop(Answer(standing), lang="pl-PL", head=POLISH_SCRIPT)
    shop.files["/pl.js"] = POLISH
    page = visit(shop)
    expect(page.locator("tallymark-balance #line")).to_have_text(words)
    expect(page.get_by_text("180 points to Free shipping")).to_be_visible()


def test_the_app_is_told_the_language_of_the_page(open_shop, visit):
    """In which it tells why a reward cannot be had."""
    shop = open_shop(Answer(a_member()), lang="de-AT")
    expect(launcher(visit(shop))).to_be_visible()
    assert "lang=de-AT" in shop.queries


@pytest.mark.parametrize("lang", ["en-GB", "", "en_US", "xx-not-a-tag-"])
def test_any_other_language_reads_english(open_shop, visit, lang):
    page = visit(open_shop(Answer(a_member(available=1234)), lang=lang))
    expect(page.locator("tallymark-balance #line")).to_have_text("1,234 points")


def test_a_guest_of_a_polish_shop_is_greeted_in_polish(open_shop, visit):
    shop = open_shop(Answer(a_guest()), lang="pl", head=POLISH_SCRIPT)
    shop.files["/pl.js"] = POLISH
    expect(launcher(visit(shop))).to_have_text("Nagrody")

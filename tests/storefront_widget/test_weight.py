"""The widget is light: few bytes, one question, nothing moves."""

import gzip

import pytest
from playwright.sync_api import expect

from tests.storefront_widget.shop import BODY, LAUNCHER, WIDGET, Answer
from tests.storefront_widget.sight import launcher, open_panel
from tests.storefront_widget.standings import a_guest, a_member

STANDING = "/apps/tallymark/standing"
# What only interest fetches; all else a page has before.
LATER = ("panel", "rewards", "friends")
FIRST_BYTES, BUDGET_BYTES = 6_000, 13_000
# What only some pages fetch: where something can be reported or drawn, in German.
APART, APART_BYTES = ("report", "giveaways", "german"), 2_000
STYLE_BUDGET_BYTES = 2_300
SHIFT_OBSERVER = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def zipped(pattern: str, besides: tuple[str, ...] = ()) -> int:
    files = (file for file in WIDGET.glob(pattern) if file.stem not in besides)
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def test_all_scripts_fit_the_budget():
    assert zipped("*.js", besides=LATER + APART) <= FIRST_BYTES
    assert zipped("*.js", besides=APART) <= BUDGET_BYTES
    assert all(zipped(f"{name}.js") <= APART_BYTES for name in APART)
    assert zipped("*.css") <= STYLE_BUDGET_BYTES


def test_one_question_a_page_however_many_elements(open_shop, visit):
    shop = open_shop(Answer(a_member()), body=BODY * 4 + LAUNCHER)
    page = visit(shop)
    expect(page.get_by_text("120 points")).to_have_count(5)
    open_panel(page)
    page.evaluate("document.body.append(document.createElement('tallymark-balance'))")
    expect(page.locator("tallymark-balance #line").last).to_have_text("120 points")
    assert len(shop.asked(STANDING)) == 1


def test_a_page_without_elements_asks_nothing(open_shop, visit):
    shop = open_shop(Answer(a_member()), body="")
    page = visit(shop)
    page.wait_for_timeout(200)
    assert shop.asked(STANDING) == []


@pytest.mark.parametrize("interest", ["hover", "focus", "click"])
def test_the_panel_is_fetched_on_interest_only(open_shop, visit, interest):
    shop = open_shop(Answer(a_member()))
    page = visit(shop)
    expect(launcher(page)).to_be_visible()
    page.wait_for_timeout(200)
    fetched = {path for _, path, _ in shop.requests}
    assert fetched.isdisjoint(f"/widget/{name}.js" for name in LATER + APART)
    with page.expect_response("**/panel.js"):
        if interest == "click":
            launcher(page).evaluate("(button) => button.click()")
        else:
            getattr(launcher(page), interest)()
    assert len(shop.asked("/widget/panel.js")) == 1


def test_a_panel_that_cannot_be_fetched_disturbs_nobody(open_shop, visit):
    page = visit(open_shop(Answer(a_member())))
    page.route("**/panel.js", lambda route: route.abort())
    launcher(page).click()
    page.locator("#buy").click()
    expect(launcher(page)).to_be_visible()


@pytest.mark.parametrize(
    ("width", "state"),
    [(320, a_member), (390, a_guest), (390, a_member), (1200, a_member)],
)
def test_nothing_moves(open_shop, visit, width, state):
    body = "<tallymark-progress></tallymark-progress>" + BODY + LAUNCHER
    late = Answer(state(), delay_seconds=0.3)
    shop = open_shop(late, body=body, head='<script src="/shift.js"></script>')
    shop.files["/shift.js"] = SHIFT_OBSERVER
    page = visit(shop, width)
    before = page.locator("#below").bounding_box()
    expect(launcher(page)).to_be_visible()
    page.wait_for_timeout(300)
    assert page.locator("#below").bounding_box() == before
    assert page.evaluate("window.shift") <= 0.001

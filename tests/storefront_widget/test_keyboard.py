"""Everything can be done without a mouse, and the focus is never lost."""

import pytest
from playwright.sync_api import expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import (
    focus_is_in_panel,
    focused,
    launcher,
    open_panel,
    panel,
)
from tests.storefront_widget.standings import a_guest, a_member


def tab_to_launcher(page) -> None:
    expect(launcher(page)).to_be_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "Add to cart"
    page.keyboard.press("Tab")
    expect(launcher(page)).to_be_focused()


@pytest.mark.parametrize("standing", [a_member(), a_guest()], ids=["member", "guest"])
def test_enter_opens_tab_stays_inside_escape_returns(open_shop, visit, standing):
    page = visit(open_shop(Answer(standing)))
    tab_to_launcher(page)
    page.keyboard.press("Enter")
    expect(panel(page)).to_be_visible()
    assert focused(page) == "Close"
    for key in ["Tab"] * 6 + ["Shift+Tab"] * 6:
        page.keyboard.press(key)
        # Between the last and the first stop lies the browser's own toolbar.
        assert focus_is_in_panel(page) or on_toolbar(page)
    page.keyboard.press("Escape")
    expect(panel(page)).not_to_be_visible()
    expect(launcher(page)).to_be_focused()


def on_toolbar(page) -> bool:
    return page.evaluate("document.activeElement === document.body")


def test_focus_returns_to_a_launcher_that_was_rendered_again(open_shop, visit):
    news = a_member(available=500, lifetime_earned=800)
    page = visit(open_shop(Answer(a_member()), Answer(news)))
    tab_to_launcher(page)
    page.keyboard.press("Enter")
    expect(panel(page)).to_be_visible()
    page.evaluate("document.dispatchEvent(new Event('tallymark:refresh'))")
    expect(panel(page).locator("strong")).to_have_text("500 points")
    assert focused(page) == "Close"
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_text("500 points")
    page.keyboard.press("Space")
    expect(panel(page)).to_be_visible()


def test_the_close_button_and_the_backdrop_close(open_shop, visit):
    page = visit(open_shop(Answer(a_member())))
    open_panel(page).get_by_role("button", name="Close").click()
    expect(panel(page)).not_to_be_visible()
    expect(launcher(page)).to_be_focused()
    open_panel(page).get_by_text("Ways to earn").click()
    expect(panel(page)).to_be_visible()
    page.mouse.click(20, 20)
    expect(panel(page)).not_to_be_visible()


def test_the_shop_stays_usable_around_the_closed_launcher(open_shop, visit):
    page = visit(open_shop(Answer(a_member())), 390)
    expect(launcher(page)).to_be_visible()
    strays = page.evaluate(
        """() => {
          const host = document.querySelector("tallymark-launcher");
          const button = host.shadowRoot.querySelector("button");
          // Its room in the page is its own, and over nothing.
          const boxes = [button, host].map((node) => node.getBoundingClientRect());
          const strays = [];
          for (let x = 5; x < innerWidth; x += 10)
            for (let y = 5; y < innerHeight; y += 10) {
              const inside = boxes.some((box) => x >= box.left && x <= box.right
                && y >= box.top && y <= box.bottom);
              if (!inside && document.elementFromPoint(x, y) === host)
                strays.push([x, y]);
            }
          return strays;
        }"""
    )
    assert strays == []


def test_a_double_click_opens_one_panel(open_shop, visit):
    page = visit(open_shop(Answer(a_member())))
    launcher(page).evaluate("(button) => { button.click(); button.click() }")
    expect(panel(page)).to_have_count(1)
    expect(panel(page)).to_be_visible()

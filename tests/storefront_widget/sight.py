"""Where to look on the page: locators with the names a shopper would use."""

from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

WIDTHS = (320, 1200)


def at_every_width(page: Page) -> Iterator[int]:
    """The same page on the smallest phone and on a desk; nothing may stick out."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        yield width
        assert has_no_sideways_scroll(page)


def launcher(page: Page) -> Locator:
    return page.locator("tallymark-launcher section > button")


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Rewards")


def open_panel(page: Page) -> Locator:
    launcher(page).click()
    expect(panel(page)).to_be_visible()
    return panel(page)


def focused(page: Page) -> str:
    """The accessible name, or else the tag, of what has the focus."""
    return page.evaluate(
        """() => {
          let node = document.activeElement;
          while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
          return node.ariaLabel || node.textContent.trim() || node.localName;
        }"""
    )


def focus_is_in_panel(page: Page) -> bool:
    return panel(page).evaluate("(node) => node.matches(':focus-within')")


def has_no_sideways_scroll(page: Page) -> bool:
    return page.evaluate(
        """() => {
          const dialog = document.querySelector("tallymark-launcher")
            ?.shadowRoot.querySelector("dialog");
          return [document.documentElement, dialog].every(
            (box) => !box || box.scrollWidth <= box.clientWidth);
        }"""
    )

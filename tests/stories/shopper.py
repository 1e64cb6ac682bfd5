"""What shoppers of the stories do without a click, where another story clicks it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import APIResponse, Locator, Page, expect

# The store answers within a second; a shopper may ask 600 times a minute.
PATIENCE_S, PAUSE_S = 30, 0.1


def sign_up(page: Page, name: str) -> None:
    """Open an account, and be signed in."""
    form = {"name": name, "email": f"{name.lower()}@example.com"}
    assert _post(page, "/account/register", form).url.endswith("/account")


def put(page: Page, handle: str, units: int = 1) -> None:
    """Put so many of something into the cart."""
    _post(page, "/cart/add", {"handle": handle, "quantity": str(units)})


def buy(page: Page, handle: str, units: int = 1) -> str:
    """Buy so many of something, and return the order's id."""
    put(page, handle, units)
    return order_of(_post(page, "/checkout", {"payment": "card"}).url)


def pay(page: Page) -> str:
    """Press the button at the checkout, and return the order's id."""
    page.goto("/checkout")
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url("**/thank-you")
    return order_of(page.url)


def order_of(url: str) -> str:
    """Return the order that a page thanks for."""
    found = re.search(r"/orders/(\d+)/thank-you", url)
    assert found, url
    return found[1]


def use_code(page: Page, code: str) -> None:
    """Have a code take something off the cart, by the form there."""
    page.goto("/cart")
    page.get_by_label("Discount code").fill(code)
    page.get_by_role("button", name="Apply").click()


def standing(page: Page) -> Any:
    """Return what the widget is told."""
    answer = page.request.get("/apps/tallymark/standing")
    assert answer.ok, answer.text()
    return answer.json()


def once(page: Page, is_so: Callable[[Any], bool]) -> None:
    """Wait until the widget is told something: cheaper than to open pages till then."""
    until = time.monotonic() + PATIENCE_S
    while not is_so(told := standing(page)):
        assert time.monotonic() < until, told
        time.sleep(PAUSE_S)


def once_it_has(page: Page, points: str) -> None:
    """Wait until the widget is told of so many points, as it writes them."""
    number = int(points.split()[0].replace(",", ""))
    once(page, lambda told: bool(told.get("available") == number))


def panel(page: Page) -> Locator:
    """Open the panel on the store's first page."""
    page.goto("/")
    page.locator("tallymark-launcher").get_by_role("button").first.click()
    return page.get_by_role("dialog")


def has(page: Page, points: str) -> Locator:
    """Open the panel as soon as the shopper has so many points, as it writes them."""
    once_it_has(page, points)
    found = panel(page)
    expect(found.locator("header strong")).to_have_text(points)
    return found


def is_quiet(page: Page) -> None:
    """Wait until nothing comes that the panel would draw itself anew for."""
    page.wait_for_load_state("networkidle")


def row(panel: Locator, title: str, text: str) -> Locator:
    """Return what stands under a title of the panel and has this text."""
    heading = panel.page.get_by_role("heading", name=title, exact=True)
    return (
        panel.locator("div:has(> h3)").filter(has=heading).locator("li", has_text=text)
    )


def take(panel: Locator, name: str) -> str:
    """Take a reward, and return what the panel says of it."""
    panel.get_by_role("button", name=re.compile(f"Take: .*{re.escape(name)}")).click()
    told = panel.get_by_role("status")
    expect(told).to_have_text(re.compile(": "), timeout=20_000)
    return told.inner_text()


def code_in(told: str) -> str:
    """Return the code that the panel tells."""
    found = re.fullmatch(r".*: ([A-Z0-9-]{8,})", told)
    assert found, told
    return found[1]


def _post(page: Page, path: str, form: dict[str, str]) -> APIResponse:
    answer = page.request.post(path, form=form)
    assert answer.ok, answer.text()
    return answer

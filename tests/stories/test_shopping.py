"""Stories in a real browser: buying earns, refunding takes back, guests claim."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.stories.conftest import DOMAIN, Running, violations
from tests.stories.shopper import once_it_has

# What may be pressed, and lies below the button in the corner once it is scrolled to.
COVERED = """() => {
  const corner = document.querySelector("tallymark-launcher");
  return [...document.querySelectorAll("main :is(a, button, input)")]
    .filter((each) => {
      each.scrollIntoView({ block: "end" });
      const box = each.getBoundingClientRect();
      const over = corner.getBoundingClientRect();
      return over.width && box.left < over.right && over.left < box.right
        && box.top < over.bottom && over.top < box.bottom;
    })
    .map((each) => each.textContent || each.name);
}"""
BALANCE = "main tallymark-member strong"
# What the demo gives for opening an account; Ada, Grace and Linus were there before it.
JOINING = 25


def _sign_in(page: Page, name: str) -> None:
    page.goto("/account/login")
    page.get_by_role("button", name=f"Sign in as {name}").click()


def _buy(page: Page, handle: str, units: int) -> str:
    """Put something in the cart and pay; return the order's id."""
    page.goto(f"/products/{handle}")
    page.get_by_label("Quantity").fill(str(units))
    page.get_by_role("button", name="Add to cart").click()
    page.goto("/checkout")
    return _pay(page)


def _pay(page: Page) -> str:
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url("**/thank-you")
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found
    return found.group(1)


def _account_shows(page: Page, points: str) -> None:
    """Look at the page for members once it is to be told so many points."""
    once_it_has(page, points)
    page.goto("/pages/rewards")
    expect(page.locator(BALANCE)).to_have_text(points)


def test_buying_earns_and_refunding_one_of_three_takes_its_points(
    page: Page, demo: Running
):
    _sign_in(page, "Ada")
    page.goto("/products/morning-mug")
    page.get_by_label("Quantity").fill("3")
    page.get_by_role("button", name="Add to cart").click()
    page.goto("/cart")
    expect(page.locator("tallymark-estimate")).to_contain_text("72 points")
    for width in (360, 1160, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert [] == page.evaluate(COVERED)
    page.get_by_role("link", name="Check out").click()
    order_id = _pay(page)

    _account_shows(page, "72 points")
    expect(page.locator("tallymark-progress").first).to_contain_text("228 points")

    page.goto(f"/admin/orders/{order_id}")
    page.get_by_label("Refund Morning mug, of 3").fill("1")
    page.get_by_role("button", name="Refund", exact=True).click()
    _account_shows(page, "48 points")

    told = demo.tallymark("explain", DOMAIN, order_id)
    assert (
        "48.00 EUR is left of what counted: 24 points go back, 48 stay." in told.stdout
    )


def test_the_panel_shows_balance_progress_rewards_and_history(page: Page):
    _sign_in(page, "Grace")
    _buy(page, "drip-cone", 2)
    _account_shows(page, "77 points")
    page.goto("/")
    launcher = page.locator("tallymark-launcher")
    launcher.get_by_role("button").first.click()
    panel = page.get_by_role("dialog")

    expect(panel).to_contain_text("77")
    expect(panel).to_contain_text("Free shipping")
    expect(panel).to_contain_text("1 point for each €1.00 you spend")
    expect(panel).to_contain_text(re.compile("Order #"))
    birthday = panel.get_by_role("form", name="Your birthday")
    birthday.get_by_label("Day").select_option("9")
    birthday.get_by_label("Month").select_option("December")
    birthday.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("status")).to_contain_text("December 9 is noted")
    expect(birthday).to_have_count(0)
    assert [] == violations(page)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_points_appear_by_themselves_after_paying(page: Page):
    _sign_in(page, "Linus")
    _buy(page, "espresso-pair", 1)

    expect(page.locator("tallymark-balance").first).to_contain_text(
        "29", timeout=10_000
    )


def test_a_guest_buys_registers_and_has_the_points(page: Page):
    page.goto("/products/low-bowl")
    page.get_by_role("button", name="Add to cart").click()
    page.goto("/checkout")
    page.get_by_label("E-mail").fill("hedy@example.com")
    page.get_by_label("Name", exact=True).fill("Hedy")
    _pay(page)

    page.goto("/account/login")
    page.get_by_label("Name", exact=True).fill("Hedy Kiesler")
    page.get_by_label("E-mail").fill("hedy@example.com")
    page.get_by_role("button", name="Create account").click()
    _account_shows(page, f"{34 + JOINING} points")


def test_a_cancelled_order_with_its_refund_gives_everything_back(page: Page):
    page.goto("/account/login")
    page.get_by_label("Name", exact=True).fill("Mary")
    page.get_by_label("E-mail").fill("mary@example.com")
    page.get_by_role("button", name="Create account").click()
    order_id = _buy(page, "house-blend", 4)
    _account_shows(page, f"{50 + JOINING} points")

    page.goto(f"/admin/orders/{order_id}")
    page.get_by_role("button", name="Cancel order").click()
    _account_shows(page, f"{JOINING} points")


def test_duplicated_shuffled_deliveries_change_nothing(page: Page):
    page.goto("/admin/webhooks")
    page.locator("#duplicate").check()
    page.locator("#shuffle").check()
    page.get_by_role("button", name="Set switches").click()
    page.goto("/account/login")
    page.get_by_label("Name", exact=True).fill("Radia")
    page.get_by_label("E-mail").fill("radia@example.com")
    page.get_by_role("button", name="Create account").click()
    order_id = _buy(page, "guji-natural", 5)
    page.goto(f"/admin/orders/{order_id}")
    page.get_by_label("Refund Guji natural, of 5").fill("2")
    page.get_by_role("button", name="Refund", exact=True).click()
    page.goto("/admin/webhooks")
    page.locator("#duplicate").uncheck()
    page.locator("#shuffle").uncheck()
    page.get_by_role("button", name="Set switches").click()

    page.wait_for_timeout(1500)
    _account_shows(page, f"{50 + JOINING} points")


def test_every_shopper_page_is_accessible(page: Page):
    _sign_in(page, "Ada")
    page.goto("/products/evening-decaf")
    page.get_by_role("button", name="Add to cart").click()
    for path in (
        "/",
        "/products/evening-decaf",
        "/cart",
        "/checkout",
        "/pages/rewards",
        "/account",
        "/account/rewards",
    ):
        page.goto(path)
        page.wait_for_timeout(300)
        assert [] == violations(page), path


def test_the_ledger_of_all_this_holds(demo: Running):
    told = demo.tallymark("verify", "--seal")

    assert 0 == told.returncode, told.stderr
    assert told.stdout.startswith("the ledger holds: ")


def test_the_store_is_asked_for_what_it_did_not_tell(demo: Running):
    for command in (
        ("reconcile", DOMAIN, "--since", "2026-01-01", "--dry-run"),
        ("backfill", DOMAIN, "--dry-run"),
    ):
        told = demo.tallymark(*command)
        assert 0 == told.returncode, told.stderr
        assert re.search(r"0 unknown|^0 orders of 0 shoppers", told.stdout)

"""What the demo's programme offers beside points for orders, used as shoppers would."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import psycopg
from playwright.sync_api import Locator, Page, expect

from tests.stories.conftest import DOMAIN, Running, violations, wait_until

COFFEE = "A coffee at our bar"
ANY_AMOUNT = "off for each 50 points"
SEAT = "A seat at our cupping table"
WATER = "for clean water in Guji"
MACHINE = "An entry to win a lever espresso machine"


def test_a_voucher_is_taken_in_at_the_counter_once(page: Page, demo: Running):
    _sign_up(page, "Karen")
    _buy(page, "drip-cone", 10)
    panel = _has(page, "460 points")
    code = _code(_take(panel, COFFEE))
    qr = panel.get_by_role("img", name="QR code of the voucher")
    qr.scroll_into_view_if_needed()
    wait_until(lambda: qr.evaluate("image => image.naturalWidth > 0"), 10)

    page.goto("/admin")
    page.get_by_role("link", name="Counter").click()
    assert [] == violations(page)
    told = page.get_by_role("status")
    _hand_in(page, code.lower())
    expect(told).to_have_text(f"Taken in: {COFFEE}", timeout=20_000)
    _hand_in(page, code)
    expect(told).to_have_text("This voucher cannot be taken in: it is used.")

    page.goto(demo.store_url)
    panel = _has(page, "140 points")
    expect(_row(panel, "Your rewards", COFFEE)).to_contain_text("Used")
    expect(panel.get_by_role("img", name="QR code of the voucher")).to_have_count(0)


def test_as_many_points_as_a_shopper_likes_lower_the_price(page: Page):
    _sign_up(page, "Barbara")
    _buy(page, "drip-cone", 5)
    panel = _has(page, "217 points")
    _is_quiet(page)
    panel.get_by_role("slider", name=ANY_AMOUNT).fill("150")
    code = _code(_take(panel, ANY_AMOUNT))
    expect(panel.get_by_text("67 points").first).to_be_visible()

    _put(page, "house-blend", 1)
    page.goto("/cart")
    page.get_by_label("Discount code").fill(code)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("\N{MINUS SIGN}1.50 EUR").first).to_be_visible()
    page.goto("/checkout")
    expect(page.locator("#order .total dd")).to_have_text("15.90 EUR")
    _pay(page)
    _has(page, "78 points")


def test_a_seat_that_was_refused_gives_its_points_back_and_another_is_kept(
    page: Page, demo: Running
):
    _sign_up(page, "Margaret")
    _buy(page, "drip-cone", 18)
    panel = _has(page, "868 points")
    choice = panel.get_by_role("combobox", name=f"Date: {SEAT}")
    _is_quiet(page)
    choice.select_option(index=1)
    assert "Waiting for the store" in _take(panel, SEAT)
    _has(page, "268 points")
    _decide(page, "Refuse", "The table is full that day")

    page.goto(demo.store_url)
    panel = _has(page, "868 points")
    refused = _row(panel, "Your rewards", SEAT)
    expect(refused).to_contain_text("The table is full that day")
    _is_quiet(page)
    choice.select_option(index=2)
    date = choice.locator("option:checked").inner_text()
    assert "Waiting for the store" in _take(panel, SEAT)
    _decide(page, "Approve")

    page.goto(demo.store_url)
    panel = _has(page, "268 points")
    kept = _row(panel, "Your rewards", date)
    expect(kept).to_contain_text(SEAT)
    expect(kept).not_to_contain_text("Waiting for the store")


def test_a_membership_is_bought_and_its_perks_hold_until_it_goes_back(page: Page):
    _sign_up(page, "Katherine")
    _put(page, "low-bowl", 1)
    page.goto("/checkout")
    order = page.locator("#order")
    # 34.00 for the bowl, a tenth as tax, and the postage.
    expect(order.locator(".total dd")).to_have_text("42.30 EUR")
    page.goto("/cart")
    page.get_by_role("button", name="Remove").click()
    order_id = _buy(page, "club-card", 1)
    # 25 for joining, 39 for the card, and the welcome of this tier and those below.
    panel = _has(page, "264 points")
    expect(_row(panel, "Your tier", "Kiln Club")).to_contain_text("10% off every order")
    page.goto("/products/low-bowl")
    expect(page.locator("tallymark-product")).to_contain_text("Earns you 51 points")
    _put(page, "low-bowl", 1)
    _order_says(page, "Kiln Club: 10 % off", is_said=True)
    # 30.60 for the bowl and a tenth as tax; it ships free.
    expect(order.locator(".total dd")).to_have_text("33.66 EUR")

    page.goto(f"/admin/orders/{order_id}")
    page.get_by_role("button", name="Cancel order").click()
    _has(page, "25 points")
    _order_says(page, "Kiln Club: 10 % off", is_said=False)
    expect(order.locator(".total dd")).to_have_text("42.30 EUR")


def test_points_go_to_a_cause_and_into_a_giveaway(page: Page, demo: Running):
    _sign_up(page, "Jean")
    _buy(page, "drip-cone", 5)
    panel = _has(page, "217 points")
    row = _row(panel, "Rewards", WATER)
    expect(row).to_contain_text("€0.00 given so far")
    assert "Used" in _take(panel, WATER)
    panel = _has(page, "157 points")
    told = demo.tallymark("redemption", "donations", DOMAIN).stdout
    assert "clean water in Guji: 1.00 EUR\n" == told

    giveaway = ("giveaway", "promise", DOMAIN, "lever-machine")
    assert 0 == demo.tallymark(*giveaway).returncode
    for left in ("107 points", "57 points"):
        assert "Used" in _take(panel, MACHINE)
        panel = _has(page, left)
    giveaway = ("giveaway", "draw", DOMAIN, "lever-machine", "--early")
    drawn = json.loads(demo.tallymark(*giveaway).stdout)
    assert (2, 1) == (len(drawn["entries"]), len(drawn["winners"]))
    assert set(drawn["winners"]) < set(drawn["entries"])

    def tells_all() -> bool:
        _has(page, "57 points")
        with suppress(AssertionError):
            expect(row).to_contain_text("€1.00 given so far", timeout=1000)
            # Both entries are hers, so one of them has won.
            won = _row(panel, "Draws", "You won!")
            expect(won).to_contain_text("2 entries in all", timeout=1000)
            won.get_by_text("How to check it").click()
            expect(won).to_contain_text(drawn["seed"])
            expect(won).to_contain_text(drawn["winners"][0])
            return True
        return False

    # Sums and draws are read once a minute at most.
    wait_until(tells_all, 70)


def test_what_a_campaign_is_about_says_and_earns_its_bonus(page: Page, demo: Running):
    def knows_products() -> bool:
        with psycopg.connect(demo.database_url) as connection:
            read = connection.execute(
                "select 1 from catalogue where read_at is not null"
            )
            return bool(read.fetchall())

    wait_until(knows_products, 30)
    _sign_up(page, "Lois")
    page.goto("/products/pour-over-set")
    expect(page.locator("tallymark-product")).to_contain_text("Earns you 99 points")
    order_id = _buy(page, "pour-over-set", 1)
    _has(page, "124 points")
    assert "a bonus of 40 points" in demo.tallymark("explain", DOMAIN, order_id).stdout


def test_a_regular_sees_what_will_end_and_how_to_keep_her_tier(page: Page):
    def is_there() -> bool:
        page.goto("/account/login")
        return page.get_by_role("button", name="Rosa").is_visible()

    wait_until(is_there, 30)
    page.get_by_role("button", name="Rosa").click()
    panel = _has(page, "458 points")
    expect(panel).to_contain_text("144 points will expire from")
    expect(_row(panel, "Your tier", "Regular").first).to_contain_text("50 points once")
    stays = re.compile(r"Spend .*34\.21.* to stay Regular")
    expect(panel).to_contain_text(stays)
    expect(_row(panel, "Recent activity", "Expired").first).to_be_visible()
    assert [] == violations(page)


def _sign_up(page: Page, name: str) -> None:
    page.goto("/account/login")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail").fill(f"{name.lower()}@example.com")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/account")


def _put(page: Page, handle: str, units: int) -> None:
    page.goto(f"/products/{handle}")
    page.get_by_label("Quantity").fill(str(units))
    page.get_by_role("button", name="Add to cart").click()


def _pay(page: Page) -> str:
    page.goto("/checkout")
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url("**/thank-you")
    return re.findall(r"/orders/(\d+)/", page.url)[0]


def _buy(page: Page, handle: str, units: int) -> str:
    """Buy so many of something, and return the order's id."""
    _put(page, handle, units)
    return _pay(page)


def _has(page: Page, points: str) -> Locator:
    """Open the panel again and again for a while, until it has this balance."""
    panel, balance = page.get_by_role("dialog"), page.locator("dialog header strong")

    def says() -> bool:
        page.goto("/")
        page.locator("tallymark-launcher").get_by_role("button").first.click()
        with suppress(AssertionError):
            expect(balance).to_have_text(points, timeout=1000)
            return True
        return False

    wait_until(says, 30, lambda: balance.inner_text())
    return panel


def _is_quiet(page: Page) -> None:
    """Wait until nothing comes that the panel would draw itself anew for."""
    page.wait_for_load_state("networkidle")


def _row(panel: Locator, title: str, text: str) -> Locator:
    """What stands under a title of the panel and has this text."""
    heading = panel.page.get_by_role("heading", name=title, exact=True)
    return (
        panel.locator("div:has(> h3)").filter(has=heading).locator("li", has_text=text)
    )


def _take(panel: Locator, name: str) -> str:
    """Take a reward, and return what the panel says of it."""
    panel.get_by_role("button", name=re.compile(f"Take: .*{re.escape(name)}")).click()
    told = panel.get_by_role("status")
    expect(told).to_have_text(re.compile(": "), timeout=20_000)
    return told.inner_text()


def _code(told: str) -> str:
    found = re.fullmatch(r".*: ([A-Z0-9-]{8,})", told)
    assert found, told
    return found[1]


def _hand_in(page: Page, code: str) -> None:
    page.get_by_label("Code of the voucher").fill(code)
    page.get_by_role("button", name="Take in").click()


def _decide(page: Page, word: str, reason: str | None = None) -> None:
    """Decide as the owner on the only seat that anybody waits for."""
    page.goto("/admin")
    page.get_by_role("link", name="Program").click()
    page.get_by_role("link", name="Approvals 1 waiting").click()
    if reason is None:
        page.get_by_role("button", name=f"{word} {SEAT}").click()
    else:
        page.get_by_text(f"{word} {SEAT}").click()
        page.get_by_label("Reason, which the member reads").fill(reason)
        page.get_by_role("button", name="Refuse, the points go back").click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()


def _order_says(page: Page, text: str, *, is_said: bool) -> None:
    """Look at the checkout until it says something, or says it no more."""

    def is_so() -> bool:
        page.goto("/checkout")
        return (text in page.locator("#order").inner_text()) is is_said

    wait_until(is_so, 30, lambda: page.locator("#order").inner_text())

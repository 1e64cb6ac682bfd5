"""What the demo's programme offers beside points for orders, used as shoppers would."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, expect

from app.commands.demo_program import demo_program
from tests.stories.conftest import DOMAIN, Running, violations, wait_until
from tests.stories.shopper import (
    buy,
    code_in,
    has,
    is_quiet,
    once,
    pay,
    put,
    row,
    sign_up,
    take,
    use_code,
)

DEMO = demo_program(datetime.now(UTC).date())
COFFEE = "A coffee at our bar"
ANY_AMOUNT = "off for each 50 points"
SEAT = "A seat at our cupping table"
WATER = "for clean water in Guji"
POUR_OVER_SET = "8412905098210"
MACHINE = "An entry to win a lever espresso machine"


def test_a_voucher_is_taken_in_at_the_counter_once(page: Page, demo: Running):
    sign_up(page, "Karen")
    buy(page, "drip-cone", 10)
    panel = has(page, "460 points")
    code = code_in(take(panel, COFFEE))
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
    panel = has(page, "140 points")
    expect(row(panel, "Your rewards", COFFEE)).to_contain_text("Used")
    expect(panel.get_by_role("img", name="QR code of the voucher")).to_have_count(0)


def test_as_many_points_as_a_shopper_likes_lower_the_price(page: Page):
    sign_up(page, "Barbara")
    buy(page, "drip-cone", 5)
    panel = has(page, "217 points")
    is_quiet(page)
    panel.get_by_role("slider", name=ANY_AMOUNT).fill("150")
    code = code_in(take(panel, ANY_AMOUNT))
    expect(panel.get_by_text("67 points").first).to_be_visible()

    put(page, "house-blend")
    use_code(page, code)
    expect(page.get_by_text("\N{MINUS SIGN}1.50 EUR").first).to_be_visible()
    page.goto("/checkout")
    expect(page.locator("#order .total dd")).to_have_text("15.90 EUR")
    pay(page)
    has(page, "78 points")


def test_a_seat_that_was_refused_gives_its_points_back_and_another_is_kept(
    page: Page, demo: Running
):
    sign_up(page, "Margaret")
    buy(page, "drip-cone", 18)
    panel = has(page, "868 points")
    choice = panel.get_by_role("combobox", name=f"Date: {SEAT}")
    is_quiet(page)
    choice.select_option(index=1)
    assert "Waiting for the store" in take(panel, SEAT)
    has(page, "268 points")
    _decide(page, "Refuse", "The table is full that day")

    page.goto(demo.store_url)
    panel = has(page, "868 points")
    refused = row(panel, "Your rewards", SEAT)
    expect(refused).to_contain_text("The table is full that day")
    is_quiet(page)
    choice.select_option(index=2)
    date = choice.locator("option:checked").inner_text()
    assert "Waiting for the store" in take(panel, SEAT)
    _decide(page, "Approve")

    page.goto(demo.store_url)
    once(page, lambda told: "asked" not in {r["state"] for r in told["redemptions"]})
    panel = has(page, "268 points")
    kept = row(panel, "Your rewards", date)
    expect(kept).to_contain_text(SEAT)
    expect(kept).not_to_contain_text("Waiting for the store")


def test_a_membership_is_bought_and_its_perks_hold_until_it_goes_back(page: Page):
    sign_up(page, "Katherine")
    put(page, "low-bowl")
    page.goto("/checkout")
    order = page.locator("#order")
    # 34.00 for the bowl, a tenth as tax, and the postage.
    expect(order.locator(".total dd")).to_have_text("42.30 EUR")
    page.goto("/cart")
    page.get_by_role("button", name="Remove").click()
    order_id = buy(page, "club-card")
    # 25 for joining, 39 for the card, and the welcome of this tier and those below.
    panel = has(page, "264 points")
    expect(row(panel, "Your tier", "Kiln Club")).to_contain_text("10% off every order")
    page.goto("/products/low-bowl")
    expect(page.locator("tallymark-product")).to_contain_text("Earns you 51 points")
    put(page, "low-bowl")
    _order_says(page, "Kiln Club: 10 % off", is_said=True)
    # 30.60 for the bowl and a tenth as tax; it ships free.
    expect(order.locator(".total dd")).to_have_text("33.66 EUR")

    page.goto(f"/admin/orders/{order_id}")
    page.get_by_role("button", name="Cancel order").click()
    has(page, "25 points")
    _order_says(page, "Kiln Club: 10 % off", is_said=False)
    expect(order.locator(".total dd")).to_have_text("42.30 EUR")


def test_points_go_to_a_cause_and_into_a_giveaway(page: Page, demo: Running):
    sign_up(page, "Jean")
    buy(page, "drip-cone", 5)
    panel = has(page, "217 points")
    cause = row(panel, "Rewards", WATER)
    expect(cause).to_contain_text("€0.00 given so far")
    assert "Used" in take(panel, WATER)
    panel = has(page, "157 points")
    giveaway = ("giveaway", "promise", DOMAIN, "lever-machine")
    assert 0 == demo.tallymark(*giveaway).returncode
    for left in ("107 points", "57 points"):
        assert "Used" in take(panel, MACHINE)
        panel = has(page, left)
    giveaway = ("giveaway", "draw", DOMAIN, "lever-machine", "--early")
    drawn = json.loads(demo.tallymark(*giveaway).stdout)
    assert (2, 1) == (len(drawn["entries"]), len(drawn["winners"]))
    assert set(drawn["winners"]) < set(drawn["entries"])

    # What was told before is told for a second.
    page.wait_for_timeout(1000)
    panel = has(page, "57 points")
    expect(cause).to_contain_text("€1.00 given so far")
    # Both entries are hers, so one of them has won.
    won = row(panel, "Draws", "You won!")
    expect(won).to_contain_text("2 entries in all")
    won.get_by_text("How to check it").click()
    expect(won).to_contain_text(drawn["seed"])
    expect(won).to_contain_text(drawn["winners"][0])


def test_who_takes_part_is_surprised_and_rises(page: Page):
    page.goto("/account/login")
    page.get_by_label("Name", exact=True).fill("Ida")
    page.get_by_label("E-mail").fill("ida@example.com")
    page.get_by_label("Send me the newsletter").check()
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/account")
    # 25 for joining, and 50 for the newsletter.
    panel = has(page, "75 points")
    expect(row(panel, "Recent activity", "newsletter")).to_be_visible()

    _report(panel, "Tell us how you brew")
    panel = has(page, "95 points")
    gift = row(panel, "Waiting for you", "Free shipping")
    expect(gift).to_contain_text("Our thanks for your words")
    code = code_in(take(panel, "Free shipping"))
    put(page, "morning-mug")
    page.goto("/checkout")
    total = page.locator("#order .total dd")
    expect(total).to_have_text("31.30 EUR")
    use_code(page, code)
    page.goto("/checkout")
    expect(total).to_have_text("26.40 EUR")
    pay(page)

    panel = has(page, "119 points")
    expect(panel).to_contain_text("raise your score by 10")
    _report(panel, "Bring your own cup")
    # 5 for the cup, and the welcome of the tier.
    panel = has(page, "174 points")
    expect(row(panel, "Your tier", "Regular").first).to_be_visible()

    surprise = next(each for each in DEMO.surprises if each.percent < 100)
    points = 174
    for _ in range(20):
        put(page, "huila-harvest")
        # Each bag brings twice its 17.90.
        order_id, points = pay(page), points + 35
        # By the id of the only store, and of the order.
        if surprise.is_drawn(f"1/{order_id}"):
            break
    panel = has(page, f"{points + surprise.points} points")
    expect(row(panel, "Recent activity", surprise.title)).to_be_visible()


def test_a_percentage_and_store_credit_lower_what_is_paid(page: Page):
    sign_up(page, "Emmy")
    buy(page, "drip-cone", 50)
    # 1925 points are earned: enough for a tier, and 25 for joining, 150 as welcomes.
    panel = has(page, "2,100 points")
    expect(row(panel, "Your tier", "Friend of the house").first).to_be_visible()
    code = code_in(take(panel, "10% off"))
    panel = has(page, "1,700 points")
    assert "Ready to use" in take(panel, "€10.00 of store credit")

    put(page, "drip-cone")
    _order_says(page, "Friend of the house: free shipping", is_said=True)
    order = page.locator("#order")
    expect(order.locator(".total dd")).to_have_text("42.35 EUR")
    use_code(page, code)
    page.goto("/checkout")
    expect(order).to_contain_text("\N{MINUS SIGN}3.85 EUR")
    expect(order.locator(".total dd")).to_have_text("38.12 EUR")
    left = order.get_by_text("28.12 EUR")
    expect(left).to_be_hidden()
    page.get_by_label("Use my store credit of 10.00 EUR").check()
    expect(left).to_be_visible()
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url("**/thank-you")
    paid = page.get_by_role("listitem").filter(has_text="Paid with store credit")
    expect(paid).to_contain_text("10.00 EUR")
    # 1.25 times the points in her tier.
    has(page, "743 points")


def test_a_subscription_brings_its_tier_and_a_tag_a_higher_one(page: Page):
    sign_up(page, "Sophie")
    page.goto("/products/low-bowl")
    page.get_by_role("button", name="Add to cart").click()
    page.goto("/checkout")
    total = page.locator("#order .total dd")
    expect(total).to_have_text("42.30 EUR")
    page.goto("/cart")
    page.get_by_role("button", name="Remove").click()
    page.goto("/products/house-blend")
    page.get_by_label("How often").select_option(label="Every month")
    page.get_by_role("button", name="Add to cart").click()
    pay(page)
    # 12 for the bag, 25 for joining, and the welcomes of the tier and the one below.
    panel = has(page, "187 points")
    tier = row(panel, "Your tier", "Friend of the house")
    expect(tier.first).to_contain_text("1.25 times the points")
    put(page, "low-bowl")
    _order_says(page, "Friend of the house: free shipping", is_said=True)
    expect(total).to_have_text("37.40 EUR")

    page.goto("/admin/customers")
    form = page.locator("#tags-form")
    form.get_by_role("combobox").select_option(label="Sophie, sophie@example.com")
    form.get_by_label("Tags, with commas between").fill("crew")
    form.get_by_role("button", name="Add tags").click()
    panel = has(page, "237 points")
    expect(row(panel, "Your tier", "Kiln Club")).to_contain_text("10% off every order")


def test_what_a_campaign_is_about_says_and_earns_its_bonus(page: Page, demo: Running):
    line = {"product_id": POUR_OVER_SET, "price_minor": 5900, "quantity": 1}
    cart = {"currency": "EUR", "taxes_included": False, "lines": [line]}

    def knows_products() -> bool:
        asked = page.request.post("/apps/tallymark/estimate", data=cart)
        return bool(asked.json().get("points") == 99)

    wait_until(knows_products, 30)
    sign_up(page, "Lois")
    page.goto("/products/pour-over-set")
    expect(page.locator("tallymark-product")).to_contain_text("Earns you 99 points")
    order_id = buy(page, "pour-over-set")
    has(page, "124 points")
    assert "a bonus of 40 points" in demo.tallymark("explain", DOMAIN, order_id).stdout


def test_a_regular_sees_what_will_end_and_how_to_keep_her_tier(page: Page):
    def is_there() -> bool:
        page.goto("/account/login")
        return page.get_by_role("button", name="Rosa").is_visible()

    wait_until(is_there, 30)
    page.get_by_role("button", name="Rosa").click()
    panel = has(page, "458 points")
    expect(panel).to_contain_text("144 points will expire from")
    expect(row(panel, "Your tier", "Regular").first).to_contain_text("50 points once")
    stays = re.compile(r"Spend .*34\.21.* to stay Regular")
    expect(panel).to_contain_text(stays)
    expect(row(panel, "Recent activity", "Expired").first).to_be_visible()
    assert [] == violations(page)


def _report(panel: Locator, name: str) -> None:
    """Say that something was done, by its button in the panel."""
    panel.get_by_role("button", name=f"I did this: {name}").click()
    expect(panel.get_by_role("status")).to_have_text(f"{name}: Noted")


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

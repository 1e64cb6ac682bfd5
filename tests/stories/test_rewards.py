"""Shoppers take rewards, use their codes, return half, and are forgotten at last."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.storefront_widget.extensions import need
from tests.stories.back_office import BackOffice
from tests.stories.conftest import DOMAIN, Running, start, stop, violations, wait_until
from tests.stories.shopper import once_it_has

BLEND = {"product_ids": ["8412905098201"]}
PROGRAM = {
    "rewards": [
        {"kind": "amount_off", "points_cost": 50, "amount": "5", "key": "five"},
        {"kind": "gift_card", "points_cost": 60, "amount": "10", "key": "card"},
        {"kind": "goods", "points_cost": 10, "title": "A sticker", "key": "sticker"},
        {
            "kind": "free_product",
            "points_cost": 400,
            "product_id": "8412905098201",
            "title": "A free House Blend",
            "key": "blend",
        },
    ],
    "stamp_cards": [
        {
            "name": "beans",
            "title": "Bean card",
            "stamps": 2,
            "products": BLEND,
            "reward": "blend",
        }
    ],
    "challenges": [
        {
            "name": "beans",
            "title": "Bean challenge",
            "points": 30,
            "steps": [{"kind": "orders", "orders": 2, "products": BLEND}],
        }
    ],
    "actions": [
        {
            "kind": "review",
            "points": 7,
            "title": "Write a review",
            "shoppers_report": True,
            "needs_approval": True,
        }
    ],
    "tiers": {
        "ladder": [
            {
                "name": "Gold",
                "customer_tags": ["regular"],
                "percent_off": 20,
                "ships_free": True,
            }
        ]
    },
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    """A demo of its own, since it has another programme."""
    home = tmp_path_factory.mktemp("rewards")
    running = start(home / "home", "demo")
    path = home / "program.json"
    path.write_text(json.dumps(PROGRAM))
    applied = running.tallymark("programme", "apply", DOMAIN, str(path), "--yes")
    assert applied.returncode == 0, applied.stderr
    yield running
    assert 0 == stop(running), running.output.read_text()


def test_points_become_a_cheaper_order_and_half_of_them_come_back(
    demo: Running, page: Page
):
    page.goto("/account/login")
    page.get_by_role("button", name="Sign in as Ada").click()
    _put(page, 6)
    _pay(page)
    _account_says(page, "144 points")

    code = _take_five_off(page)
    assert [] == violations(page)

    _put(page, 2)
    _use(page, code)
    order_id = _pay(page)
    _account_says(page, "137 points")

    page.goto(f"/admin/orders/{order_id}")
    page.get_by_label("Refund Morning mug, of 2").fill("1")
    page.get_by_role("button", name="Refund", exact=True).click()
    # 22 of the 43 that the order earned go, 25 of the 50 that it used come back.
    _account_says(page, "140 points")
    assert 0 == demo.tallymark("verify").returncode


def test_points_are_used_at_the_checkout_itself_and_the_price_falls(
    demo: Running, page: Page
):
    """The real extension, in a frame as at Shopify, asks the app by session token."""
    need()
    page.goto("/account/login")
    page.get_by_role("button", name="Sign in as Linus").click()
    _put(page, 3)
    page.goto("/checkout")
    frame = page.frame_locator("iframe.extension")
    expect(frame.get_by_text("This order earns you 72 points")).to_be_visible()
    expect(frame.get_by_text("You have 0 points")).to_be_visible()
    _pay(page)
    earned = frame.get_by_text("You earned 72 points with this order")
    expect(earned).to_be_visible(timeout=20_000)

    _put(page, 3)
    page.goto("/checkout")
    total = page.locator("#order .total dd")
    expect(total).to_have_text("79.20 EUR")
    frame.get_by_role("button", name="Use points: €5.00 off").click()
    told = frame.get_by_role("status")
    expect(told).to_have_text("€5.00 off is taken off", timeout=20_000)
    expect(total).to_have_text("73.70 EUR")
    expect(frame.get_by_text("You have 22 points")).to_be_visible()
    expect(frame.get_by_text("This order earns you 67 points")).to_be_visible()
    assert [] == violations(page)

    frame.get_by_role("button", name="Give back: €5.00 off").click()
    expect(told).to_have_text("Your points for €5.00 off are back", timeout=20_000)
    expect(total).to_have_text("79.20 EUR")
    expect(frame.get_by_text("You have 72 points")).to_be_visible()

    frame.get_by_role("button", name="Use points: €10.00 gift card").click()
    expect(told).to_have_text("€10.00 gift card is taken off", timeout=20_000)
    order = page.locator("#order")
    expect(order).to_contain_text(re.compile("Left to pay\\s*69.20 EUR"))
    _pay(page)

    page.goto("/account")
    expect(frame.get_by_text(re.compile(r"You have \d+ points"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"\b0\.00 EUR left"))).to_be_visible()
    page.get_by_role("link", name="Your rewards").click()
    expect(frame.get_by_role("heading", name="Recent activity")).to_be_visible()
    page.goto("/account")
    page.get_by_role("link", name="#1").first.click()
    earned = frame.get_by_text(re.compile(r"You earned \d+ points with this order"))
    expect(earned).to_be_visible(timeout=20_000)


def test_a_sticker_waits_for_somebody_to_hand_it_over(demo: Running, page: Page):
    page.goto("/account/login")
    page.get_by_role("button", name="Sign in as Grace").click()
    _put(page, 1)
    _pay(page)
    _account_says(page, "24 points")
    card = page.locator("main tallymark-member")
    card.get_by_role("button", name="Take: A sticker").click()
    expect(card.get_by_role("status")).to_have_text(
        "A sticker: Waiting for the store", timeout=20_000
    )

    listed = demo.tallymark("redemption", "list", DOMAIN, "--state", "asked").stdout
    approved = demo.tallymark("redemption", "approve", DOMAIN, listed.split()[0])
    assert "accepted\n" == approved.stdout
    wait_until(
        lambda: "used" in demo.tallymark("redemption", "list", DOMAIN).stdout, 20
    )
    _account_says(page, "14 points")


def test_the_owner_approves_a_review_and_refuses_a_sticker_on_their_page(
    demo: Running, page: Page
):
    page.goto("/account/login")
    page.get_by_role("button", name="Sign in as Grace").click()
    _account_says(page, "14 points")
    card = page.locator("main tallymark-member")
    card.get_by_role("button", name="I did this: Write a review").click()
    expect(card.get_by_role("status")).to_have_text("Write a review: Noted")
    card.get_by_role("button", name="Take: A sticker").click()
    expect(card.get_by_role("status")).to_have_text(
        "A sticker: Waiting for the store", timeout=20_000
    )

    page.goto("/admin")
    page.get_by_role("link", name="Program").click()
    page.get_by_role("link", name="Approvals 2 waiting").click()
    assert [] == violations(page)
    page.get_by_role("button", name="Approve Write a review").click()
    page.get_by_text("Refuse A sticker").click()
    page.get_by_label("Reason, which the member reads").fill("They are gone")
    page.get_by_role("button", name="Refuse, the points go back").click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()

    page.goto(demo.store_url)
    _account_says(page, "21 points")


def test_a_full_card_becomes_a_free_product_and_the_price_falls(
    demo: Running, page: Page
):
    page.goto("/account/login")
    page.get_by_role("button", name="Sign in as Linus").click()
    _put(page, 1, "house-blend")
    _pay(page)
    _account_has(page, "Bean card", "1 / 2")
    _account_has(page, "Bean challenge", "1 of 2")
    _put(page, 1, "house-blend")
    _pay(page)
    _account_has(page, "Bean card", "0 / 2")
    _account_has(page, "Bean challenge", "Done")

    card = page.locator("main tallymark-member")
    expect(card.get_by_role("heading", name="Waiting for you")).to_be_visible()
    assert [] == violations(page)
    card.get_by_role("button", name="Take: A free House Blend").click()
    told = card.get_by_role("status")
    expect(told).to_have_text(re.compile("TM[A-Z2-9]{10}$"), timeout=20_000)
    code = told.inner_text().rpartition(" ")[2]
    expect(card.get_by_role("heading", name="Waiting for you")).to_have_count(0)

    _put(page, 2, "house-blend")
    page.goto("/checkout")
    total = page.locator("#order .total dd")
    expect(total).to_have_text("29.90 EUR")
    _use(page, code, "12.50 EUR")
    page.goto("/checkout")
    expect(total).to_have_text("17.40 EUR")
    _pay(page)
    _account_has(page, "A free House Blend", "Used")
    assert 0 == demo.tallymark("verify").returncode


def test_a_gold_member_sees_the_reduced_price_at_the_checkout(
    demo: Running, page: Page
):
    """Staff tag her, so she is in the tier, so the store takes off what it promises."""
    page.goto("/account/login")
    page.get_by_role("button", name="Sign in as Grace").click()
    _put(page, 1)
    page.goto("/checkout")
    expect(page.locator("#order .total dd")).to_have_text("31.30 EUR")

    page.goto("/admin/customers")
    form = page.locator("#tags-form")
    form.get_by_role("combobox").select_option(label="Grace Murray, grace@example.com")
    form.get_by_label("Tags, with commas between").fill("regular")
    form.get_by_role("button", name="Add tags").click()

    def is_cheaper() -> bool:
        page.goto("/checkout")
        return "Gold: 20 % off" in page.locator("#order").inner_text()

    wait_until(is_cheaper, 30)
    total = page.locator("#order .total dd")
    expect(total).to_have_text("21.12 EUR")
    _put(page, 2)
    _pay(page)
    _account_says(page, "78 points")

    # What her points buy is taken off as well.
    code = _take_five_off(page)
    _put(page, 1)
    _use(page, code)
    expect(page.get_by_text("\N{MINUS SIGN}4.80 EUR")).to_be_visible()
    page.goto("/checkout")
    expect(total).to_have_text("15.62 EUR")
    _pay(page)
    _account_says(page, "42 points")
    assert 0 == demo.tallymark("verify").returncode


def test_without_scripts_product_and_cart_tell_what_they_earn(
    browser: Browser, demo: Running
):
    """No campaign holds, so pages say numbers without asking for them."""
    context = browser.new_context(base_url=demo.store_url, java_script_enabled=False)
    page = context.new_page()

    def says_a_number() -> bool:
        page.goto("/products/morning-mug")
        return page.get_by_text("Earns you 24 points").is_visible()

    wait_until(says_a_number, 30)
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    page.goto("/products/gift-card")
    page.get_by_role("button", name="Add to cart").click()
    page.goto("/cart")
    expect(page.get_by_text("This order earns 48 points")).to_be_visible()
    page.goto("/products/gift-card")
    expect(page.locator("tallymark-product")).to_be_empty()
    context.close()


def test_who_leaves_comes_back_and_is_forgotten_by_what_runs(demo: Running):
    """The last story of this demo, of whose people nobody is left."""
    store = BackOffice(demo)
    rosa = store.registers("Rosalind Elsie", "rosalind.elsie@example.com")
    store.buys()
    store.leaves()
    assert f"installed in {DOMAIN}" in store.comes_back()
    store.buys()

    store.press(f"admin/customers/{rosa[0]}/data-request")
    store.settles("customers/data_request")
    listed = demo.tallymark("data-request", "list", DOMAIN).stdout.split()
    told = json.loads(Path(listed[-1]).read_text())
    assert (rosa[0], 1) == (told["customer_id"], len(told["members"]))
    assert len(store.mentions(rosa)) > 3
    store.press(f"admin/customers/{rosa[0]}/redact")
    store.settles("customers/redact")
    assert [] == store.mentions(rosa)

    vera = store.registers("Vera Florence", "vera.florence@example.com")
    store.buys()
    store.leaves()
    assert len(store.mentions(vera)) > 3
    # The store dates it two days after it left, so nobody has to wait for them.
    store.press("admin/app/redact")
    store.settles("shop/redact")
    assert [] == store.mentions([*rosa, *vera, "ada@example.com"])
    verified = demo.tallymark("verify")
    assert 0 == verified.returncode, verified.stderr


def _put(page: Page, number: int, handle: str = "morning-mug") -> None:
    page.goto(f"/products/{handle}")
    page.get_by_label("Quantity").fill(str(number))
    page.get_by_role("button", name="Add to cart").click()


def _take_five_off(page: Page) -> str:
    """Take the reward in the account page, and return its code."""
    card = page.locator("main tallymark-member")
    card.get_by_role("button", name="Take: €5.00 off").click()
    told = card.get_by_role("status")
    expect(told).to_have_text(re.compile("€5.00 off: TM[A-Z2-9]{10}$"), timeout=20_000)
    code = told.inner_text().rpartition(" ")[2]
    expect(card.locator("code")).to_have_text(code)
    return code


def _use(page: Page, code: str, off: str = "5.00 EUR") -> None:
    page.goto("/cart")
    page.get_by_label("Discount code").fill(code)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text(f"\N{MINUS SIGN}{off}").first).to_be_visible()


def _pay(page: Page) -> str:
    page.goto("/checkout")
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url("**/thank-you")
    return re.findall(r"/orders/(\d+)/", page.url)[0]


def _account_has(page: Page, name: str, detail: str) -> None:
    """Wait until the account page has a row of this name that says this."""
    rows = page.locator("main tallymark-member li")

    def shows() -> bool:
        page.goto("/pages/rewards")
        try:
            row = rows.filter(has_text=name).filter(has_text=detail)
            expect(row).to_have_count(1, timeout=1500)
        except AssertionError:
            return False
        return True

    wait_until(shows, 30, lambda: str(rows.all_inner_texts()))


def _account_says(page: Page, points: str) -> None:
    once_it_has(page, points)
    page.goto("/pages/rewards")
    expect(page.locator("main tallymark-member strong")).to_have_text(points)

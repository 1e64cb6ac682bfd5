"""The block of the cart where a theme changes the cart without a new page."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.storefront_widget.shop import Answer, Shop
from tests.storefront_widget.standings import a_guest
from tests.storefront_widget.test_theme_blocks import CART, ESTIMATE, ITEM
from tests.storefront_widget.theme import BLOCKS, render

OWN_PART = '<div class="js-contents">2 mugs</div>'
# As Dawn does it: the store is asked, then what it says is put in its own place.
ASKED = """async (path) => {
  const answer = await fetch(path, { method: "POST", body: "{}" });
  await answer.json();
  document.querySelector(".js-contents").textContent = "3 mugs";
}"""
# As Shopify's own event is sent, whatever way the store was asked.
SENT = """(name) => {
  const promise = name.endsWith("lines-update") ? Promise.reject("late") : undefined;
  document.dispatchEvent(Object.assign(new Event(name), { promise }));
}"""
CHANGES = {
    "change": (ASKED, "/cart/change.js"),
    "add": (ASKED, "/en/cart/add"),
    "lines": (SENT, "shopify:cart:lines-update"),
    "discount": (SENT, "shopify:cart:discount-update"),
}


def _block(quantity: int) -> str:
    """The block of a cart of mugs, on a page that has the theme's own part as well."""
    items = [ITEM | {"quantity": quantity}] if quantity else []
    cart = CART | {"items": items, "item_count": quantity}
    return OWN_PART + render("cart-points", cart=cart, section={"id": "main-cart"})


def _quantities(shop: Shop) -> list[int]:
    asked = [json.loads(body)["lines"] for body in shop.asked(ESTIMATE)]
    return [line["quantity"] for [line] in asked]


@pytest.mark.parametrize("way", CHANGES)
def test_what_the_order_earns_is_told_of_the_cart_as_it_is_now(open_shop, visit, way):
    estimates = [Answer({"points": points}) for points in (50, 75)]
    shop = open_shop(Answer(a_guest()), body=_block(2), estimates=estimates)
    shop.files |= {"/cart/change.js": "{}", "/en/cart/add": "{}"}
    page = visit(shop)
    expect(page.get_by_text("This order earns 50 points")).to_be_visible()
    shop.body = _block(3)
    page.evaluate(*CHANGES[way])
    expect(page.get_by_text("This order earns 75 points")).to_be_visible()

    assert [2, 3] == _quantities(shop)
    assert 1 == shop.queries.count("section_id=main-cart")


def test_a_burst_of_changes_is_read_once_and_one_of_nothing_changes_nothing(
    open_shop, visit
):
    shop = open_shop(Answer(a_guest()), body=_block(2))
    shop.files["/cart/update.js"] = "{}"
    page = visit(shop)
    expect(page.get_by_text("This order earns 25 points")).to_be_visible()
    with page.expect_response("**/?section_id=*"):
        page.evaluate(f"Promise.all([1, 2, 3].map(() => ({ASKED})('/cart/update.js')))")
    page.wait_for_timeout(400)

    expect(page.get_by_text("This order earns 25 points")).to_be_visible()
    assert [2] == _quantities(shop)
    assert 1 == shop.queries.count("section_id=main-cart")


@pytest.mark.parametrize("becomes", [_block(0), OWN_PART], ids=["empty", "unreadable"])
def test_a_number_of_a_cart_that_is_gone_goes_too(open_shop, visit, becomes):
    shop = open_shop(Answer(a_guest()), body=_block(2))
    page = visit(shop)
    expect(page.get_by_text("This order earns 25 points")).to_be_visible()
    shop.body = becomes
    page.evaluate(SENT, "shopify:cart:lines-update")
    expect(page.locator("tallymark-estimate")).to_have_count(0)


def test_no_other_block_loads_what_follows_the_cart():
    followed = [path.stem for path in BLOCKS if "theme-cart.js" in render(path.stem)]
    assert ["cart-points"] == followed

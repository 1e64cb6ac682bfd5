"""The theme's blocks on a page: Liquid tells first, then scripts keep it fresh."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.storefront_widget.shop import Answer
from tests.storefront_widget.sight import at_every_width
from tests.storefront_widget.standings import (
    FREE_TEA,
    SILVER,
    a_guest,
    a_member,
    a_redemption,
)
from tests.storefront_widget.test_accessibility import violations
from tests.storefront_widget.theme import EUROS, a_customer, render

ESTIMATE = "/apps/tallymark/estimate"
WISHES = "/apps/tallymark/redemptions"
NEXT = {"name": "Free <b>shipping</b>", "points_needed": 180}
KNOWN = a_customer(balance=120, next_reward=NEXT, tier="Silver")
ITEM = {
    "product_id": 21,
    "original_price": 2400,
    "quantity": 2,
    "original_line_price": 4800,
    "final_line_price": 4300,
    "gift_card": False,
    "product": {"tags": ['"quoted"']},
}
CART = {"currency": EUROS, "item_count": 2, "items": [ITEM]}
PRODUCT = {
    "id": 21,
    "tags": ["mugs"],
    "gift_card?": False,
    "variants": [{"id": 1, "price": 2400}, {"id": 2, "price": 3000}],
    "selected_or_first_available_variant": {"id": 1},
}
FORM = """
<form action="/cart/add">
  <label>Size <select id="size"><option value="1">Small</option>
  <option value="2">Large</option></select></label>
  <input type="hidden" name="id" value="1">
  <label>Quantity <input name="quantity" type="number" value="1"></label>
</form>
"""


@pytest.mark.parametrize("block", ["member", "member-page", "cart-points"])
def test_a_members_points_are_in_the_page_before_any_script(block: str):
    html = render(block, customer=KNOWN)
    assert re.search(r"You have\s+(<tallymark-balance[^>]*>)?120 points<", html)
    assert "180 points to Free &lt;b&gt;shipping&lt;/b&gt;" in html
    ended = a_customer(balance=120, next_reward={}, tier="-")
    assert render(block, customer=ended) == render(
        block, customer=a_customer(balance=120)
    )
    german = render(block, customer=a_customer(balance=1), language="de")
    assert "1 Punkt<" in german
    nothing_yet = render(block, customer=a_customer())
    assert re.search(r"(?s)You have\s.*an account that earns points<", nothing_yet)
    assert "Your tier" not in nothing_yet


@pytest.mark.parametrize("block", ["member", "member-page", "cart-points"])
def test_a_guest_is_told_where_to_sign_in(block: str):
    html = render(block)
    assert 'href="/account/login"' in html
    assert "tallymark-balance" not in html


@pytest.mark.parametrize("name", ["product", "cart"])
def test_in_another_currency_points_are_told_without_a_number(
    open_shop, visit, name: str
):
    terms = {"points": 1, "per": 100, "plus": 0, "taxes": False, "currency": "EUR"}
    app = {"metafields": {"tallymark": {"earning": {"value": terms}}}}
    abroad = CART | {"currency": {"iso_code": "JPY"}}
    variant = {"selected_or_first_available_variant": PRODUCT["variants"][0]}
    told = {"cart": abroad, "product": PRODUCT | variant, "app": app}
    html = render(f"{name}-points", **told)
    ours = render(f"{name}-points", **told | {"cart": CART})
    unknown = Answer({"points": None, "bound": "at_least"})
    shop = open_shop(Answer(a_guest()), body=html + FORM, estimates=[unknown])
    page = visit(shop)
    words = {"product": "with this product", "cart": "with this order"}[name]
    expect(page.get_by_text(f"Earn points {words}")).to_be_visible()
    page.locator("[lines]").evaluate("(node) => node.setAttribute('lines', '[ ]')")
    with page.expect_response("**/estimate?*"):
        pass

    expect(page.get_by_text(f"Earn points {words}")).to_be_visible()
    assert "JPY" == json.loads(shop.asked(ESTIMATE)[-1])["currency"]
    assert words not in ours
    assert re.search(r"earns? (you )?\d", ours, re.IGNORECASE)


@pytest.mark.parametrize(
    ("currency", "price", "off"), [("JPY", 24, 5), ("KWD", 24_000, 5000)]
)
def test_liquid_writes_hundredths_of_every_currency(
    currency: str, price: int, off: int
):
    cart = CART | {"currency": {"iso_code": currency}}
    page = {"cart": cart, "shop": {"currency": currency}, "product": PRODUCT}
    lines, product = (
        render(block, **page).replace("&#34;", "&quot;")
        for block in ("cart-points", "product-points")
    )
    assert f"&quot;price_minor&quot;: {price}," in lines
    assert f"&quot;discount_minor&quot;: {off}," in lines
    assert f"&quot;1&quot;: {price}," in product


def test_the_product_block_follows_variant_and_quantity(open_shop, visit):
    body = f"<section>{FORM}{render('product-points', product=PRODUCT)}</section>"
    shop = open_shop(Answer(a_guest()), body=body)
    page = visit(shop)
    expect(page.get_by_text("Earns you 25 points")).to_be_visible()
    page.get_by_label("Quantity").fill("3")
    page.get_by_label("Quantity").blur()
    page.wait_for_timeout(300)
    # As themes do it: a script writes down which variant was chosen.
    page.evaluate("document.querySelector('[name=id]').value = 2")
    with page.expect_response("**/estimate?*"):
        pass

    asked = [json.loads(each)["lines"] for each in shop.asked(ESTIMATE)]
    assert [(2400, 1), (2400, 3), (3000, 3)] == [
        (line["price_minor"], line["quantity"]) for [line] in asked
    ]
    assert asked[0][0] == {
        "product_id": "21",
        "price_minor": 2400,
        "quantity": 1,
        "gift_card": False,
        "tags": ["mugs"],
    }


def test_a_reward_is_taken_and_used_in_the_cart(open_shop, visit):
    html = render("cart-points", customer=KNOWN, cart=CART)
    # A gift card pays, so no cart takes it for a code.
    card = a_redemption(id="r2", kind="gift_card", name="A gift card")
    refused = a_redemption("refused", id="r3", name="A mug", reason="there is none")
    after = a_member(redemptions=[a_redemption(), card, refused])
    shop = open_shop(Answer(a_member()), Answer(after), body=html)
    shop.redemptions = [Answer(a_redemption("waiting"), 202), Answer(a_redemption())]
    old, new = ({"code": code, "applicable": True} for code in ("OLD", "TMABCDEFGHJK"))
    shop.files["/cart.js"] = json.dumps({"discount_codes": [old]})
    shop.files["/cart/update.js"] = json.dumps(
        {"discount_codes": [old, new | {"applicable": False}]}
    )
    page = visit(shop)
    block = page.locator("tallymark-rewards")
    block.get_by_role("button", name="Take: 5.00 EUR off").click()
    use = block.get_by_role("button", name="Use in this cart")
    expect(block.get_by_text("A gift card")).to_be_visible()
    expect(block.get_by_text("Not possible · there is none")).to_be_visible()
    use.click()
    expect(block.get_by_role("status")).to_have_text(
        "5.00 EUR off: This cart does not take it"
    )

    shop.files["/cart/update.js"] = json.dumps({"discount_codes": [old, new]})
    with page.expect_navigation():
        use.click()
    sent = [json.loads(body) for body in shop.asked("/cart/update.js")]
    assert [{"discount": "OLD,TMABCDEFGHJK"}] * 2 == sent
    lines = json.loads(shop.asked(ESTIMATE)[0])["lines"]
    assert [(2400, 2, 500, ['"quoted"'])] == [
        (each["price_minor"], each["quantity"], each["discount_minor"], each["tags"])
        for each in lines
    ]


def test_what_was_won_stands_first_in_the_cart_and_is_taken_for_nothing(
    open_shop, visit
):
    html = render("cart-points", customer=KNOWN, cart=CART)
    won = a_redemption(id="r2", name="A free tea", points=0)
    after = a_member(available=0, redemptions=[won])
    before = a_member(available=0, prizes=[FREE_TEA], redemptions=[a_redemption()])
    shop = open_shop(Answer(before), Answer(after), body=html)
    shop.redemptions = [Answer(won)]
    block = visit(shop).locator("tallymark-rewards")
    rows = block.get_by_role("listitem")
    expect(rows.first).to_contain_text("Tea card")
    expect(rows.nth(1)).to_contain_text("TMABCDEFGHJK")
    take = "Take: 2 \N{MULTIPLICATION SIGN} A free tea"
    rows.first.get_by_role("button", name=take).click()
    expect(block.get_by_role("status")).to_have_text("A free tea: TMABCDEFGHJK")
    name = "Use in this cart: A free tea"
    expect(block.get_by_role("button", name=name)).to_be_visible()
    [wish] = [json.loads(body) for body in shop.asked(WISHES) if body]
    told = wish["reward_id"], wish["prize"], wish["points"]
    assert ("tea", FREE_TEA["prize"], None) == told


def test_only_the_owner_is_told_that_the_app_does_not_answer(open_shop, visit):
    blocks = {
        path: render(
            "launcher", settings={"proxy": path}, request={"design_mode": True}
        )
        for path in ("/apps/tallymark", "/apps/tollymark")
    }
    shop = open_shop(Answer(a_guest()), body="".join(blocks.values()))
    shop.files["/apps/tollymark/standing"] = "The store's own page: not found"
    page = visit(shop)
    hints = page.get_by_role("alert")
    expect(hints.filter(has_text="/apps/tollymark")).to_be_visible()
    expect(page.locator("tallymark-launcher section > button")).to_be_visible()
    assert 1 == hints.count()
    assert "tallymark-editor" not in render("launcher")


@pytest.mark.parametrize("customer", [KNOWN, None], ids=["member", "guest"])
def test_no_axe_finding_in_any_block(open_shop, visit, customer):
    both = {"hides_launcher": False}
    blocks = [
        render(block, customer=customer, cart=CART, product=PRODUCT, settings=both)
        for block in ("product-points", "cart-points", "member", "launcher")
    ]
    told = (
        a_member(tier=SILVER, redemptions=[a_redemption()]) if customer else a_guest()
    )
    page = visit(open_shop(Answer(told), body="".join(blocks)), reduced_motion="reduce")
    expect(page.locator("tallymark-launcher section > button")).to_be_visible()
    for _ in at_every_width(page):
        assert violations(page) == []

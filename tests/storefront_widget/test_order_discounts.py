"""What is taken off a whole order is off its lines, in the page and in the question."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.estimate import estimate
from app.domain.money import minor_units
from app.domain.orders import Line
from app.domain.plain_terms import terms_at
from app.domain.program import Counting, Program
from app.platforms.shopify.earning_terms import document_of
from tests.storefront_widget.theme import render

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE = "Europe/Berlin"

items = st.builds(
    dict,
    id=st.sampled_from([21, 22]),
    price=st.integers(0, 90).map(lambda each: each * 100 + 99),
    quantity=st.integers(1, 3),
    gift_card=st.booleans(),
)
parts = st.lists(st.integers(0, 100), max_size=2)


@settings(max_examples=40)
@given(
    st.lists(items, min_size=1, max_size=4),
    parts,
    st.booleans(),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_a_cart_earns_what_its_order_will(
    cart: list[dict[str, Any]], percents: list[int], cards_count: bool, currency: str
):
    scale = 100 if currency == "JPY" else 1
    told = [_item(each, scale) for each in cart]
    worth = sum(each["final_line_price"] for each in told if not each["gift_card"])
    off = [worth * each // 200 // scale * scale for each in percents]
    counting = Counting(
        includes_gift_cards=cards_count, excluded_product_ids=frozenset({"22"})
    )
    program = Program(counting=counting)

    page = _page(program, currency, told, off)
    lines = json.loads(html.unescape(re.findall(r'lines="([^"]*)"', page)[0]))

    units = minor_units(currency)
    shares = [line["discount_minor"] for line in lines]
    assert sum(shares) == sum(off) * units // 100
    for line, share in zip(lines, shares, strict=True):
        most = 0 if line["gift_card"] else line["price_minor"] * line["quantity"]
        assert 0 <= share <= most
    found = re.search("This order earns ([0-9]+) point", page)
    asked = [_line(each) for each in lines]
    points = estimate(program, asked, currency, NOW, timezone=PLACE).points
    assert points == (int(found[1]) if found else 0)


def _item(each: dict[str, Any], scale: int) -> dict[str, Any]:
    price = each["price"] * scale
    product = {"id": each["id"], "tags": [], "gift_card?": each["gift_card"]}
    return {
        "product_id": each["id"],
        "product": product,
        "original_price": price,
        "quantity": each["quantity"],
        "original_line_price": price * each["quantity"],
        "final_line_price": price * each["quantity"],
        "gift_card": each["gift_card"],
    }


def _page(
    program: Program, currency: str, told: list[dict[str, Any]], off: list[int]
) -> str:
    terms = terms_at(program, currency, PLACE, NOW)
    document = document_of(terms.terms, currency, terms.until)
    # What is off the postage is off no line.
    postage = {"target_type": "shipping_line", "total_allocated_amount": 490}
    applied = [
        {"target_type": "line_item", "total_allocated_amount": each} for each in off
    ]
    cart = {
        "currency": {"iso_code": currency},
        "taxes_included": False,
        "item_count": len(told),
        "items": told,
        "cart_level_discount_applications": [*applied, postage],
    }
    earning = {"tallymark": {"earning": {"value": document}}}
    shop = {"currency": currency}
    return render("cart-points", app={"metafields": earning}, shop=shop, cart=cart)


def _line(told: dict[str, Any]) -> Line:
    return Line(
        id="1",
        product_id=str(told["product_id"]),
        quantity=told["quantity"],
        current_quantity=None,
        price_minor=told["price_minor"],
        discount_minor=told["discount_minor"],
        tax_minor=0,
        is_gift_card=told["gift_card"],
        tags=(),
    )

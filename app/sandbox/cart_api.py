"""The store's cart for scripts of its own pages: what is in it, and codes to use.

As at Shopify, codes are told all at once, and each is told back with whether the cart
takes it. Of several that it takes, this store's carts use the last.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.sandbox import visitor
from app.sandbox.cart import Cart
from app.sandbox.store import the_store

blueprint = Blueprint("cart_api", __name__)


@blueprint.get("/cart.js")
def cart() -> Response:
    """Tell what is in the cart."""
    now = visitor.priced_cart()
    code = now.discount.code if now.discount else None
    return _told(now, {code: True} if code else {})


@blueprint.post("/cart/update.js")
def update() -> Response:
    """Use other codes."""
    wished = str(request.get_json().get("discount", "")).split(",")
    codes = {each.strip().upper(): False for each in wished if each.strip()}
    taken = None
    for code in codes:
        visitor.use_code(code)
        codes[code] = visitor.priced_cart().refusal is None
        taken = code if codes[code] else taken
    visitor.use_code(taken)
    return _told(visitor.priced_cart(), {code: code == taken for code in codes})


def _told(now: Cart, codes: dict[str, bool]) -> Response:
    return jsonify(
        currency=the_store().settings.currency,
        item_count=now.units,
        total_price=now.goods_minor,
        discount_codes=[
            {"code": code, "applicable": is_used} for code, is_used in codes.items()
        ],
    )

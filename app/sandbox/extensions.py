"""The places of checkout and account where the app's extensions are shown.

As at Shopify, an extension is shut in, knows the order by what the store tells it, and
asks the app with a token that the store signs for whoever is signed in.
"""

from __future__ import annotations

import time
from uuid import uuid4

import jwt
from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for

from app.sandbox import grants, money, purse, visitor
from app.sandbox.admin import scopes
from app.sandbox.cart import Cart, CartLine
from app.sandbox.catalogue import Product
from app.sandbox.orders import RefusedError
from app.sandbox.settings import SandboxSettings
from app.sandbox.store import the_store

TOKEN_S = 300
# Which bundle stands in which place.
PLACES = {
    "checkout": "Checkout",
    "thank-you": "ThankYou",
    "order-status": "OrderStatus",
    "account": "AccountBlock",
    "account-page": "AccountPage",
}

blueprint = Blueprint("extensions", __name__, url_prefix="/extensions")


def are_there() -> bool:
    """Whether somebody put the extensions together."""
    return (the_store().settings.widget_folder / "dist" / "Checkout.js").exists()


@blueprint.get("/<place>")
def frame(place: str) -> Response:
    """Show an extension by itself; it may ask the app, and nobody else."""
    if place not in PLACES:
        abort(404)
    order_id = request.args.get("order_id")
    state = url_for("extensions.state", place=place, order_id=order_id)
    answer = Response(render_template("extension.html", state=state))
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'self'; connect-src 'self' {the_store().settings.app_url}"
    )
    return answer


@blueprint.get("/<place>/state.json")
def state(place: str) -> Response:
    """Tell the frame which extension it shows, and what of the order it may know."""
    settings = the_store().settings
    cart, order_id = visitor.priced_cart(), request.args.get("order_id", type=int)
    files = url_for("shop.widget_file", path="")
    return jsonify(
        bundle=f"{files}dist/{PLACES[place]}.js",
        words=f"{files}extensions/words/en.default.json",
        settings={"app_url": settings.app_url},
        lines=[_line(cart, line, settings.currency) for line in cart.lines],
        discountAllocations=_taken_off(cart, settings.currency),
        cost=_cost(cart, settings.currency),
        codes=[cart.discount.code] if cart.discount else [],
        giftCards=_gift_cards(cart, settings.currency),
        products=[_product(line.product) for line in cart.lines],
        order=_order(order_id) if order_id else None,
    )


@blueprint.get("/token")
def token() -> Response:
    """Sign who is there, as Shopify's checkout does.

    It tells who is signed in only to an app that may read customers.
    """
    store, shopper = the_store(), visitor.shopper()
    with store.data.reading() as rows:
        is_told = scopes.covers(grants.scopes(rows), "read_customers")
    customer_id = shopper.id if shopper and is_told else None
    return jsonify(token=session_token(store.settings, customer_id))


def session_token(settings: SandboxSettings, customer_id: int | None) -> str:
    """Return what the store says of a customer or a guest, good for five minutes."""
    now = int(time.time())
    claims = {
        "dest": settings.domain,
        "aud": settings.client_id,
        "iat": now,
        "nbf": now,
        "exp": now + TOKEN_S,
        "jti": str(uuid4()),
    }
    if customer_id:
        claims["sub"] = f"gid://shopify/Customer/{customer_id}"
    return jwt.encode(claims, settings.secret, "HS256")


@blueprint.post("/code")
def change_code() -> Response:
    """Use a code in the order, or drop it, where an extension asks for that."""
    told = request.get_json()
    is_added = told["type"] == "addDiscountCode"
    visitor.use_code(str(told["code"]) if is_added else None)
    if refusal := visitor.priced_cart().refusal:
        visitor.use_code(None)
        return jsonify(type="error", message=refusal)
    return jsonify(type="success")


@blueprint.post("/gift-card")
def change_gift_card() -> Response:
    """Pay with a gift card, or no more, where an extension asks for that."""
    told, store = request.get_json(), the_store()
    if told["type"] != "addGiftCard":
        visitor.use_gift_card(None)
        return jsonify(type="success")
    try:
        with store.data.reading() as rows:
            card = purse.find_card(rows, str(told["code"]), store.clock().date())
    except RefusedError as refusal:
        return jsonify(type="error", message=str(refusal))
    visitor.use_gift_card(card.code)
    return jsonify(type="success")


def _cost(cart: Cart, currency: str) -> dict[str, object]:
    """Tell the sums of the order; its prices have no tax in them."""
    return {
        "subtotalAmount": _money(cart.goods_minor, currency),
        "totalShippingAmount": _money(cart.shipping_minor, currency),
        "totalTaxAmount": _money(cart.tax_minor, currency),
        "totalAmount": _money(cart.total_minor, currency),
    }


def _gift_cards(cart: Cart, currency: str) -> list[dict[str, object]]:
    """Tell of the card that is to pay, by the end of its code."""
    card = visitor.gift_card()
    if card is None:
        return []
    used_minor = min(card.balance_minor, cart.total_minor)
    return [
        {
            "lastCharacters": card.code[-4:],
            "amountUsed": _money(used_minor, currency),
            "balance": _money(card.balance_minor, currency),
        }
    ]


def _order(order_id: int) -> dict[str, object] | None:
    with the_store().data.reading() as rows:
        order = rows.order(order_id)
    gid = f"gid://shopify/OrderIdentity/{order_id}"
    return {"id": gid, "processedAt": order.created_at} if order else None


def _taken_off(cart: Cart, currency: str) -> list[dict[str, object]]:
    """Tell what is taken off the whole order, which the lines do not tell."""
    taken = map(cart.taken_by, cart.order_discounts)
    return [{"discountedAmount": _money(off_minor, currency)} for off_minor in taken]


def _money(minor: int, currency: str) -> dict[str, object]:
    return {"amount": float(money.text(minor)), "currencyCode": currency}


def _product(product: Product) -> dict[str, object]:
    """Tell of a product what the Storefront API does, as far as extensions ask."""
    gid = f"gid://shopify/Product/{product.product_id}"
    return {"id": gid, "isGiftCard": product.gift_card}


def _line(cart: Cart, line: CartLine, currency: str) -> dict[str, object]:
    product = line.product
    return {
        "id": f"gid://shopify/CartLine/{product.variant_id}",
        "quantity": line.quantity,
        "merchandise": {
            "product": {"id": f"gid://shopify/Product/{product.product_id}"}
        },
        "cost": {"totalAmount": _money(cart.reduced_minor(line), currency)},
    }

"""The app's blocks on this store's pages, and what Liquid knows there.

As at Shopify, amounts are hundredths. Of an app's metafields blocks see all that are of
its installation, and of others those whose definition lets storefronts read them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import url_for
from markupsafe import Markup

from app.sandbox import metafields, visitor
from app.sandbox.admin.set_up import definitions
from app.sandbox.cart import Cart, CartLine
from app.sandbox.catalogue import Product
from app.sandbox.customers import Customer
from app.sandbox.metafields import Metafield
from app.sandbox.store import the_store
from app.sandbox.theme import Theme

_READ: dict[str, Callable[[str], object]] = {
    "number_integer": int,
    "json": json.loads,
}


def the_theme() -> Theme:
    """Return the app's extension of the store's theme."""
    return Theme(
        the_store().settings.widget_folder / "theme",
        lambda name: url_for("shop.widget_file", path=name),
    )


def app_block(name: str, product: Product | None = None, **settings: Any) -> Markup:
    """Return a block of the app, as it is placed on a page with some settings."""
    objects = {
        "app": {"metafields": _metafields_of_app()},
        "shop": {"currency": the_store().settings.currency, "name": "Kiln & Bean"},
        "routes": {
            "account_url": url_for("accounts.account_page"),
            "account_login_url": url_for("accounts.login_page"),
        },
        "customer": _customer(visitor.shopper()),
        "cart": _cart(visitor.priced_cart()),
        "product": product and _product(product),
    }
    rendered = the_theme().render(name, objects, settings)
    # The block escapes what it is told, as it has to at Shopify.
    placed = (
        '<div id="shopify-block-{}" class="shopify-block shopify-app-block">{}</div>'
    )
    return Markup(placed).format(name, Markup(rendered))  # noqa: S704


def _customer(customer: Customer | None) -> dict[str, Any] | None:
    if customer is None:
        return None
    return {
        "id": customer.id,
        "email": customer.email,
        "first_name": customer.first_name,
        "name": customer.name,
        "metafields": _metafields(customer.id),
    }


def _metafields(customer_id: int) -> dict[str, dict[str, Any]]:
    shown: dict[str, dict[str, Any]] = {}
    with the_store().data.reading() as rows:
        for each in definitions(rows):
            namespace, key = each["namespace"], each["key"]
            found = metafields.find(rows, customer_id, namespace, key)
            if found and each["access"]["storefront"] == "PUBLIC_READ":
                shown.setdefault(namespace, {})[key] = _drop(found)
    return shown


def _metafields_of_app() -> dict[str, dict[str, Any]]:
    shown: dict[str, dict[str, Any]] = {}
    with the_store().data.reading() as rows:
        for each in metafields.of_app(rows):
            shown.setdefault(each.namespace, {})[each.key] = _drop(each)
    return shown


def _drop(metafield: Metafield) -> dict[str, Any]:
    return {"value": _READ.get(metafield.type, str)(metafield.value)}


def _cart(cart: Cart) -> dict[str, Any]:
    return {
        "currency": {"iso_code": the_store().settings.currency},
        "taxes_included": False,
        "item_count": cart.units,
        "items": [_item(line, cart.reduced_minor(line)) for line in cart.lines],
        "cart_level_discount_applications": [
            {
                "target_type": "line_item",
                "total_allocated_amount": cart.taken_by(each),
            }
            for each in cart.order_discounts
        ],
    }


def _item(line: CartLine, reduced_minor: int) -> dict[str, Any]:
    """Tell of a line; of discounts its prices have those on products alone."""
    return {
        "product_id": line.product.product_id,
        "variant_id": line.product.variant_id,
        "product": _product(line.product),
        "quantity": line.quantity,
        "gift_card": line.product.gift_card,
        "original_price": line.product.price_minor,
        "original_line_price": line.price_minor,
        "final_line_price": reduced_minor,
    }


def _product(product: Product) -> dict[str, Any]:
    variant = {"id": product.variant_id, "price": product.price_minor}
    return {
        "id": product.product_id,
        "title": product.title,
        "handle": product.handle,
        "tags": list(product.tags),
        "price": product.price_minor,
        "gift_card?": product.gift_card,
        "variants": [variant],
        "selected_or_first_available_variant": variant,
    }

"""The lines, postage and parcels of an order as the store's messages tell them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.sandbox import money
from app.sandbox.discounts import SHIPPING
from app.sandbox.orders import Fulfillment, Line, Order

Body = dict[str, Any]

LOCATION_ID = 74_882_449_710


def money_set(minor: int, currency: str) -> Body:
    """Write an amount in the store's and the shopper's currency, here the same."""
    amount = {"amount": money.text(minor), "currency_code": currency}
    return {"shop_money": amount, "presentment_money": dict(amount)}


def priced(name: str, minor: int, currency: str) -> Body:
    """Write an amount twice, as the messages do: plain and as a set."""
    return {name: money.text(minor), f"{name}_set": money_set(minor, currency)}


def gid(kind: str, number: int) -> str:
    """Write an id as GraphQL does."""
    return f"gid://shopify/{kind}/{number}"


def line_body(line: Line, order: Order) -> Body:
    """Write a line of an order."""
    currency = order.currency
    return {
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "attributed_staffs": [],
        "current_quantity": line.current_units,
        "fulfillable_quantity": line.open_units,
        "fulfillment_service": "gift_card" if line.gift_card else "manual",
        "fulfillment_status": _line_status(line),
        "gift_card": line.gift_card,
        "grams": line.grams,
        "name": line.title,
        **priced("price", line.price_minor, currency),
        "product_exists": True,
        "product_id": line.product_id,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": not line.gift_card,
        "sales_line_item_group_id": None,
        "sku": line.sku,
        "taxable": line.tax_percent > 0,
        "title": line.title,
        **priced("total_discount", 0, currency),
        "variant_id": line.variant_id,
        "variant_inventory_management": "shopify",
        "variant_title": None,
        "vendor": "Kiln & Bean",
        "tax_lines": tax_bodies(line.tax_minor, line.tax_percent, currency),
        "duties": [],
        "discount_allocations": _allocations(line.taken, currency),
    }


def shipping_body(order: Order) -> Body:
    """Write the postage."""
    currency = order.currency
    current = money_set(order.current_shipping_minor, currency)
    full_minor = order.shipping_minor + order.shipping_discount_minor
    return {
        "id": order.shipping_id,
        "carrier_identifier": None,
        "code": "Standard",
        "current_discounted_price_set": current,
        **priced("discounted_price", order.shipping_minor, currency),
        "is_removed": False,
        "phone": None,
        **priced("price", full_minor, currency),
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "title": "Standard",
        "tax_lines": [],
        "discount_allocations": _allocations(
            [
                order.taken_by(each) if each.kind == SHIPPING else 0
                for each in order.applied
            ],
            currency,
        ),
    }


def fulfillment_body(order: Order, parcel: Fulfillment) -> Body:
    """Write a parcel."""
    place = order.fulfillments.index(parcel) + 1
    return {
        "id": parcel.id,
        "admin_graphql_api_id": gid("Fulfillment", parcel.id),
        "created_at": parcel.created_at,
        "location_id": LOCATION_ID,
        "name": f"#{order.number}.{place}",
        "order_id": order.id,
        "origin_address": {},
        "receipt": {},
        "service": "manual",
        "shipment_status": None,
        "status": "success",
        "tracking_company": None,
        "tracking_number": None,
        "tracking_numbers": [],
        "tracking_url": None,
        "tracking_urls": [],
        "updated_at": parcel.created_at,
        "line_items": [
            line_body(order.line(line_id), order) | {"quantity": units}
            for line_id, units in parcel.units
        ],
    }


def _allocations(taken: Iterable[int], currency: str) -> list[Body]:
    """Write what each of the order's discounts takes off, if it does."""
    return [
        {**priced("amount", minor, currency), "discount_application_index": index}
        for index, minor in enumerate(taken)
        if minor
    ]


def tax_bodies(minor: int, percent: int, currency: str) -> list[Body]:
    """Write the tax at one rate, or nothing where there is none."""
    if not percent:
        return []
    return [
        {
            "channel_liable": False,
            **priced("price", minor, currency),
            "rate": percent / 100,
            "title": "Craft tax",
        }
    ]


def _line_status(line: Line) -> str | None:
    if not line.fulfilled_units:
        return None
    return "partial" if line.open_units else "fulfilled"

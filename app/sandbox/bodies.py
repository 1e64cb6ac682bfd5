"""An order as the store's messages tell it."""

from __future__ import annotations

from app.sandbox import money
from app.sandbox.customer_bodies import customer_body, street
from app.sandbox.customers import Customer
from app.sandbox.discounts import FIXED_AMOUNT, PERCENTAGE, SHIPPING
from app.sandbox.line_bodies import (
    Body,
    fulfillment_body,
    gid,
    line_body,
    money_set,
    priced,
    shipping_body,
    tax_bodies,
)
from app.sandbox.orders import Applied, Order

SHOP_ID = 68_817_256_750


def order_body(
    order: Order, customer: Customer | None, domain: str, refunds: list[Body]
) -> Body:
    """Write a whole order."""
    return {
        **_identity(order, domain),
        **_money(order),
        **_people(order, customer),
        **_constants(),
        "discount_codes": _codes(order),
        "discount_applications": [_application(each) for each in order.applied],
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "fulfillments": [
            fulfillment_body(order, parcel) for parcel in order.fulfillments
        ],
        "line_items": [line_body(line, order) for line in order.lines],
        "payment_gateway_names": order.gateways,
        "refunds": refunds,
        "shipping_lines": [shipping_body(order)] if order.needs_shipping else [],
        "tax_lines": _order_taxes(order),
    }


def _identity(order: Order, domain: str) -> Body:
    key = order.token[::-1]
    return {
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        "name": f"#{order.number}",
        "number": order.number - 1000,
        "order_number": order.number,
        "token": order.token,
        "confirmation_number": order.token[:9].upper(),
        "order_status_url": (
            f"https://{domain}/{SHOP_ID}/orders/{order.token}/authenticate?key={key}"
        ),
        "created_at": order.created_at,
        "processed_at": order.created_at,
        "updated_at": order.updated_at,
        "cancelled_at": order.cancelled_at,
        "cancel_reason": order.cancel_reason,
        "closed_at": None,
        "confirmed": True,
        "test": False,
    }


def _money(order: Order) -> Body:
    current, whole = order.current_goods_minor, order.goods_minor
    off = order.saved_minor - sum(
        line.price_minor * line.gone_units - line.gone_net_minor for line in order.lines
    )
    amounts = {
        "subtotal_price": whole,
        "total_discounts": order.saved_minor,
        "total_line_items_price": whole + order.discount_minor,
        "total_price": order.total_minor,
        "total_tax": order.tax_minor,
        "current_subtotal_price": current,
        "current_total_discounts": off,
        "current_total_price": order.current_total_minor,
        "current_total_tax": order.current_tax_minor,
    }
    sets = {
        "total_shipping_price_set": order.shipping_minor,
        "current_shipping_price_set": order.current_shipping_minor,
        "total_cash_rounding_payment_adjustment_set": 0,
        "total_cash_rounding_refund_adjustment_set": 0,
    }
    body: Body = {
        name: money_set(minor, order.currency) for name, minor in sets.items()
    }
    for name, minor in amounts.items():
        body.update(priced(name, minor, order.currency))
    return body | {
        "currency": order.currency,
        "presentment_currency": order.currency,
        "taxes_included": False,
        "total_outstanding": money.text(order.outstanding_minor),
        "total_tip_received": "0.00",
        "total_weight": sum(line.grams * line.quantity for line in order.lines),
    }


def _people(order: Order, customer: Customer | None) -> Body:
    first, _, last = order.name.partition(" ")
    address = {
        "first_name": first,
        "last_name": last or None,
        "name": order.name,
        "company": None,
        "address1": street(order.email),
        "address2": None,
        "city": "Berlin",
        "zip": "10115",
        "province": None,
        "province_code": None,
        "country": "Germany",
        "country_code": "DE",
        "phone": None,
        "latitude": None,
        "longitude": None,
    }
    return {
        "email": order.email,
        "contact_email": order.email,
        "phone": None,
        "billing_address": address,
        "shipping_address": dict(address) if order.needs_shipping else None,
        "customer": customer_body(customer, order.currency) if customer else None,
    }


def _constants() -> Body:
    """Write the fields that no one here sets, as the store would."""
    empty = (
        "app_id browser_ip cart_token checkout_token client_details "
        "current_total_additional_fees_set current_total_duties_set device_id "
        "landing_site landing_site_ref location_id merchant_of_record_app_id note "
        "original_total_additional_fees_set original_total_duties_set payment_terms "
        "po_number reference referring_site source_identifier source_url user_id"
    )
    body: Body = dict.fromkeys(empty.split())
    return body | {
        "buyer_accepts_marketing": False,
        "customer_locale": "en",
        "duties_included": False,
        "estimated_taxes": False,
        "line_item_groups": [],
        "merchant_business_entity_id": "MTY4ODE3MjU2NzUw",
        "note_attributes": [],
        "returns": [],
        "source_name": "web",
        "tags": "",
        "tax_exempt": False,
    }


def _codes(order: Order) -> list[Body]:
    return [
        {
            "code": each.code,
            "amount": money.text(order.taken_by(each)),
            "type": each.kind,
        }
        for each in order.applied
        if each.code
    ]


def _application(discount: Applied) -> Body:
    is_shipping = discount.kind == SHIPPING
    named = {"code": discount.code} if discount.code else {"title": discount.title}
    return {
        "target_type": "shipping_line" if is_shipping else "line_item",
        "type": "discount_code" if discount.code else "automatic",
        **_value(discount.kind, discount.value),
        "allocation_method": "each" if is_shipping else "across",
        "target_selection": "all" if discount.is_for_all else "entitled",
        **named,
    }


def _value(kind: str, value: int) -> Body:
    """Write how much is taken off; free postage is all of it, in per cent."""
    if kind == FIXED_AMOUNT:
        return {"value": money.text(value), "value_type": FIXED_AMOUNT}
    percent = 100 if kind == SHIPPING else value
    return {"value": f"{percent}.0", "value_type": PERCENTAGE}


def _order_taxes(order: Order) -> list[Body]:
    percents = sorted({line.tax_percent for line in order.lines if line.tax_percent})
    return [
        tax
        for percent in percents
        for tax in tax_bodies(
            sum(line.tax_minor for line in order.lines if line.tax_percent == percent),
            percent,
            order.currency,
        )
    ]

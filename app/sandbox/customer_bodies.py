"""Customers, and what the privacy laws ask about them, as the messages tell it."""

from __future__ import annotations

import zlib
from typing import Any

from app.sandbox.customers import Customer

Body = dict[str, Any]


def customer_body(customer: Customer, currency: str) -> Body:
    """Write a customer as an order carries one."""
    address = {
        "id": customer.id + 1,
        "customer_id": customer.id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "company": None,
        "address1": street(customer.email),
        "address2": None,
        "city": "Berlin",
        "province": None,
        "country": "Germany",
        "zip": "10115",
        "phone": None,
        "name": customer.name,
        "province_code": None,
        "country_code": "DE",
        "country_name": "Germany",
        "default": True,
    }
    return {
        "id": customer.id,
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "state": "enabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": customer.email,
        "phone": None,
        "currency": currency,
        "tax_exemptions": [],
        "admin_graphql_api_id": _gid(customer.id),
        "default_address": address,
    }


def street(email: str) -> str:
    """Return where a shopper lives: each in a house of their own."""
    return f"{zlib.crc32(email.encode()) % 9000 + 1} Sandbox Street"


def card_number(email: str) -> str:
    """Return the card that a shopper pays with, as far as a store is told."""
    return f"•••• •••• •••• {zlib.crc32(email.encode()) % 10_000:04}"


def whole_customer_body(customer: Customer, currency: str) -> Body:
    """Write a customer as a message of its own."""
    body = customer_body(customer, currency)
    return body | {"addresses": [dict(body["default_address"])]}


def deleted_body(customer: Customer) -> Body:
    """Write what is left to say of a deleted customer."""
    return {
        "id": customer.id,
        "tax_exemptions": [],
        "admin_graphql_api_id": _gid(customer.id),
    }


def merge_body(kept: Customer, gone: Customer) -> Body:
    """Write that two customers became one."""
    return {
        "admin_graphql_api_customer_kept_id": _gid(kept.id),
        "admin_graphql_api_customer_deleted_id": _gid(gone.id),
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }


def consent_body(customer: Customer) -> Body:
    """Write whether a customer lets the store send them mail, and since when."""
    return {
        "customer_id": customer.id,
        "email_address": customer.email,
        "email_marketing_consent": {
            "state": customer.mail_state,
            "opt_in_level": "single_opt_in" if customer.newsletter_at else None,
            "consent_updated_at": customer.newsletter_at,
        },
    }


def tags_body(customer: Customer, tags: list[str], at: str) -> Body:
    """Write that a customer got or lost tags."""
    return {"customerId": _gid(customer.id), "tags": tags, "occurredAt": at}


def segment_body(shop_id: int, customer: Customer, segment: int) -> Body:
    """Write that a customer came into a segment or left it."""
    return {
        "shop_id": f"gid://shopify/Shop/{shop_id}",
        "customer_id": _gid(customer.id),
        "segment_id": f"gid://shopify/Segment/{segment}",
    }


def privacy_body(
    shop: tuple[int, str], customer: Customer, orders: tuple[str, list[int]]
) -> Body:
    """Write a privacy request; `orders` names the field and the orders in it."""
    return {
        "shop_id": shop[0],
        "shop_domain": shop[1],
        "customer": {"id": customer.id, "email": customer.email, "phone": None},
        orders[0]: orders[1],
    }


def _gid(number: int) -> str:
    return f"gid://shopify/Customer/{number}"

"""Orders as a store sends them: real in shape and size, each new, signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.builders.line import DOMAIN, proxy_query, sign

KNOWN_CUSTOMERS = 1_000
NEW_CUSTOMER_EVERY = 10

_SAMPLE = "orders_paid__shopifydocs-2026-07.json"
_FOLDER = Path(__file__).parent.parent / "payloads"
# The sample's own ids, which stand in the template for those of each order.
_ORDER_ID = 820982911946154508
_CUSTOMER_ID = 115310627314723954
_FIRST_ORDER_ID = 820_000_000_000_000_000
_FIRST_CUSTOMER_ID = 115_000_000_000_000_000


def customer_of(number: int) -> int:
    """The customer of an order: one of a thousand, every tenth time a new one."""
    if number % NEW_CUSTOMER_EVERY == 0:
        return KNOWN_CUSTOMERS + number
    return number * 2_654_435_761 % 2**32 % KNOWN_CUSTOMERS


def customer_id(customer: int) -> str:
    """The id under which the store knows a customer."""
    return str(_FIRST_CUSTOMER_ID + customer)


def delivery_id(number: int) -> str:
    """The id of the one delivery of an order."""
    return f"00000000-0000-4000-8000-{number:012}"


class OrderWriter:
    """Writes order bodies and the requests that deliver them; cheap, by replacing."""

    def __init__(self) -> None:
        """Read the sample, and make of it a paid order of today."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        sample = json.loads((_FOLDER / _SAMPLE).read_bytes()) | {
            "financial_status": "paid",
            "test": False,
            "cancelled_at": None,
            "cancel_reason": None,
            "created_at": now,
            "processed_at": now,
            "updated_at": now,
            "email": "buyer-000000000@example.com",
            "contact_email": "buyer-000000000@example.com",
            "order_status_url": f"https://{DOMAIN}/690933842/orders/b1946ac92492d2347c",
        }
        sample["customer"]["email"] = "buyer-000000000@example.com"
        self._template = json.dumps(sample, separators=(",", ":")).encode()

    def body(self, number: int, customer: int | None = None) -> bytes:
        """The body of an order; its customer is the given one or its own."""
        customer = customer_of(number) if customer is None else customer
        return (
            self._template.replace(
                b"%d" % _ORDER_ID, b"%d" % (_FIRST_ORDER_ID + number)
            )
            .replace(b"%d" % _CUSTOMER_ID, customer_id(customer).encode())
            .replace(b"buyer-000000000", b"buyer-%09d" % customer)
            .replace(b"#9999", b"#%d" % number)
        )

    def request(self, number: int, customer: int | None = None) -> bytes:
        """The delivery of an order as the bytes of a request."""
        body = self.body(number, customer)
        head = (
            f"POST /webhooks/shopify HTTP/1.1\r\nHost: {DOMAIN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "User-Agent: Shopify-Captain-Hook\r\nX-Shopify-Topic: orders/paid\r\n"
            f"X-Shopify-Hmac-Sha256: {sign(body)}\r\n"
            f"X-Shopify-Shop-Domain: {DOMAIN}\r\nX-Shopify-API-Version: 2026-10\r\n"
            f"X-Shopify-Webhook-Id: {delivery_id(number)}\r\n\r\n"
        )
        return head.encode() + body


def standing_request(customer: int, etag: str = "") -> bytes:
    """A signed question where a customer stands, as Shopify's app proxy asks it."""
    query = proxy_query(customer_id(customer))
    condition = f"If-None-Match: {etag}\r\n" if etag else ""
    return (
        f"GET /proxy/standing?{query} HTTP/1.1\r\nHost: {DOMAIN}\r\n{condition}\r\n"
    ).encode()

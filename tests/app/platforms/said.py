"""One true body for each topic, and what Tallymark hears in a body."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from app.domain.events import Translated
from app.platforms.base import Message
from app.platforms.shopify import Shopify
from tests.builders.shopify import ADA, a_refund, an_order

RECEIVED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "test.myshopify.com"
CUSTOMER = ADA | {"phone": None, "created_at": "2026-01-01T10:00:00Z"}
DISPUTE = {
    "id": 6001,
    "order_id": 5001,
    "type": "chargeback",
    "amount": "100.00",
    "currency": "EUR",
    "status": "lost",
    "initiated_at": "2026-11-10T10:00:00Z",
}
TAGS = {
    "customerId": "gid://shopify/Customer/7001",
    "tags": ["VIP", " vip", "Press "],
    "occurredAt": "2026-11-01T10:00:00.123Z",
}
SEGMENT = {
    "shop_id": "gid://shopify/Shop/1",
    "customer_id": "gid://shopify/Customer/7001",
    "segment_id": "gid://shopify/Segment/31",
}
CONSENT = {
    "customer_id": 7001,
    "email_address": "ada@example.com",
    "email_marketing_consent": {
        "state": "subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": "2026-11-01T10:00:00Z",
    },
}
PRODUCT = {
    "id": 21,
    "title": "Mug",
    "tags": "Sale, New",
    "updated_at": "2026-11-01T10:00:00Z",
    "variants": [{"id": 22, "price": "10.00"}],
}
COLLECTION = {
    "id": 31,
    "title": "Mugs",
    "handle": "mugs",
    "updated_at": "2026-11-01T10:00:00Z",
    "admin_graphql_api_id": "gid://shopify/Collection/31",
}
ONE_CUSTOMER = {
    "shop_id": 1,
    "shop_domain": DOMAIN,
    "customer": {"id": 7001, "email": "ada@example.com", "phone": None},
}
ORDER_TOPICS = (
    "orders/create",
    "orders/paid",
    "orders/updated",
    "orders/fulfilled",
    "orders/partially_fulfilled",
    "orders/cancelled",
)
BODIES: dict[str, dict[str, Any]] = dict.fromkeys(ORDER_TOPICS, an_order()) | {
    "orders/edited": {"order_edit": {"id": 1, "order_id": 5001}},
    "orders/delete": {"id": 5001},
    "refunds/create": a_refund("100.00", (11, 1, "100.00")),
    "order_transactions/create": a_refund("100.00")["transactions"][0],
    "disputes/create": DISPUTE,
    "disputes/update": DISPUTE,
    "customers/create": CUSTOMER,
    "customers/update": CUSTOMER,
    "customers/delete": {"id": 7001, "phone": None, "addresses": []},
    "customers/merge": {
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/7001",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/7002",
        "status": "completed",
    },
    "customers_email_marketing_consent/update": CONSENT,
    "customer.tags_added": TAGS,
    "customer.tags_removed": TAGS,
    "customer.joined_segment": SEGMENT,
    "customer.left_segment": SEGMENT,
    "collections/create": COLLECTION,
    "collections/update": COLLECTION,
    "collections/delete": {key: COLLECTION[key] for key in COLLECTION if "id" in key},
    "products/create": PRODUCT,
    "products/update": PRODUCT,
    "app/uninstalled": {
        "id": 1,
        "name": "Test",
        "email": "ada@example.com",
        "myshopify_domain": DOMAIN,
    },
    "app/scopes_update": {
        "id": 1,
        "shop_id": "gid://shopify/Shop/1",
        "previous": ["read_products"],
        "current": ["read_products", "write_customers"],
        "updated_at": "2026-11-01T10:00:00Z",
    },
    "customers/data_request": ONE_CUSTOMER
    | {"orders_requested": [5001], "data_request": {"id": 8001}},
    "customers/redact": ONE_CUSTOMER | {"orders_to_redact": [5001]},
    "shop/redact": {"shop_id": 1, "shop_domain": DOMAIN},
}


def heard(topic: str, body: Any) -> Translated:
    """What a body says under a topic; bytes are taken as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    message = Message(
        "d1",
        topic,
        raw,
        RECEIVED_AT,
        lambda email: "key of " + email.encode().decode(),
    )
    return Shopify().translate(message)

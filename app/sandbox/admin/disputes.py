"""What the Admin API answers about disputes."""

from __future__ import annotations

from app.sandbox.admin import lists, orders
from app.sandbox.admin.words import Answer, Call, amount
from app.sandbox.line_bodies import gid
from app.sandbox.orders import Dispute, Order


def search(
    call: Call, query: str = "", first: int | None = None, after: str | None = None
) -> Answer:
    """List disputes that began between two moments, of orders of any age."""
    found = [
        (order, dispute)
        for order in call.rows.orders()
        for dispute in order.disputes
        if lists.is_within(query, {"initiated_at": dispute.initiated_at})
    ]
    return lists.page(found, lambda each: _told(call, *each), first, after)


def _told(call: Call, order: Order, dispute: Dispute) -> Answer:
    order_gid = gid("Order", order.id)
    return {
        "id": gid("ShopifyPaymentsDispute", dispute.id),
        "legacyResourceId": str(dispute.id),
        "type": "CHARGEBACK",
        "status": dispute.status.upper(),
        "amount": amount(dispute.amount_minor, order.currency),
        "initiatedAt": dispute.initiated_at,
        "finalizedOn": dispute.finalized_on,
        "order": orders.find(call, order_gid),
    }

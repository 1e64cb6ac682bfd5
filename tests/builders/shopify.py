"""Builders of Shopify bodies: just the fields that matter, true in shape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

# Of a name that is in no other word, so that whatever tells it is found.
ADA = {
    "id": 7001,
    "email": "ada@example.com",
    "verified_email": True,
    "first_name": "Adalinda",
    "last_name": "Quillfeather",
}


def a_line(
    price: str = "10.00",
    quantity: int = 1,
    *,
    id: int = 11,
    product_id: int | None = 21,
    discount: str = "0.00",
    tax: str = "0.00",
    **more: Any,
) -> dict[str, Any]:
    """A line of an order."""
    return {
        "id": id,
        "product_id": product_id,
        "title": "Mug",
        "quantity": quantity,
        "current_quantity": quantity,
        "price": price,
        "gift_card": False,
        "tax_lines": [{"price": tax}] if Decimal(tax) else [],
        "discount_allocations": [{"amount": discount}] if Decimal(discount) else [],
    } | more


def an_order(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A paid order of Ada's; `more` overrules."""
    lines = lines or (a_line("100.00"),)
    goods = sum(
        Decimal(line["price"]) * line["quantity"]
        - sum(Decimal(each["amount"]) for each in line["discount_allocations"])
        for line in lines
    )
    return {
        "id": 5001,
        "name": "#1001",
        "created_at": "2026-11-01T10:00:00Z",
        "processed_at": "2026-11-01T10:00:00Z",
        "updated_at": "2026-11-01T10:00:05Z",
        "currency": "EUR",
        "total_price": str(goods),
        "taxes_included": False,
        "financial_status": "paid",
        "fulfillment_status": None,
        "test": False,
        "cancelled_at": None,
        "email": "ada@example.com",
        "customer": ADA,
        "line_items": list(lines),
        "shipping_lines": [],
        "refunds": [],
    } | more


def a_refund(
    amount: str | None,
    *lines: tuple[int, int, str],
    id: int = 9001,
    order_id: int = 5001,
    status: str = "success",
    adjustments: tuple[tuple[str, str], ...] = (),
    tax: str = "0.00",
    **more: Any,
) -> dict[str, Any]:
    """A refund of `amount`; lines are (line id, units, subtotal)."""
    payment = {
        "id": id * 10,
        "order_id": order_id,
        "kind": "refund",
        "status": status,
        "amount": amount,
        "currency": "EUR",
        "gateway": "bogus",
    }
    return {
        "id": id,
        "order_id": order_id,
        "created_at": "2026-11-05T10:00:00Z",
        "processed_at": "2026-11-05T10:00:00Z",
        "refund_line_items": [
            {
                "id": number,
                "line_item_id": line_id,
                "quantity": units,
                "subtotal": subtotal,
                "total_tax": tax,
            }
            for number, (line_id, units, subtotal) in enumerate(lines)
        ],
        "order_adjustments": [
            {"kind": kind, "amount": money, "tax_amount": "0.00"}
            for kind, money in adjustments
        ],
        "transactions": [] if amount is None else [payment],
    } | more


def later(order: dict[str, Any], minute: int = 10, **more: Any) -> dict[str, Any]:
    """The same order as the store shows it later."""
    return order | {"updated_at": f"2026-11-05T10:{minute:02}:00Z"} | more


def a_merge(kept: int, deleted: int) -> dict[str, Any]:
    """The merge of one customer into another."""
    gid = "gid://shopify/Customer/"
    return {
        "admin_graphql_api_customer_kept_id": f"{gid}{kept}",
        "admin_graphql_api_customer_deleted_id": f"{gid}{deleted}",
        "status": "completed",
        "errors": [],
    }

"""Refunds, transactions, disputes and edits as the store's messages tell them."""

from __future__ import annotations

from collections.abc import Mapping

from app.sandbox import money
from app.sandbox.customer_bodies import card_number
from app.sandbox.line_bodies import (
    LOCATION_ID,
    Body,
    gid,
    line_body,
    money_set,
    priced,
    shipping_body,
)
from app.sandbox.orders import (
    BANK,
    CARD,
    Adjustment,
    Dispute,
    Order,
    Refund,
    RefundLine,
    Transaction,
)

METHODS = {CARD: "visa", BANK: "bank_deposit"}


def refund_body(order: Order, refund: Refund) -> Body:
    """Write a refund with its lines, adjustments and money."""
    currency = order.currency
    return {
        "id": refund.id,
        "admin_graphql_api_id": gid("Refund", refund.id),
        "created_at": refund.created_at,
        "note": refund.note or None,
        "order_id": order.id,
        "processed_at": refund.created_at,
        "restock": refund.restock,
        "return": None,
        "total_additional_fees_set": money_set(0, currency),
        "total_duties_set": money_set(0, currency),
        "user_id": None,
        "additional_fees": [],
        "duties": [],
        "order_adjustments": [
            _adjustment(order, refund, item) for item in refund.adjustments
        ],
        "refund_line_items": [_refund_line(order, line) for line in refund.lines],
        "refund_shipping_lines": _refund_shipping(order, refund),
        "transactions": [
            transaction_body(order, item) for item in order.transactions_of(refund)
        ],
    }


def transaction_body(order: Order, transaction: Transaction) -> Body:
    """Write a movement of money."""
    place = order.transactions.index(transaction) + 1
    unsettled = {"amount": "0.00", "currency": order.currency}
    return {
        "id": transaction.id,
        "admin_graphql_api_id": gid("OrderTransaction", transaction.id),
        "amount": money.text(transaction.amount_minor),
        "amount_rounding": None,
        "authorization": None,
        "created_at": transaction.created_at,
        "currency": order.currency,
        "device_id": None,
        "error_code": None,
        "gateway": transaction.gateway,
        "kind": transaction.kind,
        "location_id": None,
        "manual_payment_gateway": transaction.gateway == BANK,
        "message": None,
        "order_id": order.id,
        "parent_id": transaction.parent_id,
        "payment_id": f"#{order.number}.{place}",
        "processed_at": transaction.processed_at,
        "receipt": {},
        "source_name": "web",
        "status": transaction.status,
        "test": False,
        "total_unsettled_set": {
            "presentment_money": unsettled,
            "shop_money": dict(unsettled),
        },
        "user_id": None,
    }


def transaction_message(order: Order, transaction: Transaction) -> Body:
    """Write a movement of money as a message of its own, which shows the card."""
    is_card = transaction.gateway == CARD
    empty = (
        "avs_result_code buyer_action_info credit_card_bin credit_card_name "
        "credit_card_expiration_month credit_card_expiration_year "
        "credit_card_wallet cvv_result_code"
    )
    details: Body = dict.fromkeys(empty.split())
    details |= {
        "credit_card_company": "Visa" if is_card else None,
        "credit_card_number": card_number(order.email) if is_card else None,
        "payment_method_name": METHODS.get(transaction.gateway, transaction.gateway),
    }
    return transaction_body(order, transaction) | {"payment_details": details}


def dispute_body(order: Order, dispute: Dispute) -> Body:
    """Write a chargeback."""
    return {
        "id": dispute.id,
        "order_id": order.id,
        "type": "chargeback",
        "amount": money.text(dispute.amount_minor),
        "currency": order.currency,
        "reason": "fraudulent",
        "network_reason_code": "4837",
        "status": dispute.status,
        "evidence_due_by": dispute.evidence_due_by,
        "evidence_sent_on": None,
        "finalized_on": dispute.finalized_on,
        "initiated_at": dispute.initiated_at,
    }


def edit_body(order: Order, edit_id: int, changes: Mapping[int, int]) -> Body:
    """Write an edit: which lines gained or lost how many units, and no totals."""
    ups = [
        {"id": key, "delta": change} for key, change in changes.items() if change > 0
    ]
    downs = [
        {"id": key, "delta": -change} for key, change in changes.items() if change < 0
    ]
    return {
        "order_edit": {
            "id": edit_id,
            "app_id": None,
            "created_at": order.updated_at,
            "committed_at": order.updated_at,
            "notify_customer": False,
            "order_id": order.id,
            "staff_note": "",
            "user_id": None,
            "line_items": {"additions": ups, "removals": downs},
            "discounts": {"line_item": {"additions": [], "removals": []}},
            "shipping_lines": {"additions": [], "removals": []},
        }
    }


def _refund_line(order: Order, line: RefundLine) -> Body:
    """Write a refunded line; its plain amounts are numbers, unlike all others."""
    currency = order.currency
    return {
        "id": line.id,
        "line_item_id": line.line_id,
        "location_id": None if line.restock_type == "no_restock" else LOCATION_ID,
        "quantity": line.units,
        "restock_type": line.restock_type,
        "subtotal": float(money.text(line.net_minor)),
        "subtotal_set": money_set(line.net_minor, currency),
        "total_tax": float(money.text(line.tax_minor)),
        "total_tax_set": money_set(line.tax_minor, currency),
        "line_item": line_body(order.line(line.line_id), order),
    }


def _adjustment(order: Order, refund: Refund, item: Adjustment) -> Body:
    return {
        "id": item.id,
        "order_id": order.id,
        "refund_id": refund.id,
        "kind": item.kind,
        "reason": item.reason,
        **priced("amount", item.amount_minor, order.currency),
        **priced("tax_amount", 0, order.currency),
    }


def _refund_shipping(order: Order, refund: Refund) -> list[Body]:
    if not refund.shipping_minor:
        return []
    return [
        {
            "id": refund.shipping_id,
            "shipping_line_id": order.shipping_id,
            "subtotal_amount_set": money_set(refund.shipping_minor, order.currency),
            "shipping_line": shipping_body(order),
        }
    ]

"""What the Admin API answers about orders and their refunds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from app.sandbox import grants, money
from app.sandbox.admin import customers, lists
from app.sandbox.admin.words import Answer, Call, number_of
from app.sandbox.line_bodies import gid
from app.sandbox.orders import Line, Order, Refund, RefundLine, Transaction

# An app that may not read all orders is shown those of so many days.
_SHOWN = timedelta(days=60)
_CODE = re.compile(r"discount_code:'?(\w+)")
_SHIPPED = {"fulfilled": "FULFILLED", "partial": "PARTIALLY_FULFILLED"}


def search(
    call: Call,
    query: str = "",
    first: int | None = 10,
    after: str | None = None,
    sortKey: str = "UPDATED_AT",  # noqa: ARG001, N803
) -> Answer:
    """List orders that changed between two moments, or with a code, oldest first."""
    found = [order for order in shown(call) if _is_meant(order, query)]
    found.sort(key=lambda order: (order.updated_at, order.id))
    return lists.page(found, lambda order: _order(call, order), first, after)


def count(call: Call, query: str = "", limit: int | None = 10_000) -> Answer:
    """Count orders as a search finds them, up to a limit."""
    found = sum(_is_meant(order, query) for order in shown(call))
    return lists.counted(found, limit)


def shown(call: Call) -> list[Order]:
    """Return the orders that the app may see."""
    return [order for order in call.rows.orders() if _may_see(call, order)]


def _may_see(call: Call, order: Order) -> bool:
    is_late = datetime.fromisoformat(order.created_at) > call.now - _SHOWN
    return is_late or grants.ALL_ORDERS in grants.scopes(call.rows)


def _is_meant(order: Order, query: str) -> bool:
    """Whether an order lies within the bounds of a query, and has its code."""
    code = _CODE.search(query)
    if code and (order.code or "").upper() != code[1].upper():
        return False
    times = {"updated_at": order.updated_at, "processed_at": order.created_at}
    return lists.is_within(query, times)


def find(call: Call, id: str) -> Answer | None:
    """Show one order."""
    order = call.rows.order(number_of("Order", id) or 0)
    return _order(call, order) if order and _may_see(call, order) else None


def find_refund(call: Call, id: str) -> Answer | None:
    """Show one refund."""
    wanted = number_of("Refund", id)
    for order in shown(call):
        for refund in order.refunds:
            if refund.id == wanted:
                return _refund(order, refund)
    return None


def _order(call: Call, order: Order) -> Answer:
    currency, shipped = order.currency, order.fulfillment_status
    return {
        "id": gid("Order", order.id),
        "name": f"#{order.number}",
        "createdAt": order.created_at,
        "processedAt": order.created_at,
        "updatedAt": order.updated_at,
        "cancelledAt": order.cancelled_at,
        "currencyCode": currency,
        "presentmentCurrencyCode": currency,
        "taxesIncluded": False,
        "test": False,
        "email": order.email,
        "sourceName": "web",
        "discountCodes": [order.code] if order.code else [],
        "displayFinancialStatus": order.financial_status.upper(),
        "displayFulfillmentStatus": _SHIPPED.get(shipped or "", "UNFULFILLED"),
        "totalPriceSet": _bag(order.total_minor, currency),
        "totalTipReceivedSet": _bag(0, currency),
        "customer": _customer(call, order.customer_id),
        "shippingLines": _all([_postage(order)] if order.needs_shipping else []),
        "lineItems": lists.pages(order.lines, lambda line: _line(order, line)),
        "refunds": [_refund(order, refund) for refund in order.refunds],
    }


def _customer(call: Call, customer_id: int | None) -> Answer | None:
    customer = call.rows.customer(customer_id)
    return customers.told(customer) if customer else None


def _postage(order: Order) -> Answer:
    price = _bag(order.shipping_minor, order.currency)
    id_ = gid("ShippingLine", order.shipping_id)
    return {"id": id_, "discountedPriceSet": price, "taxLines": []}


def _line(order: Order, line: Line) -> Answer:
    currency = order.currency
    off = [{"allocatedAmountSet": _bag(each, currency)} for each in line.taken if each]
    taxes = [{"priceSet": _bag(line.tax_minor, currency)}]
    return {
        "id": gid("LineItem", line.id),
        "title": line.title,
        "quantity": line.quantity,
        "currentQuantity": line.current_units,
        "isGiftCard": line.gift_card,
        "product": {"id": gid("Product", line.product_id)},
        "sellingPlan": _plan(line),
        "originalUnitPriceSet": _bag(line.price_minor, currency),
        "discountAllocations": off,
        "taxLines": taxes if line.tax_percent else [],
    }


def _plan(line: Line) -> Answer | None:
    """Say by which plan a line was bought, which no message of this store does."""
    if line.plan_id is None:
        return None
    id_ = gid("SellingPlan", line.plan_id)
    return {"name": line.plan_name, "sellingPlanId": id_}


def _refund(order: Order, refund: Refund) -> Answer:
    currency = order.currency
    shipping = {
        "subtotalAmountSet": _bag(refund.shipping_minor, currency),
        "taxAmountSet": _bag(0, currency),
    }
    return {
        "id": gid("Refund", refund.id),
        "createdAt": refund.created_at,
        "processedAt": refund.created_at,
        "refundLineItems": lists.pages(
            refund.lines, lambda line: _refunded(order, line)
        ),
        "refundShippingLines": _all([shipping] if refund.shipping_minor else []),
        "orderAdjustments": _all(
            [
                {
                    "amountSet": _bag(each.amount_minor, currency),
                    "taxAmountSet": _bag(0, currency),
                }
                for each in refund.adjustments
            ]
        ),
        "duties": [],
        "transactions": _all(
            [_transaction(order, each) for each in order.transactions_of(refund)]
        ),
    }


def _refunded(order: Order, line: RefundLine) -> Answer:
    return {
        "quantity": line.units,
        "lineItem": _line(order, order.line(line.line_id)),
        "subtotalSet": _bag(line.net_minor, order.currency),
        "totalTaxSet": _bag(line.tax_minor, order.currency),
    }


def _transaction(order: Order, transaction: Transaction) -> Answer:
    return {
        "id": gid("OrderTransaction", transaction.id),
        "kind": transaction.kind.upper(),
        "status": transaction.status.upper(),
        "amountSet": _bag(transaction.amount_minor, order.currency),
    }


def _bag(minor: int, currency: str) -> Answer:
    told = {"amount": money.text(minor), "currencyCode": currency}
    return {"shopMoney": told, "presentmentMoney": told}


def _all(nodes: list[Answer]) -> Callable[..., Answer]:
    return lambda _info, first=None: lists.told_twice(nodes[:first])

"""From Shopify's order, refund, transaction and dispute bodies to facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from msgspec import UNSET

from app.domain.money import MINOR_MAX, to_minor
from app.domain.orders import (
    Buyer,
    Dispute,
    Line,
    OrderFacts,
    Payment,
    Refund,
    RefundLine,
    Snapshot,
)
from app.platforms.shopify import bodies

# Nothing has been paid yet; a part may be paid after the whole was, by an edit.
_OPEN = ("pending", "authorized")


def order_facts(
    body: bodies.Order,
    at: datetime,
    email_key: str | None,
    marks: tuple[str, ...] = (),
) -> OrderFacts:
    """Return what an order body says: the order, its refunds, and how far it is."""
    snapshot = _snapshot(body, at)
    refunds = [refund(each, body.currency, at) for each in body.refunds or ()]
    bought_by = customer_id(body.customer)
    buyer = Buyer(snapshot.updated_at, bought_by, email_key)
    return OrderFacts(
        order_id=str(body.id),
        snapshot=snapshot,
        buyer=buyer if bought_by or email_key else None,
        refunds={each.id: each for each in refunds},
        unpaid_at=snapshot.updated_at if snapshot.financial_status in _OPEN else None,
        paid_at=snapshot.updated_at if snapshot.is_paid else None,
        fulfilled_at=snapshot.updated_at if snapshot.is_fulfilled else None,
        marks=marks,
        plans={
            str(each.id): str(each.selling_plan_id or "")
            for each in body.line_items
            if each.selling_plan_id is not UNSET
        },
    )


def refund(body: bodies.Refund, currency: str | None, at: datetime) -> Refund:
    """Return a refund; `currency` is the store's, None where the body must say it."""
    currency = currency or _currency_of(body)
    adjustments = body.order_adjustments or ()
    shipping, shipping_tax = _shipping_back(body, currency)
    payments = [_payment(each, currency) for each in body.transactions]
    return Refund(
        id=str(body.id),
        at=moment(body.processed_at, body.created_at, at),
        lines=tuple(_refund_line(each, currency) for each in body.refund_line_items),
        shipping_minor=shipping,
        shipping_tax_minor=shipping_tax,
        duties_minor=_minor(body.total_duties_set, None, currency),
        discrepancy_minor=sum(
            _minor(each.amount_set, each.amount, currency)
            + _minor(each.tax_amount_set, each.tax_amount, currency)
            for each in adjustments
            if each.kind == "refund_discrepancy"
        ),
        payments={each.id: each for each in payments},
    )


def payment_facts(body: bodies.OrderTransactionCreated) -> OrderFacts:
    """Return what a movement of money on an order says."""
    payment = _payment(body, body.currency or "USD")
    return OrderFacts(order_id=str(body.order_id), payments={payment.id: payment})


def dispute_facts(order_id: str, body: bodies.Dispute, at: datetime) -> OrderFacts:
    """Return what a dispute on an order says."""
    currency = body.currency or "USD"
    dispute = Dispute(
        id=str(body.id),
        at=moment(body.initiated_at, at),
        status=body.status,
        amount_minor=to_minor(body.amount, currency),
        currency=currency,
    )
    return OrderFacts(order_id=order_id, disputes={dispute.id: dispute})


def customer_id(buyer: bodies.Buyer | None) -> str | None:
    """Return the id of an order's customer, None for a guest."""
    return None if buyer is None or buyer.id is None else str(buyer.id)


def moment(*times: datetime | None) -> datetime:
    """Return the first time that is known; one without a zone is taken as UTC.

    Raises ValueError for a year in which no order can have been.
    """
    time = next(time for time in times if time is not None)
    if not 2000 <= time.year <= 2200:
        raise ValueError(f"{time.isoformat()} is not a time of our days")
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _snapshot(body: bodies.Order, at: datetime) -> Snapshot:
    currency = body.currency
    placed_at = moment(body.processed_at, body.created_at, at)
    total = body.total_price_set
    presented = total.presentment_money if total else None
    presentment = body.presentment_currency or currency
    shop_total = _minor(total, body.total_price, currency)
    return Snapshot(
        number=body.name or str(body.id),
        processed_at=placed_at,
        updated_at=moment(body.updated_at, placed_at),
        currency=currency,
        total_minor=shop_total,
        presentment_currency=presentment,
        presentment_total_minor=(
            to_minor(presented.amount, presentment)
            if presented and presented.amount is not None
            else (shop_total if presentment == currency else 0)
        ),
        taxes_included=bool(body.taxes_included),
        shipping_minor=_shipping(body),
        shipping_tax_minor=sum(
            _taxes(each.tax_lines, currency) for each in body.shipping_lines or ()
        ),
        financial_status=body.financial_status or "pending",
        is_fulfilled=body.fulfillment_status == "fulfilled",
        is_test=bool(body.test),
        cancelled_at=moment(body.cancelled_at) if body.cancelled_at else None,
        lines=tuple(_line(each, body) for each in body.line_items),
        channel=body.source_name or "",
        discount_codes=tuple(
            each.code.upper() for each in body.discount_codes or () if each.code
        ),
    )


def _line(item: bodies.LineItem, order: bodies.Order) -> Line:
    currency = order.currency
    price = _minor(item.price_set, item.price, currency)
    if abs(price * item.quantity) > MINOR_MAX:
        raise ValueError(
            f"{item.quantity} units at {item.price} are more than any order"
        )
    return Line(
        id=str(item.id),
        product_id=None if item.product_id is None else str(item.product_id),
        quantity=max(0, item.quantity),
        current_quantity=item.current_quantity,
        price_minor=price,
        discount_minor=_discount(item, currency),
        tax_minor=_taxes(item.tax_lines, currency),
        is_gift_card=bool(item.gift_card),
        is_tip=_is_tip(item, price, order),
    )


def _is_tip(item: bodies.LineItem, price_minor: int, order: bodies.Order) -> bool:
    """Whether a line is a tip: no product, and the order says that it was tipped."""
    if item.product_id is not None or not order.total_tip_received:
        return False
    tip = to_minor(order.total_tip_received, order.currency)
    if tip == 0:
        return False
    return (item.title or "").lower() == "tip" or price_minor * item.quantity == tip


def _discount(item: bodies.LineItem, currency: str) -> int:
    """Return a line's share of all discounts; bodies before 2018 only have a total."""
    if item.discount_allocations is None:
        return _minor(item.total_discount_set, item.total_discount, currency)
    return sum(
        _minor(each.amount_set, each.amount, currency)
        for each in item.discount_allocations
    )


def _shipping(body: bodies.Order) -> int:
    if body.shipping_lines is None:
        return _minor(body.total_shipping_price_set, None, body.currency)
    return sum(
        _minor(
            each.discounted_price_set or each.price_set,
            each.price if each.discounted_price is None else each.discounted_price,
            body.currency,
        )
        for each in body.shipping_lines
    )


def _shipping_back(body: bodies.Refund, currency: str) -> tuple[int, int]:
    """Return the shipping given back with its tax, and the tax; positive amounts.

    The adjustment says it negative and with its tax; the line only without.
    """
    adjustments = [
        each for each in body.order_adjustments or () if each.kind == "shipping_refund"
    ]
    if not adjustments:
        lines = body.refund_shipping_lines or ()
        return sum(
            _minor(each.subtotal_amount_set, None, currency) for each in lines
        ), 0
    tax = -sum(
        _minor(each.tax_amount_set, each.tax_amount, currency) for each in adjustments
    )
    net = -sum(_minor(each.amount_set, each.amount, currency) for each in adjustments)
    return net + tax, tax


def _refund_line(item: bodies.RefundLineItem, currency: str) -> RefundLine:
    is_known = item.subtotal is not None or item.subtotal_set is not None
    return RefundLine(
        line_id=str(item.line_item_id),
        quantity=item.quantity,
        subtotal_minor=(
            _minor(item.subtotal_set, item.subtotal, currency) if is_known else None
        ),
        tax_minor=_minor(item.total_tax_set, item.total_tax, currency),
        is_gift_card=bool(item.line_item and item.line_item.gift_card),
    )


def _payment(body: bodies.OrderTransaction, currency: str) -> Payment:
    return Payment(
        id=str(body.id),
        kind=body.kind,
        status=body.status,
        amount_minor=to_minor(body.amount or 0, body.currency or currency),
        currency=body.currency or currency,
    )


def _currency_of(body: bodies.Refund) -> str:
    """Return the store's currency as a refund on its own shows it."""
    sets = [body.total_duties_set]
    sets += [line.subtotal_set for line in body.refund_line_items]
    sets += [each.amount_set for each in body.order_adjustments or ()]
    sets += [each.subtotal_amount_set for each in body.refund_shipping_lines or ()]
    for money in (each.shop_money for each in sets if each):
        if money and money.currency_code:
            return money.currency_code
    return next((each.currency for each in body.transactions if each.currency), "USD")


def _taxes(taxes: Iterable[bodies.TaxLine] | None, currency: str) -> int:
    return sum(_minor(each.price_set, each.price, currency) for each in taxes or ())


def _minor(
    money_set: bodies.MoneySet | bodies.PresentedSet | None,
    plain: Decimal | None,
    currency: str,
) -> int:
    """Return an amount in the store's currency; the plain field says the same."""
    money = money_set.shop_money if money_set else None
    amount = money.amount if money and money.amount is not None else plain
    return to_minor(amount if amount is not None else 0, currency)

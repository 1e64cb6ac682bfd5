"""Orders and refunds of the Admin API, written as their webhooks would be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from app.platforms.shopify import bodies
from app.platforms.shopify.order_nodes import (
    Bag,
    CustomerNode,
    LineNode,
    Money,
    OrderNode,
    PlanNode,
    Priced,
    RefundLineNode,
    RefundNode,
    ShippingNode,
    TransactionNode,
)


def order_body(
    order: OrderNode,
    lines: Iterable[LineNode],
    refunds: Sequence[bodies.Refund],
    shipping: Sequence[ShippingNode] = (),
) -> bodies.Order:
    """Return an order with all its lines and refunds as its webhook would show it.

    `shipping` is what is not within the order itself.
    """
    total = order.total_price_set
    tip = order.total_tip_received_set.shop_money
    fulfilled = order.display_fulfillment_status == "FULFILLED"
    return bodies.Order(
        id=number(order.id),
        name=order.name,
        created_at=order.created_at,
        processed_at=order.processed_at,
        updated_at=order.updated_at,
        cancelled_at=order.cancelled_at,
        currency=order.currency_code,
        presentment_currency=order.presentment_currency_code,
        total_price_set=bodies.PresentedSet(
            shop_money=_money(total.shop_money),
            presentment_money=_money(total.presentment_money),
        ),
        total_tip_received=tip.amount if tip else None,
        taxes_included=order.taxes_included,
        financial_status=(order.display_financial_status or "pending").lower(),
        fulfillment_status="fulfilled" if fulfilled else None,
        test=order.test,
        email=order.email,
        source_name=order.source_name,
        discount_codes=[
            bodies.DiscountCode(code=code) for code in order.discount_codes
        ],
        customer=_buyer(order.customer) if order.customer else None,
        line_items=[_line(line) for line in lines],
        shipping_lines=[
            bodies.ShippingLine(
                discounted_price_set=_set(each.discounted_price_set),
                tax_lines=_taxes(each.tax_lines),
            )
            for each in (*order.shipping_lines.nodes, *shipping)
        ],
        refunds=list(refunds),
    )


def refund_body(
    refund: RefundNode, lines: Iterable[RefundLineNode], currency: str
) -> bodies.Refund:
    """Return a refund with all its lines as a webhook would show it.

    A webhook tells the shipping that went back as a negative difference, with its tax.
    """
    differences = [
        bodies.OrderAdjustment(
            kind="refund_discrepancy",
            amount_set=_set(each.amount_set),
            tax_amount_set=_set(each.tax_amount_set),
        )
        for each in refund.order_adjustments.nodes
    ]
    shipping = [
        bodies.OrderAdjustment(
            kind="shipping_refund",
            amount_set=_negative(each.subtotal_amount_set),
            tax_amount_set=_negative(each.tax_amount_set),
        )
        for each in refund.refund_shipping_lines.nodes
    ]
    duties = [each.amount_set.shop_money for each in refund.duties or ()]
    owed = sum((each.amount for each in duties if each), Decimal(0))
    return bodies.Refund(
        id=number(refund.id),
        created_at=refund.created_at,
        processed_at=refund.processed_at,
        refund_line_items=[_refund_line(line) for line in lines],
        order_adjustments=differences + shipping,
        transactions=[_transaction(each) for each in refund.transactions.nodes],
        total_duties_set=bodies.MoneySet(
            shop_money=bodies.Money(amount=owed, currency_code=currency)
        ),
    )


def number(gid: str) -> int:
    """Return the number at the end of an id, as webhooks write it."""
    return int(gid.rpartition("/")[2])


def plan_of(plan: PlanNode | None) -> int | None:
    """Return the number of a selling plan, None for none."""
    return number(plan.selling_plan_id) if plan and plan.selling_plan_id else None


def _buyer(customer: CustomerNode) -> bodies.Buyer:
    address = customer.default_email_address
    return bodies.Buyer(
        id=number(customer.id),
        email=address.email_address if address else None,
        verified_email=customer.verified_email,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
    )


def _line(line: LineNode) -> bodies.LineItem:
    return bodies.LineItem(
        id=number(line.id),
        product_id=number(line.product.id) if line.product else None,
        selling_plan_id=plan_of(line.selling_plan),
        title=line.title,
        quantity=line.quantity,
        current_quantity=line.current_quantity,
        price_set=_set(line.original_unit_price_set),
        discount_allocations=[
            bodies.DiscountAllocation(amount_set=_set(each.allocated_amount_set))
            for each in line.discount_allocations
        ],
        tax_lines=_taxes(line.tax_lines),
        gift_card=line.is_gift_card,
    )


def _refund_line(line: RefundLineNode) -> bodies.RefundLineItem:
    return bodies.RefundLineItem(
        line_item_id=number(line.line_item.id),
        quantity=line.quantity,
        subtotal_set=_set(line.subtotal_set),
        total_tax_set=_set(line.total_tax_set),
        line_item=bodies.RefundedLine(gift_card=line.line_item.is_gift_card),
    )


def _transaction(transaction: TransactionNode) -> bodies.OrderTransaction:
    """Write a movement of money, which webhooks tell in the shopper's currency."""
    paid = transaction.amount_set.presentment_money
    return bodies.OrderTransaction(
        id=number(transaction.id),
        kind=transaction.kind.lower(),
        status=transaction.status.lower(),
        amount=paid.amount if paid else None,
        currency=paid.currency_code if paid else None,
    )


def _taxes(taxes: Iterable[Priced]) -> list[bodies.TaxLine]:
    return [bodies.TaxLine(price_set=_set(each.price_set)) for each in taxes]


def _set(bag: Bag) -> bodies.MoneySet:
    return bodies.MoneySet(shop_money=_money(bag.shop_money))


def _negative(bag: Bag) -> bodies.MoneySet:
    money = bag.shop_money
    assert money
    return bodies.MoneySet(
        shop_money=bodies.Money(amount=-money.amount, currency_code=money.currency_code)
    )


def _money(money: Money | None) -> bodies.Money | None:
    if money is None:
        return None
    return bodies.Money(amount=money.amount, currency_code=money.currency_code)

"""Giving back: units, postage, money, each with or without the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from app.sandbox.orders import (
    PENDING_DISCREPANCY,
    Adjustment,
    Order,
    Refund,
    RefundLine,
    RefusedError,
    Transaction,
)

Ids = Callable[[], int]
PAID = ("sale", "success")


@dataclass(frozen=True)
class RefundRequest:
    """What the owner asks for; no amount means what the parts are worth."""

    units: Mapping[int, int] = field(default_factory=dict)
    shipping: bool = False
    restock: bool = False
    amount_minor: int | None = None
    with_money: bool = True
    pending: bool = False
    note: str = ""


def everything(order: Order) -> RefundRequest:
    """Ask for all that is left: units, postage and money."""
    return RefundRequest(
        units={line.id: line.current_units for line in order.lines},
        shipping=True,
        restock=True,
        amount_minor=order.refundable_minor,
        with_money=order.refundable_minor > 0,
    )


def refund(order: Order, request: RefundRequest, ids: Ids, at: str) -> Order:
    """Return the order with the refund as its last one."""
    lines = _refund_lines(order, request, ids)
    postage = order.current_shipping_minor if request.shipping else 0
    worth = sum(line.net_minor + line.tax_minor for line in lines) + postage
    amount = _amount(order, request, worth)
    if not lines and not postage and not amount:
        raise RefusedError("Choose something to refund.")
    made = Refund(
        id=ids(),
        created_at=at,
        note=request.note,
        restock=request.restock,
        lines=lines,
        adjustments=_adjustments(order, postage, worth - amount, request, ids),
        shipping_minor=postage,
        shipping_id=ids(),
    )
    gone = {line.line_id: line.units for line in lines}
    return replace(
        order,
        lines=tuple(
            line.without(gone[line.id]) if line.id in gone else line
            for line in order.lines
        ),
        refunds=(*order.refunds, made),
        transactions=(
            *order.transactions,
            *_payments(order, made, amount, request, ids),
        ),
    )


def settle(order: Order, refund_id: int, at: str) -> Order:
    """Let a pending refund's money arrive."""
    if not any(
        t.refund_id == refund_id and t.status == "pending" for t in order.transactions
    ):
        raise RefusedError("This refund is not pending.")
    return replace(
        order,
        transactions=tuple(
            replace(t, status="success", processed_at=at)
            if t.refund_id == refund_id
            else t
            for t in order.transactions
        ),
    )


def _refund_lines(
    order: Order, request: RefundRequest, ids: Ids
) -> tuple[RefundLine, ...]:
    made = []
    for line_id, units in request.units.items():
        line = order.line(line_id)
        if units < 0 or units > line.current_units:
            raise RefusedError(f"{line.title}: only {line.current_units} left.")
        if units:
            net, tax = line.part(units)
            restock_type = _restock_type(request, units <= line.open_units)
            made.append(RefundLine(ids(), line_id, units, restock_type, net, tax))
    return tuple(made)


def _restock_type(request: RefundRequest, is_unsent: bool) -> str:
    if not request.restock:
        return "no_restock"
    return "cancel" if is_unsent else "return"


def _amount(order: Order, request: RefundRequest, worth: int) -> int:
    if not request.with_money:
        return 0
    left = order.refundable_minor
    if request.amount_minor is None:
        if worth and not left:
            raise RefusedError("No money is left to give back.")
        return min(worth, left)
    if request.amount_minor > left:
        raise RefusedError("That is more money than is left of the payment.")
    return request.amount_minor


def _adjustments(
    order: Order, postage: int, kept: int, request: RefundRequest, ids: Ids
) -> tuple[Adjustment, ...]:
    """Explain postage and differences: positive is kept, negative is given on top."""
    owed = max(0, -order.outstanding_minor)
    late = max(min(kept, 0), -owed) if request.with_money else kept
    rows = (
        ("shipping_refund", -postage, "Shipping refund"),
        ("refund_discrepancy", late, PENDING_DISCREPANCY),
        ("refund_discrepancy", kept - late, "Refund discrepancy"),
    )
    return tuple(Adjustment(ids(), *row) for row in rows if row[1])


def _payments(
    order: Order, made: Refund, amount: int, request: RefundRequest, ids: Ids
) -> tuple[Transaction, ...]:
    """Give back to each payment what is left of it, the last one first."""
    sales = [t for t in order.transactions if (t.kind, t.status) == PAID]
    payments = []
    for sale in reversed(sales):
        part = min(amount, order.left_of(sale))
        amount -= part
        if part:
            payments.append(
                Transaction(
                    id=ids(),
                    kind="refund",
                    status="pending" if request.pending else "success",
                    amount_minor=part,
                    gateway=sale.gateway,
                    created_at=made.created_at,
                    processed_at=None if request.pending else made.created_at,
                    parent_id=sale.id,
                    refund_id=made.id,
                    source_id=sale.source_id,
                )
            )
    return tuple(payments)

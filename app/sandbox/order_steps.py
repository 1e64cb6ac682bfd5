"""What happens to an order: placed, paid, sent, edited, cancelled, disputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.sandbox import refunds
from app.sandbox.cart import AnyDiscount, Cart
from app.sandbox.discounts import Discount
from app.sandbox.orders import BANK as BANK
from app.sandbox.orders import CARD as CARD
from app.sandbox.orders import (
    Applied,
    Dispute,
    Fulfillment,
    Line,
    Order,
    RefusedError,
    Tender,
    Transaction,
)
from app.sandbox.refunds import Ids, RefundRequest

CANCEL_REASONS = ("customer", "inventory", "fraud", "declined", "staff", "other")


@dataclass(frozen=True)
class Buyer:
    """Who buys: a customer, or a guest of whom only name and e-mail are known."""

    email: str
    name: str
    customer_id: int | None = None


@dataclass(frozen=True)
class Stamp:
    """When and under which number an order is placed."""

    number: int
    token: str
    at: str
    currency: str


@dataclass(frozen=True)
class EditRequest:
    """Lines with their new units, and whether the difference is paid at once."""

    units: Mapping[int, int]
    settle_now: bool = False


def place(
    cart: Cart,
    buyer: Buyer,
    gateway: str,
    ids: Ids,
    stamp: Stamp,
    tenders: Sequence[Tender] = (),
) -> Order:
    """Make the order of a cart; a card pays at once, a bank transfer later.

    Either pays what the tenders leave.
    """
    order = Order(
        id=ids(),
        number=stamp.number,
        token=stamp.token,
        currency=stamp.currency,
        created_at=stamp.at,
        updated_at=stamp.at,
        email=buyer.email,
        name=buyer.name,
        customer_id=buyer.customer_id,
        gateway=gateway,
        shipping_id=ids(),
        shipping_minor=cart.shipping_minor,
        shipping_discount_minor=cart.shipping_discount_minor,
        needs_shipping=cart.needs_shipping,
        lines=_lines(cart, ids),
        applied=tuple(_applied(each) for each in cart.used),
    )
    order = replace(
        order, transactions=tuple(_tendered(each, ids, stamp.at) for each in tenders)
    )
    if not order.outstanding_minor:
        return order
    if gateway == CARD:
        return collect(order, ids, stamp.at)
    waiting = _sale(order, ids, stamp.at, order.outstanding_minor)
    waiting = replace(waiting, status="pending", processed_at=None)
    return replace(order, transactions=(*order.transactions, waiting))


def collect(order: Order, ids: Ids, at: str) -> Order:
    """Take what the shopper still owes."""
    if order.cancelled_at:
        raise RefusedError("The order is cancelled.")
    if order.outstanding_minor <= 0:
        raise RefusedError("Nothing is left to pay.")
    paid = _sale(order, ids, at, order.outstanding_minor)
    return replace(order, transactions=(*order.transactions, paid))


def fulfil(order: Order, units: Mapping[int, int], ids: Ids, at: str) -> Order:
    """Send units of lines."""
    if order.cancelled_at:
        raise RefusedError("The order is cancelled.")
    sent = {line_id: count for line_id, count in units.items() if count}
    for line_id, count in sent.items():
        line = order.line(line_id)
        if count < 0 or count > line.open_units:
            raise RefusedError(f"{line.title}: only {line.open_units} to send.")
    if not sent:
        raise RefusedError("Choose something to send.")
    lines = tuple(
        replace(line, fulfilled_units=line.fulfilled_units + sent.get(line.id, 0))
        for line in order.lines
    )
    parcel = Fulfillment(ids(), at, tuple(sent.items()))
    return replace(order, lines=lines, fulfillments=(*order.fulfillments, parcel))


def edit(order: Order, request: EditRequest, ids: Ids, at: str) -> Order:
    """Change units of lines.

    Units taken out stay in the line and are listed as a refund without money, as
    Shopify does; units put in are paid in full.
    """
    if order.cancelled_at:
        raise RefusedError("The order is cancelled.")
    changes = unit_changes(order, request.units)
    if not changes:
        raise RefusedError("Change the units of a line.")
    lines = tuple(
        replace(line, quantity=line.quantity + max(0, changes.get(line.id, 0)))
        for line in order.lines
    )
    removed = {line_id: -change for line_id, change in changes.items() if change < 0}
    edited = replace(order, lines=lines)
    if removed:
        is_open = order.moved("sale") > 0
        give_back = request.settle_now and is_open and len(removed) == len(changes)
        wish = RefundRequest(removed, restock=True, with_money=give_back)
        edited = refunds.refund(edited, wish, ids, at)
    if request.settle_now and edited.outstanding_minor > 0:
        edited = collect(edited, ids, at)
    return edited


def unit_changes(order: Order, units: Mapping[int, int]) -> dict[int, int]:
    """Return by how many units each line changes, unchanged lines left out."""
    if any(count < 0 or count > 999 for count in units.values()):
        raise RefusedError("Units are between 0 and 999.")
    changes = {
        line_id: count - order.line(line_id).current_units
        for line_id, count in units.items()
    }
    return {line_id: change for line_id, change in changes.items() if change}


def cancel(order: Order, reason: str, at: str) -> Order:
    """Cancel an order; giving back is a refund of its own."""
    if order.cancelled_at:
        raise RefusedError("The order is cancelled already.")
    if order.fulfillments:
        raise RefusedError("The order has been sent: refund it instead.")
    if reason not in CANCEL_REASONS:
        raise RefusedError("Choose a reason.")
    return replace(order, cancelled_at=at, cancel_reason=reason)


def open_dispute(order: Order, ids: Ids, at: str) -> Order:
    """Let the shopper's bank ask for the money back."""
    if order.is_disputed or order.refundable_minor <= 0:
        raise RefusedError("There is nothing to dispute.")
    due = datetime.fromisoformat(at) + timedelta(days=10)
    made = Dispute(ids(), order.refundable_minor, "needs_response", at, due.isoformat())
    return replace(order, disputes=(*order.disputes, made))


def settle_dispute(order: Order, dispute_id: int, status: str, at: str) -> Order:
    """End a dispute, won or lost."""
    if status not in ("won", "lost"):
        raise RefusedError("A dispute is won or lost.")
    if not any(d.id == dispute_id and not d.finalized_on for d in order.disputes):
        raise RefusedError("There is no such open dispute.")
    ended = tuple(
        replace(d, status=status, finalized_on=at) if d.id == dispute_id else d
        for d in order.disputes
    )
    return replace(order, disputes=ended)


def _applied(discount: AnyDiscount) -> Applied:
    made = Applied(discount.title, discount.kind, discount.value)
    if isinstance(discount, Discount):
        is_for_all = not discount.product_ids
        return replace(made, code=discount.code, is_for_all=is_for_all)
    return made


def _lines(cart: Cart, ids: Ids) -> tuple[Line, ...]:
    places = [cart.discounts.index(each) for each in cart.used]
    return tuple(
        Line(
            id=ids(),
            handle=line.product.handle,
            title=line.product.title,
            sku=line.product.sku,
            product_id=line.product.product_id,
            variant_id=line.product.variant_id,
            grams=line.product.grams,
            gift_card=line.product.gift_card,
            tax_percent=line.product.tax_percent,
            price_minor=line.product.price_minor,
            quantity=line.quantity,
            taken=tuple(line.taken[place] for place in places),
            plan_id=line.plan.plan_id if line.plan else None,
            plan_name=line.plan.name if line.plan else "",
        )
        for line in cart.lines
    )


def _tendered(tender: Tender, ids: Ids, at: str) -> Transaction:
    return Transaction(
        id=ids(),
        kind="sale",
        status="success",
        amount_minor=tender.amount_minor,
        gateway=tender.gateway,
        created_at=at,
        processed_at=at,
        source_id=tender.source_id,
    )


def _sale(order: Order, ids: Ids, at: str, amount_minor: int) -> Transaction:
    waiting = next(
        (t for t in order.transactions if (t.kind, t.status) == ("sale", "pending")),
        None,
    )
    return Transaction(
        id=ids(),
        kind="sale",
        status="success",
        amount_minor=amount_minor,
        gateway=order.gateway,
        created_at=at,
        processed_at=at,
        parent_id=waiting.id if waiting else None,
    )

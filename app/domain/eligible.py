"""How much of an order counts for points, and how much of that went back since.

The amounts follow Shopify's order, refund and order-adjustment objects; money is in
minor units of the store's currency throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.money import share, spread
from app.domain.orders import LOST_DISPUTES, Line, OrderFacts, Refund, Snapshot
from app.domain.program import Counting


@dataclass(frozen=True)
class CountedLine:
    """A line's money, and why it does not count where `excluded_because` says so.

    `units` is how many the money is for: without those that an edit took away.
    """

    line: Line
    net_minor: int
    excluded_because: str | None
    units: int


@dataclass(frozen=True)
class Return:
    """After `at`, `remaining_minor` of what counted is left, because of `cause`.

    `parts_minor` is what is left of each part, which are those of the count.
    """

    cause: str
    at: datetime
    remaining_minor: int
    reason: str
    parts_minor: tuple[int, ...]


@dataclass(frozen=True)
class Count:
    """What counts of one order: by line, in all, and what is left after each return."""

    lines: tuple[CountedLine, ...]
    shipping_minor: int
    base_minor: int
    returns: tuple[Return, ...]

    @property
    def parts_minor(self) -> tuple[int, ...]:
        """Return what counts of each line, and at last of the shipping."""
        lines = (0 if each.excluded_because else each.net_minor for each in self.lines)
        return *lines, self.shipping_minor


def count(facts: OrderFacts, counting: Counting) -> Count:
    """Return what counts of an order that has been seen (`facts.snapshot` is there)."""
    order = facts.counted_snapshot
    assert order is not None
    lines = counted_lines(facts, order, counting)
    shipping = _shipping(order, counting) if counting.includes_shipping else 0
    base = sum(each.net_minor for each in lines if not each.excluded_because)
    part = Count(lines, shipping, base + shipping, ())
    returns = _returns(facts, order, part, counting)
    return replace(part, returns=tuple(returns)) if returns else part


def excluded_because(line: Line, counting: Counting) -> str | None:
    """Return why a line does not count, or None where it does."""
    if line.is_gift_card and not counting.includes_gift_cards:
        return "gift cards earn when they are spent"
    if line.is_tip:
        return "tips do not count"
    if line.product_id in counting.excluded_product_ids:
        return "the product is excluded"
    if not counting.excluded_collection_ids.isdisjoint(line.collection_ids):
        return "its collection is excluded"
    tags = {tag.lower() for tag in line.tags} & counting.excluded_tags
    return f"its tag {min(tags)} is excluded" if tags else None


def counted_lines(
    facts: OrderFacts, order: Snapshot, counting: Counting
) -> tuple[CountedLine, ...]:
    """Return the money of each line, and why some do not count."""
    edited = _units_edited_away(facts, order)
    return tuple(
        CountedLine(
            line,
            _kept(_line_net(line, order, counting), line, edited.get(line.id, 0)),
            excluded_because(line, counting),
            max(0, line.quantity - edited.get(line.id, 0)),
        )
        for line in order.lines
    )


def _line_net(line: Line, order: Snapshot, counting: Counting) -> int:
    net = line.price_minor * line.quantity - line.discount_minor
    if order.taxes_included and not counting.includes_tax:
        net -= line.tax_minor
    elif counting.includes_tax and not order.taxes_included:
        net += line.tax_minor
    return max(0, net)


def _kept(net: int, line: Line, removed: int) -> int:
    return share(net, max(0, line.quantity - removed), line.quantity)


def _units_edited_away(facts: OrderFacts, order: Snapshot) -> dict[str, int]:
    """Return units that left each line by an edit: they were never to be paid for.

    An edit lowers `current_quantity`, as a return does; what the refunds account for is
    no edit, unless it went without money while the order was still to be paid.
    """
    returned: dict[str, int] = {}
    unpaid: dict[str, int] = {}
    for refund in facts.refunds.values():
        units = unpaid if is_edit(facts, refund) else returned
        for each in refund.lines:
            units[each.line_id] = units.get(each.line_id, 0) + each.quantity
    removed = {}
    for line in order.lines:
        current = (
            line.quantity if line.current_quantity is None else line.current_quantity
        )
        silent = line.quantity - current - returned.get(line.id, 0)
        units_away = max(silent, unpaid.get(line.id, 0))
        removed[line.id] = min(line.quantity, max(0, units_away))
    return removed


def is_edit(facts: OrderFacts, refund: Refund) -> bool:
    """Whether what a refund tells was never paid for, so that none of it came back."""
    was_unpaid = facts.unpaid_at is not None and refund.at <= facts.unpaid_at
    return was_unpaid and not refund.payments


def _shipping(order: Snapshot, counting: Counting) -> int:
    shipping = order.shipping_minor
    if order.taxes_included and not counting.includes_tax:
        return shipping - order.shipping_tax_minor
    if counting.includes_tax and not order.taxes_included:
        return shipping + order.shipping_tax_minor
    return shipping


@dataclass(frozen=True, order=True)
class _Back:
    """Something that took money back: goods by their lines, `money` by its share."""

    at: datetime
    cause: str
    goods_minor: int
    money_minor: int
    reason: str
    lines_minor: tuple[tuple[str, int], ...] = ()


def _returns(
    facts: OrderFacts, order: Snapshot, part: Count, counting: Counting
) -> list[Return]:
    """Return, in time order, how little is left after each thing that took some.

    Money that no line explains is shared in all, not refund by refund, so that parts
    which add up to the order leave nothing over.
    """
    backs = [
        back
        for refund in facts.refunds_in_time()
        if (back := _refunded(refund, order, part, counting))
    ]
    backs += [
        _Back(dispute.at, f"dispute/{dispute.id}", taken, 0, "lost to a chargeback")
        for dispute in facts.disputes.values()
        if dispute.status in LOST_DISPUTES
        and (
            taken := _charged_back(dispute.amount_minor, dispute.currency, order, part)
        )
    ]
    backs += _taken_whole(facts, order, part)
    if not backs:
        return []
    whole, counted = goods_total(order), part.base_minor
    returns, goods, money, parts = [], 0, 0, part.parts_minor
    for back in sorted(backs):
        goods += back.goods_minor
        money += back.money_minor
        left = counted - min(counted, goods + share(money, min(counted, whole), whole))
        parts = _parts_left(parts, part.lines, dict(back.lines_minor), left)
        returns.append(Return(back.cause, back.at, left, back.reason, parts))
    return returns


def _parts_left(
    parts: tuple[int, ...],
    lines: Iterable[CountedLine],
    goods: Mapping[str, int],
    left: int,
) -> tuple[int, ...]:
    """Return what is left of each part when `left` is left in all.

    Goods go from their own lines; what money without goods took, or what goods took
    beyond it, is shared among the parts.
    """
    taken = [goods.get(each.line.id, 0) for each in lines] + [0]
    kept = [max(0, was - gone) for was, gone in zip(parts, taken, strict=True)]
    if sum(kept) >= left:
        return tuple(spread(left, kept))
    back = [was - now for was, now in zip(parts, kept, strict=True)]
    given = spread(left - sum(kept), back)
    return tuple(now + more for now, more in zip(kept, given, strict=True))


def _taken_whole(facts: OrderFacts, order: Snapshot, part: Count) -> list[_Back]:
    """Return what ends an order without saying how much money went back."""
    newest, whole = facts.snapshot or order, part.base_minor
    took_money = any(paid_back(refund, order) for refund in facts.refunds_in_time())
    ends = []
    if newest.cancelled_at and not took_money:
        ends.append((newest.cancelled_at, "cancellation", "cancelled"))
    if newest.financial_status == "refunded":
        ends.append((newest.updated_at, "full-refund", "refunded in full"))
    if newest.financial_status == "voided":
        ends.append((newest.updated_at, "void", "payment voided"))
    if facts.deleted_at:
        ends.append((facts.deleted_at, "deletion", "deleted in the store"))
    return [_Back(at, cause, whole, 0, reason) for at, cause, reason in ends]


def _refunded(
    refund: Refund, order: Snapshot, part: Count, counting: Counting
) -> _Back | None:
    """Return how much of what counted a refund gave back; None where only restocked."""
    moved = paid_back(refund, order)
    if moved <= 0:
        return None
    goods, money, by_line = _goods_and_money(refund, moved, order, part, counting)
    if goods <= 0 and money <= 0:
        return None
    cause, lines = f"refund/{refund.id}", tuple(by_line.items())
    return _Back(refund.at, cause, goods, money, "refunded", lines)


def _goods_and_money(
    refund: Refund, moved: int, order: Snapshot, part: Count, counting: Counting
) -> tuple[int, int, dict[str, int]]:
    """Return what went back for lines that counted, and money that no line explains.

    What went back for lines is told by line as well.
    """
    counted = {each.line.id: each for each in part.lines}
    by_line: dict[str, int] = {}
    goods = other = lines = 0
    for line in refund.lines:
        each = counted.get(line.line_id)
        subtotal = line.subtotal_minor
        if subtotal is None:
            subtotal = _refunded_subtotal(each, line.quantity)
        with_tax = subtotal + (0 if order.taxes_included else line.tax_minor)
        counts = not (each.excluded_because if each else line.is_gift_card)
        worth = with_tax if counting.includes_tax else with_tax - line.tax_minor
        if counts:
            by_line[line.line_id] = by_line.get(line.line_id, 0) + worth
        goods += worth if counts else 0
        other += with_tax - (worth if counts else 0)
        lines += with_tax
    shipping = refund.shipping_minor
    counted_shipping = 0
    if counting.includes_shipping:
        untaxed = 0 if counting.includes_tax else refund.shipping_tax_minor
        counted_shipping = shipping - untaxed
    other += shipping - counted_shipping + refund.duties_minor
    extras = shipping + refund.duties_minor
    expected = lines + extras - refund.discrepancy_minor
    if abs(expected - moved) > tolerance(refund, order):
        return counted_shipping, max(0, moved - extras), {}
    goods += counted_shipping
    back = min(goods, max(0, moved - other)) if goods > 0 else 0
    return back, max(0, -refund.discrepancy_minor), by_line


def tolerance(refund: Refund, order: Snapshot) -> int:
    """Return by how much rounding may unbalance a refund: a unit of each currency."""
    currencies = {payment.currency for payment in refund.payments.values()}
    return 1 + sum(
        in_store_money(1, currency, order) or 0
        for currency in currencies
        if currency != order.currency
    )


def _refunded_subtotal(each: CountedLine | None, quantity: int) -> int:
    if each is None:
        return 0
    line = each.line
    worth = max(0, line.price_minor * line.quantity - line.discount_minor)
    return share(worth, quantity, line.quantity)


def goods_total(order: Snapshot) -> int:
    """Return what the lines cost the shopper, tax included."""
    return sum(
        max(0, line.price_minor * line.quantity - line.discount_minor)
        + (0 if order.taxes_included else line.tax_minor)
        for line in order.lines
    )


def paid_back(refund: Refund, order: Snapshot) -> int:
    """Return the money that really went back, in the store's currency."""
    successes = [
        payment
        for payment in refund.payments.values()
        if payment.kind == "refund" and payment.status == "success"
    ]
    amounts = [
        in_store_money(each.amount_minor, each.currency, order) for each in successes
    ]
    if None not in amounts:
        return sum(amount for amount in amounts if amount is not None)
    # In a currency that the order does not know: the refund's own lines, which are in
    # the store's currency, say what went back.
    lines = sum(
        (line.subtotal_minor or 0) + (0 if order.taxes_included else line.tax_minor)
        for line in refund.lines
    )
    extras = refund.shipping_minor + refund.duties_minor - refund.discrepancy_minor
    return max(0, lines + extras)


def in_store_money(amount: int, currency: str, order: Snapshot) -> int | None:
    """Return an amount in the store's currency, at the order's rate if it has one."""
    if currency == order.currency:
        return amount
    if currency == order.presentment_currency and order.presentment_total_minor > 0:
        return share(amount, order.total_minor, order.presentment_total_minor)
    return None


def _charged_back(amount: int, currency: str, order: Snapshot, part: Count) -> int:
    """Return the part of what counted that a lost dispute took, by its share."""
    disputed = in_store_money(amount, currency, order)
    if disputed is None or disputed >= order.total_minor:
        return part.base_minor
    return share(part.base_minor, disputed, order.total_minor)

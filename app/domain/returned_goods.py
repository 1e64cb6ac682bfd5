"""What of an order came back, for the reward that it used: goods, not their money.

Points that were earned follow the money, since money earned them. Points that were
spent follow the goods: what they paid for may have cost no money at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from app.domain.eligible import (
    counted_lines,
    goods_total,
    is_edit,
    paid_back,
    tolerance,
)
from app.domain.grants import Benefit, ProductDiscount, ShippingDiscount
from app.domain.orders import OrderFacts, Refund, Snapshot
from app.domain.program import Counting

ALL, NOTHING = Fraction(1), Fraction(0)

# All goods count, also those that earn nothing.
_ALL_GOODS = Counting(includes_gift_cards=True)


@dataclass(frozen=True)
class Kept:
    """After `at`, because of `cause`, so much is kept: of a reward, and of all goods.

    Both are shares, of what the reward was worth and of the goods' prices.
    """

    cause: str
    at: datetime
    reason: str
    of_worth: Fraction
    of_order: Fraction


def kept(benefit: Benefit | None, facts: OrderFacts) -> Iterator[Kept]:
    """Yield what is kept after each return of an order that has been seen, by time."""
    order = facts.counted_snapshot
    assert order is not None
    left = _Left(_goods(facts, order), goods_total(order))
    for back in sorted(_backs(facts, order)):
        left.take(back)
        of_worth = left.of_worth(benefit)
        yield Kept(back.cause, back.at, back.reason, of_worth, left.of_order)


@dataclass(frozen=True)
class _Goods:
    """The units of one line, and what each cost before discounts."""

    product_id: str | None
    units: int
    price_minor: int


def _goods(facts: OrderFacts, order: Snapshot) -> dict[str, _Goods]:
    return {
        each.line.id: _Goods(each.line.product_id, each.units, each.line.price_minor)
        for each in counted_lines(facts, order, _ALL_GOODS)
        if not each.excluded_because
    }


@dataclass(frozen=True, order=True)
class _Back:
    """Units of lines that came back, money that went back for no goods, or all."""

    at: datetime
    cause: str
    reason: str
    units: tuple[tuple[str, int], ...] = ()
    money_minor: int = 0
    is_all: bool = False


@dataclass
class _Left:
    """What is left of an order's goods, for which all was paid, as some come back."""

    goods: Mapping[str, _Goods]
    paid_minor: int
    gone: Counter[str] = field(default_factory=Counter)
    money_minor: int = 0
    is_over: bool = False

    def take(self, back: _Back) -> None:
        """Have something come back."""
        self.gone.update(dict(back.units))
        self.money_minor += back.money_minor
        self.is_over = self.is_over or back.is_all

    def of_worth(self, benefit: Benefit | None) -> Fraction:
        """Return the share of what a reward was worth that is kept.

        A product is worth its own units. Shipping, which goods share, stays with who
        keeps any of them; so does a product that is not known among the lines.
        """
        if self.is_over:
            return NOTHING
        if isinstance(benefit, ProductDiscount):
            product = benefit.product_id
            own = [id_ for id_, one in self.goods.items() if one.product_id == product]
            if own:
                # Where an edit took all units away, none was ever had.
                bought = sum(self.goods[id_].units for id_ in own)
                return Fraction(sum(map(self._units, own)), bought or 1)
        if isinstance(benefit, (ProductDiscount, ShippingDiscount)):
            return ALL if self.of_order else NOTHING
        return self.of_order

    @property
    def of_order(self) -> Fraction:
        """The share of the goods that is kept, by their prices before discounts.

        Money that went back for no goods undoes its share of what was paid for all.
        """
        if self.is_over:
            return NOTHING
        whole = sum(each.price_minor * each.units for each in self.goods.values())
        stays = sum(each.price_minor * self._units(i) for i, each in self.goods.items())
        share = Fraction(stays, whole) if whole else ALL
        paid = self.paid_minor
        undone = Fraction(self.money_minor, paid) if paid else NOTHING
        return max(NOTHING, share - undone)

    def _units(self, line_id: str) -> int:
        return max(0, self.goods[line_id].units - self.gone[line_id])


def _backs(facts: OrderFacts, order: Snapshot) -> Iterable[_Back]:
    """Return what took goods away; a chargeback takes none."""
    newest = facts.snapshot or order
    backs = [
        back
        for refund in facts.refunds_in_time()
        if not is_edit(facts, refund) and (back := _refunded(refund, order))
    ]
    names_no_goods = not facts.refunds or any(each.money_minor for each in backs)
    if newest.financial_status == "refunded" and names_no_goods:
        at, money = newest.updated_at, goods_total(order)
        backs.append(_Back(at, "full-refund", "refunded in full", money_minor=money))
    if newest.cancelled_at:
        backs.append(
            _Back(newest.cancelled_at, "cancellation", "cancelled", is_all=True)
        )
    if newest.financial_status == "voided":
        backs.append(_Back(newest.updated_at, "void", "payment voided", is_all=True))
    if facts.deleted_at:
        told = "deleted in the store"
        backs.append(_Back(facts.deleted_at, "deletion", told, is_all=True))
    # What an edit took away alone tells no time.
    return [*backs, _Back(newest.updated_at, "edit", "edited")]


def _refunded(refund: Refund, order: Snapshot) -> _Back | None:
    """Return what a refund took away, None where its money has yet to move."""
    money = paid_back(refund, order)
    is_to_be_paid = any(
        each.kind == "refund" and each.amount_minor for each in refund.payments.values()
    )
    if money <= 0 and is_to_be_paid:
        return None
    units = Counter[str]()
    for each in refund.lines:
        units[each.line_id] += each.quantity
    pairs = tuple(sorted(units.items()))
    beyond = _beyond_goods(refund, money, order)
    return _Back(refund.at, f"refund/{refund.id}", "refunded", pairs, beyond)


def _beyond_goods(refund: Refund, money: int, order: Snapshot) -> int:
    """Return the money that went back for no goods, nothing where rounding explains it.

    Where the store left out what a line was worth, its money is that line's.
    """
    beyond = money - refund.shipping_minor - refund.duties_minor
    for line in refund.lines:
        if line.subtotal_minor is None:
            return 0
        beyond -= line.subtotal_minor + (0 if order.taxes_included else line.tax_minor)
    return beyond if beyond > tolerance(refund, order) else 0

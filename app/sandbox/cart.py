"""A cart and what it costs: discounts split over its lines, tax and shipping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.sandbox import catalogue, money
from app.sandbox.automatic import AutomaticDiscount
from app.sandbox.catalogue import Product
from app.sandbox.discounts import PERCENTAGE, SHIPPING, Discount

MOST_UNITS = 99


@dataclass(frozen=True)
class CartLine:
    """So many units of a product, and what the discount takes off them."""

    product: Product
    quantity: int
    discount_minor: int

    @property
    def price_minor(self) -> int:
        """Return what the units cost before the discount."""
        return self.product.price_minor * self.quantity

    @property
    def net_minor(self) -> int:
        """Return what the units cost after the discount, before tax."""
        return self.price_minor - self.discount_minor

    @property
    def tax_minor(self) -> int:
        """Return the tax added to them."""
        return money.percent_of(self.net_minor, self.product.tax_percent)


@dataclass(frozen=True)
class Cart:
    """A priced cart; tax is added to prices, as this store shows them without it.

    A code takes something off, or else discounts do that apply by themselves. `refusal`
    says why a code that the shopper wished for takes nothing off.
    """

    lines: tuple[CartLine, ...]
    discount: Discount | None
    refusal: str | None = None
    automatic: tuple[AutomaticDiscount, ...] = ()

    @property
    def units(self) -> int:
        """Return how many things are in it."""
        return sum(line.quantity for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """Return what is taken off the goods."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def goods_minor(self) -> int:
        """Return the goods after the discount, before tax."""
        return sum(line.net_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """Return the tax added."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def needs_shipping(self) -> bool:
        """Whether anything has to be posted."""
        return any(not line.product.gift_card for line in self.lines)

    @property
    def full_shipping_minor(self) -> int:
        """Return the postage: none for gift cards alone or for large orders."""
        is_large = self.goods_minor >= catalogue.FREE_SHIPPING_FROM_MINOR
        return catalogue.SHIPPING_MINOR if self.needs_shipping and not is_large else 0

    @property
    def shipping_discount_minor(self) -> int:
        """Return what is taken off the postage."""
        is_free = any(each.kind == SHIPPING for each in self._takers)
        return self.full_shipping_minor if is_free else 0

    @property
    def _takers(self) -> Sequence[Discount | AutomaticDiscount]:
        return [self.discount] if self.discount else self.automatic

    def named(self, kind: str) -> str:
        """Return the code, or the title of what takes off the goods or the postage."""
        if self.discount:
            return self.discount.code
        return next((each.title for each in self.automatic if each.kind == kind), "")

    @property
    def used(self) -> tuple[AutomaticDiscount, ...]:
        """Return what applied by itself and took something off."""
        off = {PERCENTAGE: self.discount_minor, SHIPPING: self.shipping_discount_minor}
        return tuple(each for each in self.automatic if off[each.kind])

    @property
    def saved_minor(self) -> int:
        """Return all that is taken off."""
        return self.discount_minor + self.shipping_discount_minor

    @property
    def shipping_minor(self) -> int:
        """Return the postage to be paid."""
        return self.full_shipping_minor - self.shipping_discount_minor

    @property
    def total_minor(self) -> int:
        """Return what is to be paid."""
        return self.goods_minor + self.tax_minor + self.shipping_minor


def price(
    quantities: Mapping[str, int],
    discount: Discount | None,
    automatic: tuple[AutomaticDiscount, ...] = (),
) -> Cart:
    """Price so many of each product, with a code or what applies by itself.

    Gift cards are never discounted.
    """
    assert not (discount and automatic)
    percent = sum(each.value for each in automatic if each.kind == PERCENTAGE)
    chosen = [
        (product, min(quantity, MOST_UNITS))
        for handle, quantity in quantities.items()
        if (product := catalogue.find(handle)) and quantity > 0
    ]
    weights = [
        product.price_minor * quantity
        if _counts(product, discount) or (percent and not product.gift_card)
        else 0
        for product, quantity in chosen
    ]
    off = money.percent_of(sum(weights), percent)
    if discount:
        off = discount.taken_off(sum(weights))
    parts = money.split(off, weights)
    lines = tuple(
        CartLine(product, quantity, part)
        for (product, quantity), part in zip(chosen, parts, strict=True)
    )
    return Cart(lines, discount, automatic=automatic)


def counting(lines: Iterable[CartLine], discount: Discount) -> list[CartLine]:
    """Return the lines that count for a code."""
    return [line for line in lines if _counts(line.product, discount)]


def _counts(product: Product, discount: Discount | None) -> bool:
    if discount is None or product.gift_card:
        return False
    return discount.is_for(product.product_id)

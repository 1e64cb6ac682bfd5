"""A cart and what it costs: discounts split over its lines, tax and shipping.

As at Shopify, discounts on products come first; what is left is the subtotal, which
each discount on the order takes its share of, whatever others take; then the postage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.sandbox import catalogue, money
from app.sandbox.automatic import AutomaticDiscount
from app.sandbox.catalogue import Product, SellingPlan
from app.sandbox.discounts import ORDERS, PRODUCTS, SHIPMENTS, Discount

MOST_UNITS = 99
ORDER_OF_DISCOUNTS = (PRODUCTS, ORDERS, SHIPMENTS)

AnyDiscount = Discount | AutomaticDiscount


@dataclass(frozen=True)
class CartLine:
    """So many units of a product, and what each of the cart's discounts takes off."""

    product: Product
    quantity: int
    taken: tuple[int, ...]
    plan: SellingPlan | None = None

    @property
    def choice(self) -> str:
        """Return by what the cart knows it."""
        return catalogue.choice(self.product, self.plan)

    @property
    def discount_minor(self) -> int:
        """Return what is taken off them."""
        return sum(self.taken)

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

    Of its discounts one at most has a code. `refusal` says why a code that the shopper
    wished for takes nothing off.
    """

    lines: tuple[CartLine, ...]
    discounts: tuple[AnyDiscount, ...] = ()
    refusal: str | None = None

    @property
    def discount(self) -> Discount | None:
        """Return the discount that has a code."""
        found = (each for each in self.discounts if isinstance(each, Discount))
        return next(found, None)

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
        is_free = any(each.part == SHIPMENTS for each in self.discounts)
        return self.full_shipping_minor if is_free else 0

    def taken_by(self, discount: AnyDiscount) -> int:
        """Return what one of its discounts takes off the goods or the postage."""
        if discount.part == SHIPMENTS:
            return self.shipping_discount_minor
        place = self.discounts.index(discount)
        return sum(line.taken[place] for line in self.lines)

    def reduced_minor(self, line: CartLine) -> int:
        """Return what a line costs after discounts on products, before all others."""
        taken = zip(self.discounts, line.taken, strict=True)
        off = sum(part for each, part in taken if each.part == PRODUCTS)
        return line.price_minor - off

    @property
    def order_discounts(self) -> tuple[AnyDiscount, ...]:
        """Return the discounts on the whole order that take something off."""
        return tuple(each for each in self.used if each.part == ORDERS)

    @property
    def used(self) -> tuple[AnyDiscount, ...]:
        """Return the discounts that take something off."""
        return tuple(each for each in self.discounts if self.taken_by(each))

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
    """Price so many of each choice, with a code and with what applies beside it.

    Gift cards are never discounted.
    """
    found = [
        (*what, min(quantity, MOST_UNITS))
        for choice, quantity in quantities.items()
        if (what := catalogue.chosen(choice)) and quantity > 0
    ]
    chosen = [(product, quantity) for product, _, quantity in found]
    applied: list[AnyDiscount] = [*automatic, *([discount] if discount else [])]
    applied.sort(key=lambda each: ORDER_OF_DISCOUNTS.index(each.part))
    taken = _taken(applied, chosen)
    lines = tuple(
        CartLine(product, quantity, tuple(part[place] for part in taken), plan)
        for place, (product, plan, quantity) in enumerate(found)
    )
    return Cart(lines, tuple(applied))


def counting(lines: Iterable[CartLine], discount: Discount) -> list[CartLine]:
    """Return the lines that count for a code."""
    return [line for line in lines if _counts(line.product, discount)]


def _taken(
    discounts: Sequence[AnyDiscount], chosen: Sequence[tuple[Product, int]]
) -> list[list[int]]:
    """Return what each discount takes off each line, never more than is left of it."""
    left = [product.price_minor * quantity for product, quantity in chosen]
    subtotal = list(left)
    taken = []
    for each in discounts:
        places = [i for i, (what, _) in enumerate(chosen) if _counts(what, each)]
        worth = sum(subtotal[place] for place in places)
        weights = [minor if i in places else 0 for i, minor in enumerate(left)]
        parts = money.split(min(each.taken_off(worth), sum(weights)), weights)
        left = [minor - part for minor, part in zip(left, parts, strict=True)]
        if each.part == PRODUCTS:
            subtotal = list(left)
        taken.append(parts)
    return taken


def _counts(product: Product, discount: AnyDiscount) -> bool:
    return not product.gift_card and discount.is_for(product.product_id)

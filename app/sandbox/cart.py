"""A cart and what it costs: discounts split over its lines, tax and shipping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.sandbox import catalogue, money
from app.sandbox.catalogue import Discount, Product

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

    def for_widget(self) -> dict[str, object]:
        """Return the line as the points estimate reads it."""
        return {
            "product_id": self.product.product_id,
            "variant_id": self.product.variant_id,
            "price_minor": self.product.price_minor,
            "quantity": self.quantity,
            "discount_minor": self.discount_minor,
            "gift_card": self.product.gift_card,
            "tags": list(self.product.tags),
        }


@dataclass(frozen=True)
class Cart:
    """A priced cart; tax is added to prices, as this store shows them without it."""

    lines: tuple[CartLine, ...]
    discount: Discount | None

    @property
    def units(self) -> int:
        """Return how many things are in it."""
        return sum(line.quantity for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """Return what the code takes off."""
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
    def shipping_minor(self) -> int:
        """Return the postage: none for gift cards alone or for large orders."""
        is_large = self.goods_minor >= catalogue.FREE_SHIPPING_FROM_MINOR
        return catalogue.SHIPPING_MINOR if self.needs_shipping and not is_large else 0

    @property
    def total_minor(self) -> int:
        """Return what is to be paid."""
        return self.goods_minor + self.tax_minor + self.shipping_minor


def price(quantities: Mapping[str, int], discount: Discount | None) -> Cart:
    """Price so many of each product; gift cards are never discounted."""
    chosen = [
        (product, min(quantity, MOST_UNITS))
        for handle, quantity in quantities.items()
        if (product := catalogue.find(handle)) and quantity > 0
    ]
    weights = [
        0 if product.gift_card else product.price_minor * quantity
        for product, quantity in chosen
    ]
    parts = money.split(_taken_off(sum(weights), discount), weights)
    lines = tuple(
        CartLine(product, quantity, part)
        for (product, quantity), part in zip(chosen, parts, strict=True)
    )
    return Cart(lines, discount)


def _taken_off(goods_minor: int, discount: Discount | None) -> int:
    if discount is None:
        return 0
    if discount.kind == "percentage":
        return money.percent_of(goods_minor, discount.value)
    return min(discount.value, goods_minor)

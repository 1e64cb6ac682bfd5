"""What is kept of an order at a moment: units and money, by line."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.engagement.products import Products
from app.domain.orders import Line


@dataclass(frozen=True)
class Kept:
    """What counts of each line and has not gone back; at last, what is no line."""

    lines: tuple[Line | None, ...]
    units: tuple[int, ...]
    parts_minor: tuple[int, ...]

    def amount_minor(self, products: Products) -> int:
        """Return the money that is kept on these products."""
        pairs = zip(self.lines, self.parts_minor, strict=True)
        return sum(part for line, part in pairs if _is_meant(products, line))

    def items(self, products: Products) -> int:
        """Return the units that are kept of these products."""
        pairs = zip(self.lines, self.units, strict=True)
        return sum(units for line, units in pairs if line and products.mean(line))


def _is_meant(products: Products, line: Line | None) -> bool:
    return products.mean(line) if line else not products.are_some

"""Discounts that apply by themselves, to the customers of a segment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, cast

from app.sandbox import money, segments
from app.sandbox.customers import Customer
from app.sandbox.discounts import ORDERS, PERCENTAGE, SHIPMENTS, SHIPPING, Discount
from app.sandbox.store_data import Rows

ACTIVE_MAX = 25

_KEPT = "automatic discounts"


@dataclass(frozen=True)
class AutomaticDiscount:
    """Takes a percentage off the goods, or the postage, for whoever is in a segment.

    Without segments it is for everybody. `combines` names what it goes together with.
    """

    id: int
    title: str
    kind: str
    value: int
    starts_at: str
    created_at: str
    ends_at: str | None = None
    tags: tuple[str, ...] = ()
    segment_ids: tuple[int, ...] = ()
    combines: tuple[str, ...] = ()
    uses: int = 0

    def status(self, now: datetime) -> str:
        """Return where it is in its time, in the Admin API's words."""
        if self.ends_at and now >= datetime.fromisoformat(self.ends_at):
            return "EXPIRED"
        if now < datetime.fromisoformat(self.starts_at):
            return "SCHEDULED"
        return "ACTIVE"

    def goes_with(self, other: AutomaticDiscount | Discount) -> bool:
        """Whether both may apply to one order: each has to say so."""
        return other.part in self.combines and self.part in other.combines

    @property
    def part(self) -> str:
        """Return what sort of discount it is for others."""
        return SHIPMENTS if self.kind == SHIPPING else ORDERS

    def is_for(self, product_id: int) -> bool:  # noqa: ARG002
        """Whether this product counts for it: they all do."""
        return True

    def taken_off(self, goods_minor: int) -> int:
        """Return what it takes off the goods."""
        return money.percent_of(goods_minor, self.value)


def everything(rows: Rows) -> list[AutomaticDiscount]:
    """Return all of them, oldest first."""
    kept = cast(list[dict[str, Any]], rows.setting(_KEPT, []))
    lists = ("tags", "segment_ids", "combines")
    return [
        AutomaticDiscount(**each | {name: tuple(each[name]) for name in lists})
        for each in kept
    ]


def save(rows: Rows, discount: AutomaticDiscount) -> None:
    """Keep a discount, new or changed."""
    kept = {each.id: each for each in everything(rows)} | {discount.id: discount}
    rows.save_setting(_KEPT, [asdict(each) for each in kept.values()])


def count_uses(rows: Rows, used: Iterable[AutomaticDiscount | Discount]) -> None:
    """Count the discounts that were used without a code."""
    ids = {each.id for each in used if isinstance(each, AutomaticDiscount)}
    for each in everything(rows):
        if each.id in ids:
            save(rows, replace(each, uses=each.uses + 1))


def applying(
    rows: Rows,
    customer: Customer | None,
    now: datetime,
    beside: Discount | None = None,
) -> tuple[AutomaticDiscount, ...]:
    """Return what applies for a customer: the most per cent, and free shipping.

    Where the two do not go together, the percentage stays. Beside a code, only what
    goes together with it applies.
    """
    theirs = [
        each
        for each in everything(rows)
        if each.status(now) == "ACTIVE"
        and _is_for(rows, each, customer)
        and (beside is None or each.goes_with(beside))
    ]
    off = [each for each in theirs if each.kind == PERCENTAGE]
    best = max(off, key=lambda each: each.value, default=None)
    free = [each for each in theirs if each.kind == SHIPPING]
    with_it = [each for each in free if best is None or each.goes_with(best)]
    return tuple(filter(None, (best, *with_it[:1])))


def _is_for(rows: Rows, discount: AutomaticDiscount, customer: Customer | None) -> bool:
    if not discount.segment_ids:
        return True
    if customer is None:
        return False
    return any(
        each.has(customer)
        for each in segments.everything(rows)
        if each.id in discount.segment_ids
    )

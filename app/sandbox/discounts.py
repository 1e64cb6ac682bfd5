"""A discount code: what it takes off, and who may use it when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.sandbox import money

PERCENTAGE = "percentage"
FIXED_AMOUNT = "fixed_amount"
SHIPPING = "shipping"
# What sort of discount it is for others, which each names that it goes together with.
ORDERS, PRODUCTS, SHIPMENTS = "orderDiscounts", "productDiscounts", "shippingDiscounts"


@dataclass(frozen=True)
class Discount:
    """A code that takes a percentage, an amount or the postage off an order.

    Without products it holds for all goods; without a customer, for everybody;
    `combines` names what it goes together with. Many
    codes may share one discount, each with uses and a limit of its own: `redeem_id`
    tells them from the one that it was made with.
    """

    code: str
    kind: str
    value: int
    title: str
    id: int = 0
    product_ids: tuple[int, ...] = ()
    customer_id: int | None = None
    goods_min_minor: int = 0
    starts_at: str | None = None
    ends_at: str | None = None
    usage_limit: int | None = None
    once_per_customer: bool = False
    uses: int = 0
    redeem_id: int = 0
    created_at: str = ""
    combines: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """Return what sort of discount it is for others."""
        if self.kind == SHIPPING:
            return SHIPMENTS
        return PRODUCTS if self.product_ids else ORDERS

    def is_for(self, product_id: int) -> bool:
        """Whether this product counts for it."""
        return not self.product_ids or product_id in self.product_ids

    def taken_off(self, goods_minor: int) -> int:
        """Return what it takes off the goods that count for it."""
        if self.kind == SHIPPING:
            return 0
        if self.kind == PERCENTAGE:
            return money.percent_of(goods_minor, self.value)
        return min(self.value, goods_minor)

    @property
    def is_used_up(self) -> bool:
        """Whether it was used as often as it may be."""
        return self.usage_limit is not None and self.uses >= self.usage_limit

    def status(self, now: datetime) -> str:
        """Return where it is in its time, in the Admin API's words."""
        if self.ends_at and now >= datetime.fromisoformat(self.ends_at):
            return "EXPIRED"
        if self.starts_at and now < datetime.fromisoformat(self.starts_at):
            return "SCHEDULED"
        return "ACTIVE"

    def state(self, now: datetime) -> str:
        """Return in one word whether it can be used."""
        words = {"EXPIRED": "ended", "SCHEDULED": "later", "ACTIVE": "ready"}
        return "used" if self.is_used_up else words[self.status(now)]


@dataclass(frozen=True)
class Attempt:
    """Who tries a code when, on how much that it is meant for."""

    customer_id: int | None
    now: datetime
    goods_minor: int
    is_there: bool


def refusal(discount: Discount, attempt: Attempt) -> str | None:
    """Say why a code cannot be used, None where it can."""
    code, owner = discount.code, discount.customer_id
    if owner is not None and attempt.customer_id is None:
        return f"{code} belongs to one customer: sign in to use it."
    if owner is not None and attempt.customer_id != owner:
        return f"{code} belongs to another customer."
    if discount.is_used_up:
        return f"{code} has been used already."
    status = discount.status(attempt.now)
    if status != "ACTIVE":
        return f"{code} {'has expired' if status == 'EXPIRED' else 'holds later'}."
    if not attempt.is_there:
        return f"{code} is for something that is not in your cart."
    if attempt.goods_minor < discount.goods_min_minor:
        return f"{code} needs goods of {money.text(discount.goods_min_minor)} or more."
    return None

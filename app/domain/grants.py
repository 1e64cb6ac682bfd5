"""What a store is asked to make for a redemption, in no store's own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.reasons import Reason


@dataclass(frozen=True)
class OrderDiscount:
    """So many minor units of `currency` off one order."""

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class PercentDiscount:
    """So many percent off one order, from 1 to 100."""

    percent: int


@dataclass(frozen=True)
class ShippingDiscount:
    """The shipping of one order for nothing."""


@dataclass(frozen=True)
class ProductDiscount:
    """One unit of a product for nothing."""

    product_id: str


@dataclass(frozen=True)
class StoreCreditGift:
    """So many minor units on the customer's account with the store."""

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class GiftCardGift:
    """A gift card worth so many minor units."""

    amount_minor: int
    currency: str


Discount = OrderDiscount | PercentDiscount | ShippingDiscount | ProductDiscount
Benefit = Discount | StoreCreditGift | GiftCardGift


@dataclass(frozen=True)
class Grant:
    """One benefit for one customer, made in the store once for ever under its `code`.

    `customer_id` is empty once the customer is forgotten: then it can only be revoked.
    `mark` names the grant to people of the store, who could not spend it as they could
    the code; `store_ref` is what the store calls what it made, None while that is not
    known.
    A discount holds for one order of at least `order_amount_min_minor` (in the store's
    currency), from `starts_at` on and, where that is set, before `ends_at`. Where many
    grants are alike but for their codes, `is_one_of_many` lets the store keep them
    together; then whoever has the code can use it, once.
    """

    code: str
    title: str
    benefit: Benefit
    customer_id: str
    starts_at: datetime
    ends_at: datetime | None = None
    order_amount_min_minor: int = 0
    is_one_of_many: bool = False
    mark: str = ""
    store_ref: str | None = None


@dataclass(frozen=True)
class Granted:
    """The store has made it; `store_ref`, its name there, is the same on each try."""

    store_ref: str


@dataclass(frozen=True)
class GrantRefused:
    """The store will not make it, now or later, and has not."""

    reason: Reason


@dataclass(frozen=True)
class Revoked:
    """It can be used no more, and was not used."""


@dataclass(frozen=True)
class RevokedInPart:
    """It can be used no more, and was used but for `left` parts out of `whole`."""

    left: int
    whole: int


@dataclass(frozen=True)
class AlreadyUsed:
    """It was used, at least in part, before it could be revoked; the rest is kept."""


Revocation = Revoked | RevokedInPart | AlreadyUsed

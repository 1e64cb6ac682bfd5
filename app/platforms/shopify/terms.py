"""The terms of a discount, as the Admin API is told them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from app.domain.grants import (
    Grant,
    GrantRefused,
    OrderDiscount,
    PercentDiscount,
    ProductDiscount,
    ShippingDiscount,
)
from app.domain.money import to_major
from app.domain.reasons import because
from app.platforms.shopify.admin_api import AdminApi, Answer, gid

Input = dict[str, object]


class _Money(Answer):
    amount: Decimal
    currency_code: str


class _PriceRange(Answer):
    max_variant_price: _Money


class _Product(Answer):
    price_range_v2: _PriceRange = msgspec.field(name="priceRangeV2")


class _Price(Answer):
    product: _Product | None


class _Shop(Answer):
    currency_code: str


class _Currency(Answer):
    shop: _Shop


@dataclass(frozen=True)
class DiscountTerms:
    """What a discount is for, whoever has which code of it; made by `document`."""

    document: str
    told: Input

    @property
    def name(self) -> str:
        """Return what is the same for the same terms, and for no others."""
        written = json.dumps([self.document, self.told], sort_keys=True)
        return hashlib.sha256(written.encode()).hexdigest()

    def with_code(self, code: str, starts_at: datetime) -> Input:
        """Return what makes the discount with its first code."""
        return self.told | {"code": code, "startsAt": written_at(starts_at)}


def own_terms(api: AdminApi, grant: Grant) -> DiscountTerms | GrantRefused:
    """Return the terms of a discount for one customer alone, to be used once."""
    ends_at = grant.ends_at and written_at(grant.ends_at)
    context = {"customers": {"add": [gid("Customer", grant.customer_id)]}}
    own: Input = {"endsAt": ends_at, "appliesOncePerCustomer": True, "context": context}
    return _terms(api, grant, own)


def common_terms(api: AdminApi, grant: Grant) -> DiscountTerms | GrantRefused:
    """Return the terms of a discount that many codes share, each to be used once.

    It ends with the month in which its codes do, should nobody be here to end those. A
    customer may use several of its codes.
    """
    ends_at = grant.ends_at and written_at(_month_after(grant.ends_at))
    common: Input = {"endsAt": ends_at, "appliesOncePerCustomer": False}
    return _terms(api, grant, common | {"context": {"all": "ALL"}})


def combines_with(*, on_postage: bool) -> Input:
    """Say that a discount goes together with all that a store allows beside it.

    Each of two discounts has to say so, so others of the owner go along only where the
    owner said it of them. An order has one discount on its postage.
    """
    goods: Input = {"orderDiscounts": True, "productDiscounts": True}
    return goods if on_postage else goods | {"shippingDiscounts": True}


def written_at(moment: datetime) -> str:
    """Write a moment as the store reads it."""
    return moment.astimezone(UTC).isoformat()


def _month_after(moment: datetime) -> datetime:
    """Return the first moment of the month after, by UTC."""
    at = moment.astimezone(UTC)
    is_december = at.month == 12
    year, month = (at.year + 1, 1) if is_december else (at.year, at.month + 1)
    return datetime(year, month, 1, tzinfo=UTC)


def _terms(api: AdminApi, grant: Grant, whose: Input) -> DiscountTerms | GrantRefused:
    gets = _gets(api, grant)
    if isinstance(gets, GrantRefused):
        return gets
    document, special = gets
    goes_with = combines_with(on_postage=isinstance(grant.benefit, ShippingDiscount))
    told: Input = {"title": grant.title, "usageLimit": 1, **whose, **special}
    told["combinesWith"] = goes_with
    if grant.order_amount_min_minor:
        least = to_major(grant.order_amount_min_minor, _currency(api, grant))
        subtotal = {"greaterThanOrEqualToSubtotal": str(least)}
        told["minimumRequirement"] = {"subtotal": subtotal}
    return DiscountTerms(document, told)


def _currency(api: AdminApi, grant: Grant) -> str:
    if isinstance(grant.benefit, OrderDiscount):
        return grant.benefit.currency
    return api.ask("find_currency", _Currency).shop.currency_code


def _gets(api: AdminApi, grant: Grant) -> tuple[str, Input] | GrantRefused:
    """Return the document to send, and what sets this discount apart."""
    match grant.benefit:
        case ShippingDiscount():
            return "make_free_shipping", {"destination": {"all": True}}
        case PercentDiscount(percent):
            return _off({"percentage": percent / 100}, {"all": True})
        case OrderDiscount(amount_minor, currency):
            amount = to_major(amount_minor, currency)
            return _off(_amount(amount), {"all": True})
        case ProductDiscount(product_id):
            return _one_unit(api, gid("Product", product_id))
    raise AssertionError("a discount is one of these four")


def _one_unit(api: AdminApi, product: str) -> tuple[str, Input] | GrantRefused:
    """Take the price of one unit off: no code can say how many units it is for.

    Shopify allows a number of units in "buy X get Y" alone. Of a product in several
    variants this is the dearest one's price.
    """
    found = api.ask("find_price", _Price, id=product).product
    if found is None:
        return GrantRefused(because("product_not_sold"))
    price = found.price_range_v2.max_variant_price
    return _off(_amount(price.amount), {"products": {"productsToAdd": [product]}})


def _amount(amount: Decimal) -> Input:
    return {"discountAmount": {"amount": str(amount), "appliesOnEachItem": False}}


def _off(value: Input, items: Input) -> tuple[str, Input]:
    return "make_discount", {"customerGets": {"value": value, "items": items}}

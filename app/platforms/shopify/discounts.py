"""Discount codes of a Shopify store: each for one customer, to be used once."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

import msgspec

from app.domain.grants import (
    AlreadyUsed,
    Grant,
    Granted,
    GrantRefused,
    OrderDiscount,
    PercentDiscount,
    ProductDiscount,
    Revoked,
    ShippingDiscount,
)
from app.domain.money import to_major
from app.platforms.base import Fulfilment, StoreAway
from app.platforms.shopify.admin_api import (
    AdminApi,
    Answer,
    Known,
    UserError,
    gid,
    refused,
)

Input = dict[str, object]


class _Payload(Answer):
    user_errors: tuple[UserError, ...]
    code_discount_node: Known | None = None


class _Made(Answer):
    made: _Payload


class _Ended(Answer):
    ended: _Payload


class _Context(Answer):
    customers: tuple[Known, ...] = ()


class _Discount(Answer):
    status: str | None = None
    usage_limit: int | None = None
    async_usage_count: int = 0
    context: _Context | None = None


class _Node(Answer):
    id: str
    code_discount: _Discount


class _Found(Answer):
    found: _Node | None


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


class Discounts(Fulfilment):
    """Makes a code by its own name, so that a second try finds the first."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make the code; where the store will not, look whether it is ours already."""
        gets = self._gets(grant)
        if isinstance(gets, GrantRefused):
            return gets
        document, special = gets
        discount = self._frame(grant) | special
        made = self._api.ask(document, _Made, discount=discount).made
        if made.code_discount_node and not made.user_errors:
            return Granted(made.code_discount_node.id)
        found = self._find(grant)
        return Granted(found.id) if found else refused(made.user_errors)

    def revoke(self, grant: Grant) -> Revoked | AlreadyUsed:
        """End the code first and count its uses then, so that none slips between."""
        found = self._find(grant)
        if found is None:
            return Revoked()
        if found.code_discount.status != "EXPIRED":
            ended = self._api.ask("end_discount", _Ended, id=found.id).ended
            if ended.user_errors:
                raise StoreAway("end_discount: the store did not end the code")
            found = self._find(grant) or found
        is_used = found.code_discount.async_usage_count > 0
        return AlreadyUsed() if is_used else Revoked()

    def _find(self, grant: Grant) -> _Node | None:
        """Return the grant's code if it is there, and for this customer alone.

        For whom it is cannot be asked any more once the customer is forgotten.
        """
        found = self._api.ask("find_discount", _Found, code=grant.code).found
        if found is None or found.code_discount.context is None:
            return None
        customers = [each.id for each in found.code_discount.context.customers]
        ours = [gid("Customer", grant.customer_id)]
        is_ours = not grant.customer_id or customers == ours
        return found if is_ours and found.code_discount.usage_limit == 1 else None

    def _frame(self, grant: Grant) -> Input:
        """Write what all codes have in common."""
        ends_at = grant.ends_at and grant.ends_at.astimezone(UTC).isoformat()
        frame: Input = {
            "title": grant.title,
            "code": grant.code,
            "startsAt": grant.starts_at.astimezone(UTC).isoformat(),
            "endsAt": ends_at,
            "usageLimit": 1,
            "appliesOncePerCustomer": True,
            "context": {"customers": {"add": [gid("Customer", grant.customer_id)]}},
        }
        if grant.order_amount_min_minor:
            least = to_major(grant.order_amount_min_minor, self._currency(grant))
            subtotal = {"greaterThanOrEqualToSubtotal": str(least)}
            frame["minimumRequirement"] = {"subtotal": subtotal}
        return frame

    def _currency(self, grant: Grant) -> str:
        if isinstance(grant.benefit, OrderDiscount):
            return grant.benefit.currency
        return self._api.ask("find_currency", _Currency).shop.currency_code

    def _gets(self, grant: Grant) -> tuple[str, Input] | GrantRefused:
        """Return the document to send, and what sets this discount apart."""
        match grant.benefit:
            case ShippingDiscount():
                return "make_free_shipping", {"destination": {"all": True}}
            case PercentDiscount(percent):
                return _gets({"percentage": percent / 100}, {"all": True})
            case OrderDiscount(amount_minor, currency):
                amount = to_major(amount_minor, currency)
                return _gets(_off(amount), {"all": True})
            case ProductDiscount(product_id):
                return self._one_unit(gid("Product", product_id))
        raise AssertionError("a discount is one of these four")

    def _one_unit(self, product: str) -> tuple[str, Input] | GrantRefused:
        """Take the price of one unit off: no code can say how many units it is for.

        Shopify allows a number of units in "buy X get Y" alone. Of a product in several
        variants this is the dearest one's price.
        """
        found = self._api.ask("find_price", _Price, id=product).product
        if found is None:
            return GrantRefused("the store does not sell this product")
        price = found.price_range_v2.max_variant_price
        return _gets(_off(price.amount), {"products": {"productsToAdd": [product]}})


def _off(amount: Decimal) -> Input:
    return {"discountAmount": {"amount": str(amount), "appliesOnEachItem": False}}


def _gets(value: Input, items: Input) -> tuple[str, Input]:
    return "make_discount", {"customerGets": {"value": value, "items": items}}

"""Codes as a Shopify store has them: found by the code, and taken away again."""

from __future__ import annotations

import msgspec

from app.domain.grants import Grant
from app.platforms.base import StoreAtWork, StoreAway
from app.platforms.shopify.admin_api import AdminApi, Answer, Known, UserError, gid


class DiscountPayload(Answer):
    """What the store says once it was to make or end a discount."""

    user_errors: tuple[UserError, ...]
    code_discount_node: Known | None = None


class Made(Answer):
    """The answer to making a discount."""

    made: DiscountPayload


class _Ended(Answer):
    ended: DiscountPayload


class _RedeemCode(Answer):
    id: str
    code: str
    async_usage_count: int = 0


class _RedeemCodes(Answer):
    nodes: tuple[_RedeemCode, ...] = ()


class _Context(Answer):
    customers: tuple[Known, ...] = ()


class _Discount(Answer):
    """Nothing is known of a discount of a sort that we never make."""

    codes: _RedeemCodes = msgspec.field(default_factory=_RedeemCodes)
    applies_once_per_customer: bool = True
    status: str | None = None
    usage_limit: int | None = None
    async_usage_count: int = 0
    context: _Context | None = None


class FoundCode(Answer):
    """A discount that has the code which was looked for."""

    id: str
    code_discount: _Discount

    @property
    def is_ended(self) -> bool:
        """Whether none of its codes can be used any more."""
        return self.code_discount.status == "EXPIRED"

    @property
    def is_shared(self) -> bool:
        """Whether other codes hang on it too."""
        return not self.code_discount.applies_once_per_customer

    @property
    def was_used(self) -> bool:
        """Whether it is known that any code of it was used."""
        return self.code_discount.async_usage_count > 0

    def is_for(self, grant: Grant) -> bool:
        """Whether it is made as ours are, for this customer or for whoever has it.

        For whom it is cannot be asked any more once the customer is forgotten.
        """
        context = self.code_discount.context
        if context is None or self.code_discount.usage_limit != 1:
            return False
        customers = [each.id for each in context.customers]
        ours = gid("Customer", grant.customer_id)
        return not grant.customer_id or customers in ([], [ours])

    def redeem_code(self, code: str) -> _RedeemCode:
        """Return what the store knows of one code; raises StoreAway."""
        for each in self.code_discount.codes.nodes:
            if each.code.upper() == code.upper():
                return each
        # Codes of a discount are found by a search, which may not know the newest yet.
        raise StoreAtWork("find_discount: a code that is not to be found yet")


class _Found(Answer):
    found: FoundCode | None


class _Removed(Answer):
    removed: DiscountPayload


class _Orders(Answer):
    nodes: tuple[Known, ...]


class _Uses(Answer):
    orders: _Orders


def find_code(api: AdminApi, grant: Grant) -> FoundCode | None:
    """Return what has the grant's code, None where that is nothing of ours."""
    found = api.ask("find_discount", _Found, code=grant.code).found
    return found if found and found.is_for(grant) else None


def end_discount(api: AdminApi, found: FoundCode) -> None:
    """Let no code of a discount be used any more; raises StoreAway."""
    ended = api.ask("end_discount", _Ended, id=found.id).ended
    if ended.user_errors:
        raise StoreAway("end_discount: the store did not end the code")


def remove_code(api: AdminApi, found: FoundCode, code_id: str) -> None:
    """Have the store take one code from its discount, in a moment."""
    removed = api.ask("remove_code", _Removed, discount=found.id, ids=[code_id]).removed
    if removed.user_errors:
        raise StoreAway("remove_code: the store did not take the code away")


def was_ordered_with(api: AdminApi, code: str) -> bool:
    """Whether an order has this code first of its codes: no more can be asked."""
    query = f"discount_code:{code}"
    return bool(api.ask("find_use", _Uses, query=query).orders.nodes)

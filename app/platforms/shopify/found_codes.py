"""Codes as a Shopify store has them: found by the code, and taken away again."""

from __future__ import annotations

import msgspec

from app.domain.grants import Grant
from app.platforms.base import StoreAtWork, StoreAway
from app.platforms.shopify.admin_api import AdminApi, Answer, Known, UserError


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


class _Discount(Answer):
    """Nothing is known of a discount of a sort that we never make."""

    codes: _RedeemCodes = msgspec.field(default_factory=_RedeemCodes)
    title: str = ""
    status: str | None = None
    async_usage_count: int = 0


class FoundCode(Answer):
    """A discount that has the code which was looked for."""

    id: str
    code_discount: _Discount

    @property
    def is_ended(self) -> bool:
        """Whether none of its codes can be used any more."""
        return self.code_discount.status == "EXPIRED"

    @property
    def was_used(self) -> bool:
        """Whether it is known that any code of it was used."""
        return self.code_discount.async_usage_count > 0

    @property
    def may_be_ours(self) -> bool:
        """Whether it is of a sort that we make.

        Nobody guesses a code, so what has it is the grant's. For whom it is and how
        often it can be used may have changed since: stores move the codes of customers
        who become one, and owners edit.
        """
        return self.code_discount.status is not None

    def is_shared(self, grant: Grant) -> bool:
        """Whether other codes hang on it too: not where it only keeps the code taken.

        What owners tick in the store says nothing of that.
        """
        is_taken = self.is_ended and self.code_discount.title == withdrawn_title(grant)
        return grant.is_one_of_many and not is_taken

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
    return found if found and found.may_be_ours else None


def withdrawn_title(grant: Grant) -> str:
    """Return what a discount is called that only keeps the grant's code taken."""
    return f"{grant.title} (withdrawn)"


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

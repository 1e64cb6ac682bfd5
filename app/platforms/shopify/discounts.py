"""Discount codes of a Shopify store: each is one grant's, to be used once."""

from __future__ import annotations

from datetime import timedelta

from app.domain.grants import AlreadyUsed, Grant, Granted, GrantRefused, Revoked
from app.domain.reasons import because
from app.platforms.base import AccessDenied, Fulfilment, StoreAtWork
from app.platforms.shopify.admin_api import AdminApi, refused
from app.platforms.shopify.found_codes import (
    FoundCode,
    Made,
    end_discount,
    find_code,
    remove_code,
    was_ordered_with,
    withdrawn_title,
)
from app.platforms.shopify.shared_discounts import CodesToShare, SharedDiscounts
from app.platforms.shopify.terms import Input, own_terms, written_at


class Discounts(Fulfilment):
    """Makes a code by its own name, so that a second try finds the first."""

    def __init__(self, api: AdminApi, shared: SharedDiscounts) -> None:
        self._api = api
        self._shared = CodesToShare(api, shared)

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make the code on a discount of its own, or on one that others share."""
        return self._common(grant) if grant.is_one_of_many else self._own(grant)

    def revoke(self, grant: Grant) -> Revoked | AlreadyUsed:
        """End the code first and count its uses then, so that none slips between."""
        found = find_code(self._api, grant)
        if found is None:
            return self._unless_ordered(grant)
        if found.is_shared(grant):
            return self._removed(grant, found)
        if not found.is_ended:
            end_discount(self._api, found)
            found = find_code(self._api, grant) or found
        return AlreadyUsed() if found.was_used else Revoked()

    def withdraw(self, grant: Grant) -> Revoked | AlreadyUsed:
        """Revoke the code; where it is not there, take it, so that it never will be.

        A code may be on its way inside the store, and none is there twice.
        """
        answer = self.revoke(grant)
        if isinstance(answer, AlreadyUsed):
            return answer
        found = find_code(self._api, grant)
        if found is None:
            taken = self._api.ask("make_discount", Made, discount=_never(grant)).made
            is_late = bool(taken.user_errors)
        else:
            is_late = found.is_shared(grant) or not found.is_ended
        if is_late:
            raise StoreAtWork("make_discount: the code has just been made")
        return answer

    def _own(self, grant: Grant) -> Granted | GrantRefused:
        """Make the code; where the store will not, look whether it is ours already."""
        terms = own_terms(self._api, grant)
        if isinstance(terms, GrantRefused):
            return terms
        told = terms.with_code(grant.code, grant.starts_at)
        made = self._api.ask(terms.document, Made, discount=told).made
        if made.code_discount_node and not made.user_errors:
            return Granted(made.code_discount_node.id)
        found = find_code(self._api, grant)
        return Granted(found.id) if found else refused(made.user_errors)

    def _common(self, grant: Grant) -> Granted | GrantRefused:
        """Find the code or add it; one on a discount that is over is worth nothing.

        What is there is not added again: should the store get round to that only once
        the code was taken away, it would be back.
        """
        found = find_code(self._api, grant) or self._shared.add(grant)
        if isinstance(found, GrantRefused):
            return found
        if found.is_ended and self._is_revoked(grant):
            return GrantRefused(because("discount_ended"))
        return Granted(found.id)

    def _is_revoked(self, grant: Grant) -> bool:
        try:
            return self.revoke(grant) == Revoked()
        except AccessDenied:
            raise StoreAtWork("the code is there and may not be taken away") from None

    def _removed(self, grant: Grant, found: FoundCode) -> Revoked | AlreadyUsed:
        """Take one code from its discount; whether it was used, orders say after that.

        The store does so in its own time: until then nothing is certain.
        """
        code = found.redeem_code(grant.code)
        if code.async_usage_count:
            return AlreadyUsed()
        remove_code(self._api, found, code.id)
        if find_code(self._api, grant):
            raise StoreAtWork("remove_code: the store is taking the code away")
        return self._unless_ordered(grant)

    def _unless_ordered(self, grant: Grant) -> Revoked | AlreadyUsed:
        is_used = was_ordered_with(self._api, grant.code)
        return AlreadyUsed() if is_used else Revoked()


def _never(grant: Grant) -> Input:
    """Return a discount that was over before it was made, under the grant's code."""
    return {
        "title": withdrawn_title(grant),
        "code": grant.code,
        "startsAt": written_at(grant.starts_at - timedelta(seconds=1)),
        "endsAt": written_at(grant.starts_at),
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"all": "ALL"},
        "customerGets": {"value": {"percentage": 0.01}, "items": {"all": True}},
    }

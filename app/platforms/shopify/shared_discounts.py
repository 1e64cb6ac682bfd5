"""Discounts that many codes hang on: one for the same terms, made once."""

from __future__ import annotations

from abc import ABC, abstractmethod

from app.domain.grants import Grant, GrantRefused
from app.platforms.base import AccessDenied, StoreAtWork
from app.platforms.shopify.admin_api import (
    AdminApi,
    Answer,
    Known,
    UserError,
    refused,
)
from app.platforms.shopify.found_codes import FoundCode, Made, find_code
from app.platforms.shopify.terms import DiscountTerms, common_terms


class SharedDiscounts(ABC):
    """What is remembered of a store's shared discounts, by the name of their terms."""

    @abstractmethod
    def first_code(self, terms: str) -> str:
        """Return the code that the discount is made with, by which it is found again.

        It follows from the terms, and nobody is told it.
        """

    @abstractmethod
    def find(self, terms: str) -> str | None:
        """Return what the store calls the discount, None where none is known."""

    @abstractmethod
    def keep(self, terms: str, store_ref: str) -> None:
        """Remember what the store calls the discount."""

    @abstractmethod
    def forget(self, terms: str) -> None:
        """Forget a discount that is not there any more."""


class _Creation(Answer):
    id: str


class _AddPayload(Answer):
    user_errors: tuple[UserError, ...]
    bulk_creation: _Creation | None = None


class _Added(Answer):
    added: _AddPayload


class _Result(Answer):
    errors: tuple[UserError, ...]


class _Results(Answer):
    nodes: tuple[_Result, ...]


class _Progress(Answer):
    done: bool
    codes: _Results


class _Adding(Answer):
    adding: _Progress | None


class _Node(Answer):
    found: Known | None


class CodesToShare:
    """Adds a grant's code to the discount of its terms."""

    def __init__(self, api: AdminApi, shared: SharedDiscounts) -> None:
        self._api, self._shared = api, shared

    def add(self, grant: Grant) -> FoundCode | GrantRefused:
        """Have the code added and find it; raises StoreAway until it is there.

        The store adds codes in its own time. To ask it twice does no harm, since no two
        codes of a store are the same.
        """
        terms = common_terms(self._api, grant)
        if isinstance(terms, GrantRefused):
            return terms
        discount = self._discount(terms, grant)
        if isinstance(discount, GrantRefused):
            return discount
        codes = [{"code": grant.code}]
        added = self._api.ask("add_code", _Added, discount=discount, codes=codes).added
        if added.bulk_creation is None or added.user_errors:
            return self._without(discount, terms, added.user_errors)
        try:
            found = find_code(self._api, grant)
            return found or self._not_there(added.bulk_creation.id)
        except AccessDenied:
            raise StoreAtWork("add_code: it may be there, and cannot be seen") from None

    def _without(
        self, discount: str, terms: DiscountTerms, errors: tuple[UserError, ...]
    ) -> GrantRefused:
        """Say why not; a discount that is gone from the store is made anew."""
        if self._api.ask("find_shared", _Node, id=discount).found is None:
            self._shared.forget(terms.name)
            raise StoreAtWork("add_code: the discount that it belongs to is gone")
        return refused(errors)

    def _not_there(self, creation: str) -> GrantRefused:
        """Return why the code was not added; raises StoreAway where it may be yet."""
        adding = self._api.ask("find_adding", _Adding, id=creation).adding
        errors = (
            [each for one in adding.codes.nodes for each in one.errors]
            if (adding and adding.done)
            else []
        )
        if errors:
            return refused(tuple(errors))
        raise StoreAtWork("add_code: the store is adding the code")

    def _discount(self, terms: DiscountTerms, grant: Grant) -> str | GrantRefused:
        """Return the discount of these terms, made once though many ask for it."""
        known = self._shared.find(terms.name)
        if known:
            return known
        first = self._shared.first_code(terms.name)
        told = terms.with_code(first, grant.starts_at)
        made = self._api.ask(terms.document, Made, discount=told).made
        if made.code_discount_node and not made.user_errors:
            store_ref = made.code_discount_node.id
        else:
            found = self._api.ask("find_by_code", _Node, code=first).found
            if found is None:
                return refused(made.user_errors)
            store_ref = found.id
        self._shared.keep(terms.name, store_ref)
        return store_ref

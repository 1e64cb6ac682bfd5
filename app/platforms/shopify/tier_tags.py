"""The tags by which a store's customers carry their tier there."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.labels import as_compared
from app.domain.tiers.tags import is_ours
from app.platforms.shopify.admin_api import AdminApi, Answer, UserError, gid


class _Payload(Answer):
    user_errors: tuple[UserError, ...]


class _Made(Answer):
    made: _Payload


class _Customer(Answer):
    id: str
    tags: tuple[str, ...]


class _Found(Answer):
    nodes: tuple[_Customer | None, ...]


class TierTags:
    """Drives our tags of customers to what they should be, and touches no other."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def write(self, wanted: Mapping[str, str]) -> dict[str, str | None]:
        """Give customers their tag, "" for none, and take our others; raises StoreAway.

        Returns why the store would not, None where it did; nothing is said of customers
        whom it does not have. Shopify compares nothing here, so what is there is read.
        """
        if not wanted:
            return {}
        ids = [gid("Customer", id_) for id_ in wanted]
        found = self._api.ask("find_tags", _Found, ids=ids).nodes
        there = {each.id: each.tags for each in found if each}
        return {
            id_: self._drive(gid("Customer", id_), there[gid("Customer", id_)], tag)
            for id_, tag in wanted.items()
            if gid("Customer", id_) in there
        }

    def _drive(self, customer: str, tags: tuple[str, ...], wanted: str) -> str | None:
        ours = [tag for tag in tags if is_ours(tag)]
        gone = [tag for tag in ours if as_compared(tag) != wanted]
        is_lacking = bool(wanted) and len(gone) == len(ours)
        refusal = self._ask("add_tags", customer, [wanted]) if is_lacking else None
        if gone and refusal is None:
            refusal = self._ask("remove_tags", customer, gone)
        return refusal

    def _ask(self, document: str, customer: str, tags: list[str]) -> str | None:
        made = self._api.ask(document, _Made, id=customer, tags=tags).made
        return made.user_errors[0].message if made.user_errors else None

"""Where rewards become real in a Shopify store: codes, gift cards and store credit."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.grants import (
    GiftCardGift,
    Grant,
    Granted,
    GrantRefused,
    Revocation,
    StoreCreditGift,
)
from app.platforms.base import Fulfilment
from app.platforms.shopify.admin_api import ANSWER_S, AdminApi
from app.platforms.shopify.discounts import Discounts
from app.platforms.shopify.gift_cards import GiftCards
from app.platforms.shopify.shared_discounts import SharedDiscounts
from app.platforms.shopify.store_credit import StoreCredit
from app.platforms.shopify.tokens import Opener


class ShopifyAdmin(Fulfilment):
    """The way to one Shopify store: its address, what opens it, what is known of it."""

    def __init__(
        self,
        store_url: str,
        opener: Opener,
        shared: SharedDiscounts,
        *,
        answer_s: float = ANSWER_S,
    ) -> None:
        api = AdminApi(store_url, opener, answer_s=answer_s)
        self._discounts = Discounts(api, shared)
        self._gift_cards = GiftCards(api)
        self._store_credit = StoreCredit(api)

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it, or find it made; raises StoreAway."""
        return self._maker(grant).grant(grant)

    def revoke(self, grant: Grant) -> Revocation:
        """End it if it was not used; raises StoreAway."""
        return self._maker(grant).revoke(grant)

    def before_giving(self, check: Callable[[], None]) -> None:
        """Have this called before credit, which has no key, and before a card's end."""
        self._store_credit.before_giving(check)
        self._gift_cards.before_giving(check)

    def withdraw(self, grant: Grant) -> Revocation:
        """Revoke it so that no older call can make it; raises StoreAway."""
        return self._maker(grant).withdraw(grant)

    def _maker(self, grant: Grant) -> Fulfilment:
        if isinstance(grant.benefit, GiftCardGift):
            return self._gift_cards
        if isinstance(grant.benefit, StoreCreditGift):
            return self._store_credit
        return self._discounts

"""What a Shopify store says of itself: its money and its clock, or its leave."""

from __future__ import annotations

from datetime import datetime

import msgspec

from app.platforms.base import Told
from app.platforms.shopify.admin_api import AdminApi, Answer
from app.platforms.shopify.tokens import Opener

_ANSWER_S = 5.0


class _Shop(Answer):
    currency_code: str
    iana_timezone: str


class _Found(Answer):
    shop: _Shop


class About(Answer):
    """What a store trades in, and by whose clock."""

    currency: str
    timezone: str


def ask_about(store_url: str, opener: Opener) -> About:
    """Return what the store says of itself; raises StoreAway where it does not."""
    api = AdminApi(store_url, opener, answer_s=_ANSWER_S)
    shop = api.ask("find_shop", _Found).shop
    return About(shop.currency_code, shop.iana_timezone)


def departure_told(domain: str, at: datetime) -> Told:
    """Return the message that a store has taken the app out."""
    body = {"id": 0, "myshopify_domain": domain}
    return Told("app/uninstalled", msgspec.json.encode(body), at)


def redaction_told(domain: str, at: datetime) -> Told:
    """Return the message that everybody of a store is to be forgotten."""
    body = {"shop_id": 0, "shop_domain": domain}
    return Told("shop/redact", msgspec.json.encode(body), at)

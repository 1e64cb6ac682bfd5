"""Shopify's ID tokens: in which store somebody opened the app, signed by its secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.platforms.base import Forged
from app.platforms.shopify.domains import host_of, is_shop
from app.platforms.shopify.signed_claims import issued_at, signed_claims

_CUSTOMER = "gid://shopify/Customer/"
_USER = re.compile("[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True)
class IdToken:
    """A genuine token, the store that it was made in, and when by Shopify's clock.

    `user_id` is who of the store opened the app, by their number there.
    """

    domain: str
    at: datetime
    user_id: str | None
    written: str = field(repr=False)


def read_id_token(
    written: str, client_id: str | None, secrets: Sequence[str], now: datetime
) -> IdToken | Forged:
    """Return what a token says, or why it is refused.

    Its store is taken from `dest`, and `iss` must be of the same host. One of a
    shopper, as checkout has them, opens nothing here.
    """
    claims = signed_claims(written, client_id, secrets, now, "iss")
    if isinstance(claims, Forged):
        return claims
    domain = host_of(claims["dest"])
    if domain is None or not is_shop(domain):
        return Forged("it is for no store")
    if host_of(claims["iss"]) != domain:
        return Forged("it is for another store than it was made in")
    user = str(claims.get("sub", ""))
    if user.startswith(_CUSTOMER):
        return Forged("it is a shopper's")
    at = issued_at(claims)
    return IdToken(domain, at, user if _USER.fullmatch(user) else None, written)

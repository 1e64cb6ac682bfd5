"""The session tokens of checkout and account extensions: which store, and who."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.platforms.base import Forged
from app.platforms.shopify.domains import host_of
from app.platforms.shopify.signed_claims import signed_claims

_STORE = re.compile(r"(?:https://)?([a-z0-9][a-z0-9-]{0,59}\.myshopify\.com)", re.ASCII)
_CUSTOMER = re.compile(r"gid://shopify/Customer/([1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class Session:
    """What a genuine token says: its store, and the customer; None for a guest."""

    domain: str
    customer_id: str | None


def read_session_token(
    written: str, client_id: str | None, secrets: Sequence[str], now: datetime
) -> Session | Forged:
    """Return what a token says, or why it is refused.

    `sub` is there only for a customer who is signed in; one that names no customer is
    refused, since nobody else has business here. `iss` may be missing, but must not be
    another store than the one that the token is for.
    """
    claims = signed_claims(written, client_id, secrets, now)
    return claims if isinstance(claims, Forged) else _session(claims)


def _session(claims: dict[str, object]) -> Session | Forged:
    store = _STORE.fullmatch(str(claims["dest"]))
    if store is None:
        return Forged("it is for no store")
    if "iss" in claims and host_of(claims["iss"]) != store[1]:
        return Forged("it is for another store than it was made in")
    if "sub" not in claims:
        return Session(store[1], None)
    customer = _CUSTOMER.fullmatch(str(claims["sub"]))
    if customer is None:
        return Forged("its subject is no customer")
    return Session(store[1], customer[1])

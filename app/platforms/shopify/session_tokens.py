"""The session tokens of checkout and account extensions: which store, and who."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import jwt

from app.platforms.base import Forged

# The same as in Shopify's own libraries.
LEEWAY_S = 10
_ALGORITHMS = ["HS256"]
_CLAIMS = ["aud", "dest", "exp", "nbf"]
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
    refused, since nobody else has business here.
    """
    if not client_id:
        return Forged("there is no client id that it could be for")
    refused = Forged("there is no secret to check it with")
    for secret in secrets:
        claims = _claims(written, client_id, secret, now)
        if isinstance(claims, dict):
            return _session(claims)
        refused = claims
    return refused


def _claims(
    written: str, client_id: str, secret: str, now: datetime
) -> dict[str, object] | Forged:
    # By our own clock: the library would look at the machine's.
    checks = {"require": _CLAIMS, "strict_aud": True}
    untimed = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat"), False)
    try:
        claims: dict[str, object] = jwt.decode(
            written,
            secret,
            algorithms=_ALGORITHMS,
            audience=client_id,
            options=checks | untimed,  # type: ignore[arg-type]
        )
    except (jwt.PyJWTError, ValueError) as error:
        return Forged(type(error).__name__)
    begins, ends = claims["nbf"], claims["exp"]
    if type(begins) is not int or type(ends) is not int:
        return Forged("its times are no numbers")
    if not begins - LEEWAY_S <= now.timestamp() < ends + LEEWAY_S:
        return Forged("it is too old, or from the future")
    return claims


def _session(claims: dict[str, object]) -> Session | Forged:
    store = _STORE.fullmatch(str(claims["dest"]))
    if store is None:
        return Forged("it is for no store")
    if "sub" not in claims:
        return Session(store[1], None)
    customer = _CUSTOMER.fullmatch(str(claims["sub"]))
    if customer is None:
        return Forged("its subject is no customer")
    return Session(store[1], customer[1])

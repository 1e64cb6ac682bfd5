"""Shopify's ID tokens: in which store somebody opened the app, signed by its secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import jwt

from app.platforms.base import Forged
from app.platforms.shopify.domains import host_of, is_shop

# The same as in Shopify's own libraries.
LEEWAY_S = 10
_ALGORITHMS = ["HS256"]
_CLAIMS = ["aud", "dest", "exp", "iat", "iss", "nbf"]


@dataclass(frozen=True)
class IdToken:
    """A genuine token, the store that it was made in, and when by Shopify's clock."""

    domain: str
    at: datetime
    written: str = field(repr=False)


def read_id_token(
    written: str, client_id: str, secrets: Sequence[str]
) -> IdToken | Forged:
    """Return what a token says, or why it is refused.

    Its store is taken from `dest`, and `iss` must be of the same host.
    """
    claims: object = Forged("there is no secret to check it with")
    for secret in secrets:
        claims = _claims(written, client_id, secret)
        if isinstance(claims, dict):
            return _of_one_store(written, claims)
    assert isinstance(claims, Forged)
    return claims


def _claims(written: str, client_id: str, secret: str) -> dict[str, object] | Forged:
    try:
        claims: dict[str, object] = jwt.decode(
            written,
            secret,
            algorithms=_ALGORITHMS,
            audience=client_id,
            leeway=LEEWAY_S,
            options={"require": _CLAIMS, "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError) as error:
        return Forged(type(error).__name__)
    return claims


def _of_one_store(written: str, claims: dict[str, object]) -> IdToken | Forged:
    domain = host_of(claims["dest"])
    if domain is None or not is_shop(domain):
        return Forged("it is for no store")
    if host_of(claims["iss"]) != domain:
        return Forged("it is for another store than it was made in")
    return IdToken(
        domain, datetime.fromtimestamp(float(str(claims["iat"])), UTC), written
    )

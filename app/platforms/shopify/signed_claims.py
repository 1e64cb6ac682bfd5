"""The claims of Shopify's tokens whose signature, audience and times are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import jwt

from app.platforms.base import Forged

# The same as in Shopify's own libraries.
LEEWAY_S = 10
_ALGORITHMS = ["HS256"]
# What each of them has, whomever it is of; https://shopify.dev says so of ID tokens and
# of the extensions' session tokens. Those of extensions have neither `iss` nor `sid`.
_ALWAYS = ("aud", "dest", "exp", "iat", "jti", "nbf")


def signed_claims(
    written: str,
    client_id: str | None,
    secrets: Sequence[str],
    now: datetime,
    *more: str,
) -> dict[str, object] | Forged:
    """Return the claims of a token, with `more` among them, or why it is refused."""
    if not client_id:
        return Forged("there is no client id that it could be for")
    refused = Forged("there is no secret to check it with")
    for secret in secrets:
        claims = _claims(written, client_id, secret, [*_ALWAYS, *more])
        if isinstance(claims, dict):
            return _in_time(claims, now)
        refused = claims
    return refused


def _claims(
    written: str, client_id: str, secret: str, required: list[str]
) -> dict[str, object] | Forged:
    # By our own clock: the library would look at the machine's.
    checks = {"require": required, "strict_aud": True}
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
    return claims


def _in_time(claims: dict[str, object], now: datetime) -> dict[str, object] | Forged:
    moments = [claims[name] for name in ("iat", "nbf", "exp")]
    made, begins, ends = (each if type(each) is int else None for each in moments)
    if made is None or begins is None or ends is None:
        return Forged("its times are no numbers")
    if not max(made, begins) - LEEWAY_S <= now.timestamp() < ends + LEEWAY_S:
        return Forged("it is too old, or from the future")
    return claims


def issued_at(claims: Mapping[str, object]) -> datetime:
    """Return when a token was made, by Shopify's clock; of claims that are right."""
    made = claims["iat"]
    assert type(made) is int
    return datetime.fromtimestamp(made, UTC)

"""Session tokens as Shopify gives them to extensions of checkout and account."""

from __future__ import annotations

import time
from typing import Any

import jwt

DOMAIN = "test.myshopify.com"


def session_claims(customer_id: str = "", **changes: Any) -> dict[str, Any]:
    """What a token says that was made just now; `changes` overrule, None leaves out."""
    now = int(time.time())
    claims = {
        "dest": DOMAIN,
        "aud": "key",
        "sub": f"gid://shopify/Customer/{customer_id}" if customer_id else None,
        "exp": now + 300,
        "nbf": now,
        "iat": now,
        "jti": "6c992878-dbaf-48d1-bb9d-6d9b59814fd1",
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def a_session_token(
    customer_id: str = "",
    *,
    secret: str = "hush",
    algorithm: str = "HS256",
    **changes: Any,
) -> str:
    """A token of a customer, or of a guest, made just now."""
    key = "" if algorithm == "none" else secret
    return jwt.encode(session_claims(customer_id, **changes), key, algorithm)

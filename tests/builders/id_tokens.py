"""ID tokens as Shopify makes them, and token answers as it gives them."""

from __future__ import annotations

import time
from typing import Any

import jwt

CLIENT_ID = "client-id"


def id_claims(domain: str = "test.myshopify.com", **changes: Any) -> dict[str, Any]:
    """What a token says that was made just now; `changes` overrule, None leaves out."""
    now = int(time.time())
    claims = {
        "iss": f"https://{domain}/admin",
        "dest": f"https://{domain}",
        "aud": CLIENT_ID,
        "sub": "42",
        "exp": now + 60,
        "nbf": now,
        "iat": now,
        "jti": "4a5b8c2e",
        "sid": "f1e2d3",
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def an_id_token(
    domain: str = "test.myshopify.com",
    *,
    secret: str = "hush",
    algorithm: str = "HS256",
    **changes: Any,
) -> str:
    """An ID token of a store, made just now."""
    key = "" if algorithm == "none" else secret
    return jwt.encode(id_claims(domain, **changes), key, algorithm)

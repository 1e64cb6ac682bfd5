"""What the app and the sandbox store both know: names, and a custom app's token."""

from __future__ import annotations

import hashlib
import hmac

SANDBOX_CLIENT_ID = "sandbox"
SANDBOX_DOMAIN = "sandbox.myshopify.com"


def sandbox_token(secret: str) -> str:
    """Return a token that never ends, as the owner of a store gives a custom app."""
    return hmac.new(secret.encode(), b"admin token", hashlib.sha256).hexdigest()

"""What the app and the sandbox store both know: its name, and what opens its API."""

from __future__ import annotations

import hashlib
import hmac

SANDBOX_CLIENT_ID = "sandbox"
SANDBOX_DOMAIN = "sandbox.myshopify.com"


def sandbox_token(secret: str) -> str:
    """Return the Admin API token that follows from the secret that both share."""
    return hmac.new(secret.encode(), b"admin token", hashlib.sha256).hexdigest()

"""The token that opens the sandbox store's Admin API, known to both its sides."""

from __future__ import annotations

import hashlib
import hmac


def sandbox_token(secret: str) -> str:
    """Return the Admin API token that follows from the secret that both share."""
    return hmac.new(secret.encode(), b"admin token", hashlib.sha256).hexdigest()

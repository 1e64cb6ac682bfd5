"""What the app and the sandbox store both know: names, where, a custom app's token."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

SANDBOX_CLIENT_ID = "sandbox"
SANDBOX_DOMAIN = "sandbox.myshopify.com"


def sandbox_token(secret: str) -> str:
    """Return a token that never ends, as the owner of a store gives a custom app."""
    return hmac.new(secret.encode(), b"admin token", hashlib.sha256).hexdigest()


def sandbox_address(home: Path) -> Path:
    """Return where the sandbox store writes down the address that it listens at."""
    return home / "sandbox" / "address"

"""The environment by which a process of its own has the settings of a test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.config import Settings
from tests.builders.logins import as_login

_BIN = Path(sys.executable).parent


def environment_of(settings: Settings, home: Path) -> dict[str, str]:
    """What a process is given that works with these settings, in a home of its own."""
    secret, *former = settings.shopify_secrets
    return os.environ | {
        "DATABASE_URL": as_login(str(settings.database_url)),
        "REDIS_URL": str(settings.redis_url),
        "SHOPIFY_API_SECRET": secret,
        "SHOPIFY_API_SECRET_PREVIOUS": "".join(former[:1]),
        "TALLYMARK_SECRET_KEY": settings.secret_key,
        "TALLYMARK_ENCRYPTION_KEY": settings.sealing_secrets[0],
        "TALLYMARK_HOME": str(home),
        "PATH": f"{_BIN}:{os.environ['PATH']}",
    }

"""What the doors share, passed in by the roof: database, bell, platforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.jobs import Bell
from app.platforms.shopify import Shopify
from app.storage.database import Database
from app.storage.sealing import Keyring


@dataclass(frozen=True)
class Doors:
    """The things that requests need; `now` is the clock that signatures are read by."""

    database: Database
    bell: Bell
    shopify: Shopify
    keys: Keyring
    now: Callable[[], datetime]
    sandbox_url: str | None = None

"""What the doors share, passed in by the roof: database, bell, platforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.inspection import Inspection
from app.jobs import Bell
from app.platforms.shopify import Shopify
from app.storage.database import Database
from app.storage.inbox import Arrival
from app.storage.sealing import Keyring
from app.storage.views import Question, View
from app.together import Together


@dataclass(frozen=True)
class Doors:
    """The things that requests need; `now` is the clock that signatures are read by.

    `secret_key` makes the keyed hashes under which things of shoppers are known.

    `keeping` keeps a message, and answers whether to ring for it; `viewing` reads where
    somebody stands. `public_url` is where stores and browsers reach us.
    """

    database: Database
    bell: Bell
    keeping: Together[Arrival, bool]
    viewing: Together[Question, View | None]
    shopify: Shopify
    keys: Keyring
    inspection: Inspection
    now: Callable[[], datetime]
    secret_key: str
    sandbox_url: str | None = None
    public_url: str | None = None

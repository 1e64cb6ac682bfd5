"""What the doors share: database, bell, platforms, and what they say without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.inspection import Inspection
from app.jobs import Bell
from app.platforms.shopify import Shopify
from app.rate_limits import RateLimits
from app.storage.database import Database
from app.storage.inbox import Arrival
from app.storage.sealing import Keyring
from app.storage.views import Question, View
from app.together import NotInTime, Together


@dataclass(frozen=True)
class Doors:
    """The things that requests need; `now` is the clock that signatures are read by.

    `secret_key` makes the keyed hashes under which things of shoppers are known.

    `keeping` keeps a message, and answers whether to ring for it; `viewing` reads where
    somebody stands. `public_url` is where stores and browsers reach us. What is
    summed over a whole programme is told for `totals_s` before it is read anew.
    `unguarded` says what the settings leave open.
    """

    database: Database
    bell: Bell
    keeping: Together[Arrival, bool]
    viewing: Together[Question, View | None]
    shopify: Shopify
    keys: Keyring
    inspection: Inspection
    home: Path
    now: Callable[[], datetime]
    secret_key: str
    limits: RateLimits
    sandbox_url: str | None = None
    public_url: str | None = None
    totals_s: int = 60
    unguarded: tuple[str, ...] = ()

    def totals_period(self) -> int:
        """Return the number of the time in which sums are read once."""
        return int(self.now().timestamp()) // self.totals_s


def the_doors() -> Doors:
    """Return what the doors of this application share."""
    doors: Doors = current_app.extensions["tallymark"]
    return doors


# The database is not there, has no connection to spare, or takes too long.
AWAY = (DBAPIError, PoolTimeout, NotInTime)


def when_away(door: Blueprint, told: Callable[[], Response]) -> None:
    """Have a door answer in its own words, and 503, where the database is away."""
    for away in AWAY:
        door.register_error_handler(away, lambda _: later(told()))


def later(response: Response) -> Response:
    """Say with an answer that this is no time to ask, and when to ask again."""
    response.status_code = 503
    response.headers["Retry-After"] = "5"
    return response

"""What the pretend store has to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.sandbox_token import SANDBOX_CLIENT_ID


@dataclass(frozen=True)
class Plan:
    """How many points of the Admin API a bucket holds, and gets back each second."""

    most: float
    each_second: float


STANDARD = Plan(2000.0, 100.0)


@dataclass(frozen=True)
class SandboxSettings:
    """Whose shop it is, the app it talks to, and where its own data lies.

    `hang_s` is how long a call of the Admin API hangs that is to get no answer in time.
    `program_path` makes the way to the owner's page in the app, `counter_path` the way
    to where vouchers are taken in; either is its front if not told.
    `plan` says how much the app may ask of the Admin API.
    """

    domain: str
    secret: str
    app_url: str
    folder: Path
    widget_folder: Path
    client_id: str = SANDBOX_CLIENT_ID
    currency: str = "EUR"
    hang_s: float = 15
    timezone: str = "UTC"
    program_path: Callable[[], str] = str
    counter_path: Callable[[], str] = str
    plan: Plan = STANDARD

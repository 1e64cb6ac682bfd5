"""What all answers of the Admin API are made of: ids, money, errors, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.sandbox import money
from app.sandbox.line_bodies import gid
from app.sandbox.settings import SandboxSettings
from app.sandbox.store_data import Rows

Answer = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of the API: the store's rows, its settings, and the time."""

    rows: Rows
    settings: SandboxSettings
    now: datetime

    @property
    def currency(self) -> str:
        """Return the store's currency."""
        return self.settings.currency

    @property
    def at(self) -> str:
        """Return the time as the store writes it."""
        return written(self.now)


def written(time: datetime) -> str:
    """Write a time in whole seconds of UTC."""
    return time.astimezone(UTC).replace(microsecond=0).isoformat()


def number_of(kind: str, id_: str) -> int | None:
    """Return the number in an id of this kind, None where it is of another."""
    number = id_.removeprefix(gid(kind, 0)[:-1])
    return int(number) if number.isdecimal() and len(number) <= 18 else None


def amount(minor: int, currency: str) -> Answer:
    """Write an amount; the Admin API drops the last zero, unlike the messages."""
    text = money.text(minor)
    return {"amount": text.removesuffix("0"), "currencyCode": currency}


def minor_of(major: Decimal) -> int:
    """Return an amount in cents."""
    return int((major * 100).to_integral_value())


def error(code: str, message: str, *field: str) -> Answer:
    """Write why something is not done."""
    return {"code": code, "message": message, "field": list(field) or None}

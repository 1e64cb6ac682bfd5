"""The messages that wait to be delivered, and the weather on their way."""

from __future__ import annotations

import json
import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from app.sandbox import grants
from app.sandbox.admin import scopes
from app.sandbox.store_data import Rows

Message = tuple[str, dict[str, Any]]

SHUFFLE_SECONDS = 1.5


@dataclass(frozen=True)
class Weather:
    """What goes wrong on the way, as the owner of the sandbox wishes."""

    duplicate: bool = False
    shuffle: bool = False
    hold: bool = False
    lose_percent: int = 0

    @staticmethod
    def of(rows: Rows) -> Weather:
        """Return the weather as it was set."""
        saved = rows.setting("weather", {})
        assert isinstance(saved, dict)
        return Weather(**saved)

    def save(self, rows: Rows) -> None:
        """Set the weather."""
        rows.save_setting("weather", asdict(self))


@dataclass(frozen=True)
class Delivery:
    """One message on its way."""

    id: int
    webhook_id: str
    event_id: str
    topic: str
    triggered_at: str
    body: bytes
    is_copy: bool
    attempts: int
    state: str
    answer: str
    next_attempt_at: float

    @staticmethod
    def of(row: sqlite3.Row) -> Delivery:
        """Read a row."""
        return Delivery(**{**dict(row), "is_copy": bool(row["is_copy"])})


class Outbox:
    """Puts messages down in the transaction of the action that they tell of."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        dice: random.Random | None = None,
    ) -> None:
        self._clock = clock
        self._dice = dice or random.SystemRandom()

    def put(
        self,
        rows: Rows,
        messages: Sequence[Message],
        *,
        to_all: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Put down all messages of one action; an app that is gone hears none.

        Nor does one hear of what it has no scope for. Except `to_all`: what is said of
        a store even after the app has left it. It is said now, or as of `at`.
        """
        if not (to_all or grants.is_installed(rows)):
            return
        event_id = str(uuid.uuid4())
        weather, granted = Weather.of(rows), grants.scopes(rows)
        for topic, body in messages:
            if not (to_all or scopes.may_hear(granted, topic)):
                continue
            written = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            webhook_id = str(uuid.uuid4())
            now = datetime.fromtimestamp(self._clock(), UTC)
            triggered_at = at.astimezone(UTC) if at else now
            for copy in range(2 if weather.duplicate else 1):
                rows.connection.execute(
                    "INSERT INTO deliveries (webhook_id, event_id, topic,"
                    " triggered_at, body, is_copy, next_attempt_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        webhook_id,
                        event_id,
                        topic,
                        triggered_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                        written.encode(),
                        copy,
                        self._first_attempt_at(weather),
                    ),
                )

    def _first_attempt_at(self, weather: Weather) -> float:
        late = self._dice.uniform(0, SHUFFLE_SECONDS) if weather.shuffle else 0.0
        return self._clock() + late

    def redeliver(self, rows: Rows, delivery_id: int) -> None:
        """Send a message once more, as it was."""
        rows.connection.execute(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, answer = '',"
            " next_attempt_at = ? WHERE id = ?",
            (self._clock(), delivery_id),
        )

    def release(self, rows: Rows) -> None:
        """Let held messages go, all that wait for a retry at once too."""
        weather = Weather.of(rows)
        Weather(weather.duplicate, weather.shuffle, False, weather.lose_percent).save(
            rows
        )
        rows.connection.execute(
            "UPDATE deliveries SET next_attempt_at = ? WHERE state = 'waiting'",
            (self._clock(),),
        )


def latest(rows: Rows, count: int = 200) -> list[Delivery]:
    """Return the latest messages, newest first."""
    found = rows.connection.execute(
        "SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (count,)
    )
    return [Delivery.of(row) for row in found]


def due(rows: Rows, now: float) -> list[Delivery]:
    """Return the messages whose time has come, in order."""
    found = rows.connection.execute(
        "SELECT * FROM deliveries WHERE state = 'waiting' AND next_attempt_at <= ?"
        " ORDER BY next_attempt_at, id LIMIT 100",
        (now,),
    )
    return [Delivery.of(row) for row in found]


def note(rows: Rows, delivery: Delivery) -> None:
    """Keep what became of a message."""
    rows.connection.execute(
        "UPDATE deliveries SET attempts = ?, state = ?, answer = ?,"
        " next_attempt_at = ? WHERE id = ?",
        (
            delivery.attempts,
            delivery.state,
            delivery.answer,
            delivery.next_attempt_at,
            delivery.id,
        ),
    )

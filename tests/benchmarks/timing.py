"""Whether the time of a refusal tells how near a guess was, or that a thing is there.

Both of a pair are asked in turn, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import base64
import hmac
import random
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import chain
from math import sqrt
from statistics import fmean, variance
from typing import Any

import structlog
from flask import Flask
from werkzeug.test import EnvironBuilder

from app.storage.database import Database
from app.storage.identities import Identities
from tests.benchmarks.home import temporary_home
from tests.benchmarks.rounds import Row, Size, compared, quantile, spread
from tests.builders.line import DOMAIN, SECRET, TestLine, lift_limits, proxy_query
from tests.security.matrix import WISH

# Means further apart than this are no noise: the bound of dudect (Reparaz, Balasch and
# Verbauwhede, "Dude, is my code constant time?", 2017).
T_MOST = 4.5
# What takes longer than nearly all was held up by something else, as it is there.
_KEPT = 0.95
_WARM = 20
_BODY = b'{"note": "%s"}' % (b"x" * 10_000)
_ADA, _EVE = "7001", "7002"

Environ = dict[str, Any]
# Makes a request anew, as a signed query is good for a while only; of which status.
Asked = tuple[int, Callable[[], Environ]]


def measure(size: Size) -> list[Row]:
    """Time refused signatures, and answers about what is not one's own."""
    with temporary_home() as home:
        assert home.settings.redis_url
        database = Database(home.database_url())
        line = TestLine(database, home.settings.redis_url, home.folder)
        app = line.client.application
        lift_limits(app)
        # A line for each refusal would be told on the terminal.
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
        wish = _wish(line)
        first, last = _forged(0), _forged(-1)
        pairs: list[tuple[str, Asked, Asked]] = [
            ("A signature wrong in its first byte, and in its last", first, last),
            ("An id of another's, and one of nobody's", _of(wish), _of(wish[::-1])),
            ("Twice the same, which is the noise", last, last),
        ]
        rows = [row for pair in pairs for row in _rows(app, size, *pair)]
        line.close()
        database.close()
    return rows


def _rows(app: Flask, size: Size, what: str, one: Asked, other: Asked) -> list[Row]:
    rounds = [_round(app, size, one, other) for _ in range(size.rounds)]
    means = [[fmean(each[side]) * 1e6 for each in rounds] for side in (0, 1)]
    ours, theirs = ([*chain(*(each[side] for each in rounds))] for side in (0, 1))
    t = abs(standard_errors_apart(ours, theirs))
    told = f"{len(ours):,} of each in turn"
    than = "the second of the two"
    return [
        compared(f"{what}: mean time", "µs", means, baseline=than, note=told),
        Row(f"{what}: how many standard errors apart", "", spread([t]), at_most=T_MOST),
    ]


def _round(
    app: Flask, size: Size, one: Asked, other: Asked
) -> tuple[list[float], list[float]]:
    """Return how many seconds each of a round took."""
    took: tuple[list[float], list[float]] = ([], [])
    asked = [(status, make()) for status, make in (one, other)]
    count = _WARM + size.member_entries * 4 // size.rounds
    for _ in range(count):
        for side in random.sample((0, 1), 2):
            took[side].append(_seconds(app, *asked[side]))
    return took[0][_WARM:], took[1][_WARM:]


def _seconds(app: Flask, expected: int, environ: Environ) -> float:
    """Ask an application once; return how long it took to answer."""
    own = environ | {"wsgi.input": BytesIO(environ["body"])}
    statuses: list[str] = []

    def start(status: str, *_: Any) -> Callable[[bytes], object]:
        statuses.append(status)
        return statuses.append  # type: ignore[return-value]

    began = time.perf_counter()
    pieces = app(own, start)
    b"".join(pieces)
    took = time.perf_counter() - began
    pieces.close()  # type: ignore[attr-defined]
    assert statuses[0].startswith(str(expected)), statuses
    return took


def standard_errors_apart(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return Welch's t of two samples, without the slowest of both together."""
    most = quantile([*ours, *theirs], _KEPT)
    kept = [[value for value in each if value <= most] for each in (ours, theirs)]
    error = sqrt(sum(variance(each) / len(each) for each in kept))
    return (fmean(kept[0]) - fmean(kept[1])) / error


def _forged(place: int) -> Asked:
    """Return a message whose signature is right but for one byte."""
    digest = bytearray(hmac.digest(SECRET.encode(), _BODY, "sha256"))
    digest[place] ^= 1
    headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Shop-Domain": DOMAIN,
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
    }
    return 401, lambda: _environ("POST", "/webhooks/shopify", _BODY, headers)


def _of(wish: str) -> Asked:
    """Return Eve's question after a wish by its id."""

    def make() -> Environ:
        return _environ("GET", f"/proxy/redemptions/{wish}?{proxy_query(_EVE)}")

    return 404, make


def _environ(
    method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Environ:
    built = EnvironBuilder(path, method=method, data=body, headers=headers)
    return built.get_environ() | {"body": body}


def _wish(line: TestLine) -> str:
    """Have Ada ask for a reward, and Eve be known; return the wish's id."""
    with line.in_program() as connection:
        people = Identities(connection, line.store.program_id, line.store.store_id)
        people.ensure_customers([_ADA, _EVE])
    answer = line.post("redemptions", _ADA, WISH)
    assert answer.status_code == 202
    wish: str = answer.get_json()["id"]
    return wish

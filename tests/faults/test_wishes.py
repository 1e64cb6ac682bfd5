"""Two hundred wishes at one moment, by two web processes and without a Redis."""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal

import pytest
import requests

from app.api.asking import ASKED_MAX
from app.domain.program import Program
from app.domain.rewards import AmountOff
from tests.builders.line import SECRET_KEY, TestLine, proxy_query
from tests.builders.logins import as_login
from tests.builders.shopify import a_line, an_order
from tests.builders.side_by_side import deadlocks, drain_side_by_side
from tests.faults.web import Web

FIVE = AmountOff(points_cost=500, amount=Decimal(5), key="five")
ADA, EVE = "7001", "7002"
MANY = 200
LIMITED, UNLIMITED = (
    f"tests.faults.patient_web:create_{sort}server" for sort in ("", "unlimited_")
)
# Nothing listens there.
NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
def factory() -> str:
    """What makes the application of the web processes."""
    return LIMITED


@pytest.fixture
def web(line: TestLine, factory: str) -> Iterator[Web]:
    """Two web processes of a store where Ada and Eve have 1,000 points each.

    Redis is gone: limits and wishes are kept in the database alone.
    """
    line.set_program(Program(rewards=(FIVE,)))
    for number, customer in enumerate((ADA, EVE)):
        order = an_order(
            a_line("1000.00"), id=5001 + number, customer={"id": int(customer)}
        )
        line.settle(("orders/paid", order))
    before = deadlocks(line)
    started = Web(
        factory,
        WEB_CONCURRENCY="2",
        DATABASE_URL=as_login(str(line.settings.database_url)),
        REDIS_URL=NO_REDIS,
        TALLYMARK_HOME=str(line.home),
        TALLYMARK_SECRET_KEY=SECRET_KEY,
        TALLYMARK_ENCRYPTION_KEY="sealing",
    )
    yield started
    started.end()
    assert before == deadlocks(line)


def _wish(customer_id: str, request_id: str) -> bytes:
    body = json.dumps({"request_id": request_id, "reward_id": "five"}).encode()
    lines = (
        f"POST /proxy/redemptions?{proxy_query(customer_id)} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Answered:
    """Statuses and bodies in the order of the wishes, and when the last one was there.

    `p99_s` is within how many seconds all but the slowest hundredth were, at most: they
    are listened to one after the other.
    """

    answers: list[tuple[int, bytes]]
    p99_s: float

    @property
    def statuses(self) -> list[int]:
        """The statuses, in order of size."""
        return sorted(status for status, _ in self.answers)


def _asked(web: Web, wishes: list[bytes]) -> Answered:
    """Send all but the last byte of each, then all of these; return the answers."""
    with ExitStack() as opened:
        address = "127.0.0.1", web.port
        ways = [
            opened.enter_context(socket.create_connection(address, 120)) for _ in wishes
        ]
        for way, wish in zip(ways, wishes, strict=True):
            way.sendall(wish[:-1])
        began = time.monotonic()
        for way, wish in zip(ways, wishes, strict=True):
            way.sendall(wish[-1:])
        answers, took_s = [], []
        for way in ways:
            answers.append(_heard(way))
            took_s.append(time.monotonic() - began)
    return Answered(answers, took_s[-1 - len(took_s) // 100])


def _heard(way: socket.socket) -> tuple[int, bytes]:
    said = b""
    while piece := way.recv(65536):
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def _settle(line: TestLine) -> None:
    drain_side_by_side(line, at_a_time=5)
    while line.fulfilling.work():
        pass


def _own(customer_id: str) -> list[bytes]:
    return [_wish(customer_id, f"request-{number}") for number in range(MANY)]


def test_two_hundred_wishes_at_one_moment_spend_what_is_there(web: Web, line: TestLine):
    own = _asked(web, _own(ADA))
    same = _asked(web, [_wish(EVE, "the-same-wish")] * MANY)
    _settle(line)

    ready = requests.get(f"http://127.0.0.1:{web.port}/readyz", timeout=20).json()
    assert {"database": True, "migrations": True, "redis": False} == ready
    limited = [202] * ASKED_MAX + [429] * (MANY - ASKED_MAX)
    assert limited == own.statuses, f"p99 {own.p99_s:.2f} s"
    assert [202] * MANY == same.statuses, f"p99 {same.p99_s:.2f} s"
    assert 1 == len(set(same.answers))
    assert (0, 500) == tuple(line.standing(each).available for each in (ADA, EVE))
    assert 3 == len(line.pretended.made)
    assert (line.audit(), line.violations()) == (None, [])


@pytest.mark.parametrize(
    "factory", ["tests.faults.patient_web:create_unlimited_server"]
)
def test_where_all_two_hundred_are_kept_no_more_is_spent(web: Web, line: TestLine):
    own = _asked(web, _own(ADA))
    _settle(line)

    assert [202] * MANY == own.statuses, f"p99 {own.p99_s:.2f} s"
    assert (0, 1000) == tuple(line.standing(each).available for each in (ADA, EVE))
    assert 2 == len(line.pretended.made)
    with line.as_superuser() as connection:
        states = connection.exec_driver_sql("select state from redemption").scalars()
        assert Counter(states) == {"granted": 2, "refused": MANY - 2}
    assert (line.audit(), line.violations()) == (None, [])

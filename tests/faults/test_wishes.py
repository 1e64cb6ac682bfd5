"""Two hundred wishes at one moment, by two web processes and without a Redis."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
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
# Nothing listens there.
NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
def web(line: TestLine) -> Iterator[Web]:
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


def _asked_at_once(web: Web, wishes: list[bytes]) -> list[tuple[int, bytes]]:
    """Send all but the last byte of each, then all of these; return the answers."""
    with ExitStack() as opened:
        address = "127.0.0.1", web.port
        ways = [
            opened.enter_context(socket.create_connection(address, 20)) for _ in wishes
        ]
        for way, wish in zip(ways, wishes, strict=True):
            way.sendall(wish[:-1])
        for way, wish in zip(ways, wishes, strict=True):
            way.sendall(wish[-1:])
        return [_heard(way) for way in ways]


def _heard(way: socket.socket) -> tuple[int, bytes]:
    said = b""
    while piece := way.recv(65536):
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def _asked(web: Web, wishes: list[bytes]) -> list[tuple[int, bytes]]:
    """The same, each asked again where a slow machine had it come another time."""
    answers = _asked_at_once(web, wishes)
    for _ in range(10):
        again = [place for place, (status, _) in enumerate(answers) if status == 503]
        if not again:
            break
        told = _asked_at_once(web, [wishes[place] for place in again])
        for place, answer in zip(again, told, strict=True):
            answers[place] = answer
    return answers


def test_two_hundred_wishes_at_one_moment_spend_what_is_there(web: Web, line: TestLine):
    own = _asked(web, [_wish(ADA, f"request-{number}") for number in range(MANY)])
    same = _asked(web, [_wish(EVE, "the-same-wish")] * MANY)
    drain_side_by_side(line, at_a_time=5)
    while line.fulfilling.work():
        pass

    ready = requests.get(f"http://127.0.0.1:{web.port}/readyz", timeout=20).json()
    assert {"database": True, "migrations": True, "redis": False} == ready
    statuses = sorted(status for status, _ in own)
    assert [202] * ASKED_MAX + [429] * (MANY - ASKED_MAX) == statuses
    assert 1 == len(set(same))
    assert 202 == same[0][0]
    assert (0, 500) == tuple(line.standing(each).available for each in (ADA, EVE))
    assert 3 == len(line.pretended.made)
    assert (line.audit(), line.violations()) == (None, [])

"""The web server holds against slow clients, false lengths and its own deaths."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from app.storage import stores
from app.storage.database import Database
from tests.builders.line import DOMAIN, sign
from tests.builders.logins import as_login
from tests.faults.clients import (
    HEAD,
    HEALTH,
    Reply,
    a_message,
    ask,
    chunked,
    drip,
    headers,
    say,
)
from tests.faults.web import Web, wait_until

SLOW = 300
# A store waits five seconds at most, and this machine may be busy with other tests.
PROBE_S_MAX = 2.0
# About twice what a connection that waits has been seen to take.
CLIENT_BYTES_MAX = 64 * 1024
TOO_LONG = 20_000_000
# What reading and refusing may cost; a body that is kept whole costs more by itself.
GROWTH_BYTES_MAX = 16_000_000
MEGABYTES_7 = b"x" * 7_000_000


@pytest.fixture(scope="module")
def database_url(new_database_url: Callable[[], str]) -> str:
    """A database with one store."""
    url = new_database_url()
    database = Database(url)
    stores.install(database, "shopify", DOMAIN, "EUR", "UTC")
    database.close()
    return url


@pytest.fixture(scope="module")
def start(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Web]]:
    """A function that starts a web server which waits four seconds for a request."""
    started: list[Web] = []
    home = tmp_path_factory.mktemp("home")
    fixed = {
        "DATABASE_URL": as_login(database_url),
        "REDIS_URL": redis_url,
        "TALLYMARK_HOME": str(home),
        "WEB_REQUEST_SECONDS": "4",
    }

    def make(**settings: str) -> Web:
        started.append(Web(**(fixed | settings)))
        return started[-1]

    yield make
    for each in started:
        each.end()


@pytest.fixture(scope="module")
def web(start: Callable[..., Web]) -> Web:
    """A web server for all tests that leave it as it was."""
    return start()


@pytest.fixture
def kept(database_url: str) -> Callable[[], int]:
    """A function that says how many messages have been kept since the test began."""

    def count() -> int:
        with psycopg.connect(_plain(database_url)) as connection:
            [(found,)] = connection.execute("select count(*) from inbox").fetchall()
        return int(found)

    before = count()
    return lambda: count() - before


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def test_true_requests_are_answered_at_once_among_hundreds_of_slow_ones(
    start: Callable[..., Web], kept: Callable[[], int]
):
    starts = [HEAD + b"X-Slow: ", headers(Content_Length=10_000)] * SLOW
    # Longer than the test takes: whoever is slow is there until its end.
    web = start(WEB_REQUEST_SECONDS="60")

    async def ask_among_slow_ones() -> list[tuple[int, float]]:
        slow = [asyncio.create_task(drip(web.port, start, 0.5)) for start in starts]
        are_in = partial(wait_until, lambda: web.connections >= len(slow))
        await asyncio.to_thread(are_in, "slow clients are not let in")
        answers = []
        for _ in range(10):
            for probe in HEALTH, a_message():
                began = time.monotonic()
                status = await ask(web.port, probe)
                answers.append((status, time.monotonic() - began))
            await asyncio.sleep(0.1)
        assert web.connections >= len(slow)
        await _cancel(slow)
        return answers

    assert 200 == asyncio.run(ask(web.port, a_message()))
    before = web.memory_bytes

    answers = asyncio.run(ask_among_slow_ones())
    assert {200} == {status for status, _ in answers}
    assert max(seconds for _, seconds in answers) < PROBE_S_MAX
    assert 11 == kept()
    assert before < 120_000_000
    assert web.memory_bytes - before < len(starts) * CLIENT_BYTES_MAX


def _say_all(web: Web, *requests: bytes) -> list[Reply]:
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(partial(say, web.port), requests))


def test_requests_that_stall_are_ended(web: Web):
    stalled = {
        b"": [],
        b"G": [],
        HEAD + b"X-Slow: ": [],
        headers(Content_Length=10_000) + b"a": [408],
        headers(Content_Length=1_000_000) + b"a": [408],
        headers(Transfer_Encoding="chunked") + b"5\r\na": [408],
        # One that was answered and then says no more.
        HEALTH: [200],
    }

    replies = _say_all(web, *stalled)

    assert list(stalled.values()) == [reply.statuses for reply in replies]
    assert all(reply.is_closed for reply in replies)


def test_clients_that_go_away_leave_nothing(web: Web, kept: Callable[[], int]):
    for begun in (HEAD, a_message()[:-1], a_message(b" " * 200_000)[:-1]):
        with socket.create_connection(("127.0.0.1", web.port)) as connection:
            connection.sendall(begun)

    assert 200 == asyncio.run(ask(web.port, HEALTH))
    assert 0 == kept()
    assert not any("Traceback" in line for line in web.lines)


def test_bodies_too_long_are_413_and_not_taken_in(web: Web):
    before = web.memory_bytes

    replies = _say_all(
        web,
        headers(Content_Length=TOO_LONG) + b"x" * TOO_LONG,
        headers(Transfer_Encoding="chunked") + chunked(b"x" * TOO_LONG),
        # Never sent, and so refused by its headers alone.
        headers(Content_Length=TOO_LONG) + b"x",
        headers(Content_Length=8 * 1024 * 1024 + 1),
        headers(Content_Length=64 * 1024 + 1).replace(b"/webhooks/", b"/proxy/"),
    )

    assert [[413]] * 5 == [reply.statuses for reply in replies]
    assert all(reply.is_closed for reply in replies)
    assert web.memory_bytes - before < GROWTH_BYTES_MAX


def test_more_than_was_stated_is_no_request(web: Web, kept: Callable[[], int]):
    before = web.memory_bytes

    reply = say(web.port, headers(Content_Length=5) + b"xxxxx", b"x" * TOO_LONG)

    assert reply.is_closed
    assert reply.statuses in ([401], [401, 400])
    assert 0 == kept()
    assert web.memory_bytes - before < GROWTH_BYTES_MAX


def test_large_bodies_that_stall_leave_room_for_others(
    web: Web, kept: Callable[[], int]
):
    unfinished = headers(Content_Length=len(MEGABYTES_7) + 1) + MEGABYTES_7

    async def ask_among_large_ones() -> tuple[list[int], int]:
        large = [asyncio.create_task(ask(web.port, unfinished)) for _ in range(12)]
        await asyncio.wait(large, return_when=asyncio.FIRST_COMPLETED)
        status = await ask(web.port, a_message())
        return sorted(await asyncio.gather(*large)), status

    before = web.memory_bytes
    statuses, status = asyncio.run(ask_among_large_ones())

    assert {408, 503} == set(statuses)
    assert 200 == status
    assert 1 == kept()
    # All of them at once would be 84 MB.
    assert web.memory_bytes - before < 60_000_000


def test_the_longest_message_that_is_allowed_is_kept(web: Web, kept: Callable[[], int]):
    for _ in range(6):
        body = b" " * (8 * 1024 * 1024)
        assert 200 == asyncio.run(ask(web.port, a_message(body)))

    assert 6 == kept()


def test_a_message_without_a_stated_length_is_kept(web: Web, kept: Callable[[], int]):
    head, body = a_message().split(b"\r\n\r\n")
    head = head.partition(b"\r\nContent-Length")[0]
    sent = head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body)

    reply = say(web.port, sent)

    assert ([200], True) == (reply.statuses, reply.is_closed)
    assert 1 == kept()


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 0\r\nContent-Length: %d",
        b"Content-Length: %d\r\nContent-Length: 0",
        b"Content-Length: 0, %d",
        b"Content-Length: +%d",
        b"Content-Length: -%d",
        b"Transfer-Encoding : chunked\r\nContent-Length: %d",
        b"Transfer-Encoding: xchunked\r\nContent-Length: %d",
        b"Transfer-Encoding: chunked, identity\r\nContent-Length: %d",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: %d",
        b"X-Folded: a\r\n Transfer-Encoding: chunked\r\nContent-Length: %d",
    ],
)
def test_a_request_of_two_lengths_is_400(
    web: Web, kept: Callable[[], int], fields: bytes
):
    hidden = a_message()

    reply = say(web.port, HEAD + fields % len(hidden) + b"\r\n\r\n" + hidden)

    assert ([400], True) == (reply.statuses, reply.is_closed)
    assert 0 == kept()


@pytest.mark.parametrize("is_length_first", [True, False])
def test_what_hides_behind_the_other_length_is_never_a_request(
    web: Web, kept: Callable[[], int], is_length_first: bool
):
    hidden = a_message()
    fields = [b"Content-Length: %d" % (5 + len(hidden)), b"Transfer-Encoding: chunked"]
    lines = b"\r\n".join(fields if is_length_first else fields[::-1])

    reply = say(web.port, HEAD + lines + b"\r\n\r\n0\r\n\r\n" + hidden)

    assert ([401], True) == (reply.statuses, reply.is_closed)
    assert 0 == kept()


def test_a_broken_chunk_is_400(web: Web, kept: Callable[[], int]):
    begun = headers(
        Transfer_Encoding="chunked",
        X_Shopify_Topic="orders/paid",
        X_Shopify_Hmac_Sha256=sign(b"{}"),
        X_Shopify_Shop_Domain=DOMAIN,
    )

    reply = say(web.port, begun + b"2\r\n{}\r\nnonsense\r\n\r\n")

    assert ([400], True) == (reply.statuses, reply.is_closed)
    assert 0 == kept()


def test_requests_in_hand_are_answered_before_it_ends(
    start: Callable[..., Web], database_url: str, kept: Callable[[], int]
):
    web = start()
    starts = [HEAD + b"X-Slow: ", headers(Content_Length=10_000)] * 20

    async def end_in_the_middle() -> tuple[int, bool]:
        with psycopg.connect(_plain(database_url)) as other:
            other.execute("lock table inbox in access exclusive mode")
            slow = [asyncio.create_task(drip(web.port, start, 0.5)) for start in starts]
            asked = asyncio.create_task(ask(web.port, a_message()))
            await asyncio.to_thread(wait_until, lambda: _waits_for_lock(database_url))
            ended = asyncio.create_task(asyncio.to_thread(web.end))
            await asyncio.sleep(0.2)
            other.rollback()
        answers = await asked, await ended
        await _cancel(slow)
        return answers

    assert (200, True) == asyncio.run(end_in_the_middle())
    assert 1 == kept()


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _waits_for_lock(url: str) -> bool:
    with psycopg.connect(_plain(url)) as connection:
        waiting = connection.execute(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
            " and datname = current_database()"
        )
        return waiting.fetchone() is not None


def test_a_dead_worker_is_replaced_while_the_other_answers(
    start: Callable[..., Web],
):
    web = start(WEB_CONCURRENCY="2")
    first, second = web.workers
    first.kill()
    wait_until(lambda: len(web.workers) == 2 and first not in web.workers)

    assert second in web.workers
    assert {200} == {asyncio.run(ask(web.port, HEALTH)) for _ in range(10)}
    wait_until(web.is_up)
    assert web.end()

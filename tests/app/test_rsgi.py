"""Requests are answered, on a thread or without one, each once."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

from app.rsgi import Limits, WholeRequests
from app.together import Together
from tests.app.test_wsgi import Headers, Scope
from tests.builders.loop import in_a_loop


@dataclass
class Protocol:
    """The other side of a connection, as Granian has it."""

    told: list[tuple[int, bytes]] = field(default_factory=list)

    def response_bytes(self, status: int, _headers: Any, body: bytes) -> None:
        self.told.append((status, body))


class Echo:
    """An application that says the query back, once it was asked together."""

    def __init__(self) -> None:
        self.together: Together[str, str] = Together(list, wait_s=30)

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/broken":
            raise LookupError("broken")
        told = self.together.ask(environ["QUERY_STRING"])
        start("200 OK", [])
        return [told.encode()]


def _served(threads: int, paths: list[str]) -> list[Protocol]:
    limits = Limits(threads, 10, lambda _: 1000, lambda path, _: path != "/on-thread")
    server = WholeRequests(Echo(), limits)
    protocols = [Protocol() for _ in paths]

    async def all_at_once() -> None:
        server.__rsgi_init__(asyncio.get_running_loop())
        waiting = [
            server.__rsgi__(_scope(path, number), protocols[number])  # type: ignore[arg-type]
            for number, path in enumerate(paths)
        ]
        await asyncio.gather(*waiting)

    in_a_loop(asyncio.wait_for(all_at_once(), 30))
    return protocols


def _scope(path: str, number: int) -> Any:
    return Scope(path, "GET", str(number), headers=_In(("host", "shop.example")))


class _In(Headers):
    def __contains__(self, name: str) -> bool:
        return name in dict(self.items())


def test_requests_that_give_way_need_no_thread():
    answers = _served(0, ["/"] * 40)

    assert [[(200, b"%d" % each)] for each in range(40)] == [x.told for x in answers]


def test_others_take_a_thread_each_in_turn():
    answers = _served(2, ["/", "/on-thread"] * 20)

    assert [[(200, b"%d" % each)] for each in range(40)] == [x.told for x in answers]


def test_one_that_fails_holds_up_no_other():
    answers = _served(0, ["/", "/broken", "/"])

    assert [[(200, b"0")], [], [(200, b"2")]] == [x.told for x in answers]


def test_a_request_that_is_broken_off_ends_alone():
    may_go_on = threading.Event()

    def work(asked: list[str]) -> list[str]:
        may_go_on.wait(30)
        return asked

    echo = Echo()
    echo.together = Together(work, wait_s=30)
    server = WholeRequests(echo, Limits(0, 10, lambda _: 1000, lambda *_: True))
    protocols = [Protocol() for _ in range(3)]

    async def one_breaks_off() -> None:
        server.__rsgi_init__(asyncio.get_running_loop())
        asked = [
            asyncio.ensure_future(server.__rsgi__(_scope("/", number), protocol))  # type: ignore[arg-type]
            for number, protocol in enumerate(protocols)
        ]
        await asyncio.sleep(0.05)
        asked[1].cancel()
        await asyncio.gather(asked[1], return_exceptions=True)
        may_go_on.set()
        await asyncio.gather(asked[0], asked[2])

    in_a_loop(asyncio.wait_for(one_breaks_off(), 30))
    assert [[(200, b"0")], [], [(200, b"2")]] == [each.told for each in protocols]

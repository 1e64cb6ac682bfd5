"""The load: a process of its own that sends requests made beforehand, cheaply.

It shares the cores with what it measures, so it does little: raw sockets that are kept
open, and of each answer it reads only the status and where it ends.
"""

from __future__ import annotations

import gc
import multiprocessing
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle

from tests.benchmarks.orders import OrderWriter, standing_request

_PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Deliveries:
    """Orders to deliver, by number, of their own customers or of these in turn."""

    numbers: range
    customers: range | list[int] | None = None

    def requests(self) -> list[bytes]:
        """The deliveries as bytes."""
        writer = OrderWriter()
        customers = cycle(self.customers or [None])
        return list(map(writer.request, self.numbers, customers))


@dataclass(frozen=True)
class Readings:
    """Questions for standings; with an etag each where the asker has seen one."""

    customers: list[int]
    etags: list[str] = field(default_factory=list)

    def requests(self) -> list[bytes]:
        """The questions as bytes, signed now."""
        etags = self.etags or [""] * len(self.customers)
        return list(map(standing_request, self.customers, etags))


@dataclass(frozen=True)
class Shots:
    """What became of requests: when each began and was answered, and at what cost."""

    began: list[float]
    answered: list[float]
    statuses: Counter[int]
    cpu_s: float

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        return max(self.answered) - min(self.began)

    @property
    def per_second(self) -> float:
        """How many were answered in a second."""
        return len(self.answered) / self.seconds

    @property
    def cpu_us(self) -> float:
        """The load's own cost of a request, in millionths of a second of a core."""
        return self.cpu_s / len(self.answered) * 1e6

    def expect(self, status: int) -> Shots:
        """Return this; raises AssertionError unless all answers had this status."""
        assert set(self.statuses) == {status}, dict(self.statuses)
        return self


class Load:
    """The process that sends; `start` returns at once, `fire` waits for the end."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        """Send from this pool's one process."""
        self._pool = pool

    def start(
        self,
        port: int,
        what: Deliveries | Readings,
        *,
        connections: int = 16,
        times: int = 1,
        per_second: float | None = None,
        starts_at: float = 0,
    ) -> Future[Shots]:
        """Send all that `what` says, so many times; paced where a rate is given."""
        return self._pool.submit(
            _fire, port, what, connections, times, per_second, starts_at
        )

    def fire(
        self,
        port: int,
        what: Deliveries | Readings,
        *,
        connections: int = 16,
        times: int = 1,
    ) -> Shots:
        """Send as fast as answers come."""
        return self.start(port, what, connections=connections, times=times).result()


def fire_here(port: int, what: Deliveries | Readings) -> Shots:
    """Send from this process, one after the other, while the load process is busy."""
    return _fire(port, what, 1, 1, None, 0)


@contextmanager
def load_process() -> Iterator[Load]:
    """A load process, for as long as the context lasts."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        yield Load(pool)


def _fire(
    port: int,
    what: Deliveries | Readings,
    connections: int,
    times: int,
    per_second: float | None,
    starts_at: float,
) -> Shots:
    requests = what.requests() * times
    gc.collect()
    gc.disable()
    try:
        return _Gun(port, requests, connections, per_second, starts_at).fire()
    finally:
        gc.enable()


class _Gun:
    """One run over a set of connections."""

    def __init__(
        self,
        port: int,
        requests: list[bytes],
        connections: int,
        per_second: float | None,
        starts_at: float,
    ) -> None:
        self._requests = requests
        self._gap_s = 1 / per_second if per_second else 0.0
        self._starts_at = starts_at
        self._began = [0.0] * len(requests)
        self._answered = [0.0] * len(requests)
        self._statuses: Counter[int] = Counter()
        self._sent = 0
        self._poll = select.poll()
        self._sockets: dict[int, socket.socket] = {}
        for _ in range(min(connections, len(requests))):
            opened = socket.create_connection(("127.0.0.1", port), timeout=30)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[opened.fileno()] = opened
            self._poll.register(opened, select.POLLIN)
        self._idle = list(self._sockets)
        self._asked: dict[int, int] = {}
        self._heard: dict[int, bytes] = {}

    def fire(self) -> Shots:
        """Send everything, and return what came of it."""
        time.sleep(max(0, self._starts_at - time.time()))
        cpu_before = time.process_time()
        start = self._starts_at or time.time()
        done, total = 0, len(self._requests)
        while done < total:
            wait_ms = self._send_due(start)
            news = self._poll.poll(_PATIENCE_MS if wait_ms is None else wait_ms)
            if not news and wait_ms is None:
                raise TimeoutError("the server does not answer")
            for number, _ in news:
                done += self._hear(number)
        cpu_s = time.process_time() - cpu_before
        for each in self._sockets.values():
            each.close()
        return Shots(self._began, self._answered, self._statuses, cpu_s)

    def _send_due(self, start: float) -> float | None:
        """Send what is due on idle connections; return how long to wait, in ms."""
        had_to_wait = not self._idle
        while self._idle and self._sent < len(self._requests):
            now, due = time.time(), start + self._sent * self._gap_s
            if due > now:
                return (due - now) * 1000
            number = self._idle.pop()
            # One that had to wait for a connection counts from when it was due.
            is_late = self._gap_s and had_to_wait
            self._began[self._sent] = due if is_late else now
            self._asked[number] = self._sent
            self._heard[number] = b""
            self._sockets[number].sendall(self._requests[self._sent])
            self._sent += 1
        return None

    def _hear(self, number: int) -> int:
        """Read from a connection; 1 where its answer is complete, else 0."""
        news = self._sockets[number].recv(65536)
        if not news:
            raise ConnectionError("the server closed a connection")
        heard = self._heard[number] + news
        self._heard[number] = heard
        head_end = heard.find(b"\r\n\r\n")
        if head_end < 0 or len(heard) < head_end + 4 + _body_bytes(heard[:head_end]):
            return 0
        self._answered[self._asked[number]] = time.time()
        self._statuses[int(heard[9:12])] += 1
        self._idle.append(number)
        return 1


def _body_bytes(head: bytes) -> int:
    """The length of an answer's body as its head says."""
    if head[9:12] in (b"304", b"204"):
        return 0
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0] or 0)

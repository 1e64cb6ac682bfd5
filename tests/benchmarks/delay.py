"""From a delivery to the balance that shows it, at a steady rate, and where time goes.

A balance counts as visible when a query of the members' balances, asked some hundred
times a second, first returns it; more often, the asking would take what is measured.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from concurrent.futures import Future
from typing import Any

import psycopg

from app.storage.inbox import LEASE_S
from tests.benchmarks.backlog import Backlog
from tests.benchmarks.home import Home, temporary_home
from tests.benchmarks.load import Deliveries, Load, Shots, load_process
from tests.benchmarks.orders import customer_id, customer_of, delivery_id
from tests.benchmarks.program import Program
from tests.benchmarks.rounds import Row, Size, quantile, spread

# What a delivery goes through, in order; what remains is seeing the balance.
STAGES = ("answer", "wait for a worker", "settle", "become visible")
_LIMITS_MS = {50: 100, 500: 500}
_SECONDS_MAX = 180

_CLAIMED = (
    "select delivery_id, extract(epoch from lease_until)::float8 from inbox"
    " where state = 'waiting' and lease_until is not null"
)
_TIMES = (
    "select delivery_id, extract(epoch from received_at)::float8,"
    " extract(epoch from finished_at)::float8 from inbox where delivery_id = any(%s)"
)


def measure(size: Size) -> list[Row]:
    """Deliver steadily to the Procfile's processes, slowly and fast in turn."""
    with temporary_home() as home, load_process() as load:
        web, worker = home.web(WEB_REQUEST_SECONDS="60"), home.worker()
        home.clock()
        backlog = Backlog(home.inbox, load, web, [worker], size.customers)
        points = _points_of_an_order(home)
        runs: dict[int, list[_Run]] = {rate: [] for rate in _LIMITS_MS}
        for _ in range(size.rounds):
            for rate, done in runs.items():
                # Two seconds more than is counted, for everything to get warm.
                numbers = backlog.take(int(rate * (size.seconds * 2 + 2)))
                done.append(_Run(home, load, web, numbers, rate, points).go())
        home.inbox.prove_settled()
    return [row for rate, done in runs.items() for row in _rows(rate, done)]


def _rows(rate: int, runs: list[_Run]) -> list[Row]:
    stages = {
        stage: [value for run in runs for value in run.stages_ms[stage]]
        for stage in STAGES
    }
    where = ", ".join(
        f"{stage} {quantile(values, 0.5):.1f} / {quantile(values, 0.99):.1f} ms"
        for stage, values in stages.items()
        if values
    )
    what = f"Delivery to visible balance at {rate} a second"
    return [
        Row(
            f"{what}, p50", "ms", spread([quantile(run.total_ms, 0.5) for run in runs])
        ),
        Row(
            f"{what}, p99",
            "ms",
            spread([quantile(run.total_ms, 0.99) for run in runs]),
            at_most=_LIMITS_MS[rate],
            note=f"p50 / p99 of its parts: {where}",
        ),
    ]


def _points_of_an_order(home: Home) -> int:
    """Every order is for the same goods, so each earns what a customer's first did."""
    first = customer_id(0)
    return home.inbox.available([first])[first]


class _Run:
    """Deliveries at one rate, each followed until its points are seen."""

    def __init__(
        self,
        home: Home,
        load: Load,
        web: Program,
        numbers: range,
        rate: int,
        points: int,
    ) -> None:
        self._home, self._load, self._web = home, load, web
        self._numbers, self._rate, self._points = numbers, rate, points
        self._database: psycopg.Connection[Any] = home.connect()
        self._seen: dict[int, float] = {}
        self._claimed: dict[str, float] = {}
        self.total_ms: list[float] = []
        self.stages_ms: dict[str, list[float]] = defaultdict(list)

    def go(self) -> _Run:
        """Deliver and watch, then work out the times."""
        customers = list({customer_id(customer_of(each)) for each in self._numbers})
        earned = self._home.inbox.available(customers)
        # The load process needs a moment to write its requests.
        starts_at = time.time() + 1 + len(self._numbers) / 5_000
        shots = self._load.start(
            self._web.port,
            Deliveries(self._numbers),
            per_second=self._rate,
            starts_at=starts_at,
        )
        self._watch(starts_at, earned, shots)
        self._reckon(shots.result().expect(200))
        self._database.close()
        return self

    def _watch(
        self, starts_at: float, earned: dict[str, int], shots: Future[Shots]
    ) -> None:
        """Look at standings until every order's points have been seen."""
        outstanding: dict[str, deque[int]] = defaultdict(deque)
        sent, total = 0, len(self._numbers)
        deadline = starts_at + total / self._rate + _SECONDS_MAX
        while len(self._seen) < total:
            if shots.done():
                shots.result().expect(200)
            assert time.time() < deadline, "not all balances were seen"
            due = min(total, int((time.time() - starts_at) * self._rate) + 1)
            for number in self._numbers[sent : max(sent, due)]:
                outstanding[customer_id(customer_of(number))].append(number)
            sent = max(sent, due)
            self._look(outstanding, earned)
            time.sleep(0.008)

    def _look(self, outstanding: dict[str, deque[int]], earned: dict[str, int]) -> None:
        for delivery, lease_until in self._database.execute(_CLAIMED, prepare=True):
            self._claimed[delivery] = lease_until - LEASE_S
        balances = self._home.inbox.available(list(outstanding))
        now = time.time()
        for customer, balance in balances.items():
            while earned.get(customer, 0) + self._points <= balance:
                earned[customer] = earned.get(customer, 0) + self._points
                self._seen[outstanding[customer].popleft()] = now
            if not outstanding[customer]:
                del outstanding[customer]

    def _reckon(self, shots: Shots) -> None:
        ids = [delivery_id(number) for number in self._numbers]
        times = {row[0]: row[1:] for row in self._database.execute(_TIMES, [ids])}
        warm = 2 * self._rate
        for place, number in list(enumerate(self._numbers))[warm:]:
            received, finished = times[ids[place]]
            claimed = self._claimed.get(ids[place])
            began, seen = shots.began[place], self._seen[number]
            self.total_ms.append((seen - began) * 1000)
            parts = {
                "answer": shots.answered[place] - began,
                "wait for a worker": claimed and claimed - received,
                "settle": claimed and finished - claimed,
                "become visible": seen - finished,
            }
            for stage, seconds in parts.items():
                if seconds is not None:
                    self.stages_ms[stage].append(seconds * 1000)

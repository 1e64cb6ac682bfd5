"""A burst of deliveries: the memory that it costs, and how it is worked off."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.backlog import Backlog
from tests.benchmarks.home import temporary_home, wait_until_idle
from tests.benchmarks.load import Deliveries, load_process
from tests.benchmarks.rounds import Row, Size, compared, spread

_CONNECTIONS = 64


def measure(size: Size) -> list[Row]:
    """Send bursts to a web process and a worker, which are weighed over all of them.

    No clock runs: it takes what a worker has left for a second, and would so help with
    a backlog more than with what a burst leaves.
    """
    refused: list[float] = []
    left: list[int] = []
    per_second: list[float] = []
    drained: list[float] = []
    settled: list[float] = []
    with temporary_home() as home, load_process() as load:
        web, worker = home.web(), home.worker()
        backlog = Backlog(home.inbox, load, web, [worker], size.customers)
        with web.weighed() as web_most, worker.weighed() as worker_most:
            before = web.memory_mb()
            for _ in range(size.rounds):
                settled.append(backlog.settled_per_second(size.orders))
                burst = Deliveries(backlog.take(size.burst))
                shots = load.fire(web.port, burst, connections=_CONNECTIONS)
                left.append(home.inbox.waiting())
                seconds = wait_until_idle(home.inbox) - max(shots.answered)
                drained.append(left[-1] / seconds if left[-1] else settled[-1])
                refused.append(len(shots.answered) - shots.statuses[200])
                per_second.append(shots.per_second)
            grown, web_mb, worker_mb = web_most() - before, web_most(), worker_most()
        home.inbox.prove_settled()
    return [
        Row(
            f"Burst of {size.burst:,} deliveries, answers other than 200",
            "",
            spread(refused),
            at_most=0,
            note=f"{_CONNECTIONS} connections, {median(per_second):,.0f} deliveries a"
            f" second, {median(left):,.0f} left when the last was answered",
        ),
        compared(
            "Burst worked off",
            "a second",
            (drained, settled),
            baseline="a backlog worked off by the same processes, without a burst",
            at_least=0.9,
        ),
        Row("Memory that the web process grew by", "MB", spread([grown]), at_most=50),
        Row("Memory of the web process, at most", "MB", spread([web_mb]), at_most=120),
        Row("Memory of the worker, at most", "MB", spread([worker_mb]), at_most=150),
    ]

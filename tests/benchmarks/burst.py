"""A burst of deliveries: the memory that it costs, and how it is worked off."""

from __future__ import annotations

from tests.benchmarks.backlog import Backlog
from tests.benchmarks.home import temporary_home, wait_until_idle
from tests.benchmarks.load import Deliveries, load_process
from tests.benchmarks.rounds import Row, Size, compared, spread

_CONNECTIONS = 64


def measure(size: Size) -> list[Row]:
    """Send one burst to the Procfile's processes; memory grows only once."""
    with temporary_home() as home, load_process() as load:
        web, worker, clock = home.web(), home.worker(), home.clock()
        backlog = Backlog(home.inbox, load, web, [worker, clock], size.customers)
        settle_rate = backlog.settled_per_second(size.orders)
        with web.weighed() as web_most, worker.weighed() as worker_most:
            before = web.memory_mb()
            burst = Deliveries(backlog.take(size.burst))
            shots = load.fire(web.port, burst, connections=_CONNECTIONS)
            left = home.inbox.waiting()
            ended = wait_until_idle(home.inbox)
            drain_rate = left / (ended - max(shots.answered)) if left else settle_rate
            grown, web_mb, worker_mb = web_most() - before, web_most(), worker_most()
        home.inbox.prove_settled()
    refused = len(shots.answered) - shots.statuses[200]
    return [
        Row(
            f"Burst of {size.burst:,} deliveries, answers other than 200",
            "",
            spread([refused]),
            at_most=0,
            note=f"{_CONNECTIONS} connections, {shots.per_second:,.0f} deliveries a"
            f" second, {left:,} left when the last was answered",
        ),
        compared(
            "Burst worked off",
            "a second",
            ([drain_rate], [settle_rate]),
            baseline="a backlog worked off by the same processes without a burst",
            at_least=0.9,
        ),
        Row("Memory that the web process grew by", "MB", spread([grown]), at_most=50),
        Row("Memory of the web process, at most", "MB", spread([web_mb]), at_most=120),
        Row("Memory of the worker, at most", "MB", spread([worker_mb]), at_most=150),
    ]

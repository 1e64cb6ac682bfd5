"""Orders settled in a second, from the inbox to the standing, by a worker a core."""

from __future__ import annotations

from tests.benchmarks.backlog import Backlog
from tests.benchmarks.home import temporary_home
from tests.benchmarks.load import load_process
from tests.benchmarks.pgbench import BASELINE, PgBench
from tests.benchmarks.rounds import Row, Size, compared, interleaved


def measure(size: Size) -> list[Row]:
    """Drain a backlog with two workers and run pgbench, in turn."""
    with temporary_home() as home, load_process() as load:
        pgbench = PgBench(home)
        web = home.web()
        backlog = Backlog(
            home.inbox, load, web, [home.worker(), home.worker()], size.customers
        )
        columns = interleaved(
            size.rounds,
            lambda: backlog.settled_per_second(size.orders),
            lambda: pgbench.transactions_per_second(size.seconds),
        )
    return [
        compared(
            "Orders settled, inbox to standing",
            "a second",
            columns,
            baseline=BASELINE,
            at_least=1.0,
            note=f"two worker processes, {size.orders} orders waiting, of 1,000 known"
            " customers and 10 % new ones",
        )
    ]

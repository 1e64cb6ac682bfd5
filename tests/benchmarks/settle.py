"""Orders settled in a second, from the inbox to the standing, by a worker a core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.backlog import Backlog
from tests.benchmarks.home import Home, temporary_home
from tests.benchmarks.load import load_process
from tests.benchmarks.pgbench import BASELINE, PgBench
from tests.benchmarks.rounds import Row, Size, compared, interleaved

WHAT = "Orders settled, inbox to standing"
# What a flush to the disk takes longer in the second row, in millionths of a second.
SLOWER_US = 1_000


def measure(size: Size) -> list[Row]:
    """Drain a backlog with two workers and run pgbench, in turn.

    Then both again on a disk that is slower to say that it has kept something: the one
    waits for that with every transaction, the other with every batch.
    """
    with temporary_home() as home, load_process() as load:
        pgbench = PgBench(home)
        web = home.web()
        backlog = Backlog(
            home.inbox, load, web, [home.worker(), home.worker()], size.customers
        )

        def columns() -> list[list[float]]:
            return interleaved(
                size.rounds,
                lambda: backlog.settled_per_second(size.orders),
                lambda: pgbench.transactions_per_second(size.seconds),
            )

        as_it_is = columns()
        with _slower_flushes(home):
            slower = columns()
    note = (
        f"two worker processes, {size.orders} orders waiting, of 1,000 known customers"
        " and 10 % new ones"
    )
    return [
        compared(
            WHAT, "a second", as_it_is, baseline=BASELINE, at_least=1.0, note=note
        ),
        compared(
            f"{WHAT}, where a flush takes {SLOWER_US // 1000} ms longer",
            "a second",
            slower,
            baseline=BASELINE,
            note=f"the same, with commit_delay {SLOWER_US} and commit_siblings 0",
        ),
    ]


@contextmanager
def _slower_flushes(home: Home) -> Iterator[None]:
    """Have PostgreSQL wait before it flushes what was committed, and others with it."""
    database = home.connect()
    settings = {"commit_delay": SLOWER_US, "commit_siblings": 0}
    for name, value in settings.items():
        database.execute(f"alter system set {name} = {value}")
    database.execute("select pg_reload_conf()")
    try:
        yield
    finally:
        for name in settings:
            database.execute(f"alter system reset {name}")
        database.execute("select pg_reload_conf()")

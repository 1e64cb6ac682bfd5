"""Deliveries accepted durably in a second, against a bare handler."""

from __future__ import annotations

from itertools import count

from tests.benchmarks.bare.setup import DATABASE, bare_database
from tests.benchmarks.home import temporary_home
from tests.benchmarks.inbox import Inbox
from tests.benchmarks.load import Deliveries, load_process
from tests.benchmarks.rounds import Row, Size, compared, interleaved

BASELINE = "bare Flask handler, same server: HMAC, one prepared insert through psycopg"


def measure(size: Size) -> list[Row]:
    """Deliver to our app and to the bare handler in turn; no worker runs."""
    numbers = count()
    costs: list[float] = []
    with temporary_home() as home, load_process() as load:
        url = bare_database(home)
        ours = home.web()
        bare = home.web("tests.benchmarks.bare.web:create_receiver", DATABASE_URL=url)
        bare_inbox = Inbox(home.connect(DATABASE))

        def deliver(port: int, inbox: Inbox) -> float:
            first = next(numbers) * size.orders
            before = inbox.kept()
            shots = load.fire(port, Deliveries(range(first, first + size.orders)))
            shots.expect(200)
            assert inbox.kept() - before == size.orders
            costs.append(shots.cpu_us)
            return shots.per_second

        columns = interleaved(
            size.rounds,
            lambda: deliver(ours.port, home.inbox),
            lambda: deliver(bare.port, bare_inbox),
        )
    cost = sorted(costs)[len(costs) // 2]
    return [
        compared(
            "Deliveries accepted durably",
            "a second",
            columns,
            baseline=BASELINE,
            at_least=0.8,
            note=f"10 kB orders, 16 connections; the load itself costs {cost:.0f} µs"
            " of a core a delivery",
        )
    ]

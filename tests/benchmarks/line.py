"""The whole line at its limit: orders accepted and settled, against a bare line."""

from __future__ import annotations

from tests.benchmarks.backlog import Backlog
from tests.benchmarks.bare.setup import DATABASE, WORKER, bare_database
from tests.benchmarks.home import temporary_home, wait_until_idle
from tests.benchmarks.inbox import Inbox
from tests.benchmarks.load import Deliveries, Load, load_process
from tests.benchmarks.program import Program
from tests.benchmarks.rounds import Row, Size, compared, interleaved

BASELINE = (
    "bare line: Flask, HMAC, one row, coalesced bell by RQ, SimpleWorker that writes"
    " the same rows two hundred at a time in plain SQL"
)


def measure(size: Size) -> list[Row]:
    """Saturate the Procfile's processes and the bare line in turn."""
    with temporary_home() as home, load_process() as load:
        url = bare_database(home)
        bare_inbox = Inbox(home.connect(DATABASE))
        bare_web = home.web("tests.benchmarks.bare.web:create_line", DATABASE_URL=url)
        bare_worker = home.worker(WORKER, DATABASE_URL=url)
        web, worker, clock = home.web(), home.worker(), home.clock()
        ours = _Line(home.inbox, load, web, [worker, clock], size.customers)
        bare = _Line(bare_inbox, load, bare_web, [bare_worker], size.customers)
        columns = interleaved(
            size.rounds,
            lambda: ours.orders_per_second(size.orders),
            lambda: bare.orders_per_second(size.orders),
        )
    return [
        compared(
            "Whole line saturated, orders accepted and settled",
            "a second",
            columns,
            baseline=BASELINE,
            at_least=0.6,
            note="from the first delivery until the last order stands in the standing;"
            " web, worker and clock as in the Procfile, 16 connections, the load on the"
            " same two cores",
        )
    ]


class _Line:
    """A line that runs; the other one stands still meanwhile."""

    def __init__(
        self,
        inbox: Inbox,
        load: Load,
        web: Program,
        rest: list[Program],
        customers: int,
    ) -> None:
        self._load, self._web, self._inbox = load, web, inbox
        self._backlog = Backlog(inbox, load, web, rest, customers)
        self._programs = [web, *rest]
        self._stand_still()

    def orders_per_second(self, orders: int) -> float:
        """Deliver as fast as they are taken; return the rate until all are settled."""
        for program in self._programs:
            program.resume()
        numbers = self._backlog.take(orders)
        shots = self._load.fire(self._web.port, Deliveries(numbers)).expect(200)
        ended = wait_until_idle(self._inbox)
        self._inbox.prove_settled()
        self._stand_still()
        return orders / (ended - min(shots.began))

    def _stand_still(self) -> None:
        for program in self._programs:
            program.pause()

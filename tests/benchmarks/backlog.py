"""A backlog, filled while the workers stand still, and how fast it is worked off."""

from __future__ import annotations

import time

from tests.benchmarks.home import wait_until_idle
from tests.benchmarks.inbox import Inbox
from tests.benchmarks.load import Deliveries, Load, fire_here
from tests.benchmarks.program import Program


class Backlog:
    """Fills the inbox by way of the door, and has workers drain it."""

    def __init__(
        self,
        inbox: Inbox,
        load: Load,
        web: Program,
        workers: list[Program],
        customers: int,
    ) -> None:
        """Work with these programmes; so many customers become known here."""
        self._inbox, self._load, self._web, self._workers = inbox, load, web, workers
        self._next_number = 0
        self._deliver(customers, range(customers))
        wait_until_idle(self._inbox)
        self._inbox.analyze()

    def settled_per_second(self, orders: int) -> float:
        """Fill in so many orders, then let the workers loose; return their rate."""
        for worker in self._workers:
            worker.pause()
        self._deliver(orders)
        assert self._inbox.waiting() == orders
        began = time.time()
        for worker in self._workers:
            worker.resume()
        seconds = wait_until_idle(self._inbox) - began
        self._inbox.prove_settled()
        return orders / seconds

    def take(self, count: int) -> range:
        """The numbers of orders that nobody has delivered yet."""
        taken = range(self._next_number, self._next_number + count)
        self._next_number += count
        return taken

    def deliver_one(self, customer: int) -> None:
        """Deliver one order of a customer, whatever the load process does."""
        order = Deliveries(self.take(1), [customer])
        fire_here(self._web.port, order).expect(200)

    def _deliver(self, count: int, customers: range | None = None) -> None:
        orders = Deliveries(self.take(count), customers)
        self._load.fire(self._web.port, orders).expect(200)

"""Settling in a large ledger against a small one, and for long histories and short."""

from __future__ import annotations

import time
from itertools import count
from statistics import mean

from tests.benchmarks.home import Home, temporary_home
from tests.benchmarks.load import Deliveries, Load, load_process
from tests.benchmarks.multiply import entries, multiply
from tests.benchmarks.rounds import Row, Size, compared, interleaved
from tests.builders.copies import CUSTOMERS_APART
from workers.runtime import make_line

# Members that are settled, each with so many orders; the rest are copies of them.
_MEMBERS = range(100)
_ORDERS = 5
_LONG = range(200, 201)
_LONG_MEMBERS = 10
_SHORT_FROM = 300


def measure(size: Size) -> list[Row]:
    """Settle in two ledgers in turn, then for two sorts of members in one."""
    with (
        temporary_home() as small_home,
        temporary_home() as large_home,
        load_process() as load,
    ):
        small, large = _Ledger(small_home, load), _Ledger(large_home, load)
        by_size = _by_size(small, large, size)
        by_history = _by_history(small, size)
    return [
        compared(
            f"Settling in a ledger of {size.large_entries:,} entries",
            "ms an order",
            by_size,
            baseline=f"in one of {size.small_entries:,}",
            at_most=1.15,
            note=f"one process, {len(_MEMBERS)} orders of as many members together",
        ),
        compared(
            f"Settling for members with {size.member_entries:,} entries",
            "ms an order",
            by_history,
            baseline=f"for members with {2 * _ORDERS}",
            at_most=2,
            note=f"one process, {_LONG_MEMBERS} orders of as many members together",
        ),
    ]


def _by_size(small: _Ledger, large: _Ledger, size: Size) -> list[list[float]]:
    for ledger, wanted in (
        (large, size.large_entries),
        (small, size.small_entries),
    ):
        for _ in range(_ORDERS):
            ledger.place(_MEMBERS)
        made = entries(ledger.database)
        multiply(ledger.database, _MEMBERS, wanted // made - 1)
        assert entries(ledger.database) >= 0.9 * wanted
    # Several orders of each member a round: one takes too short a time to compare.
    return interleaved(
        size.rounds,
        lambda: mean(large.ms_an_order(_MEMBERS) for _ in range(_ORDERS)),
        lambda: mean(small.ms_an_order(_MEMBERS) for _ in range(_ORDERS)),
    )


def _by_history(ledger: _Ledger, size: Size) -> list[list[float]]:
    orders = size.member_entries // 2
    for done in range(0, orders, 100):
        ledger.place([_LONG.start] * min(100, orders - done))
    multiply(ledger.database, _LONG, _LONG_MEMBERS - 1)
    long = range(_LONG.start, CUSTOMERS_APART * _LONG_MEMBERS, CUSTOMERS_APART)
    # Members whose history must be short are new in each round.
    rounds = size.rounds + 1
    short = range(_SHORT_FROM, _SHORT_FROM + rounds * _LONG_MEMBERS)
    for _ in range(_ORDERS):
        ledger.place(short)
    turns = count()

    def next_short() -> range:
        first = next(turns) * _LONG_MEMBERS
        return short[first : first + _LONG_MEMBERS]

    return interleaved(
        size.rounds,
        lambda: ledger.ms_an_order(long),
        lambda: ledger.ms_an_order(next_short()),
    )


class _Ledger:
    """A home whose inbox is drained by this process, and timed."""

    def __init__(self, home: Home, load: Load) -> None:
        self._load = load
        self._web = home.web()
        self._inbox = home.inbox
        self._line = make_line(home.settings)
        self._next_number = 0
        self.database = home.database

    def place(self, customers: range | list[int]) -> float:
        """Have each of these customers place an order; return the seconds to settle."""
        first, self._next_number = self._next_number, self._next_number + len(customers)
        orders = Deliveries(range(first, self._next_number), customers)
        self._load.fire(self._web.port, orders).expect(200)
        began = time.perf_counter()
        assert self._line.drain() == len(customers)
        return time.perf_counter() - began

    def ms_an_order(self, customers: range) -> float:
        """The same in milliseconds an order; raises where one earned nothing."""
        before = self._inbox.credited()
        seconds = self.place(customers)
        assert self._inbox.credited() - before == len(customers)
        return seconds / len(customers) * 1000

"""A large table changed while stores deliver and somebody reads for long."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg

from app.storage.database import Database
from app.storage.migrating import upgrade
from tests.benchmarks.home import Home, temporary_home
from tests.benchmarks.load import Deliveries, Load, Shots, load_process
from tests.benchmarks.program import Program
from tests.benchmarks.rounds import Row, Size, spread
from tests.builders.expansion import (
    BRIEF,
    CHECKED,
    EXPANDED,
    LASTING,
    config_with_expansion,
)
from tests.builders.next_migration import undo

# So many deliver at a time, and so much altogether.
_CONNECTIONS, _PER_SECOND = 4, 50
# A try waits 150 ms for its locks; besides that, an answer takes what it always takes.
_LONGEST_MS = 250
_COPIES_AT_ONCE = 100

# As rows are once their bodies were dropped; there are no better originals than these.
_COPY = """
    insert into inbox (program_id, store_id, platform, domain, topic, delivery_id,
                       event_id, triggered_at, received_at, state, attempts,
                       lease_epoch, finished_at, order_id, customer_id)
    select program_id, store_id, platform, domain, topic, delivery_id || '-' || copy,
           event_id, triggered_at, received_at, state, attempts,
           lease_epoch, finished_at, order_id || '-' || copy, customer_id
    from inbox, generate_series(%s::bigint, %s::bigint) as copy
    where body is not null
"""


def measure(size: Size) -> list[Row]:
    """Change and change back, behind a reader and without, as we do and plainly."""
    with temporary_home() as home, load_process() as load:
        changing = _Changing(home, load, home.web(), size)
        home.worker()
        ours: list[float] = []
        plain: list[float] = []
        for _ in range(changing.rounds):
            ours.append(changing.behind_a_reader(changing.migrate))
            plain.append(changing.behind_a_reader(changing.migrate_plainly))
        there, back = changing.seconds()
    rows, reader_s = f"{size.large_entries:,} rows", changing.reader_s
    told = changing.not_200
    return [
        Row(
            f"Longest answer to a delivery while a table of {rows} changes behind a"
            f" reader of {reader_s:g} s",
            "ms",
            spread(ours),
            baseline="the same statements without lock_timeout:"
            f" {min(plain):,.0f} to {max(plain):,.0f} ms",
            at_most=_LONGEST_MS,
            note="a column, a check and an index;"
            f" {_PER_SECOND} deliveries a second over {_CONNECTIONS} connections, and a"
            " worker; of a delivery that had to wait for a connection, from when it was"
            " due",
        ),
        Row(
            "Answers other than 200 meanwhile",
            "",
            spread(told[changing.migrate.__name__]),
            baseline="without lock_timeout:"
            f" {max(told[changing.migrate_plainly.__name__]):g}",
            at_most=0,
        ),
        Row(f"Changing a table of {rows}, deliveries going on", "s", spread(there)),
        Row("Changing it back", "s", spread(back)),
    ]


class _Changing:
    """A large inbox that deliveries come into, and a migration of it."""

    def __init__(self, home: Home, load: Load, web: Program, size: Size) -> None:
        self._url = home.database_url()
        self._load, self._web = load, web
        self.reader_s = 2 * size.seconds
        self.rounds = size.rounds
        self._next_number = 0
        self._database = Database(self._url, wait_s=60)
        folder = home.folder / "migrations"
        folder.mkdir()
        self._config, self._head = config_with_expansion(self._database, folder)
        self.not_200: dict[str, list[float]] = {}
        self._fill(home, size.orders, size.large_entries)

    def _fill(self, home: Home, originals: int, rows: int) -> None:
        self._load.fire(self._web.port, self._orders(originals)).expect(200)
        # No worker has begun: nothing of these rows is in anybody's hands.
        home.database.execute(
            "update inbox set state = 'settled', finished_at = now(), attempts = 1"
        )
        copies = rows // originals - 1
        for first in range(1, copies + 1, _COPIES_AT_ONCE):
            last = min(copies, first + _COPIES_AT_ONCE - 1)
            home.database.execute(_COPY, [first, last])
        assert home.inbox.kept() >= 0.9 * rows
        home.database.execute("vacuum analyze")
        home.database.execute("checkpoint")

    def migrate(self) -> None:
        """Change the table as `tallymark migrate` does."""
        upgrade(self._config, EXPANDED)

    def migrate_plainly(self) -> None:
        """Send the same statements, and have all wait that come after them."""
        with psycopg.connect(self._url) as connection:
            for statement in BRIEF:
                connection.execute(statement)
        with psycopg.connect(self._url, autocommit=True) as connection:
            for statement in (*LASTING, CHECKED):
                connection.execute(statement)

    def behind_a_reader(self, change: Callable[[], None]) -> float:
        """Change while somebody reads; return the longest answer in milliseconds."""
        # Some come when all is over again, as in the beginning.
        shots = self._deliver(self.reader_s * 1.5)
        time.sleep(self.reader_s / 8)
        with ThreadPoolExecutor(1) as other, psycopg.connect(self._url) as reader:
            reader.execute("select count(*) from inbox")
            changing = other.submit(change)
            time.sleep(self.reader_s)
            reader.commit()
            changing.result(300)
        self._change_back(change)
        told = shots()
        refused = len(told.answered) - told.statuses[200]
        self.not_200.setdefault(change.__name__, []).append(refused)
        pairs = zip(told.began, told.answered, strict=True)
        return max(answered - began for began, answered in pairs) * 1000

    def _change_back(self, change: Callable[[], None]) -> None:
        if change == self.migrate:
            undo(self._config, self._head)
        else:
            with psycopg.connect(self._url) as connection:
                connection.execute("alter table inbox drop column shift")

    def seconds(self) -> tuple[list[float], list[float]]:
        """How long it takes with nobody in the way, and back again."""
        there: list[float] = []
        back: list[float] = []
        for _ in range(self.rounds):
            shots = self._deliver(self.reader_s)
            time.sleep(self.reader_s / 8)
            began = time.monotonic()
            self.migrate()
            changed = time.monotonic()
            undo(self._config, self._head)
            there.append(changed - began)
            back.append(time.monotonic() - changed)
            shots().expect(200)
        return there, back

    def _deliver(self, seconds: float) -> Callable[[], Shots]:
        """Have deliveries come for so long; returns what waits for their answers."""
        orders = self._orders(round(seconds * _PER_SECOND))
        return self._load.start(
            self._web.port, orders, connections=_CONNECTIONS, per_second=_PER_SECOND
        ).result

    def _orders(self, count: int) -> Deliveries:
        first, self._next_number = self._next_number, self._next_number + count
        return Deliveries(range(first, self._next_number))

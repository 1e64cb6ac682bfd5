"""A standby that takes over when the primary is gone: what is lost, what is not."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.local.binaries import postgres_candidates
from app.local.postgres import LOGIN, EmbeddedPostgres
from app.local.processes import working_in
from app.storage import stores
from app.storage.database import ROLES, Database
from app.storage.reconciliations import Reconciliation
from app.storage.sealing import Keyring
from tests.builders.line import DOMAIN
from tests.builders.past_customers import CustomersInMemory
from tests.builders.past_orders import OrdersInMemory
from tests.faults.web import wait_until
from tests.scaling import fleet as fleets
from tests.scaling.fleet import Fleet
from tests.scaling.traffic import Traffic, refund_of
from workers.compare_customers import ComparingCustomers
from workers.compare_disputes import ComparingDisputes
from workers.reconcile import Reconciling

# Before the first order of the traffic was placed.
SINCE = datetime(2026, 10, 31, tzinfo=UTC)

pytestmark = pytest.mark.timeout(600)


class Pair:
    """A primary and a standby that follows it."""

    def __init__(self, folder: Path) -> None:
        self._primary = EmbeddedPostgres(folder / "primary", roles=ROLES)
        self._standby = EmbeddedPostgres(folder / "standby")
        self._primary_data = folder / "primary" / "data"
        self._standby_data = folder / "standby" / "data"
        self.primary_url = fleets.plain(self._primary.start())
        self._standby_data.parent.mkdir()
        self._copy()
        self.standby_url = fleets.plain(self._standby.start())
        wait_until(lambda: self._ask("select count(*) from pg_stat_replication") == 1)

    @property
    def url(self) -> str:
        """Leads what runs to whichever of the two can be written to."""
        hosts = [
            str(make_url(url).query["host"])
            for url in (self.primary_url, self.standby_url)
        ]
        return (
            f"postgresql://{LOGIN}@/tallymark?host={','.join(hosts)}"
            "&port=5432,5432&target_session_attrs=read-write"
        )

    def be_synchronous(self) -> None:
        """Let a commit end only when the standby has it too."""
        with psycopg.connect(self.primary_url, autocommit=True) as connection:
            connection.execute("alter system set synchronous_standby_names = '*'")
            connection.execute("select pg_reload_conf()")
        wait_until(
            lambda: self._ask("select sync_state from pg_stat_replication") == "sync"
        )

    def wait_until_followed(self) -> None:
        """Wait until the standby has all that the primary has written so far."""
        behind = "select pg_current_wal_lsn() - flush_lsn from pg_stat_replication"
        wait_until(lambda: self._ask(behind) == 0)

    def cut_the_wire(self) -> psutil.Process:
        """Freeze what sends the standby its news, and return that process."""
        [sender] = [
            each
            for each in working_in(self._primary_data, {"postgres"})
            if any("walsender" in word for word in each.cmdline())
        ]
        sender.send_signal(signal.SIGSTOP)
        return sender

    def fail_over(self) -> None:
        """Lose the primary at once, and promote the standby."""
        self._primary.kill()
        with psycopg.connect(self.standby_url, autocommit=True) as connection:
            [promoted] = connection.execute("select pg_promote()").fetchone() or [False]
        assert promoted

    def end(self) -> None:
        """End both."""
        for server in (self._standby, self._primary):
            server.kill()

    def _copy(self) -> None:
        program = postgres_candidates()[0].folder / "pg_basebackup"
        url = make_url(self.primary_url)
        source = f"host={url.query['host']} port=5432 user=tallymark"
        command = [program, "-D", self._standby_data, "-R", "-c", "fast", "-d", source]
        subprocess.run(command, check=True, capture_output=True)

    def _ask(self, question: str) -> object:
        with psycopg.connect(self.primary_url) as connection:
            row = connection.execute(question).fetchone()
        return row[0] if row else None


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """A primary and its standby, with the store in them."""
    made = Pair(tmp_path)
    fleets.prepare(made.primary_url, tmp_path / "home")
    yield made
    made.end()


def test_a_promoted_standby_has_all_that_was_acknowledged(
    pair: Pair, new_fleet: Callable[..., Fleet]
):
    """In short, with the suite: all that the standby lacks was never acknowledged."""
    pair.be_synchronous()
    fleet = new_fleet(pair.url, webs=1, workers=1)
    traffic = Traffic(fleet.ports)

    with traffic.flowing():
        traffic.wait_for(60)
        pair.cut_the_wire()
        # What the standby had by then may still be on its way to the store.
        time.sleep(1)
        before = len(traffic.times)
        time.sleep(3)
        meanwhile = len(traffic.times) - before
        pair.fail_over()
        traffic.wait_for(60)
    assert 0 == meanwhile
    with psycopg.connect(pair.standby_url, autocommit=True) as connection:
        connection.execute(
            "update inbox set lease_until = clock_timestamp()"
            " where state = 'waiting' and lease_until is not null"
        )

    fleets.judge(fleet, traffic, pair.standby_url)


@pytest.mark.scaling
def test_a_synchronous_standby_loses_nothing_under_load(
    pair: Pair, new_fleet: Callable[..., Fleet]
):
    pair.be_synchronous()
    fleet = new_fleet(pair.url)
    traffic = Traffic(fleet.ports)

    with traffic.flowing():
        traffic.wait_for(300)
        pair.fail_over()
        traffic.wait_for(300)

    fleets.judge(fleet, traffic, pair.standby_url)


@pytest.mark.scaling
def test_without_its_synchronous_standby_nothing_is_acknowledged(
    pair: Pair, new_fleet: Callable[..., Fleet]
):
    pair.be_synchronous()
    fleet = new_fleet(pair.url)
    traffic = Traffic(fleet.ports)
    traffic.send(orders=5)
    fleets.wait_until_settled(pair.primary_url)
    before = len(traffic.times)

    sender = pair.cut_the_wire()
    with traffic.flowing():
        # Longer than a statement of a web process may take: a commit that waits for
        # the standby must not end as if it had heard from it.
        time.sleep(8)
        meanwhile = len(traffic.times) - before
        sender.send_signal(signal.SIGCONT)
        traffic.wait_for(20)
    pair.fail_over()

    assert 0 == meanwhile
    fleets.judge(fleet, traffic, pair.standby_url)


@pytest.mark.scaling
def test_what_an_asynchronous_standby_lacks_is_found_in_the_store_itself(
    pair: Pair, new_fleet: Callable[..., Fleet], tmp_path: Path
):
    fleet = new_fleet(pair.url)
    traffic = Traffic(fleet.ports)
    traffic.send(orders=60)
    fleets.wait_until_settled(pair.primary_url)
    before = set(traffic.acknowledged)
    whole = [number for number in range(5, 60) if number % 3][:10]
    pair.wait_until_followed()

    pair.cut_the_wire()
    traffic.send(orders=30)
    traffic.send_again([refund_of(number) for number in whole])
    late = set(traffic.acknowledged) - before
    pair.fail_over()
    fleet.wait_until_ready()
    fleets.wait_until_settled(pair.standby_url)

    missing = fleets.lost(pair.standby_url, traffic)
    assert late == missing
    assert traffic.points() != fleets.points(pair.standby_url)
    store = traffic.store(unheard=missing)
    found = _reconciled(pair, tmp_path, store)
    fleets.wait_until_settled(pair.standby_url)

    print(
        f"\n{len(missing)} of {len(traffic.acknowledged)} deliveries lost, of "
        f"{found.looked_at} orders {found.unknown} were unknown, {found.outdated} old"
    )
    assert (90, 30, 10) == (found.looked_at, found.unknown, found.outdated)
    assert traffic.points() == fleets.points(pair.standby_url)
    assert 0 == _reconciled(pair, tmp_path, store).missed

    # What is delivered again after all counts no second time.
    traffic.send_again([traffic.acknowledged[each] for each in sorted(missing)])
    fleets.judge(fleet, traffic, pair.standby_url)


def _reconciled(pair: Pair, folder: Path, past: OrdersInMemory) -> Reconciliation:
    """Compare with the store's own list, as the clock does every night."""
    database, keys = Database(pair.standby_url), Keyring([fleets.SEALING])
    nobody = CustomersInMemory()
    people = ComparingCustomers(
        database, keys, fleets.SECRET_KEY, folder, lambda _: nobody
    )
    disputes = ComparingDisputes(database, keys, lambda _: None)
    reconciling = Reconciling(database, keys, lambda _: past, people, disputes)
    with database.auditor() as connection:
        store = stores.the_store(connection, "shopify", DOMAIN)
    found = reconciling.reconcile(store, past, SINCE, datetime.now(UTC))
    database.close()
    return found

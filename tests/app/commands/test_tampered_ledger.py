"""`tallymark verify` names the first row of the ledger that somebody tampered with."""

from __future__ import annotations

import re

import pytest
import structlog

from app.domain.errors import BrokenLedger
from app.storage.findings import last_look
from tests.app.commands.conftest import Run
from tests.builders.line import TestLine
from tests.builders.shopify import a_refund, an_order
from workers.checkpoints import kept_checkpoints

ADA, EVE = 7001, 7002
_NAMES = (
    "kind, cause, lot, points, corrects, effective_at, recorded_at, expires_at, reason,"
    " breakdown, previous_hash, hash"
)


@pytest.fixture
def history(line: TestLine) -> TestLine:
    """Ada earned, gave back, was given and earned again; then Eve earned."""
    line.settle(("orders/paid", an_order()))
    line.settle(("refunds/create", a_refund("30.00")))
    line.adjust(ADA, 15)
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))
    line.settle(("orders/paid", an_order(id=5003, customer={"id": EVE})))
    return line


def _of(whose: str, statements: str) -> str:
    """The statements, about the rows of one member alone."""
    return statements.replace("where", f"where member_id = {whose} and")


def _deleted(sequence: int) -> str:
    return (
        f"delete from ledger_entry where sequence = {sequence};"
        f"delete from ledger_transaction where sequence = {sequence}"
    )


def _moved(one: int, to: int) -> str:
    return (
        f"update ledger_entry set sequence = {to} where sequence = {one};"
        f"update ledger_transaction set sequence = {to} where sequence = {one}"
    )


def _copied(one: int, to: int) -> str:
    return (
        f"insert into ledger_transaction (program_id, member_id, sequence, effect_key,"
        f" {_NAMES}) select program_id, member_id, {to}, effect_key || '+', {_NAMES}"
        f" from ledger_transaction where sequence = {one};"
        "insert into ledger_entry select program_id, member_id,"
        f" {to}, line, account, amount, balance_after, account_version"
        f" from ledger_entry where sequence = {one}"
    )


_CHANGED = "update ledger_transaction set points = points + 1 where sequence = {}"
_HEAD = "member: the end of the chain is not where the member says it is"

# What is done to Ada's four transactions, and what is said of them.
TAMPERINGS = {
    "change in the middle": (
        _CHANGED.format(2),
        "transaction 2: its content is not what was sealed by its hash",
    ),
    "change at the end": (
        _CHANGED.format(4),
        "transaction 4: its content is not what was sealed by its hash",
    ),
    "change of several": (
        f"{_CHANGED.format(4)};{_CHANGED.format(3)}",
        "transaction 3: its content is not what was sealed by its hash",
    ),
    "change of an entry": (
        "update ledger_entry set amount = amount * 2 where sequence = 3",
        "transaction 3: its content is not what was sealed by its hash",
    ),
    "delete in the middle": (
        _deleted(2),
        "transaction 3: transaction 2 is missing before it",
    ),
    "delete at the end": (_deleted(4), _HEAD),
    "delete of an entry": (
        "delete from ledger_entry where sequence = 2 and line = 1",
        "transaction 2: its content is not what was sealed by its hash",
    ),
    "insert in the middle": (
        f"{_moved(4, 5)};{_moved(3, 4)};{_moved(2, 3)};{_copied(1, 2)}",
        "transaction 2: it does not follow the transaction before it",
    ),
    "insert at the end": (
        _copied(3, 5),
        "transaction 5: it does not follow the transaction before it",
    ),
    "swap": (
        f"{_moved(2, 9)};{_moved(3, 2)};{_moved(9, 3)}",
        "transaction 2: it does not follow the transaction before it",
    ),
    "swap of the first with the last": (
        f"{_moved(1, 9)};{_moved(4, 1)};{_moved(9, 4)}",
        "transaction 1: it does not follow the transaction before it",
    ),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_a_row_that_was_tampered_with_is_named(history: TestLine, run: Run, how: str):
    statements, told = TAMPERINGS[how]
    member_id = history.member_id(ADA)
    history.tamper(_of(str(member_id), statements))

    with pytest.raises(BrokenLedger) as raised:
        run(history, "verify")

    whose = f"programme {history.store.program_id}, member {member_id}"
    assert f"{whose}, {told}" == str(raised.value)


def test_of_two_members_the_first_is_named(history: TestLine, run: Run):
    ada, eve = history.member_id(ADA), history.member_id(EVE)
    history.tamper(_of(str(eve), _CHANGED.format(1)))
    with pytest.raises(BrokenLedger, match=f"member {eve}, transaction 1: "):
        run(history, "verify")

    history.tamper(_of(str(ada), _CHANGED.format(3)))
    with pytest.raises(BrokenLedger, match=f"member {ada}, transaction 3: "):
        run(history, "verify")


def test_a_row_of_no_member_is_named(history: TestLine, run: Run):
    eve = history.member_id(EVE)
    for table in ("lot", "member"):
        history.tamper(f"delete from {table} where member_id = {eve}")

    told = f"member {eve}, transaction 1: it is of no member that there is"
    with pytest.raises(BrokenLedger, match=told):
        run(history, "verify")


def _cut_the_tail(history: TestLine) -> None:
    """Take out Ada's last transaction, and make all that tells of it fit."""
    history.tamper(
        _of(
            str(history.member_id(ADA)),
            f"{_deleted(4)};update member set last_sequence = 3, last_hash = (select"
            " hash from ledger_transaction where sequence = 3) where true",
        )
    )
    history.rebuild()


def test_a_cut_tail_is_named_against_the_seal_outside(history: TestLine, run: Run):
    run(history, "verify", "--seal")
    member_id = history.member_id(ADA)
    _cut_the_tail(history)
    assert history.audit() is None

    told = f"member {member_id}, checkpoint 1: transaction 4, which was sealed, is gone"
    with pytest.raises(BrokenLedger, match=re.escape(told)):
        run(history, "verify")


def test_a_tail_that_was_cut_with_its_newest_seal_is_named_whatever_the_clock_does(
    history: TestLine, run: Run
):
    run(history, "verify", "--seal")
    [(path, _)] = kept_checkpoints(history.home)
    sealed = path.read_bytes()
    _cut_the_tail(history)
    history.tamper("delete from checkpoint")
    assert history.audit() is None

    other = history.add_store("other.myshopify.com").program_id
    clock = history.a_clock(history.home)
    with structlog.testing.capture_logs() as logs:
        clock.seal()
    assert [("error", "ledger not sealed", history.store.program_id)] == [
        (each["log_level"], each["event"], each["program_id"]) for each in logs
    ]
    # It stays where it was, and that of another programme is made beside it.
    kept = {each.program_id: path for path, each in kept_checkpoints(history.home)}
    assert {history.store.program_id, other} == kept.keys()
    assert sealed == kept[history.store.program_id].read_bytes()

    with pytest.raises(BrokenLedger, match="checkpoint 1: the database has another"):
        run(history, "verify")
    told = "transaction 4, which was sealed, is gone, so nothing is sealed; if an older"
    with pytest.raises(BrokenLedger, match=told):
        run(history, "verify", "--seal")
    clock.inspection.begin()
    clock.inspection.wait()
    look = last_look(history.home)
    assert look
    assert 1 == look.violations["ledgers-fit-their-seals"]

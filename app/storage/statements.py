"""What ledgers say: histories, balances of the past, chains to be audited, totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from app.domain.chain import Entry, Transaction
from app.domain.ledger import Account
from app.storage import tables
from app.storage.ledger import COLUMNS, Posting

_transaction, _entry = tables.ledger_transaction, tables.ledger_entry


def read_chain(
    connection: Connection, program_id: int, member_id: int
) -> list[Posting]:
    """Return all of a member's transactions with their entries, as they stand."""
    entries: dict[int, list[Entry]] = defaultdict(list)
    for row in connection.execute(
        select(_entry)
        .where(_entry.c.program_id == program_id, _entry.c.member_id == member_id)
        .order_by(_entry.c.sequence, _entry.c.line)
    ):
        entries[row.sequence].append(
            Entry(row.account, row.amount, row.balance_after, row.account_version)
        )
    found = []
    for row in connection.execute(
        select(_transaction)
        .where(_transaction.c.program_id == program_id)
        .where(_transaction.c.member_id == member_id)
        .order_by(_transaction.c.sequence)
    ):
        values = {name: getattr(row, name) for name in COLUMNS}
        transaction = Transaction(
            **values, entries=tuple(entries.pop(row.sequence, ()))
        )
        found.append(Posting(transaction, bytes(row.previous_hash), bytes(row.hash)))
    if entries:
        raise LookupError(f"entries without a transaction: {sorted(entries)}")
    return found


def history(
    connection: Connection,
    program_id: int,
    member_id: int,
    limit: int,
    last_sequence: int | None = None,
) -> list[Any]:
    """Return a member's newest transactions, latest first, up to a certain one."""
    up_to = 2**62 if last_sequence is None else last_sequence
    return list(
        connection.execute(
            select(_transaction)
            .where(_transaction.c.program_id == program_id)
            .where(_transaction.c.member_id == member_id)
            .where(_transaction.c.sequence <= up_to)
            .order_by(_transaction.c.sequence.desc())
            .limit(limit)
        )
    )


def entries_of(connection: Connection, program_id: int, member_id: int) -> list[Any]:
    """Return every entry of a member with its transaction, oldest first."""
    joined = _entry.join(
        _transaction,
        (_entry.c.program_id == _transaction.c.program_id)
        & (_entry.c.member_id == _transaction.c.member_id)
        & (_entry.c.sequence == _transaction.c.sequence),
    )
    return list(
        connection.execute(
            select(
                _entry,
                *(
                    _transaction.c[name]
                    for name in (
                        "kind",
                        "cause",
                        "lot",
                        "reason",
                        "corrects",
                        "effective_at",
                        "recorded_at",
                    )
                ),
            )
            .select_from(joined)
            .where(_entry.c.program_id == program_id, _entry.c.member_id == member_id)
            .order_by(_entry.c.sequence, _entry.c.line)
        )
    )


def balances_at(
    connection: Connection,
    program_id: int,
    member_id: int,
    happened_by: datetime,
    known_by: datetime | None = None,
) -> dict[str, tuple[int, int]]:
    """Return balances and versions of accounts as of a past moment of the world.

    With `known_by`, as the ledger told it then; else as it is known now.
    """
    found = connection.execute(
        select(_entry.c.account, func.sum(_entry.c.amount), func.count())
        .join(
            _transaction,
            (_entry.c.program_id == _transaction.c.program_id)
            & (_entry.c.member_id == _transaction.c.member_id)
            & (_entry.c.sequence == _transaction.c.sequence),
        )
        .where(_entry.c.program_id == program_id, _entry.c.member_id == member_id)
        .where(_transaction.c.effective_at <= happened_by)
        .where(_transaction.c.recorded_at <= (known_by or func.clock_timestamp()))
        .group_by(_entry.c.account)
    )
    return {account: (int(total), count) for account, total, count in found}


def totals(connection: Connection) -> Mapping[str, int]:
    """Return the points in each account, over all members."""
    sums = ", ".join(f"coalesce(sum({name}), 0) as {name}" for name in Account)
    row = connection.execute(text(f"select {sums} from member")).one()  # noqa: S608
    return {name: int(total) for name, total in row._mapping.items()}

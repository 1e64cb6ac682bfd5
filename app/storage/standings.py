"""Where members stand: what the widget reads, and what the ledger can rebuild."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from app.domain.fold import Fold
from app.domain.ledger import Account
from app.domain.standing import Standing
from app.storage import tables
from app.storage.ledger import Book

_HELD = (Account.PENDING, Account.AVAILABLE, Account.RESERVED)


def standing_of(balances: dict[str, tuple[int, int]]) -> Standing:
    """Return the standing that account balances come to."""

    def balance(account: Account) -> int:
        return balances.get(account, (0, 0))[0]

    return Standing(
        available=balance(Account.AVAILABLE),
        pending=balance(Account.PENDING),
        reserved=balance(Account.RESERVED),
        owed=-balance(Account.OWED),
        lifetime_earned=-balance(Account.ISSUED),
    )


def save_standings(
    connection: Connection, program_id: int, settled: Iterable[tuple[Book, Fold]]
) -> None:
    """Keep balances, lots and standings of members whose ledger moved."""
    accounts: list[dict[str, Any]] = []
    standings: list[dict[str, Any]] = []
    lots: list[dict[str, Any]] = []
    for book, fold in settled:
        whose = {"program_id": program_id, "member_id": book.head.member_id}
        accounts += [
            {**whose, "account": account, "balance": balance, "version": version}
            for account, (balance, version) in book.balances.items()
        ]
        standing = asdict(standing_of(book.balances))
        standings.append(
            {**whose, **standing, "last_sequence": book.head.last_sequence}
        )
        lots += [
            {**whose, "lot": lot.name, "expires_at": lot.expires_at}
            | {str(account): lot.at(account) for account in _HELD}
            for lot in fold.lots
        ]
    _put(connection, tables.account, accounts)
    _put(connection, tables.standing, standings)
    members = [row["member_id"] for row in standings]
    connection.execute(
        delete(tables.lot)
        .where(tables.lot.c.program_id == program_id)
        .where(tables.lot.c.member_id.in_(members))
    )
    _put(connection, tables.lot, lots)


def _put(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    row = insert(table)
    values = {
        column.name: row.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    connection.execute(
        row.on_conflict_do_update(index_elements=keys, set_=values), rows
    )


def find_standing(
    connection: Connection, program_id: int, member_id: int
) -> tuple[Standing, int]:
    """Return a member's standing, and the last transaction that it knows of."""
    standing = tables.standing
    row = connection.execute(
        select(standing).where(
            standing.c.program_id == program_id, standing.c.member_id == member_id
        )
    ).one_or_none()
    if row is None:
        return Standing(), 0
    names = Standing.__dataclass_fields__
    return Standing(**{name: getattr(row, name) for name in names}), row.last_sequence


_REBUILD_ACCOUNTS = text("""
    insert into account (program_id, member_id, account, balance, version)
    select program_id, member_id, account, sum(amount), count(*)
    from ledger_entry
    where program_id = :p and member_id = :m
    group by program_id, member_id, account
""")

_REBUILD_STANDING = text("""
    insert into standing (program_id, member_id, available, pending, reserved, owed,
                          lifetime_earned, last_sequence)
    select program_id, member_id,
           coalesce(sum(amount) filter (where account = 'available'), 0),
           coalesce(sum(amount) filter (where account = 'pending'), 0),
           coalesce(sum(amount) filter (where account = 'reserved'), 0),
           coalesce(-sum(amount) filter (where account = 'owed'), 0),
           coalesce(-sum(amount) filter (where account = 'issued'), 0),
           max(sequence)
    from ledger_entry
    where program_id = :p and member_id = :m
    group by program_id, member_id
""")

# A lot is what came from the program, unless all of it was moved to another member.
_REBUILD_LOTS = text("""
    insert into lot
        (program_id, member_id, lot, expires_at, pending, available, reserved)
    select program_id, member_id, lot, max(expires_at),
           coalesce(sum(amount) filter (where account = 'pending'), 0),
           coalesce(sum(amount) filter (where account = 'available'), 0),
           coalesce(sum(amount) filter (where account = 'reserved'), 0)
    from ledger_entry join ledger_transaction using (program_id, member_id, sequence)
    where program_id = :p and member_id = :m and lot <> 'debt'
    group by program_id, member_id, lot
    having sum(amount) filter (
        where account in ('issued', 'adjusted')
          and (effect_key like '%\\:issued>%' or effect_key like '%\\:adjusted>%')
    ) <> 0
""")


def rebuild_standing(connection: Connection, program_id: int, member_id: int) -> bool:
    """Make a member's standing anew from the ledger; True if it was the same before."""
    before = _snapshot(connection, program_id, member_id)
    whose = {"p": program_id, "m": member_id}
    for table in (tables.account, tables.standing, tables.lot):
        connection.execute(
            delete(table).where(
                table.c.program_id == program_id, table.c.member_id == member_id
            )
        )
    for statement in (_REBUILD_ACCOUNTS, _REBUILD_STANDING, _REBUILD_LOTS):
        connection.execute(statement, whose)
    return before == _snapshot(connection, program_id, member_id)


def _snapshot(connection: Connection, program_id: int, member_id: int) -> list[Any]:
    return [
        sorted(
            tuple(row)
            for row in connection.execute(
                select(table).where(
                    table.c.program_id == program_id, table.c.member_id == member_id
                )
            )
        )
        for table in (tables.account, tables.standing, tables.lot)
    ]

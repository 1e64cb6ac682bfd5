"""Where members stand: what the widget reads, and what the ledger can rebuild."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from decimal import Decimal
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


_ACCOUNTS = text("""
    select program_id, member_id, account, sum(amount), count(*)
    from ledger_entry
    where program_id = :p and member_id = :m
    group by program_id, member_id, account
""")

_STANDING = text("""
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
_LOTS = text("""
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


# What each table that can be rebuilt should hold, its columns in the table's order.
_DERIVED = (
    (tables.account, _ACCOUNTS),
    (tables.standing, _STANDING),
    (tables.lot, _LOTS),
)


def compared(
    connection: Connection, program_id: int, member_id: int
) -> Iterator[tuple[str, bool]]:
    """Yield each derived table, and whether it holds what the ledger comes to."""
    for table, query in _DERIVED:
        rows = connection.execute(query, {"p": program_id, "m": member_id})
        kept = connection.execute(
            select(table).where(*_whose(table, program_id, member_id))
        )
        yield table.name, _plain(rows) == _plain(kept)


def rebuild_standing(connection: Connection, program_id: int, member_id: int) -> bool:
    """Make a member's standing anew from the ledger; True if it was the same before."""
    was_right = all(
        is_right for _, is_right in compared(connection, program_id, member_id)
    )
    for table, query in _DERIVED:
        names = [column.name for column in table.columns]
        found = connection.execute(query, {"p": program_id, "m": member_id}).all()
        connection.execute(delete(table).where(*_whose(table, program_id, member_id)))
        if found:
            rows = [dict(zip(names, row, strict=True)) for row in found]
            connection.execute(insert(table), rows)
    return was_right


def _whose(table: Any, program_id: int, member_id: int) -> tuple[Any, Any]:
    return table.c.program_id == program_id, table.c.member_id == member_id


def _plain(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(
        tuple(int(each) if isinstance(each, Decimal) else each for each in row)
        for row in rows
    )

"""The ledger's tables: what was posted, and posting the difference to the target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from app.domain.chain import Entry, Transaction, chained
from app.domain.events import PointsAdjusted
from app.domain.fold import Fold
from app.domain.ledger import Account, Kind, Movement
from app.storage import tables
from app.storage.members import Head

_transaction, _entry, _account = (
    tables.ledger_transaction,
    tables.ledger_entry,
    tables.account,
)

MOVED = "moved to another member, whose it is now"


@dataclass
class Posted:
    """What one effect has come to so far, and the transaction that began it."""

    points: int
    first_sequence: int
    template: Movement


@dataclass
class Book:
    """One member's ledger as it stands: the end of the chain, balances, effects."""

    head: Head
    balances: dict[str, tuple[int, int]]
    posted: dict[str, Posted]


def read_books(
    connection: Connection, program_id: int, heads: Mapping[int, Head]
) -> dict[int, Book]:
    """Return the books of members that are locked."""
    books = {member_id: Book(head, {}, {}) for member_id, head in heads.items()}
    ids = list(heads)
    for row in connection.execute(
        select(_account).where(
            _account.c.program_id == program_id, _account.c.member_id.in_(ids)
        )
    ):
        books[row.member_id].balances[row.account] = row.balance, row.version
    for row in connection.execute(
        select(_transaction)
        .where(_transaction.c.program_id == program_id)
        .where(_transaction.c.member_id.in_(ids))
        .order_by(_transaction.c.member_id, _transaction.c.sequence)
    ):
        posted = books[row.member_id].posted
        if row.effect_key in posted:
            posted[row.effect_key].points += row.points
        else:
            movement = _as_movement(row)
            posted[row.effect_key] = Posted(row.points, row.sequence, movement)
    return books


def _as_movement(row: Any) -> Movement:
    source, target = row.effect_key.rpartition(":")[2].split(">")
    return Movement(
        kind=Kind(row.kind),
        cause=row.cause,
        lot=row.lot,
        source=Account(source),
        target=Account(target),
        points=row.points,
        at=row.effective_at,
        reason=row.reason,
        expires_at=row.expires_at,
    )


def differences(book: Book, target: Fold) -> list[tuple[Movement, int | None]]:
    """Return what must be posted to reach the target, and what each posting corrects.

    An effect is posted once under its key; whatever is known later posts only the
    difference. What no longer should be is taken back.
    """
    wanted: dict[str, Movement] = {}
    for movement in target.movements:
        same = wanted.get(movement.key)
        points = movement.points + (same.points if same else 0)
        wanted[movement.key] = replace(movement, points=points)
    found: list[tuple[Movement, int | None]] = []
    for key, posted in book.posted.items():
        if key not in wanted and posted.points:
            gone = replace(posted.template, points=-posted.points, reason=MOVED)
            if _is_still_told(posted.template, target):
                gone = replace(gone, reason="corrected by what is known since")
            found.append((gone, posted.first_sequence))
    for key, movement in wanted.items():
        before = book.posted.get(key)
        if before is None:
            found.append((movement, None))
        elif before.points != movement.points:
            delta = replace(movement, points=movement.points - before.points)
            found.append((delta, before.first_sequence))
    return found


def _is_still_told(movement: Movement, target: Fold) -> bool:
    return any(lot.name == movement.lot for lot in target.lots)


@dataclass(frozen=True)
class Posting:
    """One transaction and the hash that chains it."""

    transaction: Transaction
    previous_hash: bytes
    hash: bytes


def post(
    book: Book,
    program_id: int,
    changes: Sequence[tuple[Movement, int | None]],
    breakdowns: Mapping[str, dict[str, Any]],
    now: datetime,
) -> list[Posting]:
    """Append transactions to a book in memory, and return them for `write`."""
    postings = []
    for movement, corrects in changes:
        sequence = book.head.last_sequence + 1
        transaction = Transaction(
            program_id=program_id,
            member_id=book.head.member_id,
            sequence=sequence,
            effect_key=movement.key,
            kind=str(movement.kind),
            cause=movement.cause,
            lot=movement.lot,
            points=movement.points,
            corrects=corrects,
            effective_at=movement.at,
            recorded_at=now,
            expires_at=movement.expires_at,
            reason=movement.reason,
            breakdown=breakdowns.get(movement.cause)
            if movement.kind == Kind.EARN
            else None,
            entries=(
                _enter(book, movement.source, -movement.points),
                _enter(book, movement.target, movement.points),
            ),
        )
        previous = book.head.last_hash
        hash_ = chained(previous, transaction)
        postings.append(Posting(transaction, previous, hash_))
        book.head = Head(book.head.member_id, sequence, hash_)
    return postings


def _enter(book: Book, account: Account, amount: int) -> Entry:
    balance, version = book.balances.get(account, (0, 0))
    book.balances[str(account)] = balance + amount, version + 1
    return Entry(str(account), amount, balance + amount, version + 1)


def write(connection: Connection, postings: Iterable[Posting]) -> None:
    """Add transactions and their entries to the tables."""
    rows, entries = [], []
    for posting in postings:
        transaction = posting.transaction
        row = {
            name: getattr(transaction, name)
            for name in Transaction.__dataclass_fields__
            if name != "entries"
        }
        rows.append(
            row | {"previous_hash": posting.previous_hash, "hash": posting.hash}
        )
        entries += [
            {
                "program_id": transaction.program_id,
                "member_id": transaction.member_id,
                "sequence": transaction.sequence,
                "line": line,
                "account": entry.account,
                "amount": entry.amount,
                "balance_after": entry.balance_after,
                "account_version": entry.account_version,
            }
            for line, entry in enumerate(transaction.entries, start=1)
        ]
    if rows:
        connection.execute(insert(_transaction), rows)
        connection.execute(insert(_entry), entries)


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
    rows = connection.execute(
        select(_transaction)
        .where(_transaction.c.program_id == program_id)
        .where(_transaction.c.member_id == member_id)
        .order_by(_transaction.c.sequence)
    )
    found = []
    for row in rows:
        values = {
            name: getattr(row, name)
            for name in Transaction.__dataclass_fields__
            if name != "entries"
        }
        transaction = Transaction(
            **values, entries=tuple(entries.pop(row.sequence, ()))
        )
        found.append(Posting(transaction, bytes(row.previous_hash), bytes(row.hash)))
    if entries:
        raise LookupError(f"entries without a transaction: {sorted(entries)}")
    return found


def history(
    connection: Connection, program_id: int, member_id: int, limit: int
) -> list[Any]:
    """Return a member's newest transactions."""
    return list(
        connection.execute(
            select(_transaction)
            .where(_transaction.c.program_id == program_id)
            .where(_transaction.c.member_id == member_id)
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
    rows = connection.execute(
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
    return {account: (int(total), count) for account, total, count in rows}


def commands_of(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[Any]]:
    """Return the accepted commands of members, by member."""
    command = tables.command
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(
        select(command).where(
            command.c.program_id == program_id,
            command.c.member_id.in_(list(member_ids)),
        )
    ):
        found[row.member_id].append(row)
    return found


def accept_adjustment(
    connection: Connection, program_id: int, member_id: int, event: PointsAdjusted
) -> None:
    """Keep an adjustment, once for each command id."""
    connection.execute(
        upsert(tables.command)
        .values(
            program_id=program_id,
            command_id=event.command_id,
            member_id=member_id,
            kind="adjustment",
            points=event.points,
            accepted_at=event.at,
            reason=event.reason,
        )
        .on_conflict_do_nothing()
    )


def now(connection: Connection) -> datetime:
    """Return the database's clock, by which all recording goes."""
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def totals(connection: Connection) -> Mapping[str, int]:
    """Return the points in each account, over all members."""
    rows = connection.execute(
        text("select account, sum(balance) as total from account group by account")
    )
    return {row.account: int(row.total) for row in rows}

"""The ledger's tables: what was posted, and posting the difference to the target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from app.domain.book import Moment
from app.domain.chain import Entry, Transaction, chained
from app.domain.fold import Fold
from app.domain.ledger import Account, Kind, Movement
from app.domain.tiers.standing import TierStanding
from app.storage import rows, tables
from app.storage.members import Head
from app.storage.rows import among

_transaction, _entry = tables.ledger_transaction, tables.ledger_entry

MOVED_DATE = "expires on another day, by what is known since"
MOVED = "moved to another member, whose it is now"


@dataclass
class Posted:
    """What one effect has come to so far, and the transaction that began it.

    `expires_at` is what the ledger last said of when its points expire, and
    `program_version` the version under which it earned, None where it did not.
    """

    points: int
    first_sequence: int
    template: Movement
    expires_at: datetime | None
    program_version: int | None = None


class Book:
    """One member's ledger while it is written on: the end of the chain, balances."""

    def __init__(self, head: Head) -> None:
        """Open the book where it ends."""
        self.member_id = head.member_id
        self.last_sequence = head.last_sequence
        self.last_hash = head.last_hash
        self.balances = dict(head.balances)

    def head(
        self,
        settled_to: Moment | None,
        due_at: datetime | None,
        tier: TierStanding | None = None,
    ) -> Head:
        """Return where the book ends now."""
        return Head(
            self.member_id,
            self.last_sequence,
            self.last_hash,
            self.balances,
            settled_to,
            due_at,
            tier,
        )


def posted_effects(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, dict[str, Posted]]:
    """Return what every effect in the ledgers of members has come to, by its key."""
    found: dict[int, dict[str, Posted]] = defaultdict(dict)
    for row in connection.execute(
        select(_transaction)
        .where(_transaction.c.program_id == program_id)
        .where(among(_transaction.c.member_id, member_ids))
        .order_by(_transaction.c.member_id, _transaction.c.sequence)
    ):
        posted = found[row.member_id]
        if row.effect_key in posted:
            posted[row.effect_key].points += row.points
            if row.points > 0:
                posted[row.effect_key].expires_at = row.expires_at
        else:
            movement = _as_movement(row)
            version = (row.breakdown or {}).get("program_version")
            posted[row.effect_key] = Posted(
                row.points, row.sequence, movement, row.expires_at, version
            )
    return found


def members_with_effects(
    connection: Connection, program_id: int, effects: Iterable[tuple[int, str]]
) -> set[int]:
    """Return the members in whose ledgers any of these effects stands already."""
    pairs = sorted(set(effects))
    if not pairs:
        return set()
    members, keys = zip(*pairs, strict=True)
    values = {"p": program_id, "members": list(members), "keys": list(keys)}
    return set(connection.execute(_WITH_EFFECTS, values).scalars())


_WITH_EFFECTS = text("""
    select posted.member_id
    from unnest(cast(:members as bigint[]), cast(:keys as text[]))
         as wanted (member_id, effect_key)
    join ledger_transaction as posted
      on posted.program_id = :p and posted.member_id = wanted.member_id
     and posted.effect_key = wanted.effect_key and posted.corrects is null
""")


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


def differences(
    posted: Mapping[str, Posted], target: Fold
) -> list[tuple[Movement, int | None]]:
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
    for key, effect in posted.items():
        if key not in wanted and effect.points:
            gone = replace(effect.template, points=-effect.points, reason=MOVED)
            if _is_still_told(effect.template, target):
                gone = replace(gone, reason="corrected by what is known since")
            found.append((gone, effect.first_sequence))
    for key, movement in wanted.items():
        before = posted.get(key)
        if before is None:
            found.append((movement, None))
        elif _is_dated_anew(before, movement):
            # The points are as they were, but their date is another: told anew first.
            old = replace(before.template, expires_at=before.expires_at)
            told = replace(old, points=-before.points, reason=MOVED_DATE)
            found += [(movement, before.first_sequence), (told, before.first_sequence)]
        elif before.points != movement.points:
            delta = replace(movement, points=movement.points - before.points)
            found.append((delta, before.first_sequence))
    return found


def _is_dated_anew(before: Posted, movement: Movement) -> bool:
    """Whether points that are there expire on another day than the ledger says."""
    moved = before.expires_at != movement.expires_at
    return _opens(movement) and before.points != 0 and moved


def _opens(movement: Movement) -> bool:
    return movement.source in (Account.ISSUED, Account.ADJUSTED)


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
        sequence = book.last_sequence + 1
        transaction = Transaction(
            program_id=program_id,
            member_id=book.member_id,
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
        previous = book.last_hash
        hash_ = chained(previous, transaction)
        postings.append(Posting(transaction, previous, hash_))
        book.last_sequence, book.last_hash = sequence, hash_
    return postings


def _enter(book: Book, account: Account, amount: int) -> Entry:
    balance, version = book.balances.get(account, (0, 0))
    book.balances[str(account)] = balance + amount, version + 1
    return Entry(str(account), amount, balance + amount, version + 1)


COLUMNS = [name for name in Transaction.__dataclass_fields__ if name != "entries"]


def _columns(transaction: Transaction) -> dict[str, Any]:
    columns = dict(vars(transaction))
    del columns["entries"]
    return columns


def write(connection: Connection, postings: Sequence[Posting]) -> None:
    """Add transactions and their entries to the tables."""
    transactions = [
        {
            **_columns(posting.transaction),
            "previous_hash": posting.previous_hash,
            "hash": posting.hash,
        }
        for posting in postings
    ]
    entries = [
        {
            "program_id": posting.transaction.program_id,
            "member_id": posting.transaction.member_id,
            "sequence": posting.transaction.sequence,
            "line": line,
            "account": entry.account,
            "amount": entry.amount,
            "balance_after": entry.balance_after,
            "account_version": entry.account_version,
        }
        for posting in postings
        for line, entry in enumerate(posting.transaction.entries, start=1)
    ]
    rows.add(connection, _transaction, transactions)
    rows.add(connection, _entry, entries)


def now(connection: Connection) -> datetime:
    """Return the database's clock, by which all recording goes."""
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment

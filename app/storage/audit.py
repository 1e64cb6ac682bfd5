"""The auditor: recomputes the whole ledger and names the first row that lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from app.domain.chain import Entry, chained, head_leaf, merkle_root
from app.storage import standings, tables
from app.storage.ledger import Posting
from app.storage.rows import document
from app.storage.statements import read_chain


@dataclass(frozen=True)
class Lie:
    """A row that is not as it was written."""

    program_id: int
    member_id: int
    where: str
    what: str

    def __str__(self) -> str:
        """Say which row lies, and how it shows."""
        whose = f"programme {self.program_id}, member {self.member_id}"
        return f"{whose}, {self.where}: {self.what}"


def audit_member(connection: Connection, program_id: int, member_id: int) -> Lie | None:
    """Return the first lie in a member's ledger, or in what is derived from it."""

    def lie(where: str, what: str) -> Lie:
        return Lie(program_id, member_id, where, what)

    try:
        chain = read_chain(connection, program_id, member_id)
    except LookupError as error:
        return lie("ledger_entry", str(error))
    previous_hash, balances = b"", dict[str, tuple[int, int]]()
    for number, posting in enumerate(chain, start=1):
        where = f"transaction {posting.transaction.sequence}"
        wrong = _wrong(posting, number, previous_hash, balances)
        if wrong:
            return lie(where, wrong)
        previous_hash = posting.hash
    return _derived(connection, program_id, member_id, chain, lie)


def _wrong(
    posting: Posting,
    number: int,
    previous_hash: bytes,
    balances: dict[str, tuple[int, int]],
) -> str | None:
    transaction = posting.transaction
    if transaction.sequence != number:
        return f"transaction {number} is missing before it"
    if posting.previous_hash != previous_hash:
        return "it does not follow the transaction before it"
    if chained(previous_hash, transaction) != posting.hash:
        return "its content is not what was sealed by its hash"
    if len(transaction.entries) != 2 or _sum(transaction.entries):
        return "its entries do not sum to zero"
    for entry in transaction.entries:
        balance, version = balances.get(entry.account, (0, 0))
        balances[entry.account] = balance + entry.amount, version + 1
        if balances[entry.account] != (entry.balance_after, entry.account_version):
            return f"the balance of {entry.account} after it is wrong"
    return None


def _sum(entries: Iterable[Entry]) -> int:
    return sum(entry.amount for entry in entries)


def _derived(
    connection: Connection,
    program_id: int,
    member_id: int,
    chain: list[Posting],
    lie: Any,
) -> Lie | None:
    """Compare what is derived from the ledger with the ledger."""
    found: Lie
    whose = {"p": program_id, "m": member_id}
    head = connection.execute(_HEAD, whose).one_or_none()
    last = (len(chain), chain[-1].hash if chain else b"")
    if head is None or (head.last_sequence, bytes(head.last_hash)) != last:
        found = lie("member", "the end of the chain is not where the member says it is")
        return found
    for name, is_right in standings.compared(connection, program_id, member_id):
        if not is_right:
            found = lie(name, "it is not what the ledger comes to; run rebuild")
            return found
    return None


_HEAD = text(
    "select last_sequence, last_hash from member"
    " where program_id = :p and member_id = :m"
)


def audit_strays(connection: Connection) -> Lie | None:
    """Return the first row that belongs to no member or to no transaction."""
    row = connection.execute(_STRAY).first()
    if row is None:
        return None
    where = f"transaction {row.sequence}"
    return Lie(row.program_id, row.member_id, where, "it is of no member that there is")


_STRAY = text("""
    select program_id, member_id, sequence from ledger_transaction
    where not exists (select from member where member.program_id
        = ledger_transaction.program_id and member.member_id
        = ledger_transaction.member_id)
    union all
    select program_id, member_id, sequence from ledger_entry
    where not exists (select from member where member.program_id
        = ledger_entry.program_id and member.member_id = ledger_entry.member_id)
    order by 1, 2, 3
    limit 1
""")


@dataclass(frozen=True)
class Checkpoint:
    """A seal over the heads of all members' chains at one moment.

    `heads` maps a member to the number and the hash of its last transaction; the copy
    that is kept outside the database is what a cut tail is found against.
    """

    program_id: int
    number: int
    sealed_at: datetime
    root: bytes
    heads: Mapping[int, tuple[int, bytes]]


def seal(connection: Connection, program_id: int) -> Checkpoint:
    """Seal a programme's ledger as it stands, and keep the seal."""
    heads = _heads(connection, program_id)
    table = tables.checkpoint
    number = connection.execute(
        text(
            "select coalesce(max(number), 0) + 1 from checkpoint where program_id = :p"
        ),
        {"p": program_id},
    ).scalar_one()
    root = root_of(heads)
    sealed_at = connection.execute(
        insert(table)
        .values(
            program_id=program_id,
            number=number,
            sealed_at=text("clock_timestamp()"),
            members=len(heads),
            transactions=sum(sequence for sequence, _ in heads.values()),
            root=root,
        )
        .returning(table.c.sealed_at)
    ).scalar_one()
    return Checkpoint(program_id, number, sealed_at, root, heads)


def root_of(heads: Mapping[int, tuple[int, bytes]]) -> bytes:
    """Return the Merkle root over heads, by member."""
    return merkle_root(
        [head_leaf(member_id, *heads[member_id]) for member_id in sorted(heads)]
    )


def _heads(connection: Connection, program_id: int) -> dict[int, tuple[int, bytes]]:
    member = tables.member
    rows = connection.execute(
        select(member.c.member_id, member.c.last_sequence, member.c.last_hash)
        .where(member.c.program_id == program_id, member.c.last_sequence > 0)
        .order_by(member.c.member_id)
    )
    return {row.member_id: (row.last_sequence, bytes(row.last_hash)) for row in rows}


def seals(connection: Connection) -> set[tuple[int, int]]:
    """Return programme and number of every seal that was ever made."""
    table = tables.checkpoint
    rows = connection.execute(select(table.c.program_id, table.c.number))
    return {(row.program_id, row.number) for row in rows}


def last_sealed_at(connection: Connection) -> dict[int, datetime]:
    """Return when each programme was last sealed."""
    rows = connection.execute(
        text(
            "select program_id, max(sealed_at) as at from checkpoint"
            " group by program_id"
        )
    )
    return {row.program_id: row.at for row in rows}


def audit_checkpoint(connection: Connection, kept: Checkpoint) -> Lie | None:
    """Return the first lie that a seal from outside the database shows."""

    def lie(member_id: int, what: str) -> Lie:
        return Lie(kept.program_id, member_id, f"checkpoint {kept.number}", what)

    if root_of(kept.heads) != kept.root:
        return lie(0, "the kept copy is not what was sealed")
    table = tables.checkpoint
    root = connection.execute(
        select(table.c.root).where(
            table.c.program_id == kept.program_id, table.c.number == kept.number
        )
    ).scalar()
    if root is None or bytes(root) != kept.root:
        return lie(
            0,
            "the database has another seal, or none; if an older copy of it was "
            "brought back, `tallymark restored` takes note of that",
        )
    return audit_heads(connection, kept)


def missing(connection: Connection, kept: Checkpoint) -> tuple[int, int]:
    """Return how many transactions more a seal knew, and of how many members."""
    heads = _heads(connection, kept.program_id)
    more = [
        sequence - heads.get(member_id, (0, b""))[0]
        for member_id, (sequence, _) in kept.heads.items()
    ]
    return sum(each for each in more if each > 0), sum(each > 0 for each in more)


def audit_heads(connection: Connection, kept: Checkpoint) -> Lie | None:
    """Return the first head that was sealed and is not in its chain any more."""
    heads = sorted(kept.heads.items())
    for first in range(0, len(heads), _HEADS_AT_ONCE):
        sealed = [
            {"member_id": member_id, "sequence": sequence, "hash": hash_.hex()}
            for member_id, (sequence, hash_) in heads[first : first + _HEADS_AT_ONCE]
        ]
        values = {"p": kept.program_id, "heads": document(sealed)}
        row = connection.execute(_BROKEN_HEAD, values).first()
        if row:
            what = ", which was sealed, is gone"
            if not row.is_gone:
                what = " is not the one that was sealed"
            where = f"checkpoint {kept.number}"
            told = f"transaction {row.sequence}{what}"
            return Lie(kept.program_id, row.member_id, where, told)
    return None


_HEADS_AT_ONCE = 10_000
_BROKEN_HEAD = text("""
    select sealed.member_id, sealed.sequence, found.hash is null as is_gone
    from json_to_recordset(cast(:heads as json)) as sealed (
        member_id bigint, sequence bigint, hash text
    )
    left join ledger_transaction as found
      on found.program_id = :p and found.member_id = sealed.member_id
     and found.sequence = sealed.sequence
    where found.hash is distinct from decode(sealed.hash, 'hex')
    order by sealed.member_id
    limit 1
""")

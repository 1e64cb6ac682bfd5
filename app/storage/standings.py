"""Where members stand: what the widget reads, and what the ledger can rebuild."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, select, text

from app.domain.advance import KeptLot
from app.domain.ledger import Account
from app.domain.standing import Standing
from app.storage import rows, tables
from app.storage.members import lock_members, save_heads
from app.storage.rows import among, document

_HELD = (Account.PENDING, Account.AVAILABLE, Account.RESERVED)
_member, _lot = tables.member, tables.lot


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


def kept_lots(
    connection: Connection, program_id: int, wanted: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], KeptLot]:
    """Return lots as they were left, by member and name."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    members, names = zip(*pairs, strict=True)
    values = {"p": program_id, "members": list(members), "names": document(names)}
    found = connection.execute(_KEPT_LOTS, values).all()
    return {(row.member_id, row.lot): KeptLot(*row[1:]) for row in found}


def lots_of(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[KeptLot]]:
    """Return all lots of members, by member."""
    lots: dict[int, list[KeptLot]] = defaultdict(list)
    columns = [_lot.c[name] for name in ("member_id", "lot", *_LOT)]
    for row in connection.execute(
        select(*columns)
        .where(_lot.c.program_id == program_id)
        .where(among(_lot.c.member_id, member_ids))
    ):
        lots[row.member_id].append(KeptLot(*row[1:]))
    return lots


# The names of a lot's columns, but for its own.
_LOT = tuple(name for name in KeptLot.__dataclass_fields__ if name != "name")

_KEPT_LOTS = text(f"""
    select wanted.member_id, wanted.lot, kept.*
    from rows from (unnest(cast(:members as bigint[])),
                    json_array_elements_text(cast(:names as json)))
         as wanted (member_id, lot)
    cross join lateral (
        select {", ".join(_LOT)} from lot
        where program_id = :p and member_id = wanted.member_id and lot = wanted.lot
        offset 0
    ) as kept
""")  # noqa: S608 - the names of our own columns


def save_lots(
    connection: Connection, program_id: int, lots: Iterable[tuple[int, KeptLot]]
) -> None:
    """Keep lots of members as they are now."""
    put = [
        {
            "program_id": program_id,
            "member_id": member_id,
            "lot": lot.name,
            **{name: getattr(lot, name) for name in _LOT},
        }
        for member_id, lot in lots
    ]
    rows.put(connection, _lot, put)


def remove_lots(
    connection: Connection, program_id: int, gone: Iterable[tuple[int, str]]
) -> None:
    """Remove lots that are not their members' any more."""
    for member_id, name in gone:
        connection.execute(
            delete(_lot).where(*_whose(_lot, program_id, member_id), _lot.c.lot == name)
        )


def find_standing(
    connection: Connection, program_id: int, member_id: int
) -> tuple[Standing, int, int]:
    """Return a member's standing, the last transaction it knows of, and its changes."""
    row = connection.execute(
        select(_member).where(*_whose(_member, program_id, member_id))
    ).one_or_none()
    if row is None:
        return Standing(), 0, 0
    return as_standing(row), row.last_sequence, row.changes


def as_standing(row: Any) -> Standing:
    """Return the standing that a row of a member comes to."""
    return Standing(
        available=row.available,
        pending=row.pending,
        reserved=row.reserved,
        owed=-row.owed,
        lifetime_earned=-row.issued,
    )


_SUMS = text("""
    select account, sum(amount) as balance, count(*) as version
    from ledger_entry
    where program_id = :p and member_id = :m
    group by account
""")

# A lot is what came from the programme, unless all of it was moved to another member.
_LOTS = text("""
    select lot,
           (array_agg(expires_at order by sequence desc) filter (
               where points > 0 and account in ('issued', 'adjusted') and amount < 0
           ))[1] as expires_at,
           coalesce(sum(amount) filter (where account = 'pending'), 0),
           coalesce(sum(amount) filter (where account = 'available'), 0),
           coalesce(sum(amount) filter (where account = 'reserved'), 0)
    from ledger_entry join ledger_transaction using (program_id, member_id, sequence)
    where program_id = :p and member_id = :m and lot <> 'debt'
    group by lot
    having sum(amount) filter (
        where account in ('issued', 'adjusted')
          and (effect_key like '%\\:issued>%' or effect_key like '%\\:adjusted>%')
    ) <> 0
""")


def compared(
    connection: Connection, program_id: int, member_id: int
) -> Iterator[tuple[str, bool]]:
    """Yield what is derived from the ledger, and whether it is what that comes to."""
    whose = _whose(_member, program_id, member_id)
    kept = connection.execute(select(_member).where(*whose)).one()
    accounts = list(map(str, Account))
    versions = kept.versions + [0] * (len(accounts) - len(kept.versions))
    held = {
        name: (getattr(kept, name), version)
        for name, version in zip(accounts, versions, strict=True)
    }
    sums = _sums(connection, program_id, member_id)
    yield "member", held == {name: sums.get(name, (0, 0)) for name in accounts}
    names = ("lot", "expires_at", *_HELD)
    lots = connection.execute(
        select(*(_lot.c[name] for name in names)).where(
            *_whose(_lot, program_id, member_id)
        )
    )
    found = connection.execute(_LOTS, {"p": program_id, "m": member_id})
    yield "lot", _plain(found) == _plain(lots)


def _sums(
    connection: Connection, program_id: int, member_id: int
) -> dict[str, tuple[int, int]]:
    found = connection.execute(_SUMS, {"p": program_id, "m": member_id})
    return {row.account: (int(row.balance), row.version) for row in found}


def rebuild_standing(connection: Connection, program_id: int, member_id: int) -> bool:
    """Make a member's standing anew from the ledger; True if it was the same before.

    The history will be folded as a whole when the member is settled next.
    """
    was_right = all(
        is_right for _, is_right in compared(connection, program_id, member_id)
    )
    head = lock_members(connection, program_id, [member_id])[member_id]
    sums = _sums(connection, program_id, member_id)
    save_heads(connection, program_id, [replace(head, balances=sums, settled_to=None)])
    found = connection.execute(_LOTS, {"p": program_id, "m": member_id}).all()
    connection.execute(delete(_lot).where(*_whose(_lot, program_id, member_id)))
    lots = [KeptLot(*_whole(row), 0, None) for row in found]  # type: ignore[call-arg]
    save_lots(connection, program_id, [(member_id, lot) for lot in lots])
    return was_right


def _whole(row: Any) -> tuple[Any, ...]:
    return tuple(int(each) if isinstance(each, Decimal) else each for each in row)


def _whose(table: Any, program_id: int, member_id: int) -> tuple[Any, Any]:
    return table.c.program_id == program_id, table.c.member_id == member_id


def _plain(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(map(_whole, rows))

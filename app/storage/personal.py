"""What members said of themselves, each value sealed under a key of its member alone.

That key is kept sealed by the app's own, so a new one of the app's seals only keys
again; and it goes, with all that it sealed, once its member is to be forgotten.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import personal_tables
from app.storage.sealing import Keyring

_personal, _key = personal_tables.personal, personal_tables.personal_key


@dataclass(frozen=True)
class Told:
    """A value that a member told once, under a key, in one of the stores."""

    field: str
    key: str
    store_id: int
    member_id: int
    at: datetime
    value: bytes = dataclasses.field(repr=False)


def keep(connection: Connection, keys: Keyring, program_id: int, told: Told) -> None:
    """Keep a value, once for each key."""
    theirs = _ring_for(connection, keys, program_id, told.member_id)
    place = _place(program_id, told.member_id, told.field, told.key)
    connection.execute(
        upsert(_personal)
        .values(
            program_id=program_id,
            field=told.field,
            key=told.key,
            store_id=told.store_id,
            member_id=told.member_id,
            at=told.at,
            sealed=theirs.seal(told.value, place),
        )
        .on_conflict_do_nothing()
    )


def told_by(
    connection: Connection, keys: Keyring, program_id: int, member_ids: Iterable[int]
) -> list[Told]:
    """Return what members told, oldest first; raises CannotUnseal."""
    values = {"p": program_id, "members": list(member_ids)}
    found, rings = [], dict[int, Keyring]()
    for row in connection.execute(_TOLD, values):
        id_ = row.member_id
        if id_ not in rings:
            rings[id_] = keys.sub_ring(bytes(row.key_sealed), _whose(program_id, id_))
        place = _place(program_id, id_, row.field, row.key)
        value = rings[id_].unseal(bytes(row.sealed), place)
        found.append(Told(row.field, row.key, row.store_id, id_, row.at, value))
    return found


_TOLD = text("""
    select personal.*, personal_key.sealed as key_sealed
    from personal join personal_key using (program_id, member_id)
    where program_id = :p and member_id = any(cast(:members as bigint[]))
    order by at, key
""")


def move(
    connection: Connection, keys: Keyring, program_id: int, source: int, target: int
) -> bool:
    """Give what one member told to another, under the other's key; False if nothing."""
    moved = told_by(connection, keys, program_id, [source])
    for told in moved:
        theirs = _ring_for(connection, keys, program_id, target)
        place = _place(program_id, target, told.field, told.key)
        connection.execute(
            update(_personal)
            .where(_personal.c.program_id == program_id)
            .where(_personal.c.field == told.field, _personal.c.key == told.key)
            .values(member_id=target, sealed=theirs.seal(told.value, place))
        )
    return bool(forget(connection, program_id, [source]))


def forget(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> set[int]:
    """Drop the keys of members, and what they sealed; return whose there were."""
    values = {"p": program_id, "members": list(member_ids)}
    return set(connection.execute(_FORGET, values).scalars())


# The values go with their key: the database sees to that.
_FORGET = text("""
    delete from personal_key
    where program_id = :p and member_id = any(cast(:members as bigint[]))
    returning member_id
""")


def reseal(
    connection: Connection, keys: Keyring, program_id: int, after: int, limit: int
) -> list[int]:
    """Seal keys of members again that an older key sealed, and return whose.

    It looks at members after one. Raises CannotUnseal where the older key is not set
    any more.
    """
    values = {"p": program_id, "head": keys.head, "after": after, "limit": limit}
    found = connection.execute(_OF_OLD_KEYS, values).all()
    for row in found:
        whose = _whose(program_id, row.member_id)
        connection.execute(
            update(_key)
            .where(_key.c.program_id == program_id, _key.c.member_id == row.member_id)
            .values(sealed=keys.seal(keys.unseal(bytes(row.sealed), whose), whose))
        )
    return [row.member_id for row in found]


_OF_OLD_KEYS = text("""
    select member_id, sealed from personal_key
    where program_id = :p and member_id > :after
      and substring(sealed from 1 for length(:head)) <> :head
    order by member_id
    limit :limit
    for update
""")


def _ring_for(
    connection: Connection, keys: Keyring, program_id: int, member_id: int
) -> Keyring:
    """Return what seals for a member, with a new key where there is none yet."""
    whose = _whose(program_id, member_id)
    values = {"program_id": program_id, "member_id": member_id}
    new = upsert(_key).values(**values, sealed=keys.new_key(whose))
    connection.execute(new.on_conflict_do_nothing())
    sealed = connection.execute(_KEY_OF, values).scalar_one()
    return keys.sub_ring(bytes(sealed), whose)


_KEY_OF = text("""
    select sealed from personal_key
    where program_id = :program_id and member_id = :member_id
""")


def _whose(program_id: int, member_id: int) -> str:
    return f"personal/{program_id}/{member_id}"


def _place(program_id: int, member_id: int, field: str, key: str) -> str:
    return f"{_whose(program_id, member_id)}/{field}/{key}"

"""Keys with which tools of a store's owner ask: made, found by their hash, revoked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from app.storage import tables
from app.storage.stores import Store, stores_of

_key = tables.tool_key

# What a key begins with, so that whoever finds one knows what it is.
PREFIX = "tallymark_"
_RANDOM_BYTES = 32


@dataclass(frozen=True)
class ToolKey:
    """A key as it is kept; it opens its store in one installation alone."""

    program_id: int
    key_id: str
    store_id: int
    install_count: int
    label: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def opens(self, store: Store) -> bool:
        """Whether the key holds in a store as that is now."""
        is_same = self.install_count == store.install_count
        return is_same and self.revoked_at is None and store.uninstalled_at is None


_SEEN = [_key.c[name] for name in ToolKey.__dataclass_fields__]


def new_key() -> str:
    """Return a new key, 256 bits that nobody can guess; it is shown once."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def keep(connection: Connection, store: Store, label: str, key: str) -> str:
    """Keep a key of a store by its hash; return by which id it is listed."""
    # So many random bits need no slow hash: there is nothing to try.
    key_hash = _hash(key)
    key_id = key_hash.hex()[:8]
    connection.execute(
        insert(_key).values(
            program_id=store.program_id,
            key_id=key_id,
            store_id=store.store_id,
            install_count=store.install_count,
            label=label,
            key_hash=key_hash,
        )
    )
    return key_id


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def program_of(connection: Connection, key: str) -> int | None:
    """Return the programme whose key this is, for a receiver; None for no key."""
    query = select(_key.c.program_id).where(_key.c.key_hash == _hash(key))
    return connection.execute(query).scalar()


def opened_by(
    connection: Connection, program_id: int, key: str
) -> tuple[ToolKey, Store] | None:
    """Return a key and the store that it opens now, None where it opens none."""
    query = select(*_SEEN).where(
        _key.c.program_id == program_id, _key.c.key_hash == _hash(key)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    found = _of(row)
    store = stores_of(connection, program_id)[found.store_id]
    return (found, store) if found.opens(store) else None


def note_use(connection: Connection, key: ToolKey) -> None:
    """Keep when a key was last used, to the minute."""
    connection.execute(_USE, {"p": key.program_id, "k": key.key_id})


_USE = text("""
    update tool_key set last_used_at = clock_timestamp()
    where program_id = :p and key_id = :k
      and (last_used_at < clock_timestamp() - interval '1 minute'
           or last_used_at is null)
""")


def count_report(connection: Connection, key: ToolKey) -> tuple[int, int]:
    """Count one more report by a key: how many within its hour, whose end is in s."""
    values = {"p": key.program_id, "k": key.key_id}
    kept, left_s = connection.execute(_COUNT, values).one()
    return kept, left_s


_COUNT = text("""
    update tool_key
    set hour_at = case when hour_at > clock_timestamp() - interval '1 hour'
                       then hour_at else clock_timestamp() end,
        kept = case when hour_at > clock_timestamp() - interval '1 hour'
                    then kept + 1 else 1 end
    where program_id = :p and key_id = :k
    returning kept, cast(ceil(extract(
        epoch from hour_at + interval '1 hour' - clock_timestamp())) as integer)
""")


def keys_of(connection: Connection, store: Store) -> list[ToolKey]:
    """Return the keys of a store, oldest first."""
    query = select(*_SEEN).where(
        _key.c.program_id == store.program_id, _key.c.store_id == store.store_id
    )
    found = connection.execute(query.order_by(_key.c.created_at, _key.c.key_id))
    return [_of(row) for row in found]


def revoke(connection: Connection, store: Store, key_id: str) -> bool:
    """Have a key of a store open nothing any more; False where there is none left."""
    revoked = connection.execute(
        update(_key)
        .where(_key.c.program_id == store.program_id, _key.c.key_id == key_id)
        .where(_key.c.store_id == store.store_id, _key.c.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
    )
    return revoked.rowcount > 0


def _of(row: Any) -> ToolKey:
    return ToolKey(**row._asdict())

"""Who asked to be forgotten, by keyed hashes that lead to nobody without the secret."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from app.storage.stores import Store


def bury(connection: Connection, store: Store, customer_keys: Iterable[str]) -> None:
    """Remember whom to have forgotten, in which installation of the store."""
    keys = sorted(set(customer_keys))
    connection.execute(_BURY, _here(store) | {"keys": keys})


_BURY = text("""
    insert into tombstone (program_id, store_id, customer_key, install_count)
    select program_id, store_id, key, install_count
    from store, unnest(cast(:keys as text[])) as key
    where program_id = :p and store_id = :s
    on conflict do nothing
""")


@dataclass(frozen=True)
class Buried:
    """Which of some keyed hashes are of the forgotten.

    `for_good` were forgotten in the installation that the store has now, `before` in an
    earlier one. Where the store `is_empty`, everybody is forgotten.
    """

    for_good: frozenset[str]
    before: frozenset[str]
    is_empty: bool


def find_buried(
    connection: Connection, store: Store, customer_keys: Collection[str]
) -> Buried:
    """Return which of these keyed hashes are of the forgotten, as it is known now."""
    values = _here(store) | {"keys": sorted(set(customer_keys))}
    rows = connection.execute(_FIND, values).all()
    named = {row.customer_key: row.is_of_now for row in rows if row.customer_key}
    return Buried(
        frozenset(key for key, is_of_now in named.items() if is_of_now),
        frozenset(key for key, is_of_now in named.items() if not is_of_now),
        rows[0].is_empty,
    )


# One row without a key where nobody is buried: the store is looked at together with
# its tombstones, and anew, since a batch before may have forgotten everybody.
_FIND = text("""
    select store.redacted_install = store.install_count as is_empty, found.*
    from store left join (
        select customer_key, max(tombstone.install_count) as last
        from tombstone
        where program_id = :p and store_id = :s
          and customer_key = any(cast(:keys as text[]))
        group by customer_key
    ) as grave on true
    cross join lateral (
        select grave.customer_key, grave.last = store.install_count as is_of_now
    ) as found
    where program_id = :p and store_id = :s
""")


def _here(store: Store) -> dict[str, object]:
    return {"p": store.program_id, "s": store.store_id}

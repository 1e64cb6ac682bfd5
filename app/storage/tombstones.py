"""Who asked to be forgotten, by keyed hashes that lead to nobody without the secret."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from app.storage.redactions import Forgotten, Place
from app.storage.stores import Store


def bury(
    connection: Connection,
    store: Store,
    customer_keys: Iterable[str],
    *,
    before: bool = False,
) -> None:
    """Remember whom to have forgotten, in the installation of now or one `before`."""
    keys = sorted(set(customer_keys))
    values = _here(store) | {"keys": keys, "ago": int(before)}
    connection.execute(_BURY, values)


_BURY = text("""
    insert into tombstone (program_id, store_id, customer_key, install_count)
    select program_id, store_id, key, install_count - :ago
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


@dataclass(frozen=True)
class Told:
    """All that the database tells of the forgotten, and when each store began.

    That is when the installation began that the store has now.
    """

    forgotten: Forgotten
    begun: dict[Place, datetime]


def told(connection: Connection) -> Told:
    """Return who is forgotten in all stores, as the record outside tells it."""
    found: Forgotten = {}
    for row in connection.execute(_TOLD, execution_options=_IN_PARTS):
        found.setdefault((row.platform, row.domain), {})[row.key] = row.at
    stores = connection.execute(_BEGUN)
    return Told(found, {(row.platform, row.domain): row.installed_at for row in stores})


_IN_PARTS = {"yield_per": 10_000}
_BEGUN = text("select platform, domain, installed_at from store")
# Of an installation before, only that is known: it had ended when this one began.
_TOLD = text("""
    select platform, domain, customer_key as key,
           case when last = install_count then installed_at
                else installed_at - interval '1 microsecond' end as at
    from (
        select program_id, store_id, customer_key, max(install_count) as last
        from tombstone
        group by program_id, store_id, customer_key
        union all
        select program_id, store_id, null, redacted_install from store
        where redacted_install > 0
    ) as grave join store using (program_id, store_id)
""")


def state(connection: Connection) -> tuple[int, str | None]:
    """Return what differs whenever somebody was forgotten, or a store came back.

    No tombstone ever changes or goes, so their number tells whether there are new ones.
    """
    count, stores = connection.execute(_STATE).one()
    return count, stores


_STATE = text("""
    select (select count(*) from tombstone) as count,
           (select md5(string_agg(
               concat_ws(' ', store_id, installed_at, install_count, redacted_install),
               ',' order by store_id
           )) from store) as stores
""")


def just_buried(connection: Connection) -> set[Place]:
    """Return the stores in which somebody was forgotten within these minutes."""
    return {(row.platform, row.domain) for row in connection.execute(_JUST_BURIED)}


# An uninstallation forgets everybody where the redaction came before it.
_JUST_BURIED = text("""
    select distinct platform, domain from inbox
    where topic in ('customers/redact', 'shop/redact', 'app/uninstalled')
      and state = 'settled' and finished_at > clock_timestamp() - interval '5 minutes'
""")


@dataclass(frozen=True)
class Named:
    """People and orders that a store's rows name."""

    customer_ids: set[str] = field(default_factory=set)
    email_keys: set[str] = field(default_factory=set)
    order_ids: set[str] = field(default_factory=set)


def named(
    connection: Connection, store: Store, is_wanted: Callable[[str], bool]
) -> Named:
    """Return whom the rows of a store name, of those who are wanted.

    Orders are asked after as tombstones name them. It reads all that the store has.
    """
    found = Named()
    sorts = {
        "customer": found.customer_ids,
        "address": found.email_keys,
        "order": found.order_ids,
    }
    rows = connection.execute(_NAMED, _here(store), execution_options=_IN_PARTS)
    for sort, name in rows:
        if is_wanted(order_name(name) if sort == "order" else name):
            sorts[sort].add(name)
    return found


def order_name(order_id: str) -> str:
    """Return what tombstones call an order, whose id may be some customer's as well."""
    return f"order {order_id}"


_NAMED = text("""
    with here as (
        select cast(:p as bigint) as program_id, cast(:s as bigint) as store_id
    ), told (sort, name) as (
    select 'customer', customer_id from customer natural join here
    union select 'customer', customer_id from order_fact natural join here
    union select 'customer', customer_id from customer_label natural join here
    union select 'customer', customer_id from redemption natural join here
    union select 'customer', customer_id from referral natural join here
    union select 'customer', customer_id from inbox natural join here
    union select 'address', email_key from customer natural join here
    union select 'address', email_key from address natural join here
    union select 'address', facts #>> '{buyer,email_key}'
          from order_fact natural join here
    union select 'order', order_id from order_fact natural join here
    union select 'order', order_id from inbox natural join here
    )
    select sort, name from told where name is not null
""")


def _here(store: Store) -> dict[str, object]:
    return {"p": store.program_id, "s": store.store_id}

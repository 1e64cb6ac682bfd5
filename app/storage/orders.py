"""What is known of orders, kept as facts that only ever merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, text, update

from app.domain.engagement.missed import Missed
from app.domain.orders import OrderFacts
from app.storage import rows, tables
from app.storage.reasons import as_missed, kept_missed
from app.storage.rows import among

_order = tables.order_fact


@dataclass(frozen=True)
class KeptOrder:
    """An order's facts, whose it is and by what, and the terms of its first credit.

    `unearned_because` is why it earned nothing, as it was settled last; None where it
    earned something, or is nobody's. `missed` are the surprises that did not follow it.
    """

    store_id: int
    facts: OrderFacts
    member_id: int | None = None
    customer_id: str | None = None
    email_key: str | None = None
    pinned_version: int | None = None
    pinned_tags: Mapping[str, list[str]] | None = None
    unearned_because: str | None = None
    missed: tuple[Missed, ...] = ()
    is_forgotten: bool = False


@dataclass(frozen=True)
class Merged:
    """An order as it was kept, if it was, and with what is new; not saved yet."""

    before: KeptOrder | None
    now: KeptOrder


def merge_orders(
    connection: Connection, program_id: int, store_id: int, news: Iterable[OrderFacts]
) -> dict[str, Merged]:
    """Merge what is new into what is known, and return these orders, locked.

    An order that is not known yet has no row to lock: the caller has locked its name.
    """
    fresh: dict[str, OrderFacts] = {}
    for each in news:
        known = fresh.get(each.order_id)
        fresh[each.order_id] = known.merged(each) if known else each
    values = {"p": program_id, "s": store_id, "ids": rows.document(sorted(fresh))}
    kept = {
        order.facts.order_id: order
        for order in map(_as_order, connection.execute(_LOCK, values).all())
    }
    return {
        id_: Merged(kept.get(id_), _merged(kept.get(id_), facts, store_id))
        for id_, facts in fresh.items()
    }


def _merged(known: KeptOrder | None, fresh: OrderFacts, store_id: int) -> KeptOrder:
    if known is None:
        return KeptOrder(store_id, fresh)
    facts = known.facts.merged(fresh)
    if known.is_forgotten:
        facts = replace(facts, buyer=None, marks=())
    return replace(known, facts=facts)


_COLUMNS = """
    store_id, cast(facts as text) as facts, member_id, customer_id, email_key,
    pinned_version, cast(pinned_tags as text) as pinned_tags, unearned_because,
    cast(missed_surprises as text) as missed_surprises, is_forgotten
"""

# One look at the index for each order, in their order: from a list, PostgreSQL would
# rather search all orders of the store while it has no statistics.
_LOCK = text(f"""
    select found.*
    from json_array_elements_text(cast(:ids as json)) as wanted (order_id)
    cross join lateral (
        select {_COLUMNS} from order_fact
        where program_id = :p and store_id = :s and order_id = wanted.order_id
        for update
    ) as found
""")  # noqa: S608 - the names of our own columns


def save_orders(
    connection: Connection, program_id: int, orders: Iterable[KeptOrder]
) -> None:
    """Keep orders as they are now."""
    saved = [
        {
            **_outcome(program_id, order),
            "member_id": order.member_id,
            "customer_id": order.customer_id,
            "email_key": order.email_key,
            "is_forgotten": order.is_forgotten,
            "facts": order.facts,
        }
        for order in orders
    ]
    rows.put(connection, _order, saved)


def save_outcomes(
    connection: Connection, program_id: int, orders: Iterable[KeptOrder]
) -> None:
    """Keep what came of orders as they were settled, and nothing else of them.

    They are not locked: whose they are may change, or be forgotten, meanwhile.
    """
    settled = [_outcome(program_id, order) for order in orders]
    rows.change(connection, _order, settled)


def _outcome(program_id: int, order: KeptOrder) -> dict[str, Any]:
    return {
        "program_id": program_id,
        "store_id": order.store_id,
        "order_id": order.facts.order_id,
        "pinned_version": order.pinned_version,
        "pinned_tags": order.pinned_tags,
        "unearned_because": order.unearned_because,
        "missed_surprises": kept_missed(order.missed),
    }


def placed(
    connection: Connection,
    program_id: int,
    store_id: int,
    since: datetime,
    until: datetime,
) -> dict[str, datetime]:
    """Return when orders were placed, of a time, that are not told deleted; by id."""
    values = {"p": program_id, "s": store_id, "since": since, "until": until}
    found = connection.execute(_PLACED, values)
    return {row.order_id: row.placed_at for row in found}


_PLACED = text("""
    select order_id, placed_at from order_fact
    cross join lateral (
        select cast(facts #>> '{snapshot,processed_at}' as timestamptz) as placed_at
    ) as placed
    where program_id = :p and store_id = :s
      and placed_at between :since and :until
      and facts ->> 'deleted_at' is null
""")


def some_of_customer(
    connection: Connection, program_id: int, store_id: int, customer_id: str, limit: int
) -> list[str]:
    """Return the ids of some orders that are known to be a customer's."""
    found = connection.execute(
        select(_order.c.order_id)
        .where(_order.c.program_id == program_id, _order.c.store_id == store_id)
        .where(_order.c.customer_id == customer_id)
        .order_by(_order.c.order_id.desc())
        .limit(limit)
    )
    return list(found.scalars())


def passed_on(
    connection: Connection, program_id: int, store_id: int, member_id: int, limit: int
) -> list[str]:
    """Return the ids of some orders that were a member's once and are another's."""
    values = {"p": program_id, "s": store_id, "m": member_id, "most": limit}
    return list(connection.execute(_PASSED_ON, values).scalars())


_PASSED_ON = text("""
    select distinct order_fact.order_id
    from ledger_transaction as told join order_fact
      on order_fact.program_id = told.program_id
     and order_fact.order_id = split_part(told.lot, '/', 3)
    where told.program_id = :p and told.member_id = :m
      and told.lot like 'order/' || cast(:s as text) || '/%'
      and order_fact.store_id = :s and order_fact.member_id <> :m
    order by order_fact.order_id desc
    limit :most
""")


def give_guest_orders(
    connection: Connection, program_id: int, store_id: int, owners: Mapping[str, int]
) -> set[int]:
    """Give the orders of addresses to their owners; return all members this touches."""
    if not owners:
        return set()
    here = _order.c.program_id == program_id, _order.c.store_id == store_id
    waiting = connection.execute(
        select(_order.c.order_id, _order.c.email_key, _order.c.member_id).where(
            *here, among(_order.c.email_key, owners)
        )
    )
    touched: set[int] = set()
    for row in waiting.all():
        owner = owners[row.email_key]
        if row.member_id != owner:
            connection.execute(
                update(_order)
                .where(*here, _order.c.order_id == row.order_id)
                .values(member_id=owner)
            )
            touched |= {owner, row.member_id}
    return touched


def move_orders(
    connection: Connection, program_id: int, source: int, target: int
) -> bool:
    """Give all that a member ordered and asked for to another; False if nothing."""
    moved = 0
    for table in (_order, tables.command, tables.tier_grant, tables.redemption):
        moved += connection.execute(
            update(table)
            .where(table.c.program_id == program_id, table.c.member_id == source)
            .values(member_id=target)
        ).rowcount
    return moved > 0


def orders_of(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> list[KeptOrder]:
    """Return all orders of these members."""
    values = {"p": program_id, "ids": list(member_ids)}
    return [_as_order(row) for row in connection.execute(_OF_MEMBERS, values).all()]


_OF_MEMBERS = text(f"""
    select {_COLUMNS} from order_fact
    where program_id = :p and member_id = any(:ids)
""")  # noqa: S608 - the names of our own columns


def paid_orders(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, int]:
    """Return how many orders members ever paid, by member; tests are none."""
    values = {"p": program_id, "ids": list(member_ids)}
    found = connection.execute(_PAID, values)
    return {row.member_id: row.orders for row in found}


_PAID = text("""
    select member_id, count(*) as orders from order_fact
    where program_id = :p and member_id = any(:ids)
      and facts ->> 'paid_at' is not null
      and not cast(facts #>> '{snapshot,is_test}' as boolean)
    group by member_id
""")


def facts_of(
    connection: Connection, program_id: int, named: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], OrderFacts]:
    """Return what is known of orders, by store and order id."""
    found = kept_orders(connection, program_id, named)
    return {(each.store_id, each.facts.order_id): each.facts for each in found}


def kept_orders(
    connection: Connection, program_id: int, named: Iterable[tuple[int, str]]
) -> list[KeptOrder]:
    """Return those of these orders that are known, each by store and order id."""
    pairs = sorted(set(named))
    if not pairs:
        return []
    store_ids, order_ids = zip(*pairs, strict=True)
    values = {"p": program_id, "stores": list(store_ids), "ids": list(order_ids)}
    return [_as_order(row) for row in connection.execute(_NAMED, values).all()]


_NAMED = text(f"""
    select found.* from unnest(cast(:stores as bigint[]), cast(:ids as text[]))
         as wanted (store_id, order_id)
    cross join lateral (
        select {_COLUMNS} from order_fact
        where program_id = :p and store_id = wanted.store_id
          and order_id = wanted.order_id
        offset 0
    ) as found
""")  # noqa: S608 - the names of our own columns


def find_order(
    connection: Connection, program_id: int, store_id: int, order_id: str
) -> KeptOrder | None:
    """Return one order, by its id or by the number that people use for it."""
    values = {"p": program_id, "s": store_id, "o": order_id}
    found = connection.execute(_BY_ID, values).first()
    found = found or connection.execute(_BY_NUMBER, values).first()
    return _as_order(found) if found else None


_BY_ID = text(f"""
    select {_COLUMNS} from order_fact
    where program_id = :p and store_id = :s and order_id = :o
""")  # noqa: S608 - the names of our own columns

_BY_NUMBER = text(f"""
    select {_COLUMNS} from order_fact
    where program_id = :p and store_id = :s and facts #>> '{{snapshot,number}}' = :o
""")  # noqa: S608 - the names of our own columns


def forget_people(
    connection: Connection,
    program_id: int,
    store_id: int,
    *,
    customer_ids: Iterable[str] = (),
    email_keys: Iterable[str] = (),
    order_ids: Iterable[str] = (),
    everybody: bool = False,
) -> list[str]:
    """Take people out of orders, and return which; whose points they are stays."""
    forgotten = connection.execute(
        _FORGET,
        {
            "p": program_id,
            "s": store_id,
            "customers": list(customer_ids),
            "addresses": list(email_keys),
            "orders": list(order_ids),
            "everybody": everybody,
        },
    )
    return list(forgotten.scalars())


_FORGET = text("""
    update order_fact
    set facts = cast(facts as jsonb) || '{"buyer": null, "marks": []}',
        customer_id = null, email_key = null, is_forgotten = true
    where program_id = :p and store_id = :s
      and (:everybody or order_id = any(cast(:orders as text[]))
           or customer_id = any(cast(:customers as text[]))
           or facts #>> '{buyer,email_key}' = any(cast(:addresses as text[])))
    returning order_id
""")


def of_nobody_with(
    connection: Connection, program_id: int, store_id: int, marks: Iterable[str]
) -> set[str]:
    """Return the orders with any of these marks that name neither id nor address."""
    values = {"p": program_id, "s": store_id, "marks": list(marks)}
    return set(connection.execute(_OF_NOBODY, values).scalars())


_OF_NOBODY = text("""
    select order_id from order_fact
    where program_id = :p and store_id = :s
      and customer_id is null and email_key is null and not is_forgotten
      and exists (
          select from json_array_elements_text(facts -> 'marks') as mark
          where mark = any(cast(:marks as text[]))
      )
""")


_facts = msgspec.json.Decoder(OrderFacts, strict=False)
_tags = msgspec.json.Decoder(dict[str, list[str]])
_missed = msgspec.json.Decoder(dict[str, dict[str, Any]])


def _as_order(row: Row[Any]) -> KeptOrder:
    return KeptOrder(
        store_id=row.store_id,
        facts=_facts.decode(row.facts),
        member_id=row.member_id,
        customer_id=row.customer_id,
        email_key=row.email_key,
        pinned_version=row.pinned_version,
        pinned_tags=row.pinned_tags and _tags.decode(row.pinned_tags),
        unearned_because=row.unearned_because,
        missed=as_missed(row.missed_surprises and _missed.decode(row.missed_surprises)),
        is_forgotten=row.is_forgotten,
    )

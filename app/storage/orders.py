"""What is known of orders, kept as facts that only ever merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from app.domain.orders import OrderFacts
from app.storage import tables

_order = tables.order_fact


@dataclass(frozen=True)
class KeptOrder:
    """An order's facts, its member, and the terms pinned with its first credit."""

    store_id: int
    facts: OrderFacts
    member_id: int | None
    pinned_version: int | None
    pinned_tags: Mapping[str, list[str]] | None
    is_forgotten: bool


@dataclass(frozen=True)
class Owner:
    """Whose an order is, and by what: a customer, or the address of a guest."""

    member_id: int
    customer_id: str | None
    email_key: str | None


def merge_orders(
    connection: Connection, program_id: int, store_id: int, news: Iterable[OrderFacts]
) -> dict[str, KeptOrder]:
    """Merge what is new into what is known, and return these orders, locked.

    Rows are made, then locked, in the order of their ids, so that workers that meet on
    an order wait for each other, and never in a circle.
    """
    fresh: dict[str, OrderFacts] = {}
    for each in news:
        known = fresh.get(each.order_id)
        fresh[each.order_id] = known.merged(each) if known else each
    kept = _locked(connection, program_id, store_id, fresh)
    changed = {}
    for id_, order in kept.items():
        merged = order.facts.merged(fresh[id_])
        if order.is_forgotten:
            merged = replace(merged, buyer=None)
        if merged != order.facts:
            changed[id_] = replace(order, facts=merged)
    if changed:
        connection.execute(
            _SAVE,
            [
                {"p": program_id, "s": store_id, "o": id_, "facts": _json(order.facts)}
                for id_, order in changed.items()
            ],
        )
    return kept | changed


def _locked(
    connection: Connection,
    program_id: int,
    store_id: int,
    fresh: Mapping[str, OrderFacts],
) -> dict[str, KeptOrder]:
    """Make the rows that lack, and return all of them, locked."""
    ids = sorted(fresh)
    rows = [
        {
            "program_id": program_id,
            "store_id": store_id,
            "order_id": id_,
            "facts": _dump(fresh[id_]),
        }
        for id_ in ids
    ]
    connection.execute(insert(_order).values(rows).on_conflict_do_nothing())
    found = connection.execute(
        select(_order)
        .where(_order.c.program_id == program_id, _order.c.store_id == store_id)
        .where(_order.c.order_id.in_(ids))
        .order_by(_order.c.order_id)
        .with_for_update()
    )
    return {row.order_id: _as_order(row) for row in found}


_SAVE = text("""
    update order_fact set facts = cast(:facts as jsonb)
    where program_id = :p and store_id = :s and order_id = :o
""")


def give_orders(
    connection: Connection, program_id: int, owners: Mapping[tuple[int, str], Owner]
) -> None:
    """Set whose each order is, by store and order id."""
    values = [
        {
            "p": program_id,
            "s": store_id,
            "o": order_id,
            "m": owner.member_id,
            "customer_id": owner.customer_id,
            "email_key": owner.email_key,
        }
        for (store_id, order_id), owner in owners.items()
    ]
    if values:
        connection.execute(_GIVE, values)


_GIVE = text("""
    update order_fact
    set member_id = :m, customer_id = :customer_id, email_key = :email_key
    where program_id = :p and store_id = :s and order_id = :o
""")


def give_guest_orders(
    connection: Connection, program_id: int, store_id: int, owners: Mapping[str, int]
) -> set[int]:
    """Give the orders of addresses to their owners; return all members this touches."""
    here = _order.c.program_id == program_id, _order.c.store_id == store_id
    waiting = connection.execute(
        select(_order.c.order_id, _order.c.email_key, _order.c.member_id).where(
            *here, _order.c.email_key.in_(list(owners))
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
    """Give all of a member's orders and commands to another; False if it had none."""
    moved = connection.execute(
        update(_order)
        .where(_order.c.program_id == program_id, _order.c.member_id == source)
        .values(member_id=target)
    )
    commands = connection.execute(
        update(tables.command)
        .where(tables.command.c.program_id == program_id)
        .where(tables.command.c.member_id == source)
        .values(member_id=target)
    )
    return moved.rowcount + commands.rowcount > 0


def orders_of(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> list[KeptOrder]:
    """Return all orders of these members."""
    rows = connection.execute(
        select(_order).where(
            _order.c.program_id == program_id, _order.c.member_id.in_(list(member_ids))
        )
    )
    return [_as_order(row) for row in rows]


def find_order(
    connection: Connection, program_id: int, store_id: int, order_id: str
) -> KeptOrder | None:
    """Return one order, by its id or by the number that people use for it."""
    query = select(_order).where(
        _order.c.program_id == program_id, _order.c.store_id == store_id
    )
    row = connection.execute(query.where(_order.c.order_id == order_id)).one_or_none()
    if row is None:
        number = _order.c.facts["snapshot"]["number"].astext
        found = connection.execute(query.where(number == order_id)).all()
        row = found[0] if found else None
    return _as_order(row) if row else None


def pin_terms(
    connection: Connection,
    program_id: int,
    pins: Mapping[tuple[int, str], tuple[int, Mapping[str, list[str]]]],
) -> None:
    """Keep the program version and product tags under which orders first earned."""
    values = [
        {"p": program_id, "s": store_id, "o": order_id, "v": version, "t": _json(tags)}
        for (store_id, order_id), (version, tags) in pins.items()
    ]
    if values:
        connection.execute(_PIN, values)


_PIN = text("""
    update order_fact set pinned_version = :v, pinned_tags = cast(:t as jsonb)
    where program_id = :p and store_id = :s and order_id = :o
""")


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
    set facts = jsonb_set(facts, '{buyer}', 'null'), customer_id = null,
        email_key = null, is_forgotten = true
    where program_id = :p and store_id = :s
      and (:everybody or order_id = any(cast(:orders as text[]))
           or customer_id = any(cast(:customers as text[]))
           or facts #>> '{buyer,email_key}' = any(cast(:addresses as text[])))
    returning order_id
""")


def _as_order(row: Row[Any]) -> KeptOrder:
    return KeptOrder(
        store_id=row.store_id,
        facts=msgspec.convert(row.facts, OrderFacts, strict=False),
        member_id=row.member_id,
        pinned_version=row.pinned_version,
        pinned_tags=row.pinned_tags,
        is_forgotten=row.is_forgotten,
    )


def _dump(facts: OrderFacts) -> Any:
    return msgspec.to_builtins(facts)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def order_numbers(
    connection: Connection, program_id: int, named: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], str]:
    """Return the numbers that people know orders by, by store and order id."""
    number = _order.c.facts["snapshot"]["number"].astext.label("number")
    rows = connection.execute(
        select(_order.c.store_id, _order.c.order_id, number).where(
            _order.c.program_id == program_id,
            tuple_(_order.c.store_id, _order.c.order_id).in_(list(named)),
        )
    )
    return {(row.store_id, row.order_id): row.number for row in rows if row.number}

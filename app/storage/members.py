"""Who is who: members, the customers they are in a store, and guests by address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.storage import tables

_member, _customer, _guest = tables.member, tables.customer, tables.guest


@dataclass(frozen=True)
class Customer:
    """A customer of a store, and the member whose points they see."""

    customer_id: str
    member_id: int
    email_key: str | None
    email_at: datetime | None
    merged_into: str | None
    deleted_at: datetime | None


@dataclass(frozen=True)
class Head:
    """The end of a member's chain of transactions."""

    member_id: int
    last_sequence: int
    last_hash: bytes


class Identities:
    """The customers and guests of one store within one transaction."""

    def __init__(self, connection: Connection, program_id: int, store_id: int) -> None:
        """Look at one store's people."""
        self._connection = connection
        self._program_id = program_id
        self._store_id = store_id

    def customers(self, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Return the customers that are known of these, by id."""
        return self._found(_customer.c.customer_id.in_(sorted(set(customer_ids))))

    def customers_by_email(self, email_keys: Iterable[str]) -> dict[str, Customer]:
        """Return who holds each address; of several, the lowest id still there."""
        found = self._found(
            _customer.c.email_key.in_(sorted(set(email_keys)))
            & _customer.c.deleted_at.is_(None)
            & _customer.c.merged_into.is_(None)
        )
        by_email: dict[str, Customer] = {}
        for each in sorted(found.values(), key=lambda one: _by_number(one.customer_id)):
            by_email.setdefault(str(each.email_key), each)
        return by_email

    def following(self, customer: Customer) -> Customer:
        """Return the customer that this one was merged into, at last."""
        seen = {customer.customer_id}
        while customer.merged_into and customer.merged_into not in seen:
            seen.add(customer.merged_into)
            customer = self.ensure_customers([customer.merged_into])[
                customer.merged_into
            ]
        return customer

    def lock_addresses(self, email_keys: Iterable[str]) -> None:
        """Have nobody else decide at the same time whose these addresses are.

        A guest's order and the joining of a customer may be worked on side by side, and
        neither would see the other. Addresses are locked in one order everywhere.
        """
        named = [f"{self._program_id}/{self._store_id}/{key}" for key in email_keys]
        if named:
            self._connection.execute(_LOCK_ADDRESSES, {"named": sorted(set(named))})

    def ensure_customers(self, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Return these customers, each new one as a new member, locked.

        A merge must not pass by an order that is being given to one of the two.
        """
        wanted = sorted(set(customer_ids))
        known = self._locked(wanted)
        new = [customer_id for customer_id in wanted if customer_id not in known]
        if not new:
            return known
        rows = [
            {**self._here(), "customer_id": customer_id, "member_id": member_id}
            for customer_id, member_id in zip(new, self._new_ids(len(new)), strict=True)
        ]
        self._add_members(_customer, rows)
        return known | self._locked(new)

    def ensure_guests(self, email_keys: Iterable[str]) -> dict[str, int]:
        """Return the member that waits under each address, making those that lack."""
        wanted = sorted(set(email_keys))
        known = self.guests(wanted)
        new = [email_key for email_key in wanted if email_key not in known]
        if not new:
            return known
        rows = [
            {**self._here(), "email_key": email_key, "member_id": member_id}
            for email_key, member_id in zip(new, self._new_ids(len(new)), strict=True)
        ]
        self._add_members(_guest, rows)
        return known | self.guests(new)

    def guests(self, email_keys: Iterable[str]) -> dict[str, int]:
        """Return the member that waits under each of these addresses, if any does."""
        rows = self._connection.execute(
            select(_guest.c.email_key, _guest.c.member_id).where(
                *self._is_here(_guest), _guest.c.email_key.in_(list(email_keys))
            )
        )
        return {row.email_key: row.member_id for row in rows}

    def note_emails(self, emails: Iterable[tuple[str, str | None, datetime]]) -> None:
        """Keep customers' addresses, each unless a later one is known."""
        rows = sorted(emails)
        if rows:
            ids, keys, times = zip(*rows, strict=True)
            values = {"ids": list(ids), "keys": list(keys), "times": list(times)}
            self._connection.execute(_NOTE_EMAILS, self._here() | values)

    def note_deleted(self, customer_id: str, at: datetime) -> None:
        """Keep that the store deleted a customer."""
        self._set(customer_id, deleted_at=func.coalesce(_customer.c.deleted_at, at))

    def note_merged(self, deleted_id: str, kept_id: str) -> None:
        """Keep that one customer became part of another."""
        self._set(deleted_id, merged_into=kept_id)

    def forget(self, customer_ids: Sequence[str], email_keys: Sequence[str]) -> None:
        """Remove everything that leads from a person to a member."""
        self._connection.execute(
            delete(_customer).where(
                *self._is_here(_customer), _customer.c.customer_id.in_(customer_ids)
            )
        )
        self._connection.execute(
            delete(_guest).where(
                *self._is_here(_guest), _guest.c.email_key.in_(email_keys)
            )
        )

    def everybody(self) -> list[Customer]:
        """Return all customers of the store."""
        return list(self._found(text("true")).values())

    def all_guests(self) -> list[str]:
        """Return all addresses under which guests wait."""
        query = select(_guest.c.email_key).where(*self._is_here(_guest))
        return list(self._connection.execute(query).scalars())

    def _here(self) -> dict[str, int]:
        return {"program_id": self._program_id, "store_id": self._store_id}

    def _is_here(self, table: Any) -> tuple[Any, Any]:
        return (
            table.c.program_id == self._program_id,
            table.c.store_id == self._store_id,
        )

    def _locked(self, customer_ids: list[str]) -> dict[str, Customer]:
        wanted = _customer.c.customer_id.in_(customer_ids)
        query = self._query(wanted).order_by(_customer.c.customer_id)
        return self._read(query.with_for_update())

    def _found(self, condition: Any) -> dict[str, Customer]:
        return self._read(self._query(condition))

    def _query(self, condition: Any) -> Select[Any]:
        columns = [_customer.c[name] for name in Customer.__dataclass_fields__]
        return select(*columns).where(*self._is_here(_customer), condition)

    def _read(self, query: Select[Any]) -> dict[str, Customer]:
        rows = self._connection.execute(query)
        return {row.customer_id: Customer(**row._mapping) for row in rows}

    def _set(self, customer_id: str, **values: Any) -> None:
        self._connection.execute(
            update(_customer)
            .where(*self._is_here(_customer), _customer.c.customer_id == customer_id)
            .values(**values)
        )

    def _new_ids(self, count: int) -> list[int]:
        query = text("select nextval('member_id_seq') from generate_series(1, :count)")
        return list(self._connection.execute(query, {"count": count}).scalars())

    def _add_members(self, table: Any, rows: list[dict[str, Any]]) -> None:
        """Add people with their members; where another worker was first, theirs stand.

        Rows are added in one order everywhere, so that two workers cannot deadlock.
        """
        added = self._connection.execute(
            insert(table)
            .values(rows)
            .on_conflict_do_nothing()
            .returning(table.c.member_id)
        ).scalars()
        members = [
            {"program_id": self._program_id, "member_id": member_id}
            for member_id in added
        ]
        if members:
            self._connection.execute(insert(_member).values(members))


_LOCK_ADDRESSES = text("""
    select pg_advisory_xact_lock(hashtextextended(named, 0))
    from unnest(cast(:named as text[])) as named
""")

_NOTE_EMAILS = text("""
    update customer set email_key = news.email_key, email_at = news.email_at
    from unnest(cast(:ids as text[]), cast(:keys as text[]),
                cast(:times as timestamptz[]))
         as news (customer_id, email_key, email_at)
    where customer.program_id = :program_id and customer.store_id = :store_id
      and customer.customer_id = news.customer_id
      and (customer.email_at is null or customer.email_at < news.email_at)
""")


def lock_members(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, Head]:
    """Lock members, lowest id first, and return the ends of their chains."""
    rows = connection.execute(
        select(_member.c.member_id, _member.c.last_sequence, _member.c.last_hash)
        .where(_member.c.program_id == program_id)
        .where(_member.c.member_id.in_(sorted(set(member_ids))))
        .order_by(_member.c.member_id)
        .with_for_update()
    )
    return {row.member_id: Head(*row) for row in rows}


def save_heads(
    connection: Connection,
    program_id: int,
    heads: Iterable[Head],
    due: dict[int, datetime | None],
) -> None:
    """Keep the ends of chains, and when time alone will next move points."""
    values = [
        {
            "p": program_id,
            "m": head.member_id,
            "sequence": head.last_sequence,
            "hash": head.last_hash,
            "due_at": due[head.member_id],
        }
        for head in heads
    ]
    if values:
        connection.execute(_SAVE_HEADS, values)


_SAVE_HEADS = text("""
    update member set last_sequence = :sequence, last_hash = :hash, due_at = :due_at
    where program_id = :p and member_id = :m
""")


def due_members(
    connection: Connection, now: datetime, limit: int
) -> list[tuple[int, int]]:
    """Return program and id of members for whom time has come, locked."""
    rows = connection.execute(
        select(_member.c.program_id, _member.c.member_id)
        .where(_member.c.due_at <= now)
        .order_by(_member.c.program_id, _member.c.member_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [(row.program_id, row.member_id) for row in rows]


def all_members(connection: Connection) -> list[tuple[int, int]]:
    """Return program and id of every member."""
    rows = connection.execute(
        select(_member.c.program_id, _member.c.member_id).order_by(
            _member.c.program_id, _member.c.member_id
        )
    )
    return [(row.program_id, row.member_id) for row in rows]


def bury(
    connection: Connection, program_id: int, store_id: int, customer_keys: Iterable[str]
) -> None:
    """Remember, by keyed hash, whom to have forgotten."""
    rows = [
        {"program_id": program_id, "store_id": store_id, "customer_key": key}
        for key in sorted(set(customer_keys))
    ]
    if rows:
        connection.execute(
            insert(tables.tombstone).values(rows).on_conflict_do_nothing()
        )


def buried(
    connection: Connection, program_id: int, store_id: int, customer_keys: Iterable[str]
) -> set[str]:
    """Return which of these keyed hashes are of the forgotten."""
    tombstone = tables.tombstone
    rows = connection.execute(
        select(tombstone.c.customer_key).where(
            tombstone.c.program_id == program_id,
            tombstone.c.store_id == store_id,
            tombstone.c.customer_key.in_(sorted(set(customer_keys))),
        )
    )
    return set(rows.scalars())


def _by_number(customer_id: str) -> tuple[int, str]:
    return len(customer_id), customer_id

"""Who is who: members, the customers they are in a store, and guests by address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from app.storage import tables

_member, _customer, _address = tables.member, tables.customer, tables.address


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

    def customers_by_email(self, email_key: str) -> dict[str, Customer]:
        """Return the customers who have an address, or were the first to prove it."""
        claimed = select(_address.c.claimed_by).where(
            *self._is_here(_address), _address.c.email_key == email_key
        )
        return self._found(
            (_customer.c.email_key == email_key) | _customer.c.customer_id.in_(claimed)
        )

    def following(self, customer: Customer) -> Customer:
        """Return the customer that this one was merged into, at last."""
        seen = {customer.customer_id}
        while customer.merged_into and customer.merged_into not in seen:
            seen.add(customer.merged_into)
            known = self.customers([customer.merged_into])
            customer = known.get(customer.merged_into, customer)
        return customer

    def lock(self, people: Iterable[str], *, everybody: bool = False) -> None:
        """Have nobody else decide at the same time who these people are.

        A guest's order and the joining of a customer may be worked on side by side, and
        neither would see the other. People are named by customer id or address, and
        locked in one order everywhere.
        """
        store = f"{self._program_id}/{self._store_id}"
        statement = _LOCK_STORE if everybody else _SHARE_STORE
        self._connection.execute(statement, {"store": store})
        named = sorted({f"{store}/{person}" for person in people})
        if named and not everybody:
            self._connection.execute(_LOCK_PEOPLE, {"named": named})

    def ensure_customers(self, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Return these customers, each new one as a new member."""
        wanted = sorted(set(customer_ids))
        known = self.customers(wanted)
        new = [customer_id for customer_id in wanted if customer_id not in known]
        if not new:
            return known
        rows = [
            {**self._here(), "customer_id": customer_id, "member_id": member_id}
            for customer_id, member_id in zip(new, self._new_members(new), strict=True)
        ]
        self._connection.execute(insert(_customer).values(rows))
        return known | self.customers(new)

    def claim(self, claims: Iterable[tuple[str, str, datetime]]) -> set[str]:
        """Keep which customer proved each address first; return what that changes.

        Claims are (address, customer, time). The earliest stands, whatever came later,
        so it does not matter in which order they are heard of.
        """
        first: dict[str, tuple[datetime, str]] = {}
        for email_key, customer_id, at in claims:
            claim = (at, customer_id)
            first[email_key] = min(first.get(email_key, claim), claim)
        if not first:
            return set()
        rows = [
            {**self._here(), "email_key": key, "claimed_by": by, "claimed_at": at}
            for key, (at, by) in sorted(first.items())
        ]
        row = insert(_address)
        news = row.excluded
        earlier = tuple_(news.claimed_at, news.claimed_by) < tuple_(
            _address.c.claimed_at, _address.c.claimed_by
        )
        changed = row.on_conflict_do_update(
            index_elements=["program_id", "store_id", "email_key"],
            set_={"claimed_by": news.claimed_by, "claimed_at": news.claimed_at},
            where=_address.c.claimed_by.is_(None) | earlier,
        ).returning(_address.c.email_key)
        return set(self._connection.execute(changed, rows).scalars())

    def owners(self, email_keys: Iterable[str]) -> dict[str, int]:
        """Return whose each address is: its claimant's member, or a guest's own."""
        wanted = sorted(set(email_keys))
        rows = self._addresses(wanted)
        claimants = self.customers(row.claimed_by for row in rows if row.claimed_by)
        owners = {row.email_key: row.member_id for row in rows if row.member_id}
        for row in rows:
            if row.claimed_by in claimants:
                claimant = self.following(claimants[row.claimed_by])
                owners[row.email_key] = claimant.member_id
        new = [email_key for email_key in wanted if email_key not in owners]
        if new:
            made = dict(zip(new, self._new_members(new), strict=True))
            self._make_guests(made)
            owners |= made
        return owners

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

    def forget(self, customer_ids: Iterable[str], email_keys: Iterable[str]) -> None:
        """Remove everything that leads from a person to a member."""
        people = {"ids": list(customer_ids), "keys": list(email_keys)}
        for statement in _FORGET:
            self._connection.execute(statement, self._here() | people)

    def everybody(self) -> list[Customer]:
        """Return all customers of the store."""
        return list(self._found(text("true")).values())

    def all_addresses(self) -> list[str]:
        """Return all addresses that are known here."""
        query = select(_address.c.email_key).where(*self._is_here(_address))
        return list(self._connection.execute(query).scalars())

    def _addresses(self, email_keys: list[str]) -> list[Any]:
        return list(
            self._connection.execute(
                select(_address).where(
                    *self._is_here(_address), _address.c.email_key.in_(email_keys)
                )
            )
        )

    def _make_guests(self, members: dict[str, int]) -> None:
        rows = [
            {**self._here(), "email_key": email_key, "member_id": member_id}
            for email_key, member_id in members.items()
        ]
        row = insert(_address)
        self._connection.execute(
            row.on_conflict_do_update(
                index_elements=["program_id", "store_id", "email_key"],
                set_={"member_id": row.excluded.member_id},
            ),
            rows,
        )

    def _here(self) -> dict[str, int]:
        return {"program_id": self._program_id, "store_id": self._store_id}

    def _is_here(self, table: Any) -> tuple[Any, Any]:
        return (
            table.c.program_id == self._program_id,
            table.c.store_id == self._store_id,
        )

    def _found(self, condition: Any) -> dict[str, Customer]:
        columns = [_customer.c[name] for name in Customer.__dataclass_fields__]
        rows = self._connection.execute(
            select(*columns).where(*self._is_here(_customer), condition)
        )
        return {row.customer_id: Customer(**row._mapping) for row in rows}

    def _set(self, customer_id: str, **values: Any) -> None:
        self._connection.execute(
            update(_customer)
            .where(*self._is_here(_customer), _customer.c.customer_id == customer_id)
            .values(**values)
        )

    def _new_members(self, people: Sequence[str]) -> list[int]:
        """Make a member for each of some people; return their ids."""
        query = text("select nextval('member_id_seq') from generate_series(1, :count)")
        ids = list(self._connection.execute(query, {"count": len(people)}).scalars())
        rows = [{"program_id": self._program_id, "member_id": id_} for id_ in ids]
        self._connection.execute(insert(_member), rows)
        return ids


_SHARE_STORE = text("select pg_advisory_xact_lock_shared(hashtextextended(:store, 1))")
_LOCK_STORE = text("select pg_advisory_xact_lock(hashtextextended(:store, 1))")
_LOCK_PEOPLE = text("""
    select pg_advisory_xact_lock(hashtextextended(named, 0))
    from unnest(cast(:named as text[])) as named
""")

_FORGET = [
    text("""
        update customer set merged_into = null
        where program_id = :program_id and store_id = :store_id
          and merged_into = any(cast(:ids as text[]))
    """),
    text("""
        delete from customer
        where program_id = :program_id and store_id = :store_id
          and customer_id = any(cast(:ids as text[]))
    """),
    text("""
        delete from address
        where program_id = :program_id and store_id = :store_id
          and (email_key = any(cast(:keys as text[]))
               or claimed_by = any(cast(:ids as text[])))
    """),
]

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
    """Return program and id of members for whom time has come, longest due first."""
    rows = connection.execute(
        select(_member.c.program_id, _member.c.member_id)
        .where(_member.c.due_at <= now)
        .order_by(_member.c.due_at)
        .limit(limit)
    )
    return [(row.program_id, row.member_id) for row in rows]


def postpone_due(connection: Connection, program_id: int, member_id: int) -> None:
    """Look at a member again in a while, since settling failed."""
    connection.execute(
        update(_member)
        .where(_member.c.program_id == program_id, _member.c.member_id == member_id)
        .values(due_at=func.clock_timestamp() + text("interval '5 minutes'"))
    )


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
    keys = sorted(set(customer_keys))
    connection.execute(_BURY, {"p": program_id, "s": store_id, "keys": keys})


_BURY = text("""
    insert into tombstone (program_id, store_id, customer_key)
    select :p, :s, key from unnest(cast(:keys as text[])) as key
    on conflict do nothing
""")


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

"""Who is who: the customers of a store, guests by address, and the forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TextClause, func, select, text, update

from app.storage import rows, tables
from app.storage.rows import among

_customer, _address = tables.customer, tables.address


@dataclass(frozen=True)
class Customer:
    """A customer of a store, and the member whose points they see."""

    customer_id: str
    member_id: int
    email_key: str | None = None
    email_at: datetime | None = None
    merged_into: str | None = None
    deleted_at: datetime | None = None


class Identities:
    """The customers and guests of one store within one transaction."""

    def __init__(self, connection: Connection, program_id: int, store_id: int) -> None:
        """Look at one store's people."""
        self._connection = connection
        self._program_id = program_id
        self._store_id = store_id
        self._seen: dict[str, Customer | None] = {}

    def customers(self, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Return the customers that are known of these, by id."""
        wanted = set(customer_ids)
        unseen = wanted - self._seen.keys()
        if unseen:
            values = self._here() | {"names": rows.document(sorted(unseen))}
            found = self._connection.execute(_CUSTOMERS, values).all()
            self._seen |= dict.fromkeys(unseen)
            self._seen |= {row.customer_id: Customer(*row) for row in found}
        return {id_: seen for id_ in wanted if (seen := self._seen[id_])}

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

    def with_merged(self, customer_ids: Iterable[str]) -> set[str]:
        """Return these customers, and all who became part of any of them."""
        values = self._here() | {"ids": list(customer_ids)}
        return set(self._connection.execute(_WITH_MERGED, values).scalars())

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
            self._connection.execute(_LOCK_PEOPLE, {"named": rows.document(named)})

    def ensure_customers(self, customer_ids: Iterable[str]) -> dict[str, Customer]:
        """Return these customers, each new one as a new member."""
        wanted = sorted(set(customer_ids))
        known = self.customers(wanted)
        new = [customer_id for customer_id in wanted if customer_id not in known]
        if not new:
            return known
        made = dict(zip(new, self._new_members(len(new)), strict=True))
        rows.add(
            self._connection,
            _customer,
            [
                {**self._here(), "customer_id": customer_id, "member_id": member_id}
                for customer_id, member_id in made.items()
            ],
        )
        self._seen |= {
            customer_id: Customer(customer_id, member_id)
            for customer_id, member_id in made.items()
        }
        return self.customers(wanted)

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
        known = {
            row.email_key: (row.claimed_at, row.claimed_by)
            for row in self._addresses(sorted(first))
            if row.claimed_by
        }
        changed = [
            {**self._here(), "email_key": key, "claimed_by": by, "claimed_at": at}
            for key, (at, by) in sorted(first.items())
            if key not in known or (at, by) < known[key]
        ]
        rows.put(self._connection, _address, changed)
        return {str(row["email_key"]) for row in changed}

    def owners(self, email_keys: Iterable[str]) -> dict[str, int]:
        """Return whose each address is: its claimant's member, or a guest's own."""
        wanted = sorted(set(email_keys))
        owners = self.known_owners(wanted)
        new = [email_key for email_key in wanted if email_key not in owners]
        if new:
            made = dict(zip(new, self._new_members(len(new)), strict=True))
            self._make_guests(made)
            owners |= made
        return owners

    def known_owners(self, email_keys: Iterable[str]) -> dict[str, int]:
        """Return whose each address is, of those that were ever heard of."""
        wanted = sorted(set(email_keys))
        known = self._addresses(wanted) if wanted else []
        claimants = self.customers(row.claimed_by for row in known if row.claimed_by)
        owners = {row.email_key: row.member_id for row in known if row.member_id}
        for row in known:
            if row.claimed_by in claimants:
                claimant = self.following(claimants[row.claimed_by])
                owners[row.email_key] = claimant.member_id
        return owners

    def note_emails(self, emails: Iterable[tuple[str, str | None, datetime]]) -> None:
        """Keep the addresses of known customers, each unless a later one is known."""
        wanted = {by: (key, at) for by, key, at in emails}
        news = [
            replace(customer, email_key=wanted[by][0], email_at=wanted[by][1])
            for by, customer in sorted(self.customers(wanted).items())
            if customer.email_at is None or customer.email_at < wanted[by][1]
        ]
        noted = [
            {
                **self._here(),
                "customer_id": customer.customer_id,
                "member_id": customer.member_id,
                "email_key": customer.email_key,
                "email_at": customer.email_at,
            }
            for customer in news
        ]
        rows.put(self._connection, _customer, noted)
        self._seen |= {customer.customer_id: customer for customer in news}

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
        self._seen.clear()

    def everybody(self) -> list[Customer]:
        """Return all customers of the store."""
        return list(self._found(text("true")).values())

    def living(self, after: str, limit: int, part: int, parts: int) -> list[Customer]:
        """Return some customers whom the store should have still, in order of id.

        All of them come to one of so many parts, each always to the same.
        """
        in_part = text(
            "mod(abs(cast(hashtext(customer_id) as bigint)), :parts) = :part"
        ).bindparams(part=part, parts=parts)
        columns = [_customer.c[name] for name in Customer.__dataclass_fields__]
        found = self._connection.execute(
            select(*columns)
            .where(*self._is_here(_customer), *_is_living(), in_part)
            .where(_customer.c.customer_id > after)
            .order_by(_customer.c.customer_id)
            .limit(limit)
        )
        return [Customer(*row) for row in found.all()]

    def count_living(self) -> int:
        """Return how many customers the store should have still."""
        found: int = self._connection.execute(
            select(func.count()).where(*self._is_here(_customer), *_is_living())
        ).scalar_one()
        return found

    def all_addresses(self) -> list[str]:
        """Return all addresses that are known here."""
        query = select(_address.c.email_key).where(*self._is_here(_address))
        return list(self._connection.execute(query).scalars())

    def _addresses(self, email_keys: list[str]) -> list[Any]:
        values = self._here() | {"names": rows.document(email_keys)}
        return list(self._connection.execute(_ADDRESSES, values).all())

    def _make_guests(self, members: dict[str, int]) -> None:
        rows.put(
            self._connection,
            _address,
            [
                {**self._here(), "email_key": email_key, "member_id": member_id}
                for email_key, member_id in sorted(members.items())
            ],
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
        found = self._connection.execute(
            select(*columns).where(*self._is_here(_customer), condition)
        )
        return {row.customer_id: Customer(*row) for row in found.all()}

    def _set(self, customer_id: str, **values: Any) -> None:
        self._connection.execute(
            update(_customer)
            .where(*self._is_here(_customer), _customer.c.customer_id == customer_id)
            .values(**values)
        )
        self._seen.pop(customer_id, None)

    def _new_members(self, count: int) -> list[int]:
        """Make so many members; return their ids."""
        values = {"program_id": self._program_id, "count": count}
        return list(self._connection.execute(_NEW_MEMBERS, values).scalars())


def _is_living() -> tuple[Any, Any]:
    return _customer.c.merged_into.is_(None), _customer.c.deleted_at.is_(None)


def _named(table: str, key: str, columns: Iterable[str]) -> TextClause:
    """Return the statement that finds rows of a store by their names.

    The index is asked for each name: else PostgreSQL would compare all names with each
    row of a table that is small, or that it believes to be so.
    """
    return text(f"""
        select found.*
        from json_array_elements_text(cast(:names as json)) as named (name)
        cross join lateral (
            select {", ".join(columns)} from {table}
            where program_id = :program_id and store_id = :store_id
              and {key} = named.name
            offset 0
        ) as found
    """)  # noqa: S608 - the names of our own tables and columns


_CUSTOMERS = _named("customer", "customer_id", Customer.__dataclass_fields__)
_ADDRESSES = _named("address", "email_key", _address.c.keys())

_NEW_MEMBERS = text("""
    insert into member (program_id)
    select :program_id from generate_series(1, :count)
    returning member_id
""")

_WITH_MERGED = text("""
    with recursive theirs as (
        select unnest(cast(:ids as text[])) as customer_id
        union
        select customer.customer_id from customer
        join theirs on customer.merged_into = theirs.customer_id
        where customer.program_id = :program_id and customer.store_id = :store_id
    )
    select customer_id from theirs
""")

_SHARE_STORE = text("select pg_advisory_xact_lock_shared(hashtextextended(:store, 1))")
_LOCK_STORE = text("select pg_advisory_xact_lock(hashtextextended(:store, 1))")
_LOCK_PEOPLE = text("""
    select pg_advisory_xact_lock(hashtextextended(name, 0))
    from json_array_elements_text(cast(:named as json)) as named (name)
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


def customers_of(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[str]]:
    """Return the customers that members are now, by member; none of the forgotten."""
    found: dict[int, list[str]] = {}
    for row in connection.execute(
        select(_customer.c.member_id, _customer.c.customer_id)
        .where(_customer.c.program_id == program_id, _customer.c.merged_into.is_(None))
        .where(among(_customer.c.member_id, member_ids))
        .order_by(_customer.c.customer_id)
    ):
        found.setdefault(row.member_id, []).append(row.customer_id)
    return found

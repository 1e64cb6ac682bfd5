"""Messages of our own: kept like those of stores, and looked at by whoever asked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables
from app.storage.inbox import Place, seal_body, unseal_body
from app.storage.sealing import Keyring
from app.storage.stores import Store

_inbox = tables.inbox


def keep(
    connection: Connection,
    keys: Keyring,
    store: Store,
    topic: str,
    delivery_id: str,
    body: str,
    customer_id: str | None = None,
    event_id: str | None = None,
) -> bool:
    """Keep a message of our own once; False where it was here before.

    Of one that a shopper asked for, it is known at once who that is. By `event_id` it
    can be told for ever what was asked, when its body is gone.
    """
    place = Place("tallymark", store.domain, delivery_id)
    row = upsert(_inbox).values(
        program_id=store.program_id,
        store_id=store.store_id,
        platform=place.platform,
        domain=place.domain,
        topic=topic,
        delivery_id=delivery_id,
        body=seal_body(keys, place, body.encode()),
        customer_id=customer_id,
        event_id=event_id,
    )
    kept = row.on_conflict_do_nothing().returning(_inbox.c.message_id)
    return connection.execute(kept).scalar() is not None


_LOCK_ASKER = text("select pg_advisory_xact_lock(hashtextextended(:whose, 0))")


def lock_asker(connection: Connection, store: Store, customer_id: str) -> None:
    """Have a shopper ask for one thing after another, so that all are counted."""
    connection.execute(_LOCK_ASKER, {"whose": f"asked/{store.store_id}/{customer_id}"})


def asked_recently(
    connection: Connection, store: Store, topic: str, customer_id: str
) -> int:
    """Return how many messages of this topic a shopper asked for within the hour."""
    since = func.clock_timestamp() - text("interval '1 hour'")
    found: int = connection.execute(
        select(func.count()).where(
            *_own(store),
            _inbox.c.customer_id == customer_id,
            _inbox.c.topic == topic,
            _inbox.c.received_at > since,
        )
    ).scalar_one()
    return found


def state_of(connection: Connection, store: Store, delivery_id: str) -> str | None:
    """Return how far a message of our own is, None where there is none."""
    asked = asked_by(connection, store, delivery_id)
    return asked[0] if asked else None


def asked_as(connection: Connection, store: Store, delivery_id: str) -> str | None:
    """Return what a message of our own asked for, None where there is none."""
    event_id: str | None = connection.execute(
        select(_inbox.c.event_id).where(
            *_own(store), _inbox.c.delivery_id == delivery_id
        )
    ).scalar()
    return event_id


def asked_by(
    connection: Connection, store: Store, delivery_id: str
) -> tuple[str, str | None] | None:
    """Return the same, and who asked for it: None once they are forgotten."""
    query = select(_inbox.c.state, _inbox.c.customer_id).where(*_own(store))
    query = query.where(_inbox.c.delivery_id == delivery_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.state, row.customer_id)


def waiting(connection: Connection, store: Store, prefix: str) -> list[str]:
    """Return which messages of our own nobody has worked on yet, by how they begin."""
    found = connection.execute(
        select(_inbox.c.delivery_id)
        .where(*_own(store), _inbox.c.state == "waiting")
        .where(_inbox.c.delivery_id.startswith(prefix, autoescape=True))
    )
    return list(found.scalars())


@dataclass(frozen=True)
class OwnMessage:
    """A message of our own as it was kept, and what became of it."""

    state: str
    note: str | None
    body: bytes


def find(
    connection: Connection, keys: Keyring, store: Store, delivery_id: str
) -> OwnMessage | None:
    """Return a message of our own, None where there is none or its body is gone."""
    row = connection.execute(
        select(_inbox.c.state, _inbox.c.note, _inbox.c.body).where(
            *_own(store), _inbox.c.delivery_id == delivery_id
        )
    ).one_or_none()
    if row is None or row.body is None:
        return None
    place = Place("tallymark", store.domain, delivery_id)
    body = unseal_body(keys, place, bytes(row.body))
    return OwnMessage(row.state, row.note, body)


def _own(store: Store) -> tuple[ColumnElement[bool], ...]:
    return (
        _inbox.c.program_id == store.program_id,
        _inbox.c.platform == "tallymark",
        _inbox.c.domain == store.domain,
    )

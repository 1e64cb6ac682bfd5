"""When a store had the app: kept with the store, and seen by what it let us do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select, text, update

from app.domain.presence import OVERDUE, Presence
from app.storage import tables
from app.storage.stores import Store, as_store

_store = tables.store


def note_left(connection: Connection, store: Store, at: datetime) -> Presence:
    """Keep that the app was taken out; return what is known by now."""
    return _keep(connection, store, _find(connection, store).left(at))


def note_redaction(connection: Connection, store: Store, at: datetime) -> Presence:
    """Keep that the store is to be redacted; return what is known by now."""
    return _keep(connection, store, _find(connection, store).asked_to_redact(at))


def note_forgotten(connection: Connection, store: Store) -> Presence:
    """Keep that everybody of the store is forgotten; return what is known by now."""
    return _keep(connection, store, _find(connection, store).forgot_everybody())


def _find(connection: Connection, store: Store) -> Presence:
    """Return what is known, which nobody else changes meanwhile."""
    column = _store.c
    query = select(
        column.install_count,
        column.installed_at,
        column.opened_at,
        column.uninstalled_at,
        column.redact_at,
        column.redacted_install,
    )
    locked = query.where(_is(store)).with_for_update()
    return Presence(*connection.execute(locked).one())


def _keep(connection: Connection, store: Store, known: Presence) -> Presence:
    connection.execute(
        update(_store)
        .where(_is(store))
        .values(
            install_count=known.generation,
            installed_at=known.began_at,
            uninstalled_at=known.left_at,
            redact_at=known.redact_at,
            redacted_install=known.redacted,
        )
    )
    return known


def is_open(connection: Connection, store: Store) -> bool:
    """Whether there is a token that the store has never refused."""
    return bool(connection.execute(_OPEN, _of(store)).scalar())


_OPEN = text("""
    select tokens is not null and refused_at is null from store_access
    where program_id = :program_id and store_id = :store_id
""")


def opened_after(
    connection: Connection, store: Store, moment: datetime
) -> datetime | None:
    """Return when a store last gave us a token, if that was later than a moment."""
    found: datetime | None = connection.execute(
        _OPENED, _of(store) | {"moment": moment}
    ).scalar()
    return found


_OPENED = text("""
    select obtained_at from store_access
    where program_id = :program_id and store_id = :store_id and obtained_at > :moment
""")


def overdue(connection: Connection, now: datetime) -> list[tuple[Store, datetime]]:
    """Return stores that are gone longer than a redaction takes, and since when.

    Each was asked to be redacted, which was doubted, and nobody is forgotten yet.
    """
    column = _store.c
    rows = connection.execute(
        select(_store)
        .where(column.redact_at.is_not(None), column.uninstalled_at < now - OVERDUE)
        .where(column.redacted_install < column.install_count)
        .order_by(column.store_id)
    )
    return [(as_store(row), row.uninstalled_at) for row in rows]


def _of(store: Store) -> dict[str, object]:
    return {"program_id": store.program_id, "store_id": store.store_id}


def _is(store: Store) -> ColumnElement[bool]:
    return and_(
        _store.c.program_id == store.program_id, _store.c.store_id == store.store_id
    )

"""When a store had the app: kept with the store, and seen by what it let us do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select, text, update

from app.domain.presence import Presence
from app.storage import tables
from app.storage.stores import Store

_store = tables.store


def note_left(connection: Connection, store: Store, at: datetime) -> Presence:
    """Keep that the app was taken out; return what is known by now."""
    return _keep(connection, store, _find(connection, store).left(at))


def note_redaction(connection: Connection, store: Store, at: datetime) -> Presence:
    """Keep that the store is to be redacted; return what is known by now."""
    return _keep(connection, store, _find(connection, store).asked_to_redact(at))


def _find(connection: Connection, store: Store) -> Presence:
    """Return what is known, which nobody else changes meanwhile."""
    column = _store.c
    query = select(
        column.install_count,
        column.installed_at,
        column.opened_at,
        column.uninstalled_at,
        column.redact_at,
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
        )
    )
    return known


def seen_after(
    connection: Connection, store: Store, at: datetime, unless: Collection[str]
) -> datetime | None:
    """Return when a store last said something, or opened to us, later than this.

    Messages of some topics come from stores without the app, too.
    """
    values = {
        "program_id": store.program_id,
        "store_id": store.store_id,
        "platform": store.platform,
        "domain": store.domain,
        "at": at,
        "unless": list(unless),
    }
    found: datetime | None = connection.execute(_SEEN, values).scalar_one()
    return found


_SEEN = text("""
    select greatest(
        (select obtained_at from store_access
         where program_id = :program_id and store_id = :store_id
           and obtained_at > :at),
        (select max(triggered_at) from inbox
         where program_id = :program_id and platform = :platform
           and domain = :domain and topic <> all(:unless)
           and received_at > :at and triggered_at > :at)
    )
""")


def _is(store: Store) -> ColumnElement[bool]:
    return and_(
        _store.c.program_id == store.program_id, _store.c.store_id == store.store_id
    )

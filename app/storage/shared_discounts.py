"""Discounts of a store that many codes hang on, as this installation knows them."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.storage.stores import Store


def find(connection: Connection, store: Store, terms: str) -> str | None:
    """Return what the store calls the discount of these terms, None if unknown."""
    found: str | None = connection.execute(
        _FIND, _values(store, terms)
    ).scalar_one_or_none()
    return found


_FIND = text("""
    select store_ref from shared_discount
    where program_id = :program_id and store_id = :store_id and terms = :terms
      and install_count = :install_count
""")


def keep(connection: Connection, store: Store, terms: str, store_ref: str) -> None:
    """Keep what the store calls the discount of these terms."""
    connection.execute(_KEEP, _values(store, terms) | {"store_ref": store_ref})


_KEEP = text("""
    insert into shared_discount
        (program_id, store_id, terms, install_count, store_ref)
    values (:program_id, :store_id, :terms, :install_count, :store_ref)
    on conflict (program_id, store_id, terms) do update
    set install_count = excluded.install_count, store_ref = excluded.store_ref
    where shared_discount.install_count <= excluded.install_count
""")


def forget(connection: Connection, store: Store, terms: str) -> None:
    """Forget the discount of these terms."""
    connection.execute(_FORGET, _values(store, terms))


_FORGET = text("""
    delete from shared_discount
    where program_id = :program_id and store_id = :store_id and terms = :terms
      and install_count <= :install_count
""")


def _values(store: Store, terms: str) -> dict[str, object]:
    return {
        "program_id": store.program_id,
        "store_id": store.store_id,
        "install_count": store.install_count,
        "terms": terms,
    }

"""What is known of stores' products: their tags, and their collections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from app.domain.events import ProductRead
from app.storage import tables
from app.storage.rows import among
from app.storage.stores import Store

_product = tables.product


@dataclass(frozen=True)
class Product:
    """What programmes look at of a product, and as of when it is known.

    Both times are the store's; there is none for what was never told.
    """

    tags: tuple[str, ...] = ()
    collection_ids: tuple[str, ...] = ()
    tags_at: datetime | None = None
    collections_at: datetime | None = None


def note_tags(
    connection: Connection,
    store: Store,
    product_id: str,
    tags: Iterable[str],
    at: datetime,
) -> None:
    """Keep a product's tags, unless later ones are known."""
    _note(connection, store, "tags", [(product_id, tags, at)])


def note_read(
    connection: Connection, store: Store, read: Iterable[ProductRead], at: datetime
) -> None:
    """Keep what a store said of products when it was asked, unless more is known."""
    read = sorted(read, key=lambda each: each.product_id)
    in_collections = [(each.product_id, each.collection_ids, at) for each in read]
    tagged = [
        (each.product_id, each.tags, each.tags_at or at)
        for each in read
        if each.tags is not None
    ]
    _note(connection, store, "collections", in_collections)
    _note(connection, store, "tags", tagged)


_COLUMNS = {
    "tags": (_product.c.tags, _product.c.tags_at),
    "collections": (_product.c.collection_ids, _product.c.collections_at),
}


def _note(
    connection: Connection,
    store: Store,
    what: str,
    known: Sequence[tuple[str, Iterable[str], datetime]],
) -> None:
    """Keep the latest; of two that were so at one moment always the same one."""
    if not known:
        return
    values, at = _COLUMNS[what]
    told = [
        {
            "program_id": store.program_id,
            "store_id": store.store_id,
            "product_id": product_id,
            values.name: sorted(set(them)),
            at.name: since,
        }
        for product_id, them, since in known
    ]
    row = upsert(_product)
    later = row.excluded[at.name], row.excluded[values.name]
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["program_id", "store_id", "product_id"],
            set_={values.name: later[1], at.name: later[0]},
            where=at.is_(None) | (tuple_(at, values) < tuple_(*later)),
        ),
        told,
    )


def known_products(
    connection: Connection, program_id: int, product_ids: Iterable[str]
) -> dict[tuple[int, str], Product]:
    """Return what is known of products, by store and product id."""
    rows = connection.execute(
        select(_product).where(
            _product.c.program_id == program_id,
            among(_product.c.product_id, product_ids),
        )
    )
    return {
        (row.store_id, row.product_id): Product(
            tuple(row.tags), tuple(row.collection_ids), row.tags_at, row.collections_at
        )
        for row in rows
    }

"""What is known of stores' products: their tags, and their collections."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, TextClause, select, text

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
    _note(connection, store, _TAGS, {product_id: (tags, at)})


def note_read(
    connection: Connection, store: Store, read: Iterable[ProductRead], at: datetime
) -> None:
    """Keep what a store said of products when it was asked, unless more is known."""
    by_id = {each.product_id: each for each in read}
    tagged = {
        id_: (each.tags, each.tags_at or at)
        for id_, each in by_id.items()
        if each.tags is not None
    }
    collected = {id_: (each.collection_ids, at) for id_, each in by_id.items()}
    _note(connection, store, _COLLECTIONS, collected)
    _note(connection, store, _TAGS, tagged)


def _note(
    connection: Connection,
    store: Store,
    statement: TextClause,
    known: Mapping[str, tuple[Iterable[str], datetime]],
) -> None:
    """Keep the latest; of two that were so at one moment always the same one."""
    told = [
        {"product_id": id_, "words": sorted(set(words)), "at": at.isoformat()}
        for id_, (words, at) in known.items()
    ]
    values = {"p": store.program_id, "s": store.store_id, "told": json.dumps(told)}
    if told:
        connection.execute(statement, values)


def _noting(column: str, at: str) -> TextClause:
    """Return what notes many products at once, in the order in which all lock them."""
    return text(f"""
        insert into product as kept (program_id, store_id, product_id, {column}, {at})
        select :p, :s, product_id,
               array(select json_array_elements_text(words)), at
        from json_to_recordset(cast(:told as json))
            as told (product_id text, words json, at timestamptz)
        order by product_id
        on conflict (program_id, store_id, product_id) do update
        set {column} = excluded.{column}, {at} = excluded.{at}
        where kept.{at} is null
           or (kept.{at}, kept.{column}) < (excluded.{at}, excluded.{column})
    """)  # noqa: S608 - the names of our own columns


_TAGS = _noting("tags", "tags_at")
_COLLECTIONS = _noting("collection_ids", "collections_at")


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

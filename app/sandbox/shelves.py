"""The tags of what the pretend store sells, and the collections that it stands in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.sandbox.catalogue import OPENED_AT, PRODUCTS, Product
from app.sandbox.store_data import Rows

FIRST_ID = 291_000_001_000
COLLECTIONS = {
    FIRST_ID + number: title
    for number, title in enumerate(dict.fromkeys(each.category for each in PRODUCTS))
}

_KEPT = "shelves"


@dataclass(frozen=True)
class Shelf:
    """Where a product stands, and since when it does."""

    tags: tuple[str, ...]
    collection_ids: tuple[int, ...]
    updated_at: str


def find(rows: Rows, product: Product) -> Shelf:
    """Return where a product stands: at first in the collection of its sort."""
    kept = rows.setting(_KEPT, {})
    assert isinstance(kept, dict)
    if found := kept.get(product.handle):
        return Shelf(
            tuple(found["tags"]), tuple(found["collection_ids"]), found["updated_at"]
        )
    own = [id_ for id_, title in COLLECTIONS.items() if title == product.category]
    return Shelf(product.tags, tuple(own), OPENED_AT)


def keep(rows: Rows, product: Product, shelf: Shelf) -> None:
    """Keep where a product stands now."""
    kept = rows.setting(_KEPT, {})
    assert isinstance(kept, dict)
    rows.save_setting(_KEPT, kept | {product.handle: vars(shelf)})


def standing(rows: Rows) -> Iterable[tuple[Product, Shelf]]:
    """Return all products with where they stand."""
    return [(each, find(rows, each)) for each in PRODUCTS]

"""Where staff tag products of the pretend store and put them into collections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.sandbox import shelves
from app.sandbox.catalogue import Product, find
from app.sandbox.line_bodies import Body, gid
from app.sandbox.money import text
from app.sandbox.orders import RefusedError
from app.sandbox.outbox import Message, Outbox
from app.sandbox.shelves import COLLECTIONS, Shelf
from app.sandbox.store_data import Rows, StoreData


@dataclass(frozen=True)
class ShelfDesk:
    """Every method is one action: one transaction, one set of messages."""

    data: StoreData
    outbox: Outbox
    wake: Callable[[], None]
    clock: Callable[[], datetime]

    def tag(self, handle: str, tags: Sequence[str]) -> None:
        """Give a product these tags, in the place of those that it had."""
        with self.data.transaction() as rows:
            product, shelf = _found(rows, handle)
            after = replace(shelf, tags=tuple(tags), updated_at=self._now(shelf))
            shelves.keep(rows, product, after)
            message = "products/update", _product_body(product, after)
            self.outbox.put(rows, [message])
        self.wake()

    def collect(self, handle: str, collection_ids: Sequence[int]) -> None:
        """Put a product into these collections alone.

        The store tells only which collections changed, not by what product.
        """
        if not COLLECTIONS.keys() >= {*collection_ids}:
            raise RefusedError("There is no such collection.")
        with self.data.transaction() as rows:
            product, shelf = _found(rows, handle)
            changed = {*collection_ids} ^ {*shelf.collection_ids}
            after = replace(shelf, collection_ids=tuple(collection_ids))
            shelves.keep(rows, product, after)
            at = self.clock().astimezone(UTC).isoformat(timespec="seconds")
            self.outbox.put(rows, [_collection(id_, at) for id_ in sorted(changed)])
        self.wake()

    def _now(self, shelf: Shelf) -> str:
        """Return the time in whole seconds, never earlier than the last change."""
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        return max(now, datetime.fromisoformat(shelf.updated_at)).isoformat()


def _found(rows: Rows, handle: str) -> tuple[Product, Shelf]:
    product = find(handle)
    if product is None:
        raise RefusedError("There is no such product.")
    return product, shelves.find(rows, product)


def _product_body(product: Product, shelf: Shelf) -> Body:
    variant = {
        "id": product.variant_id,
        "product_id": product.product_id,
        "title": "Default Title",
        "price": text(product.price_minor),
        "sku": product.sku,
    }
    return {
        "admin_graphql_api_id": gid("Product", product.product_id),
        "id": product.product_id,
        "title": product.title,
        "handle": product.handle,
        "product_type": product.category,
        "status": "active",
        "tags": ", ".join(shelf.tags),
        "updated_at": shelf.updated_at,
        "variants": [variant],
    }


def _collection(id_: int, at: str) -> Message:
    body: Body = {
        "id": id_,
        "title": COLLECTIONS[id_],
        "handle": COLLECTIONS[id_].lower(),
        "updated_at": at,
        "admin_graphql_api_id": gid("Collection", id_),
    }
    return "collections/update", body

"""All products of a Shopify store, with tags and collections, as one long file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from app.platforms.base import Catalogue, FileState, Listing
from app.platforms.shopify.admin_api import AdminApi, Answer, document_text
from app.platforms.shopify.bulk import BulkFiles, Head, groups
from app.platforms.shopify.order_bodies import number


class _ProductNode(Answer):
    id: str
    updated_at: datetime
    tags: tuple[str, ...]


class ShopifyCatalogue(Catalogue):
    """The products of one store."""

    def __init__(self, api: AdminApi) -> None:
        self._files = BulkFiles(api)

    def begin(self) -> str:
        """Have the store write the file; return by what it is known."""
        return self._files.begin(document_text("all_products"))

    def state(self, name: str) -> FileState:
        """Return how far the store is."""
        return self._files.state(name)

    def fetch(self, url: str, file: Path) -> None:
        """Get the file, whole or not at all."""
        self._files.fetch(url, file)

    def products(self, file: Path) -> Iterator[Listing]:
        """Yield the products of the file; what hangs on one are its collections."""
        for own, *collections in groups(file):
            product = msgspec.json.decode(own, type=_ProductNode)
            heads = [msgspec.json.decode(line, type=Head) for line in collections]
            yield Listing(
                str(number(product.id)),
                tuple(_tags(product.tags)),
                tuple(str(number(head.id)) for head in heads if head.id),
                product.updated_at,
            )


def _tags(tags: Iterable[str]) -> Iterator[str]:
    """Yield tags as messages of the store are read; nothing can keep a NUL."""
    for tag in tags:
        if tag.strip() and "\0" not in tag:
            yield tag.strip()

"""All past orders of a Shopify store, as one long file that the store makes itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from app.platforms.base import Archive, FileState, Listed, Told
from app.platforms.shopify.admin_api import AdminApi, document_text
from app.platforms.shopify.bulk import BulkFiles, Head, groups
from app.platforms.shopify.order_bodies import number, order_body
from app.platforms.shopify.order_nodes import LineNode, OrderNode, ShippingNode
from app.platforms.shopify.past_orders import TOPIC, ShopifyPastOrders


class ShopifyArchive(Archive):
    """The orders of one store, all of those placed since a moment."""

    def __init__(self, api: AdminApi) -> None:
        self._files = BulkFiles(api)
        self._past = ShopifyPastOrders(api)

    def count(self, since: datetime | None) -> int | None:
        """Return how many orders that are, None where the store does not say."""
        return self._past.counted(_placed(since))

    def begin(self, since: datetime | None) -> str:
        """Have the store write the file; return by what it is known."""
        # Such a query takes no variables, so what is asked for is written into it.
        text = document_text("all_orders").replace("($query: String!)", "")
        return self._files.begin(text.replace("$query", json.dumps(_placed(since))))

    def state(self, name: str) -> FileState:
        """Return how far the store is."""
        return self._files.state(name)

    def fetch(self, url: str, file: Path) -> None:
        """Get the file, whole or not at all."""
        self._files.fetch(url, file)

    def orders(self, file: Path) -> Iterator[tuple[Listed, Told | None]]:
        """Yield the orders of the file; None stands for one that has to be asked for.

        The file tells no refunds, only that there are some.
        """
        for lines in groups(file):
            order = msgspec.json.decode(lines[0], type=OrderNode)
            listed = Listed(str(number(order.id)), order.updated_at)
            if order.refunds:
                yield listed, None
                continue
            heads = [msgspec.json.decode(line, type=Head) for line in lines]
            parts = list(zip(heads, lines, strict=True))[1:]
            body = order_body(
                order,
                [
                    msgspec.json.decode(line, type=LineNode)
                    for head, line in parts
                    if "/LineItem/" in (head.id or "")
                ],
                [],
                [
                    msgspec.json.decode(line, type=ShippingNode)
                    for head, line in parts
                    if "/LineItem/" not in (head.id or "")
                ],
            )
            yield listed, Told(TOPIC, msgspec.json.encode(body), order.updated_at)

    def read(self, order_id: str) -> Told | None:
        """Return one order with its refunds, None where it is gone."""
        return self._past.read(order_id)


def _placed(since: datetime | None) -> str:
    return f"processed_at:>='{since.isoformat()}'" if since else ""

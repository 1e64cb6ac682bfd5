"""All past orders of a Shopify store, as one long file that the store makes itself.

Shopify: a bulk operation, https://shopify.dev/docs/api/usage/bulk-operations/queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import requests

from app.platforms.base import Archive, ArchiveState, Listed, StoreAway, Told
from app.platforms.shopify.admin_api import (
    ANSWER_S,
    CONNECT_S,
    AdminApi,
    Answer,
    Known,
    UserError,
    document_text,
)
from app.platforms.shopify.order_nodes import (
    LineNode,
    OrderNode,
    ShippingNode,
    number,
    order_body,
)
from app.platforms.shopify.past_orders import TOPIC, ShopifyPastOrders

_OVER = ("CANCELED", "CANCELING", "EXPIRED", "FAILED")
_PIECE_BYTES = 1 << 16


class _Begun(Answer):
    user_errors: tuple[UserError, ...]
    bulk_operation: Known | None = None


class _Beginning(Answer):
    bulk_operation_run_query: _Begun


class _Operation(Answer):
    status: str
    root_object_count: msgspec.Raw
    error_code: str | None = None
    url: str | None = None


class _Found(Answer):
    bulk_operation: _Operation | None = None


class _Head(msgspec.Struct):
    """What tells the lines of the file apart."""

    id: str | None = None
    parent: str | None = msgspec.field(default=None, name="__parentId")


class ShopifyArchive(Archive):
    """The orders of one store, all of those placed since a moment."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api
        self._past = ShopifyPastOrders(api)
        self._session = requests.Session()
        self._session.trust_env = False

    def begin(self, since: datetime | None) -> str:
        """Have the store write the file; return by what it is known."""
        query = f"processed_at:>='{since.isoformat()}'" if since else ""
        text = document_text("all_orders").replace("($query: String!)", "")
        text = text.replace("$query", json.dumps(query))
        answer = self._api.ask("begin_bulk", _Beginning, query=text)
        begun = answer.bulk_operation_run_query
        if begun.bulk_operation is None:
            raise StoreAway("; ".join(error.message for error in begun.user_errors))
        return begun.bulk_operation.id

    def state(self, name: str) -> ArchiveState:
        """Return how far the store is."""
        found = self._api.ask("find_bulk", _Found, id=name).bulk_operation
        if found is None:
            return ArchiveState(0, failed="the store knows nothing of it any more")
        written = int(bytes(found.root_object_count).strip(b'"'))
        if found.status in _OVER:
            reason = (found.error_code or found.status).lower().replace("_", " ")
            return ArchiveState(written, failed=reason)
        is_done = found.status == "COMPLETED"
        return ArchiveState(
            written, is_done=is_done, url=found.url if is_done else None
        )

    def fetch(self, url: str, file: Path) -> None:
        """Get the file, whole or not at all."""
        part = file.with_suffix(".part")
        try:
            with self._session.get(
                url, stream=True, timeout=(CONNECT_S, ANSWER_S)
            ) as answer:
                answer.raise_for_status()
                with part.open("wb") as pieces:
                    for piece in answer.iter_content(_PIECE_BYTES):
                        pieces.write(piece)
        except requests.RequestException as error:
            raise StoreAway(f"the file of orders: {type(error).__name__}") from None
        part.replace(file)

    def orders(self, file: Path) -> Iterator[tuple[Listed, Told | None]]:
        """Yield the orders of the file; None stands for one that has to be asked for.

        The file tells no refunds, only that there are some.
        """
        for lines in _groups(file):
            order = msgspec.json.decode(lines[0], type=OrderNode)
            listed = Listed(str(number(order.id)), order.updated_at)
            if order.refunds:
                yield listed, None
                continue
            heads = [msgspec.json.decode(line, type=_Head) for line in lines]
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


def _groups(file: Path) -> Iterator[list[bytes]]:
    """Yield each order's lines of the file, its own first."""
    group: list[bytes] = []
    with file.open("rb") as lines:
        for line in lines:
            if not line.strip():
                continue
            if group and msgspec.json.decode(line, type=_Head).parent is None:
                yield group
                group = []
            group.append(line)
    if group:
        yield group

"""What a Shopify store says of its orders when it is asked, not when it tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from app.platforms.base import Listed, PastOrders, Told
from app.platforms.shopify import bodies
from app.platforms.shopify.admin_api import AdminApi, Answer, gid
from app.platforms.shopify.order_bodies import number, order_body, refund_body
from app.platforms.shopify.order_nodes import (
    LineNode,
    OrderNode,
    Page,
    RefundLineNode,
    RefundNode,
)

TOPIC = "orders/updated"


class _Listed(Answer):
    id: str
    updated_at: datetime


class _Orders(Answer):
    nodes: tuple[_Listed, ...]
    page_info: Page


class _OrderList(Answer):
    orders: _Orders


class Count(Answer):
    """How many there are of something, or at least are."""

    count: int
    precision: str

    @property
    def exact(self) -> int | None:
        """Return the number, None where it is none that can be relied on."""
        return self.count if self.precision == "EXACT" else None


class _OrdersCount(Answer):
    orders_count: Count | None = None


class _OneOrder(Answer):
    order: OrderNode | None = None


class _OneRefund(Answer):
    refund: RefundNode | None = None


class ShopifyPastOrders(PastOrders):
    """The orders of one store; only what changed is read whole."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def changed(self, since: datetime, until: datetime) -> Iterator[Sequence[Listed]]:
        """Yield what changed in a time, a page at once; raises StoreAway."""
        return self._listed(between(since, until))

    def placed(self, since: datetime, until: datetime) -> Iterator[Sequence[Listed]]:
        """Yield what was placed in a time, a page at once; raises StoreAway."""
        return self._listed(between(since, until, "processed_at"))

    def _listed(self, query: str) -> Iterator[Sequence[Listed]]:
        after = None
        while True:
            variables = {"query": query, "after": after}
            page = self._api.ask("list_orders", _OrderList, **variables).orders
            yield [Listed(str(number(each.id)), each.updated_at) for each in page.nodes]
            if not page.page_info.has_next_page:
                return
            after = page.page_info.end_cursor

    def count(self, since: datetime, until: datetime) -> int | None:
        """Return how many changed in a time; raises StoreAway."""
        return self.counted(between(since, until))

    def counted(self, query: str) -> int | None:
        """Return how many orders a query finds; no guess is taken for a number."""
        found = self._api.ask("count_orders", _OrdersCount, query=query).orders_count
        return found.exact if found else None

    def read(self, order_id: str) -> Told | None:
        """Return an order as its webhook would tell it, None where it is gone.

        Raises StoreAway.
        """
        id_ = gid("Order", order_id)
        lines: list[LineNode] = []
        after = None
        while True:
            order = self._api.ask("read_order", _OneOrder, id=id_, after=after).order
            if order is None:
                return None
            lines += order.line_items.nodes
            if not order.line_items.page_info.has_next_page:
                break
            after = order.line_items.page_info.end_cursor
        refunds = [self._refund(each.id, order) for each in order.refunds]
        known = [refund for refund in refunds if refund]
        body = msgspec.json.encode(order_body(order, lines, known))
        return Told(TOPIC, body, order.updated_at)

    def deletion_told(self, order_id: str, at: datetime) -> Told:
        """Return the message that an order was deleted."""
        body = msgspec.json.encode({"id": int(order_id)})
        return Told("orders/delete", body, at.astimezone(UTC))

    def _refund(self, id_: str, order: OrderNode) -> bodies.Refund | None:
        lines: list[RefundLineNode] = []
        after = None
        while True:
            refund = self._api.ask(
                "read_refund", _OneRefund, id=id_, after=after
            ).refund
            if refund is None:
                return None
            lines += refund.refund_line_items.nodes
            if not refund.refund_line_items.page_info.has_next_page:
                return refund_body(refund, lines, order.currency_code)
            after = refund.refund_line_items.page_info.end_cursor


def between(since: datetime, until: datetime, time: str = "updated_at") -> str:
    """Return the search for what changed in a time, or had another time of its own."""
    return f"{time}:>='{_told(since)}' {time}:<='{_told(until)}'"


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

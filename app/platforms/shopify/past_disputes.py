"""What a Shopify store says of disputes when it is asked, not when it tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from app.platforms.base import ListedDispute, PastDisputes, Told
from app.platforms.shopify.admin_api import AdminApi, Answer, Known
from app.platforms.shopify.order_bodies import number
from app.platforms.shopify.order_nodes import Money, Page
from app.platforms.shopify.past_orders import between


class _Listed(Answer):
    legacy_resource_id: str
    type: str
    status: str
    amount: Money
    initiated_at: datetime
    order: Known | None = None


class _Disputes(Answer):
    nodes: tuple[_Listed, ...]
    page_info: Page


class _DisputeList(Answer):
    disputes: _Disputes


class ShopifyPastDisputes(PastDisputes):
    """The disputes of one store, as its messages would have told of them."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def begun(
        self, since: datetime, until: datetime
    ) -> Iterator[Sequence[ListedDispute]]:
        """Yield the disputes that began in a time, a page at once; raises StoreAway.

        Those of orders that the store does not show us are left out.
        """
        after, query = None, between(since, until, "initiated_at")
        while True:
            asked = self._api.ask(
                "list_disputes", _DisputeList, query=query, after=after
            )
            page = asked.disputes
            yield [_listed(each, each.order) for each in page.nodes if each.order]
            if not page.page_info.has_next_page:
                return
            after = page.page_info.end_cursor


def _listed(node: _Listed, order: Known) -> ListedDispute:
    order_id, status = number(order.id), node.status.lower()
    body = {
        "id": int(node.legacy_resource_id),
        "order_id": order_id,
        "type": node.type.lower(),
        "amount": node.amount.amount,
        "currency": node.amount.currency_code,
        "status": status,
        "initiated_at": node.initiated_at.isoformat(),
    }
    at = node.initiated_at.astimezone(UTC)
    told = Told("disputes/update", msgspec.json.encode(body), at)
    return ListedDispute(node.legacy_resource_id, str(order_id), status, told)

"""What a Shopify store says of its customers when it is asked, not when it tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.platforms.base import Told
from app.platforms.past_customers import ListedCustomer, PastCustomers
from app.platforms.shopify.admin_api import AdminApi, Answer, Known, gid
from app.platforms.shopify.order_bodies import number
from app.platforms.shopify.order_nodes import Page
from app.platforms.shopify.past_orders import Count, between


class _Email(Answer):
    email_address: str
    marketing_state: str
    marketing_updated_at: datetime | None = None


class _Listed(Answer):
    id: str
    created_at: datetime
    updated_at: datetime
    verified_email: bool
    state: str
    tags: tuple[str, ...]
    default_email_address: _Email | None = None


class _Customers(Answer):
    nodes: tuple[_Listed, ...]
    page_info: Page


class _CustomerList(Answer):
    customers: _Customers


class _CustomersCount(Answer):
    customers_count: Count | None = None


class _Found(Answer):
    nodes: tuple[Known | None, ...]


class _Order(Answer):
    customer: Known | None = None


class _OneOrder(Answer):
    order: _Order | None = None


class _Segments(Answer):
    nodes: tuple[Known, ...]
    page_info: Page


class _SegmentList(Answer):
    segments: _Segments


class _Member(Answer):
    node: Known


class _Members(Answer):
    edges: tuple[_Member, ...]
    page_info: Page


class _MemberList(Answer):
    customer_segment_members: _Members


class ShopifyPastCustomers(PastCustomers):
    """The customers of one store, as its messages would have told of them."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def changed(
        self, since: datetime, until: datetime
    ) -> Iterator[Sequence[ListedCustomer]]:
        """Yield who changed in a time, a page at once; raises StoreAway."""
        after = None
        while True:
            variables = {"query": between(since, until), "after": after}
            asked = self._api.ask("list_customers", _CustomerList, **variables)
            page = asked.customers
            # The search may know of days alone.
            yield [
                _listed(each)
                for each in page.nodes
                if since <= each.updated_at <= until
            ]
            if not page.page_info.has_next_page:
                return
            after = page.page_info.end_cursor

    def count(self, since: datetime, until: datetime) -> int | None:
        """Return how many changed in a time; raises StoreAway."""
        query = between(since, until)
        found = self._api.ask("count_customers", _CustomersCount, query=query)
        return found.customers_count.exact if found.customers_count else None

    def gone(self, customer_ids: Collection[str]) -> set[str]:
        """Return which of these there are no more; raises StoreAway."""
        ids = [gid("Customer", id_) for id_ in customer_ids]
        nodes = self._api.ask("find_customers", _Found, ids=ids).nodes
        return set(customer_ids) - {str(number(each.id)) for each in nodes if each}

    def buyer(self, order_id: str) -> str | None:
        """Return whose an order is by now, None where nobody's; raises StoreAway."""
        id_ = gid("Order", order_id)
        order = self._api.ask("find_buyer", _OneOrder, id=id_).order
        return str(number(order.customer.id)) if order and order.customer else None

    def change_told(self, listed: ListedCustomer) -> Told:
        """Return the message that a customer changed."""
        body = {
            "id": int(listed.customer_id),
            "email": listed.email,
            "verified_email": listed.email is not None,
            "state": "enabled" if listed.has_account else "disabled",
            "created_at": listed.joined_at.isoformat(),
            "updated_at": listed.updated_at.isoformat(),
        }
        return _told("customers/update", body, listed.updated_at)

    def subscription_told(self, listed: ListedCustomer) -> Told:
        """Return the message that a customer subscribed to mail; they have."""
        assert listed.subscribed_at
        consent = {
            "state": "subscribed",
            "consent_updated_at": listed.subscribed_at.isoformat(),
        }
        body = {
            "customer_id": int(listed.customer_id),
            "email_marketing_consent": consent,
        }
        topic = "customers_email_marketing_consent/update"
        return _told(topic, body, listed.subscribed_at)

    def tags_told(
        self, listed: ListedCustomer, tags: Collection[str], *, is_given: bool
    ) -> Told:
        """Return the message that a customer got tags or lost them."""
        at = listed.updated_at
        body = {
            "customerId": gid("Customer", listed.customer_id),
            "tags": sorted(tags),
            "occurredAt": at.isoformat(),
        }
        what = "added" if is_given else "removed"
        return _told(f"customer.tags_{what}", body, at)

    def segments(self, names: Collection[str]) -> set[str]:
        """Return which of these segments there are, by the store's numbers."""
        found: set[str] = set()
        after = None
        while True:
            page = self._api.ask("list_segments", _SegmentList, after=after).segments
            found.update(str(number(each.id)) for each in page.nodes)
            if not page.page_info.has_next_page:
                return found.intersection(names)
            after = page.page_info.end_cursor

    def members(self, segment: str) -> Iterator[Collection[str]]:
        """Yield the customers in a segment that there is, a page of ids at once.

        A member's id is of its own kind, with the number of the customer.
        """
        variables = {"segment": gid("Segment", segment), "after": None}
        while True:
            asked = self._api.ask("list_members", _MemberList, **variables)
            page = asked.customer_segment_members
            yield [str(number(each.node.id)) for each in page.edges]
            if not page.page_info.has_next_page:
                return
            variables["after"] = page.page_info.end_cursor

    def segment_told(
        self, customer_id: str, segment: str, at: datetime, *, is_given: bool
    ) -> Told:
        """Return the message that a customer came into a segment or left it."""
        body = {
            "customer_id": gid("Customer", customer_id),
            "segment_id": gid("Segment", segment),
        }
        what = "joined" if is_given else "left"
        return _told(f"customer.{what}_segment", body, at)

    def merge_told(self, kept_id: str, gone_id: str, at: datetime) -> Told:
        """Return the message that one customer became part of another."""
        body = {
            "admin_graphql_api_customer_kept_id": gid("Customer", kept_id),
            "admin_graphql_api_customer_deleted_id": gid("Customer", gone_id),
            "status": "completed",
        }
        return _told("customers/merge", body, at)

    def deletion_told(self, gone_id: str, at: datetime) -> Told:
        """Return the message that a customer was deleted."""
        return _told("customers/delete", {"id": int(gone_id)}, at)


def _listed(node: _Listed) -> ListedCustomer:
    """Return a customer; only a proven address may claim what waits under it."""
    given = node.default_email_address
    address = given if node.verified_email else None
    is_subscribed = given and given.marketing_state == "SUBSCRIBED"
    return ListedCustomer(
        str(number(node.id)),
        address.email_address if address else None,
        node.created_at,
        node.state == "ENABLED",
        node.updated_at,
        node.tags,
        given.marketing_updated_at if given and is_subscribed else None,
    )


def _told(topic: str, body: dict[str, Any], at: datetime) -> Told:
    return Told(topic, msgspec.json.encode(body), at.astimezone(UTC))

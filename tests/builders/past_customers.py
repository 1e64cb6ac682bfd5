"""A store in memory that says of its customers what it is given, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from app.platforms.past_customers import ListedCustomer
from app.platforms.shopify.past_customers import ShopifyPastCustomers

JOINED = datetime(2026, 10, 1, tzinfo=UTC)


def a_customer(
    id_: int,
    email: str | None = None,
    *tags: str,
    day: int = 1,
    subscribed_at: datetime | None = None,
) -> ListedCustomer:
    """A customer who was last changed on a day of November."""
    at = datetime(2026, 11, day, 12, tzinfo=UTC)
    joined_at = JOINED + timedelta(minutes=id_)
    return ListedCustomer(str(id_), email, joined_at, True, at, tags, subscribed_at)


class CustomersInMemory(ShopifyPastCustomers):
    """Knows each customer as they are now, and whose orders are by now.

    Without any, it says of nobody that they are gone.
    """

    def __init__(self, *customers: ListedCustomer) -> None:
        self.customers = {each.customer_id: each for each in customers}
        self.buyers: dict[str, str] = {}
        self.in_segments: dict[str, list[str]] = {}
        self.segments_asked = 0

    def changed(
        self, since: datetime, until: datetime
    ) -> Iterator[Sequence[ListedCustomer]]:
        """Yield two customers at a time."""
        found = [e for e in self.customers.values() if since <= e.updated_at <= until]
        found.sort(key=lambda each: (each.updated_at, each.customer_id))
        for first in range(0, len(found), 2):
            yield found[first : first + 2]

    def count(self, since: datetime, until: datetime) -> int:
        """Return how many changed."""
        return sum(map(len, self.changed(since, until)))

    def gone(self, customer_ids: Collection[str]) -> set[str]:
        """Return who is not there."""
        return set(customer_ids) - self.customers.keys() if self.customers else set()

    def segments(self, names: Collection[str]) -> set[str]:
        """Return which of these there are."""
        self.segments_asked += 1
        return self.in_segments.keys() & set(names)

    def members(self, segment: str) -> Iterator[Collection[str]]:
        """Yield two members at a time."""
        ids = self.in_segments[segment]
        for first in range(0, max(1, len(ids)), 2):
            yield ids[first : first + 2]

    def buyer(self, order_id: str) -> str | None:
        """Return whose an order is."""
        return self.buyers.get(order_id)

"""A store in memory that says of its orders what it is given, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.platforms.base import Listed, PastOrders, StoreAway, Told


class OrdersInMemory(PastOrders):
    """Knows each order as it was last told; goes away after `answers` reads.

    After so many lists of what was placed, it shows no order of more than 60 days.
    """

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.answers: int | None = None
        self.overlooked: set[str] = set()
        self.reads = 0
        self.hides_after: int | None = None

    def put(self, *bodies: dict[str, Any]) -> None:
        """Let the store have orders, or have them changed."""
        self.orders |= {str(body["id"]): body for body in bodies}

    def changed(self, since: datetime, until: datetime) -> Iterator[Sequence[Listed]]:
        """Yield two orders at a time."""
        times = {
            id_: datetime.fromisoformat(body["updated_at"])
            for id_, body in self.orders.items()
        }
        found = [
            Listed(id_, at)
            for id_, at in sorted(times.items(), key=lambda pair: (pair[1], pair[0]))
            if since <= at <= until
        ]
        for first in range(0, len(found), 2):
            yield found[first : first + 2]

    def placed(self, since: datetime, until: datetime) -> Iterator[Sequence[Listed]]:
        """Yield the orders that were placed in a time, but for those to overlook."""
        is_hiding = self.hides_after is not None and self.hides_after <= 0
        if self.hides_after is not None:
            self.hides_after -= 1
        for id_, body in self.orders.items():
            at = datetime.fromisoformat(body["processed_at"])
            if is_hiding and self._is_old(body):
                continue
            if since <= at <= until and id_ not in self.overlooked:
                yield [Listed(id_, at)]

    def deletion_told(self, order_id: str, at: datetime) -> Told:
        """Return the message that an order was deleted."""
        return Told("orders/delete", json.dumps({"id": int(order_id)}).encode(), at)

    def count(self, since: datetime, until: datetime) -> int:
        """Return how many changed."""
        return sum(map(len, self.changed(since, until)))

    def read(self, order_id: str) -> Told | None:
        """Return an order as it is now."""
        if self.answers == self.reads:
            raise StoreAway("away")
        self.reads += 1
        body = self.orders.get(order_id)
        is_hiding = self.hides_after is not None and self.hides_after <= 0
        if body is None or (is_hiding and self._is_old(body)):
            return None
        at = datetime.fromisoformat(body["updated_at"])
        return Told("orders/updated", json.dumps(body).encode(), at)

    def _is_old(self, body: dict[str, Any]) -> bool:
        at = datetime.fromisoformat(body["processed_at"])
        return at < datetime.now(UTC) - timedelta(days=60)

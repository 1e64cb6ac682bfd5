"""What a store was asked for, as the inbox keeps it: like a message that it sent."""

from __future__ import annotations

from app.platforms.base import Told
from app.storage.inbox import Arrival
from app.storage.stores import Store


def arrival_of(store: Store, name: str, told: Told) -> Arrival:
    """Return what the inbox keeps of a thing that was asked for, once a change.

    The name is kept for good, so it may name an order, and nobody.
    """
    delivery_id = f"reconciled/{name}/{told.at.isoformat()}"
    return Arrival(
        platform=store.platform,
        domain=store.domain,
        topic=told.topic,
        delivery_id=delivery_id,
        body=told.body,
        triggered_at=told.at,
    )

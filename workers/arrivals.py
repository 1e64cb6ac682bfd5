"""What a store was asked for, as the inbox keeps it: like a message that it sent."""

from __future__ import annotations

from app.platforms.base import Told
from app.storage import inbox
from app.storage.inbox import Arrival, Place
from app.storage.sealing import Keyring
from app.storage.stores import Store


def arrival_of(keys: Keyring, store: Store, name: str, told: Told) -> Arrival:
    """Return what the inbox keeps of a thing that was asked for, once a change.

    The name is kept for good, so it may name an order, and nobody.
    """
    delivery_id = f"reconciled/{name}/{told.at.isoformat()}"
    place = Place(store.platform, store.domain, delivery_id)
    return Arrival(
        platform=place.platform,
        domain=place.domain,
        topic=told.topic,
        delivery_id=delivery_id,
        body=inbox.seal_body(keys, place, told.body),
        triggered_at=told.at,
    )

"""Signs that a store has the app, of which nobody can make up one.

Headers are not signed: who has a message of a store with its signature could send it
again at any time, and say that it was sent just now.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.platforms.shopify.set_up import COMPLIANCE
from app.platforms.shopify.told_times import told_at
from app.storage import kept_messages, presences
from app.storage.sealing import Keyring
from app.storage.stores import Store

# What a store without the app sends all the same.
FAREWELLS = COMPLIANCE | {"app/uninstalled"}


def seen_after(
    connection: Connection, keys: Keyring, store: Store, moment: datetime
) -> datetime | None:
    """Return when a store opened to us, or said something, later than a moment.

    That is by our own clock for its tokens, and for messages by what their bodies say.
    """
    opened = presences.opened_after(connection, store, moment)
    return opened or said_after(connection, keys, store, moment)


def said_after(
    connection: Connection, keys: Keyring, store: Store, moment: datetime
) -> datetime | None:
    """Return when a store with the app said something, later than a moment."""
    said = kept_messages.bodies_since(connection, keys, store, moment, FAREWELLS)
    times = (told_at(body) for body in said)
    return next((time for time in times if time and time > moment), None)

"""What a worker process is made of, put together once from the settings."""

from __future__ import annotations

from app.access import Access
from app.config import Settings
from app.jobs import Bell, connect
from app.platforms.base import Fulfilment
from app.platforms.own import Own
from app.platforms.shopify import Shopify
from app.platforms.shopify.admin import ShopifyAdmin
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.fulfil import Fulfilling
from workers.process import Line


def make_line(settings: Settings) -> Line:
    """Return the line from the inbox to the ledger for these settings."""
    settings.require("database_url", "redis_url")
    assert settings.database_url
    assert settings.redis_url
    return Line(
        Database(settings.database_url, pool_size=2),
        [Shopify(settings.shopify_secrets), Own()],
        settings.secret_key,
        Keyring(settings.sealing_secrets),
        settings.home,
        Bell(connect(settings.redis_url)),
    )


def make_fulfilling(settings: Settings, way: Access) -> Fulfilling:
    """Return what has stores make what points have bought."""

    def fulfilment(store: Store) -> Fulfilment | None:
        """Return what a store makes rewards with, None where nothing opens it."""
        opener = way.opener(store)
        return ShopifyAdmin(way.url(store.domain), opener) if opener else None

    return Fulfilling(way.database, fulfilment, settings.secret_key)

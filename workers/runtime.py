"""What a worker process is made of, put together once from the settings."""

from __future__ import annotations

from app.access import Access
from app.config import Settings
from app.jobs import Bell, connect
from app.platforms.base import Archive, Fulfilment, PastOrders
from app.platforms.own import Own
from app.platforms.shopify import Shopify
from app.platforms.shopify.admin import ShopifyAdmin
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.bulk_orders import ShopifyArchive
from app.platforms.shopify.pace import Pace
from app.platforms.shopify.past_orders import ShopifyPastOrders
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.backfill import Backfilling
from workers.fulfil import Fulfilling
from workers.process import Line
from workers.reconcile import Reconciling


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


def _patient(way: Access, store: Store) -> AdminApi | None:
    """Return what asks a store for much, so at a pace; None where nothing opens it."""
    opener = way.opener(store)
    return AdminApi(way.url(store.domain), opener, pace=Pace()) if opener else None


def make_reconciling(settings: Settings, way: Access) -> Reconciling:
    """Return what asks stores for the orders that their messages did not tell."""

    def past(store: Store) -> PastOrders | None:
        """Return what a store says of its orders, None where nothing opens it."""
        api = _patient(way, store)
        return ShopifyPastOrders(api) if api else None

    assert settings.redis_url
    bell, keys = Bell(connect(settings.redis_url)), Keyring(settings.sealing_secrets)
    return Reconciling(way.database, keys, past, bell)


def make_backfilling(settings: Settings) -> Backfilling:
    """Return what brings past orders in."""
    line = make_line(settings)
    way = Access.of(settings, line.database)
    assert line.bell

    def archive(store: Store) -> Archive | None:
        """Return all orders of a store, None where nothing opens it."""
        api = _patient(way, store)
        return ShopifyArchive(api) if api else None

    return Backfilling(
        line.database,
        Keyring(settings.sealing_secrets),
        Shopify(settings.shopify_secrets),
        line.conceal,
        archive,
        line.bell,
    )

"""What a worker process is made of, put together once from the settings."""

from __future__ import annotations

from app.config import Settings
from app.jobs import Bell, connect
from app.platforms.base import Archive, Fulfilment, PastOrders
from app.platforms.own import Own
from app.platforms.shopify import Shopify
from app.platforms.shopify.admin import ShopifyAdmin
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.bulk_orders import ShopifyArchive
from app.platforms.shopify.past_orders import ShopifyPastOrders
from app.platforms.shopify.tokens import FixedToken, Opener
from app.sandbox_token import SANDBOX_DOMAIN, sandbox_token
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


def make_fulfilling(settings: Settings, database: Database) -> Fulfilling:
    """Return what has stores make what points have bought."""

    def fulfilment(store: Store) -> Fulfilment | None:
        way = _way(settings, store)
        return ShopifyAdmin(*way) if way else None

    return Fulfilling(database, fulfilment, settings.secret_key)


def make_reconciling(settings: Settings, database: Database) -> Reconciling:
    """Return what asks stores for the orders that their messages did not tell."""

    def past(store: Store) -> PastOrders | None:
        way = _way(settings, store)
        return ShopifyPastOrders(AdminApi(*way)) if way else None

    assert settings.redis_url
    bell, keys = Bell(connect(settings.redis_url)), Keyring(settings.sealing_secrets)
    return Reconciling(database, keys, past, bell)


def make_backfilling(settings: Settings) -> Backfilling:
    """Return what brings past orders in."""
    line = make_line(settings)
    assert line.bell

    def archive(store: Store) -> Archive | None:
        way = _way(settings, store)
        return ShopifyArchive(AdminApi(*way)) if way else None

    return Backfilling(
        line.database,
        Keyring(settings.sealing_secrets),
        Shopify(settings.shopify_secrets),
        line.conceal,
        archive,
        line.bell,
    )


def _way(settings: Settings, store: Store) -> tuple[str, Opener] | None:
    """Return the way to the sandbox store; others give no access yet."""
    if not settings.sandbox_url or store.domain != SANDBOX_DOMAIN:
        return None
    return settings.sandbox_url, FixedToken(sandbox_token(settings.shopify_secrets[0]))

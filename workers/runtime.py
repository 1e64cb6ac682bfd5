"""What a worker process is made of, put together once from the settings."""

from __future__ import annotations

from functools import partial

from app.access import Access
from app.config import Settings
from app.jobs import Bell, connect
from app.platforms.base import (
    Archive,
    Catalogue,
    Fulfilment,
    PastDisputes,
    PastOrders,
)
from app.platforms.own import Own
from app.platforms.past_customers import PastCustomers
from app.platforms.shopify import Shopify
from app.platforms.shopify.admin import ShopifyAdmin
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.bulk_orders import ShopifyArchive
from app.platforms.shopify.bulk_products import ShopifyCatalogue
from app.platforms.shopify.pace import Pace
from app.platforms.shopify.past_customers import ShopifyPastCustomers
from app.platforms.shopify.past_disputes import ShopifyPastDisputes
from app.platforms.shopify.past_orders import ShopifyPastOrders
from app.storage.database import Database
from app.storage.sealing import Keyring
from app.storage.showings import SOON
from app.storage.stores import Store
from app.unguarded import TellingUnguarded
from workers.aside import Aside
from workers.backfill import Backfilling
from workers.catalogue import ReadingCatalogues
from workers.clock import Errand
from workers.compare_customers import ComparingCustomers
from workers.compare_disputes import ComparingDisputes
from workers.fulfil import Fulfilling, Fulfilments
from workers.plans import ReadingPlans
from workers.process import Line
from workers.reconcile import Reconciling
from workers.set_up import SettingUp
from workers.shared import KeptDiscounts
from workers.show import Showing
from workers.turns import LANES

# So many go on in the clock at one time, and so many in a worker.
ERRANDS, ASIDES = 9, 3
# What nobody has shown so long after it was due was forgotten by the bell.
FORGOTTEN_S = 1.0


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


def make_way(settings: Settings, errands: int) -> Access:
    """Return the way into stores for so many errands at one time, one of them rewards.

    They have connections of their own to the database: who renews a token keeps one
    while the store is asked. Rewards are made in several stores at one time.
    """
    assert settings.database_url
    database = Database(settings.database_url, pool_size=errands - 1 + LANES)
    return Access.of(settings, database)


def makers(settings: Settings, way: Access) -> Fulfilments:
    """Return what makes rewards in each store, None where nothing opens it."""

    def fulfilment(store: Store) -> Fulfilment | None:
        opener = way.opener(store)
        shared = KeptDiscounts(way.database, store, settings.secret_key)
        url = way.url(store.domain)
        return ShopifyAdmin(url, opener, shared) if opener else None

    return fulfilment


def make_fulfilling(settings: Settings, way: Access) -> Fulfilling:
    """Return what has stores make what points have bought."""
    keys = Keyring(settings.sealing_secrets)
    ways = makers(settings, way)
    return Fulfilling(way.database, ways, settings.secret_key, keys)


def make_asides(settings: Settings, way: Access, fulfilling: Fulfilling) -> list[Aside]:
    """Return what a worker has stores asked for once it has drained the inbox."""
    showing, setting_up = Showing(way), SettingUp(way, settings.public_url)

    def set_up() -> None:
        setting_up.note_versions()
        setting_up.work()

    return [
        Aside("fulfil", fulfilling.work),
        Aside("show", showing.work_soon),
        Aside("set up stores", set_up, SOON.total_seconds()),
    ]


def make_errands(
    settings: Settings, way: Access, fulfilling: Fulfilling
) -> list[Errand]:
    """Return all that the clock asks of stores, and of Redis and the database.

    What follows on messages is late: the workers do it, which the bell brings, unless
    it is lost.
    """
    assert settings.redis_url
    redis = connect(settings.redis_url)
    telling = TellingUnguarded(settings, redis, way.database)
    showing, setting_up = Showing(way), SettingUp(way, settings.public_url)
    return [
        Errand("fulfil", 1, fulfilling.work),
        Errand("set up stores", 1, setting_up.work),
        Errand("set up for new versions", 5, setting_up.note_versions),
        Errand("show", 1, partial(showing.work, FORGOTTEN_S)),
        Errand("show new versions", 5, showing.note_versions),
        Errand("read products", 1, make_reading(settings, way).work),
        Errand("read plans", 1, make_reading_plans(settings, way).work),
        Errand("reconcile", 600, make_reconciling(settings, way).daily),
        Errand("tell what lies open", 60, telling.work),
    ]


def _patient(way: Access, store: Store) -> AdminApi | None:
    """Return what asks a store for much, so at a pace; None where nothing opens it."""
    opener = way.opener(store)
    return AdminApi(way.url(store.domain), opener, pace=Pace()) if opener else None


def make_reconciling(settings: Settings, way: Access) -> Reconciling:
    """Return what asks stores for what their messages did not tell."""

    def past(store: Store) -> PastOrders | None:
        """Return what a store says of its orders, None where nothing opens it."""
        api = _patient(way, store)
        return ShopifyPastOrders(api) if api else None

    def customers(store: Store) -> PastCustomers | None:
        """Return what a store says of its customers, None where nothing opens it."""
        api = _patient(way, store)
        return ShopifyPastCustomers(api) if api else None

    def disputes(store: Store) -> PastDisputes | None:
        """Return what a store says of disputes, None where nothing opens it."""
        api = _patient(way, store)
        return ShopifyPastDisputes(api) if api else None

    assert settings.redis_url
    bell, keys = Bell(connect(settings.redis_url)), Keyring(settings.sealing_secrets)
    secret_key, home = settings.secret_key, settings.home
    comparing = ComparingCustomers(
        way.database, keys, secret_key, home, customers, bell
    )
    disputing = ComparingDisputes(way.database, keys, disputes, bell)
    return Reconciling(way.database, keys, past, comparing, disputing, bell)


def make_reading(settings: Settings, way: Access) -> ReadingCatalogues:
    """Return what reads the products of stores."""

    def catalogue(store: Store) -> Catalogue | None:
        """Return all products of a store, None where nothing opens it."""
        api = _patient(way, store)
        return ShopifyCatalogue(api) if api else None

    assert settings.redis_url
    bell, keys = Bell(connect(settings.redis_url)), Keyring(settings.sealing_secrets)
    return ReadingCatalogues(way.database, keys, catalogue, bell)


def make_reading_plans(settings: Settings, way: Access) -> ReadingPlans:
    """Return what asks stores by which selling plans orders were bought."""

    def api(store: Store) -> AdminApi | None:
        """Return what asks a store, None where nothing opens it."""
        return _patient(way, store)

    assert settings.redis_url
    bell, keys = Bell(connect(settings.redis_url)), Keyring(settings.sealing_secrets)
    return ReadingPlans(way.database, keys, api, bell)


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
        settings.secret_key,
        settings.home,
    )

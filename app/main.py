"""The roof: puts settings, database and bell together, and opens the doors."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access import Access
from app.api.asking import BODY_BYTES_MAX as PROXY_BODY_BYTES_MAX
from app.api.donations import causes
from app.api.extensions import extensions
from app.api.giveaways import draws
from app.api.proxy import proxy
from app.api.redemptions import rewards
from app.api.referrals import friends
from app.api.short_cut import STANDING, ShortCut
from app.api.words import plain_words
from app.config import Settings, read_settings
from app.counter.door import counter
from app.doors import Doors, the_doors
from app.hardening import Hardened
from app.health import health
from app.inspection import Inspection
from app.install.door import WAY, home
from app.install.leave import leave
from app.jobs import Bell, connect
from app.logs import set_up_logs
from app.owner.door import BODY_BYTES_MAX as OWNER_BODY_BYTES_MAX
from app.owner.door import owner
from app.platforms.shopify import Shopify
from app.rate_limits import RateLimits
from app.refusals import Refusals
from app.rsgi import Limits, WholeRequests
from app.storage.database import Database
from app.storage.keeping import keep_each
from app.storage.sealing import Keyring
from app.storage.views import Views
from app.strict_json import StrictJSON
from app.together import Together
from app.tools.door import tools
from app.unguarded import refuse_unguarded, unguarded
from webhooks.receive import BODY_BYTES_MAX as WEBHOOK_BODY_BYTES_MAX
from webhooks.receive import PATH as WEBHOOKS
from webhooks.receive import webhooks

# How long a request waits for the database. With the most that a bell takes where Redis
# hangs, 0.8 s, less than the three seconds in which whoever delivers is to be answered.
PATIENCE_S = 2.0


def create_server() -> WholeRequests:
    """Return what a web process runs: the application, with limits for its clients."""
    settings = read_settings()
    limits = Limits(
        settings.web_threads, settings.request_s, _body_bytes_max, _gives_way
    )
    return WholeRequests(create_app(settings), limits)


def _body_bytes_max(path: str) -> int:
    """Return how long a body to this path may be; the doors themselves check again."""
    if path == WEBHOOKS:
        return WEBHOOK_BODY_BYTES_MAX
    if path.startswith("/owner/"):
        return OWNER_BODY_BYTES_MAX
    return PROXY_BODY_BYTES_MAX


# Of a longer body, only telling whether it is genuine would hold others up.
_LONG = 256 * 1024


def _gives_way(path: str, length: int) -> bool:
    """Whether a request waits for nothing but `Together`, and is done in no time."""
    return path in (STANDING, WEBHOOKS) and length <= _LONG


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web application; raises SettingsMissing that says what to set."""
    set_up_logs()
    settings = settings or read_settings()
    settings.require("database_url", "redis_url", "shopify_secrets")
    refuse_unguarded(settings)
    assert settings.database_url
    assert settings.redis_url
    database = Database(settings.database_url, wait_s=PATIENCE_S, work_s=PATIENCE_S)
    app = Flask(__name__, static_folder=None)
    keys, limits = Keyring(settings.sealing_secrets), RateLimits()
    app.json = StrictJSON(app)
    app.extensions["tallymark"] = Doors(
        database=database,
        keeping=Together(partial(keep_each, database, keys), wait_s=PATIENCE_S),
        viewing=Together(Views(database).look, wait_s=PATIENCE_S),
        bell=Bell(connect(settings.redis_url)),
        shopify=Shopify(settings.shopify_secrets, settings.shopify_api_key),
        keys=keys,
        inspection=Inspection(database, settings.home),
        home=settings.home,
        now=lambda: datetime.now(UTC),
        secret_key=settings.secret_key,
        limits=limits,
        sandbox_url=settings.sandbox_url,
        public_url=settings.public_url,
        totals_s=settings.totals_s,
        unguarded=unguarded(settings),
    )
    # Installing waits for stores to answer, with connections that nobody else needs.
    installing = Database(
        settings.database_url, pool_size=4, wait_s=PATIENCE_S, work_s=PATIENCE_S
    )
    app.extensions[WAY] = Access.of(settings, installing)
    shoppers = (proxy, rewards, friends, causes, draws, plain_words, extensions)
    for door in (webhooks, *shoppers, counter, tools, home, leave, owner, health):
        app.register_blueprint(door)
    app.add_url_rule("/", view_func=_front, endpoint="front")
    hardened = Hardened(Refusals(ShortCut(app), limits.refusals))
    proxies = settings.trusted_proxies
    app.wsgi_app = (  # type: ignore[method-assign]
        ProxyFix(hardened, proxies, x_proto=0, x_host=0) if proxies else hardened
    )
    return app


def _front() -> ResponseReturnValue:
    """Lead to the sandbox store where there is one; else say what this is."""
    doors = the_doors()
    if doors.sandbox_url:
        return redirect(doors.sandbox_url)
    return "Tallymark is running; see /readyz.\n", {"Content-Type": "text/plain"}

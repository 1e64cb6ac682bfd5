"""The pretend store as a Flask application."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, render_template, request

from app.sandbox import (
    accounts,
    app_pages,
    backoffice,
    cart_api,
    catalogue,
    customer_pages,
    extensions,
    money,
    proxy,
    reward_pages,
    shelf_pages,
    shop,
    storefront,
    visitor,
    webhook_pages,
)
from app.sandbox.admin import api, bulk, oauth
from app.sandbox.deliveries import Receiver, Sender
from app.sandbox.outbox import Outbox
from app.sandbox.settings import SandboxSettings as SandboxSettings
from app.sandbox.store import Store, utc_now
from app.sandbox.store_data import StoreData

CONTENT_POLICY = app_pages.POLICY
# Blocks of a theme bring the look that is chosen in their settings.
THEME_POLICY = f"{CONTENT_POLICY}; style-src 'self' 'unsafe-inline'"
PARTS = (
    shop,
    accounts,
    backoffice,
    webhook_pages,
    customer_pages,
    reward_pages,
    shelf_pages,
    app_pages,
    extensions,
    proxy,
    api,
    oauth,
    bulk,
    cart_api,
)


def create_store(
    settings: SandboxSettings,
    *,
    start_sender: bool = True,
    clock: Callable[[], datetime] = utc_now,
) -> Flask:
    """Make the store's application and, unless told not to, start its sender."""
    application = Flask(__name__)
    application.config.update(
        SECRET_KEY=hashlib.sha256(f"sandbox {settings.secret}".encode()).hexdigest(),
        SESSION_COOKIE_NAME="sandbox_store",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=1_000_000,
    )
    data = StoreData(settings.folder)
    receiver = Receiver(settings.app_url, settings.domain, settings.secret)
    sender = Sender(data, receiver)
    store = Store(settings, data, Outbox(), sender.wake, clock)
    store.customers.settle_in()
    application.extensions["sandbox"] = store
    application.extensions["sandbox_sender"] = sender
    for part in PARTS:
        application.register_blueprint(part.blueprint)
    _prepare_pages(application, settings, store.clock)
    if start_sender:
        sender.start()
    return application


def _prepare_pages(
    application: Flask, settings: SandboxSettings, clock: Callable[[], datetime]
) -> None:

    @application.context_processor
    def on_every_page() -> dict[str, object]:
        return {
            "shopper": visitor.shopper(),
            "cart": visitor.priced_cart(),
            "now": clock,
            "app_block": storefront.app_block,
            "app_stylesheets": lambda: storefront.the_theme().stylesheets(),
            "has_extensions": extensions.are_there(),
            "free_from": catalogue.FREE_SHIPPING_FROM_MINOR,
        }

    @application.template_filter("money")
    def as_money(minor: int) -> str:
        return money.in_words(minor, settings.currency)

    @application.template_filter("day")
    def as_day(written: str) -> str:
        at = datetime.fromisoformat(written)
        return f"{at.day} {at:%B %Y, %H:%M}"

    @application.template_filter("until")
    def as_wait(at: float) -> str:
        return f"in {max(0, at - time.time()):.0f} s"

    @application.template_filter("words")
    def as_words(status: str | None) -> str:
        return (status or "unfulfilled").replace("_", " ")

    @application.after_request
    def guard(answer: Response) -> Response:
        if not request.path.startswith(proxy.PREFIX):
            is_back = request.path.startswith("/admin")
            policy = CONTENT_POLICY if is_back else THEME_POLICY
            answer.headers.setdefault("Content-Security-Policy", policy)
            answer.headers["X-Content-Type-Options"] = "nosniff"
            if answer.mimetype == "text/html":
                answer.headers["Cache-Control"] = "no-store"
        return answer

    # An id too large for the database is the id of nothing.
    @application.errorhandler(OverflowError)
    @application.errorhandler(404)
    def missing(_error: Exception) -> tuple[str, int]:
        return render_template("missing.html"), 404

"""Command that runs the pretend store."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import click
from werkzeug.serving import make_server

import storefront_widget
from app.commands.context import in_store, opened
from app.config import read_settings
from app.counter.link import counter_path
from app.owner.sign_in import link_path
from app.sandbox.app_home import open_once
from app.sandbox.main import SandboxSettings, create_store
from app.sandbox.past import give_past
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN, sandbox_address


@click.command()
@click.option("--port", type=int, required=True, help="The port to listen on.")
@click.option("--app-url", required=True, help="Where Tallymark listens.")
def sandbox(port: int, app_url: str) -> None:
    """Run only the sandbox store, a pretend store for trying and testing."""
    settings = read_settings()
    settings.require("shopify_secrets")
    sandbox_settings = SandboxSettings(
        domain=SANDBOX_DOMAIN,
        secret=settings.shopify_secrets[0],
        app_url=app_url,
        folder=settings.home / "sandbox",
        widget_folder=Path(storefront_widget.__file__).parent,
        client_id=settings.shopify_api_key or SANDBOX_CLIENT_ID,
        program_path=lambda: link_path(
            settings.secret_key, "shopify", SANDBOX_DOMAIN, datetime.now(UTC)
        ),
        counter_path=_counter_path,
    )
    store = create_store(sandbox_settings)
    # Fit for a pretend store on this machine only.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", port, store, threaded=True)
    # It listens from here on, so the app can ask it back, and other commands too.
    sandbox_address(settings.home).write_text(f"http://127.0.0.1:{port}")
    open_once(sandbox_settings, lambda: give_past(store.extensions["sandbox"]))
    server.serve_forever()


def _counter_path() -> str:
    with opened() as (settings, database), in_store(database, SANDBOX_DOMAIN) as found:
        _, store = found
        return counter_path(settings.secret_key, store.program_id, store.store_id)

"""A pretend store with no app behind it, and a pretend app that remembers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import storefront_widget
from app.sandbox import cart, catalogue
from app.sandbox.main import SandboxSettings, create_store
from app.sandbox.order_steps import BANK, CARD, Buyer
from app.sandbox.orders import Order
from app.sandbox.outbox import Delivery, latest
from app.sandbox.store import Store

SECRET = "hush"
SHOP = "sandbox.myshopify.com"
NOWHERE = "http://127.0.0.1:9"
WIDGET = Path(storefront_widget.__file__).parent

MakeStore = Callable[..., Flask]


@dataclass
class Heard:
    """One request that the pretend app was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PretendApp:
    """Answers as told and remembers what it heard."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def topics(self) -> list[str]:
        return [request.headers["x-shopify-topic"] for request in self.heard]

    def bodies(self) -> list[Any]:
        return [json.loads(request.body) for request in self.heard]


@pytest.fixture
def pretend_app() -> Iterator[PretendApp]:
    """An HTTP server on a free port that stands in for the app."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            app.heard.append(Heard(self.command, self.path, headers, body))
            status = app.answers.pop(0) if app.answers else 200
            self.send_response(status)
            for name, value in app.headers.items():
                self.send_header(name, value)
            written = b"" if status in (204, 304) else b'{"ok":true}'
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "POST", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    app = PretendApp(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield app
    server.shutdown()
    server.server_close()


@pytest.fixture
def make_store(tmp_path: Path) -> MakeStore:
    """A function that makes a store, always on the same folder."""

    def make(app_url: str = NOWHERE) -> Flask:
        widget = tmp_path / "widget"
        widget.mkdir(exist_ok=True)
        if not (theme := widget / "theme").exists():
            theme.symlink_to(WIDGET / "theme")
        settings = SandboxSettings(SHOP, SECRET, app_url, tmp_path / "store", widget)
        made = create_store(settings, start_sender=False)
        made.testing = True
        return made

    return make


@pytest.fixture
def shop(make_store: MakeStore) -> Flask:
    """A store whose app is not there."""
    return make_store()


@pytest.fixture
def store(shop: Flask) -> Store:
    """What that store does."""
    made = shop.extensions["sandbox"]
    assert isinstance(made, Store)
    return made


@pytest.fixture
def buy(store: Store) -> Callable[..., Order]:
    """A function that buys things as Ada, or as a guest."""

    def bought(
        code: str = "", gateway: str = "card", is_guest: bool = False, **handles: int
    ) -> Order:
        wanted = {name.replace("_", "-"): count for name, count in handles.items()}
        chosen = cart.price(wanted, catalogue.find_discount(code))
        with store.data.reading() as rows:
            ada = rows.customers()[0]
        buyer = Buyer(ada.email, ada.name, None if is_guest else ada.id)
        return store.place_order(chosen, buyer, CARD if gateway == "card" else BANK)

    return bought


@pytest.fixture
def told(store: Store) -> Callable[[], list[tuple[str, Any]]]:
    """A function that returns the messages since it was last asked, oldest first."""
    seen: set[int] = set()

    def since() -> list[tuple[str, Any]]:
        with store.data.reading() as rows:
            found: list[Delivery] = latest(rows, 10_000)[::-1]
        new = [item for item in found if item.id not in seen]
        seen.update(item.id for item in new)
        return [(item.topic, json.loads(item.body)) for item in new]

    return since

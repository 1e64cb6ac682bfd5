"""A sandbox store behind real HTTP, and the way to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from app.platforms.shopify.admin import ShopifyAdmin
from app.platforms.shopify.tokens import FixedToken
from app.sandbox.admin import trouble
from app.sandbox.customers import Customer
from app.sandbox.main import SandboxSettings, create_store
from app.sandbox.store import Store
from app.sandbox_token import sandbox_token

SECRET = "hush"
TOKEN = sandbox_token(SECRET)


@dataclass(frozen=True)
class OpenStore:
    """A sandbox store that can be asked, at `url`."""

    store: Store
    url: str

    @property
    def ada(self) -> Customer:
        with self.store.data.reading() as rows:
            return rows.customers()[0]

    def admin(self, token: str = TOKEN, answer_s: float = 30) -> ShopifyAdmin:
        return ShopifyAdmin(self.url, FixedToken(token), answer_s=answer_s)

    def let_happen(self, *kinds: str) -> None:
        with self.store.data.transaction() as rows:
            trouble.order(rows, list(kinds))

    def has_no_trouble_left(self) -> bool:
        with self.store.data.reading() as rows:
            return not trouble.waiting(rows)


@contextmanager
def _served(folder: Path, hang_s: float) -> Iterator[OpenStore]:
    nowhere = "http://127.0.0.1:9"
    settings = SandboxSettings(
        "sandbox.myshopify.com", SECRET, nowhere, folder, folder, hang_s=hang_s
    )
    application = create_store(settings, start_sender=False)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    store = application.extensions["sandbox"]
    yield OpenStore(store, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStore]:
    """A store that serves its Admin API; what hangs there ends at once, unanswered."""
    with _served(tmp_path_factory.mktemp("store"), 0) as served:
        yield served


@pytest.fixture
def slow_store(tmp_path: Path) -> Iterator[OpenStore]:
    """A store where what hangs really does, longer than anybody waits."""
    with _served(tmp_path, 5) as served:
        yield served


@pytest.fixture
def since() -> datetime:
    """A moment just before the test, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)

"""A sandbox store behind real HTTP, and the way to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from werkzeug.serving import make_server

from app.platforms.shopify.admin import ShopifyAdmin
from app.platforms.shopify.set_up import METAFIELDS, NAMESPACE
from app.platforms.shopify.shared_discounts import SharedDiscounts
from app.platforms.shopify.tokens import FixedToken
from app.sandbox import grants, metafields
from app.sandbox.admin import trouble
from app.sandbox.customers import Customer
from app.sandbox.grants import Grant
from app.sandbox.main import SandboxSettings, create_store
from app.sandbox.settings import Plan
from app.sandbox.store import Store, utc_now
from app.sandbox_token import SANDBOX_DOMAIN, sandbox_token

SECRET = "hush"
TOKEN = sandbox_token(SECRET)
# Tests ask in an instant for what takes others minutes.
PLUS = Plan(20_000.0, 1000.0)


class RememberedDiscounts(SharedDiscounts):
    """What one process remembers, and forgets with its end."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def first_code(self, terms: str) -> str:
        """A code that follows from the terms."""
        return f"TERMS{terms[:12].upper()}"

    def find(self, terms: str) -> str | None:
        """The discount of these terms."""
        return self.known.get(terms)

    def keep(self, terms: str, store_ref: str) -> None:
        """Remember it."""
        self.known[terms] = store_ref

    def forget(self, terms: str) -> None:
        """Forget it."""
        self.known.pop(terms, None)


@dataclass(frozen=True)
class OpenStore:
    """A sandbox store that can be asked, at `url`."""

    store: Store
    url: str

    @property
    def ada(self) -> Customer:
        """The first customer."""
        with self.store.data.reading() as rows:
            return rows.customers()[0]

    def admin(
        self,
        token: str = TOKEN,
        answer_s: float = 30,
        shared: SharedDiscounts | None = None,
    ) -> ShopifyAdmin:
        """What makes rewards there, with what is remembered of shared discounts."""
        known = shared or RememberedDiscounts()
        return ShopifyAdmin(self.url, FixedToken(token), known, answer_s=answer_s)

    def let_happen(self, *kinds: str, where: str = trouble.ADMIN) -> None:
        """Let the next calls meet these."""
        with self.store.data.transaction() as rows:
            trouble.order(rows, list(kinds), where)

    def grants(self) -> list[Grant]:
        """What the app was given since it was installed, oldest first."""
        with self.store.data.reading() as rows:
            return grants.all_grants(rows)

    def said_of(self, customer_id: int) -> dict[str, str]:
        """What the store's own pages can read of a customer, by key."""
        with self.store.data.reading() as rows:
            there = [
                metafields.find(rows, customer_id, NAMESPACE, key)
                for key, *_ in METAFIELDS
            ]
        return {each.key: each.value for each in there if each}

    def has_no_trouble_left(self) -> bool:
        """Whether all that was to happen has happened."""
        with self.store.data.reading() as rows:
            return not trouble.waiting(rows)


@contextmanager
def served(
    folder: Path,
    hang_s: float = 0,
    plan: Plan = PLUS,
    clock: Callable[[], datetime] = utc_now,
) -> Iterator[OpenStore]:
    """Serve a store of its own; what hangs there hangs for so many seconds."""
    nowhere = "http://127.0.0.1:9"
    settings = SandboxSettings(
        SANDBOX_DOMAIN, SECRET, nowhere, folder, folder, hang_s=hang_s, plan=plan
    )
    application = create_store(settings, start_sender=False, clock=clock)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    store = application.extensions["sandbox"]
    yield OpenStore(store, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()

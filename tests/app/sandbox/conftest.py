"""A pretend store with no app behind it, and a pretend app that remembers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
from tests.builders.pretend_app import PretendApp, pretending

SECRET = "hush"
SHOP = "sandbox.myshopify.com"
NOWHERE = "http://127.0.0.1:9"
WIDGET = Path(storefront_widget.__file__).parent

MakeStore = Callable[..., Flask]


@pytest.fixture
def pretend_app() -> Iterator[PretendApp]:
    """An HTTP server on a free port that stands in for the app."""
    with pretending() as app:
        yield app


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

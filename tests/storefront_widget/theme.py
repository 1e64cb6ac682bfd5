"""Renders the theme's blocks as a store would, from plain values."""

from __future__ import annotations

from typing import Any

from app.sandbox.theme import Theme
from tests.storefront_widget.shop import WIDGET

THEME = WIDGET / "theme"
BLOCKS = sorted((THEME / "blocks").glob("*.liquid"))
EUROS = {"iso_code": "EUR"}


def the_theme(language: str = "en.default") -> Theme:
    """The theme extension, with its assets where the stub shop has them."""
    return Theme(THEME, lambda name: f"/widget/{name}", language)


def render(block: str, *, language: str = "en.default", **values: Any) -> str:
    """A block with its default settings; `settings` and all other values overrule."""
    settings = values.pop("settings", {})
    page = {
        "shop": {"currency": "EUR"},
        "cart": {"currency": EUROS, "item_count": 0, "items": []},
        "routes": {"account_url": "/account", "account_login_url": "/account/login"},
        "customer": None,
        "product": None,
    }
    return the_theme(language).render(block, page | values, settings)


def a_customer(**metafields: Any) -> dict[str, Any]:
    """Somebody signed in, with what the app wrote down about them."""
    values = {name: {"value": value} for name, value in metafields.items()}
    return {"id": 7001, "metafields": {"$app": values}}

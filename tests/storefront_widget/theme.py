"""Renders the theme's blocks as a store would, from plain values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from liquid import Environment, FileSystemLoader

from tests.storefront_widget.shop import WIDGET

THEME = WIDGET / "theme"
BLOCKS = sorted((THEME / "blocks").glob("*.liquid"))
SCHEMA = re.compile(r"{% schema %}(.*){% endschema %}", re.DOTALL)
EUROS = {"iso_code": "EUR"}


def schema_of(path: Path) -> dict[str, Any]:
    """The settings that a block declares for the theme editor."""
    found = SCHEMA.search(path.read_text())
    assert found, path
    return json.loads(found[1])


def words_of(name: str = "en.default") -> dict[str, Any]:
    """A file of the theme's words."""
    return json.loads((THEME / "locales" / f"{name}.json").read_text())


def contrast(one: str, other: str) -> float:
    """How far two colours are from each other, as WCAG reckons it."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((brighter + 0.05) / (darker + 0.05), 2)


def render(block: str, *, language: str = "en.default", **values: Any) -> str:
    """A block with its default settings; `settings` and all other values overrule."""
    path = THEME / "blocks" / f"{block}.liquid"
    declared = {each["id"]: each.get("default") for each in schema_of(path)["settings"]}
    page = {
        "shop": {"currency": "EUR"},
        "cart": {"currency": EUROS, "item_count": 0, "items": []},
        "routes": {"account_login_url": "/account/login"},
        "customer": None,
        "product": None,
    }
    settings = declared | values.pop("settings", {})
    page["block"] = {"settings": settings, "shopify_attributes": 'data-block="1"'}
    template = _store(language).from_string(SCHEMA.sub("", path.read_text()))
    return template.render(**page | values)


def a_customer(**metafields: Any) -> dict[str, Any]:
    """Somebody signed in, with what the app wrote down about them."""
    values = {name: {"value": value} for name, value in metafields.items()}
    return {"id": 7001, "metafields": {"$app": values}}


def _store(language: str) -> Environment:
    store = Environment(
        loader=FileSystemLoader(THEME / "snippets", ext=".liquid"),
    )
    store.add_filter("asset_url", lambda name: f"/widget/{name}")
    store.add_filter("json", json.dumps)
    store.add_filter("color_contrast", contrast)
    store.add_filter("t", _translate(words_of(language)))
    return store


def _translate(words: dict[str, Any]) -> Any:
    def t(key: str, **values: Any) -> str:
        text = words[key]
        if isinstance(text, dict):
            text = text["one" if values["count"] == 1 else "other"]
        return re.sub(r"{{ (\w+) }}", lambda found: str(values[found[1]]), text)

    return t


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""Renders the blocks of a theme app extension as Shopify does, from plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liquid import Environment, FileSystemLoader

_SCHEMA = re.compile(r"{% schema %}(.*){% endschema %}", re.DOTALL)


@dataclass(frozen=True)
class Theme:
    """The folder of an extension, where its assets are served, and one language."""

    folder: Path
    asset_url: Callable[[str], str]
    language: str = "en.default"

    def blocks(self) -> list[str]:
        """Return the names of all blocks."""
        return sorted(path.stem for path in (self.folder / "blocks").glob("*.liquid"))

    def schema(self, block: str) -> dict[str, Any]:
        """Return what a block declares for the theme editor."""
        found = _SCHEMA.search(self._source(block))
        assert found, block
        declared = json.loads(found[1])
        assert isinstance(declared, dict)
        return declared

    def stylesheets(self) -> list[str]:
        """Return where the stylesheets are that its blocks declare."""
        declared = (self.schema(block).get("stylesheet") for block in self.blocks())
        return [self.asset_url(name) for name in sorted({*filter(None, declared)})]

    def render(
        self, block: str, objects: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> str:
        """Return a block as HTML; settings that nobody chose have their defaults."""
        declared = self.schema(block)["settings"]
        defaults = {each["id"]: each.get("default") for each in declared}
        shown = {
            "id": block,
            "settings": {**defaults, **settings},
            "shopify_attributes": f'data-block="{block}"',
        }
        template = self._environment().from_string(_SCHEMA.sub("", self._source(block)))
        return template.render(**objects, block=shown)

    def _source(self, block: str) -> str:
        return (self.folder / "blocks" / f"{block}.liquid").read_text()

    def _environment(self) -> Environment:
        loader = FileSystemLoader(self.folder / "snippets", ext=".liquid")
        environment = Environment(loader=loader)
        environment.add_filter("asset_url", self.asset_url)
        environment.add_filter("json", json.dumps)
        environment.add_filter("color_contrast", contrast)
        words = self.folder / "locales" / f"{self.language}.json"
        environment.add_filter("t", _translate(json.loads(words.read_text())))
        return environment


def contrast(one: str, other: str) -> float:
    """Return how far two colours are from each other, as WCAG reckons it."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((brighter + 0.05) / (darker + 0.05), 2)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _translate(words: dict[str, Any]) -> Callable[..., str]:
    def t(key: str, **values: Any) -> str:
        text = words[key]
        if isinstance(text, dict):
            text = text["one" if values["count"] == 1 else "other"]
        return re.sub(r"{{ (\w+) }}", lambda found: str(values[found[1]]), text)

    return t

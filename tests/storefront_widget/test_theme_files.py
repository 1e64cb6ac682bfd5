"""The theme extension is what Shopify takes: its checks, its limits, its schemas."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jsonschema_rs
import pytest

from app.domain.money import EXPONENTS
from app.sandbox.theme import contrast
from storefront_widget.assemble import put_widget_into
from tests.storefront_widget.extensions import run
from tests.storefront_widget.shop import WIDGET
from tests.storefront_widget.theme import BLOCKS, THEME, render, the_theme

LOCALES = sorted((THEME / "locales").glob("*.json"))
_TEXT = {"type": "string", "minLength": 1}
_WORDS = {"type": "string", "pattern": r"^t:[a-z_.]+$"}
_TYPES = ["checkbox", "color", "number", "range", "select", "text"]
_SETTING = {
    "type": "object",
    "required": ["type", "id", "label", "default"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": _TYPES},
        "id": {"type": "string", "pattern": "^[a-z][a-z_]*$"},
        "label": _WORDS,
        "info": _WORDS,
        "default": True,
        "options": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "label"],
                "properties": {"value": _TEXT, "label": _WORDS},
            },
        },
        **{name: {"type": "number"} for name in ("min", "max", "step")},
        "unit": {"type": "string", "maxLength": 3},
    },
}
# What Shopify's own check does not look at: targets, types of settings, spelling.
BLOCK = {
    "type": "object",
    "required": ["name", "target", "settings"],
    "additionalProperties": False,
    "properties": {
        "name": _WORDS,
        "target": {"enum": ["section", "head", "body", "compliance_head"]},
        "stylesheet": _TEXT,
        "enabled_on": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"templates": {"type": "array", "items": _TEXT}},
        },
        "settings": {"type": "array", "items": _SETTING},
    },
}


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as it is given to Shopify, the widget's own files in it."""
    whole = tmp_path_factory.mktemp("theme") / "theme"
    own = shutil.ignore_patterns("[!t]*.js", "tallymark.js", "texts.js", "*.css")
    shutil.copytree(THEME, whole, ignore=own)
    put_widget_into(whole)
    return whole


def test_shopifys_own_check_finds_nothing_and_is_not_blind(
    assembled: Path, tmp_path: Path
):
    spoilt = tmp_path / "spoilt"
    shutil.copytree(assembled, spoilt)
    with (spoilt / "blocks" / "member.liquid").open("a") as block:
        block.write("{{ 'nowhere' | t }}{% render 'nothing' %}")

    found = json.loads(run("check-theme", str(assembled), str(spoilt)))

    assert [] == found[str(assembled)]
    assert {"TranslationKeyExists", "MissingTemplate"} == {
        each["check"] for each in found[str(spoilt)]
    }


def test_a_store_gets_every_file_of_the_widget_as_it_is(assembled: Path):
    for path in [*WIDGET.glob("*.js"), *WIDGET.glob("*.css")]:
        assert path.read_bytes() == (assembled / "assets" / path.name).read_bytes()


def test_all_files_are_within_shopifys_limits(assembled: Path):
    liquid = sum(path.stat().st_size for path in assembled.rglob("*.liquid"))
    assert liquid <= 100_000
    assert len(BLOCKS) <= 30
    for path in (assembled / "assets").iterdir():
        assert path.stat().st_size <= 10_000, path
    for path in LOCALES:
        assert path.stat().st_size <= 15_000, path


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: path.stem)
def test_a_schema_is_one_that_the_theme_editor_can_read(path: Path):
    schema = the_theme().schema(path.stem)
    jsonschema_rs.validate(BLOCK, schema)
    ids = [each["id"] for each in schema["settings"]]
    assert len(ids) == len(set(ids))
    for each in schema["settings"]:
        if each["type"] == "range":
            steps = (each["max"] - each["min"]) / each["step"]
            assert steps <= 100
            assert (each["default"] - each["min"]) % each["step"] == 0
        if each["type"] == "select":
            assert each["default"] in [one["value"] for one in each["options"]]
    names = set(re.findall(r"block\.settings\.(\w+)", path.read_text()))
    assert names == set(ids)


@pytest.mark.parametrize("kind", ["", ".schema"])
def test_every_language_has_every_word_with_the_same_gaps(kind: str):
    files = [path for path in LOCALES if (".schema" in path.name) == bool(kind)]
    spoken = [_flat(json.loads(path.read_text())) for path in files]
    # Languages differ in their plural forms.
    gaps = [
        {
            (re.sub(r"\.(zero|one|two|few|many|other)$", "", key), gap)
            for key, text in words.items()
            for gap in ("", *re.findall("{{ .+? }}", text))
        }
        for words in spoken
    ]
    assert len(files) > 1
    assert all(each == gaps[0] for each in gaps)


@pytest.mark.parametrize(
    ("words", "script"), [("en.default", "texts.js"), ("de", "german.js")]
)
def test_a_script_that_refreshes_a_number_changes_no_word(words: str, script: str):
    spoken = json.loads((THEME / "locales" / f"{words}.json").read_text())
    script = (WIDGET / script).read_text()
    points = spoken["points"]
    for name in ("product_earns", "order_earns"):
        [text] = re.findall(rf'\b{name}: "(.+)",', script)
        assert spoken[name] == {
            form: text.replace("{points}", points[form]) for form in points
        }
    for text in points.values():
        assert f'"{text.replace("{{ count }}", "{count}")}"' in script


def test_every_word_of_a_schema_is_there_and_used():
    words = _flat(
        json.loads((THEME / "locales" / "en.default.schema.json").read_text())
    )
    used = {
        name
        for path in BLOCKS
        for name in re.findall(r'"t:([\w.]+)"', path.read_text())
    }
    assert used == set(words)


@pytest.mark.parametrize(
    "accent", ["#0b6b5d", "#ffffff", "#000000", "#767676", "#ff00ff"]
)
def test_text_on_any_accent_can_be_read(accent: str):
    html = render("launcher", settings={"accent": accent})
    [on_accent] = re.findall("--tallymark-on-accent: (#[0-9a-f]{6});", html)
    assert contrast(accent, on_accent) >= 4.5


def test_a_setting_of_the_button_is_never_more_than_text():
    spoilt = '"><script>'
    names = ("position", "from_side", "from_below", "layer")
    html = render("launcher", settings=dict.fromkeys(names, spoilt))
    assert spoilt not in html
    assert 4 == html.count("&gt;&lt;script&gt;")


def test_without_an_accent_the_elements_have_their_own():
    html = render("launcher", settings={"accent": ""})
    assert "--tallymark-accent" not in html


def test_currencies_with_other_decimals_than_two_are_those_of_the_ledger():
    others = [
        {code for code, digits in EXPONENTS.items() if digits == exponent}
        for exponent in (0, 3)
    ]
    seen = 0
    for path in (*BLOCKS, *(THEME / "snippets").iterdir()):
        listed = re.findall("'((?:[A-Z]{3} ?){2,})'", path.read_text())
        assert not listed or others == [set(each.split()) for each in listed]
        seen += bool(listed)
    assert seen == 2


def _flat(words: dict, prefix: str = "") -> dict[str, str]:
    found = {}
    for key, text in words.items():
        if isinstance(text, dict):
            found |= _flat(text, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = text
    return found

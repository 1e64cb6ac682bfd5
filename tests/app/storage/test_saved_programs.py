"""A saved programme loads for ever: no kind or setting of it is renamed or removed.

`saved/program.json` is a programme as it was once written down, every setting named and
beside its default. `saved/settings.json` has each setting by its path, with what is
meant where a document leaves it out. Neither is made from the code: who adds a setting
writes it into both by hand, and what stands there already is never changed, but for
values that are allowed beside those that were.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.domain.program import Program
from app.domain.settings import MOST, Setting, Sort, settings_of
from app.storage.program_document import (
    KINDS,
    dump_program,
    dump_setting,
    load_program,
    load_setting,
)

SAVED = Path(__file__).parent / "saved"
PROGRAM = json.loads((SAVED / "program.json").read_text())
SETTINGS = json.loads((SAVED / "settings.json").read_text())


def _settings(of: type, path: str = "") -> Iterator[tuple[str, Setting]]:
    """Yield all that can be set today, by paths such as `earning.bonus.points`."""
    for each in settings_of(of):
        at = f"{path}{each.name}"
        yield at, each
        if each.sort in (Sort.PART, Sort.PARTS):
            yield from _settings(each.of, f"{at}.")
        for kind in KINDS[each.of] if each.sort is Sort.KINDS else ():
            yield from _settings(kind, f"{at}.{kind.kind}.")


def _terms(each: Setting) -> dict[str, Any]:
    """Whether a document may leave out one setting, and what it may say of it."""
    about = each.about
    terms: dict[str, Any] = {"sort": each.sort}
    terms |= {"is_required": True} if each.is_required else {}
    terms |= {"may_be_null": True} if each.is_optional else {}
    if each.sort in (Sort.CHOICE, Sort.CHOICES):
        terms["one_of"] = sorted(each.of)
    told = {"least": about.least, "above": about.above, "pattern": about.pattern}
    told["most"] = None if about.most == MOST else about.most
    return terms | {name: value for name, value in told.items() if value is not None}


TODAY = dict(_settings(Program))


def _said(document: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a document says of every setting, by the same paths."""
    for name, value in document.items():
        at = f"{path}{name}"
        yield at, value
        for part in value if isinstance(value, list) else [value]:
            # What is listed by its currency is a value, and no settings.
            if isinstance(part, dict) and SETTINGS.get(at, {}).get("sort") != "amounts":
                kind = f"{part['kind']}." if "kind" in part else ""
                settings = {key: of for key, of in part.items() if key != "kind"}
                yield from _said(settings, f"{at}.{kind}")


def test_a_saved_program_loads_and_is_written_as_it_was():
    assert PROGRAM == dump_program(load_program(PROGRAM))


def test_the_saved_program_names_every_kind_and_every_setting():
    assert {path for path, _ in _said(PROGRAM)} == {*TODAY}


def test_every_setting_is_saved_beside_its_default():
    beside = {
        path
        for path, value in _said(PROGRAM)
        if TODAY[path].is_required or value != dump_setting(TODAY[path])
    }

    assert beside == {*TODAY}


def test_what_a_document_has_to_say_and_may_say_is_as_it_was():
    saved = {
        path: {name: each for name, each in terms.items() if name != "default"}
        for path, terms in SETTINGS.items()
    }

    assert saved == {path: _terms(each) for path, each in TODAY.items()}


def test_what_a_document_leaves_out_means_what_it_meant():
    left_out = {
        path: load_setting(TODAY[path], {TODAY[path].name: terms["default"]})
        for path, terms in SETTINGS.items()
        if "default" in terms
    }

    assert left_out == {
        path: each.default for path, each in TODAY.items() if not each.is_required
    }

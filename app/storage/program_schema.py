"""The programme's document as JSON Schema, for editors and for other programmes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.domain.program import Program
from app.domain.settings import MOST, About, Setting, Sort, settings_of
from app.storage.program_document import KINDS, dump_setting

_AMOUNT = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"


_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$"


def program_schema() -> dict[str, Any]:
    """Return the schema, in the dialect of 2020-12.

    It tells an amount's form and not its range, since amounts are written as texts.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tallymark programme",
        **_object(Program),
    }


def _object(kind: type, name: str | None = None) -> dict[str, Any]:
    told = settings_of(kind)
    properties = {each.name: _told(each) for each in told}
    required = [each.name for each in told if each.is_required]
    if name:
        properties = {"kind": {"const": name}} | properties
        required = ["kind", *required]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _told(each: Setting) -> dict[str, Any]:
    schema = _SORTS[each.sort](each)
    if each.is_optional:
        schema = {"anyOf": [schema, {"type": "null"}]}
    told = {"title": each.about.label, "description": each.about.hint}
    told = {name: words for name, words in told.items() if words}
    return told | ({} if each.is_required else {"default": dump_setting(each)}) | schema


def _range(about: About) -> dict[str, int]:
    most = MOST if about.most is None else about.most
    if about.above is not None:
        return {"exclusiveMinimum": about.above, "maximum": most}
    return {"minimum": about.least or 0, "maximum": most}


def _kinds(each: Setting) -> dict[str, Any]:
    kinds = [_object(kind, kind.kind) for kind in KINDS[each.of]]
    return {
        "type": "array",
        "minItems": each.about.least or 0,
        "items": {"oneOf": kinds},
    }


_SORTS: dict[Sort, Callable[[Setting], dict[str, Any]]] = {
    Sort.NUMBER: lambda each: {"type": "integer", **_range(each.about)},
    Sort.AMOUNT: lambda _: _amount(),
    Sort.TEXT: lambda each: _text(each.about),
    Sort.SWITCH: lambda _: {"type": "boolean"},
    Sort.CHOICE: lambda each: {"enum": _names(each)},
    Sort.CHOICES: lambda each: {"type": "array", "items": {"enum": _names(each)}},
    Sort.MOMENT: lambda _: {"type": "string", "pattern": _MOMENT},
    Sort.NAMES: lambda _: {"type": "array", "items": {"type": "string"}},
    Sort.AMOUNTS: lambda _: {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{3}$"},
        "additionalProperties": _amount(),
    },
    Sort.PART: lambda each: _object(each.of),
    Sort.PARTS: lambda each: {
        "type": "array",
        "minItems": each.about.least or 0,
        "items": _object(each.of),
    },
    Sort.KINDS: _kinds,
}


def _text(about: About) -> dict[str, Any]:
    pattern = {"pattern": about.pattern} if about.pattern else {}
    length = {"minLength": about.least or 0, "maxLength": about.most or MOST}
    return {"type": "string", **length, **pattern}


def _names(each: Setting) -> list[str]:
    return [str(one) for one in each.of]


def _amount() -> dict[str, Any]:
    return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _AMOUNT}]}

"""What the form's buttons do to a document: add, remove and move what is listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.domain.program import Program
from app.domain.settings import Setting, Sort, settings_of
from app.owner.form import kind_named
from app.storage.program_document import dump_setting

# More would only be somebody's script.
ENTRIES_MAX = 200

_EMPTY: dict[Sort, Callable[[Setting], Any]] = {
    Sort.TEXT: lambda _: "",
    Sort.SWITCH: lambda _: False,
    Sort.NAMES: lambda _: [],
    Sort.CHOICES: lambda _: [],
    Sort.AMOUNTS: lambda _: {},
    Sort.PART: lambda each: blank(each.of),
    Sort.PARTS: lambda _: [],
    Sort.KINDS: lambda _: [],
}


def blank(kind: type) -> dict[str, Any]:
    """Return a new document of a class: what has no default is still to be filled in.

    >>> from app.domain.earning import Multiplier
    >>> blank(Multiplier)["times"] is None
    True
    """
    return {each.name: _blank(each) for each in settings_of(kind)}


def _blank(each: Setting) -> Any:
    return _empty(each) if each.is_required else dump_setting(each)


def _empty(each: Setting) -> Any:
    return _EMPTY[each.sort](each) if each.sort in _EMPTY else None


def edited(document: dict[str, Any], wish: str, kind: str) -> str:
    """Do what a button wishes, as in `add:earning`; return what it touched.

    Of a list of kinds the new entry is of this `kind`. A wish that makes no sense
    touches nothing.
    """
    verb, _, path = wish.partition(":")
    *before, last = path.split(".")
    if verb in _IN_LISTS and last.isdecimal() and last.isascii():
        found = _find(Program, document, before)
        listed = found[1].get(found[0].name) if found else None
        if isinstance(listed, list) and int(last) < len(listed):
            touched = _IN_LISTS[verb](listed, int(last))
            return ".".join([*before, *([] if touched is None else [str(touched)])])
        return ""
    found = _find(Program, document, path.split("."))
    if found is None:
        return ""
    if verb == "add":
        return _add(*found, path, kind)
    if verb == "remove" and found[0].is_optional:
        found[1][found[0].name] = None
    return path


def _add(each: Setting, among: dict[str, Any], path: str, kind: str) -> str:
    value = among.get(each.name)
    if each.is_optional and value is None:
        among[each.name] = _empty(each)
        return path
    if not isinstance(value, list) or len(value) >= ENTRIES_MAX:
        return path
    if each.sort is Sort.PARTS:
        value.append(blank(each.of))
    elif each.sort is Sort.KINDS and (named := kind_named(each, kind)):
        value.append({"kind": kind} | blank(named))
    else:
        return path
    return f"{path}.{len(value) - 1}"


def _remove(listed: list[Any], index: int) -> None:
    del listed[index]


def _up(listed: list[Any], index: int) -> int:
    return _moved(listed, index, max(index - 1, 0))


def _down(listed: list[Any], index: int) -> int:
    return _moved(listed, index, min(index + 1, len(listed) - 1))


def _moved(listed: list[Any], index: int, to: int) -> int:
    listed.insert(to, listed.pop(index))
    return to


_IN_LISTS: dict[str, Callable[[list[Any], int], int | None]] = {
    "remove": _remove,
    "up": _up,
    "down": _down,
}


def _find(
    kind: type, settings: Any, steps: list[str]
) -> tuple[Setting, dict[str, Any]] | None:
    """Return the setting that a path leads to, and the document that it is in."""
    name, *rest = steps or [""]
    each = next((each for each in settings_of(kind) if each.name == name), None)
    if each is None or not isinstance(settings, dict):
        return None
    if not rest:
        return each, settings
    value = settings.get(name)
    if each.sort is Sort.PART:
        return _find(each.of, value, rest)
    index, *rest = rest
    if not isinstance(value, list) or not (index.isascii() and index.isdecimal()):
        return None
    if int(index) >= len(value) or not isinstance(value[int(index)], dict):
        return None
    entry = value[int(index)]
    of = kind_named(each, entry.get("kind")) if each.sort is Sort.KINDS else each.of
    return _find(of, entry, rest) if of and rest else None

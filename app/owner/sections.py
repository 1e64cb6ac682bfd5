"""The form in sections, each of one thing that a programme has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.owner.fields import Entry, Field

# Where single settings of the program are, which are no part and no list.
SINGLE = "single-settings"


@dataclass(frozen=True)
class Section:
    """Settings under one head, and what can be said of them while it is closed."""

    anchor: str
    title: str
    state: str
    fields: tuple[Field, ...]
    mistakes: int
    is_open: bool
    is_in_use: bool


def sections(whole: Entry) -> list[Section]:
    """Return the sections in the order of the settings, the single ones together."""
    single = tuple(each for each in whole.fields if each.is_plain)
    found: list[Section] = []
    for each in whole.fields:
        if not each.is_plain:
            found.append(_section(each))
        elif each == single[0]:
            found.append(_single(single))
    return found


def _single(fields: tuple[Field, ...]) -> Section:
    changed = sum(not each.is_usual for each in fields)
    state = f"{changed} changed" if changed else "as usual"
    is_open = any(each.is_open for each in fields)
    return Section(
        SINGLE,
        "When points count and end",
        state,
        fields,
        _wrong(fields),
        is_open,
        bool(changed),
    )


def _section(each: Field) -> Section:
    return Section(
        each.path,
        each.setting.about.label,
        _state(each),
        (each,),
        _wrong([each]),
        each.is_open,
        bool(each.entries) or (each.part is not None and not each.is_usual),
    )


def _state(each: Field) -> str:
    if not each.is_there:
        return "off"
    if each.part is not None:
        return "as usual" if each.is_usual else "changed"
    return f"{len(each.entries):,}" if each.entries else "none"


def _wrong(fields: Iterable[Field]) -> int:
    return sum(_count(each) for each in fields)


def _count(each: Field) -> int:
    inside = [*([each.part] if each.part else []), *each.entries]
    return len(each.mistakes) + sum(
        len(entry.mistakes) + _wrong(entry.fields) for entry in inside
    )

"""What a new version of a programme would change: in words, and setting by setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from app.domain.program import Program
from app.domain.settings import Setting, Sort, settings_of
from app.owner.form import kind_named
from app.owner.naming import kind_in_words


class Fate(StrEnum):
    """What becomes of a sentence."""

    STAYS = "stays"
    GOES = "goes"
    COMES = "comes"


@dataclass(frozen=True)
class Sentence:
    """A sentence of a programme in words, and what becomes of it."""

    words: str
    fate: Fate


def sentences(before: Sequence[str], after: Sequence[str]) -> list[Sentence]:
    """Return the sentences of both, each once, in the order in which they are read.

    >>> [f"{each.fate}: {each.words}" for each in sentences("ab", "cb")]
    ['goes: a', 'comes: c', 'stays: b']
    """
    found = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, begin, end, new_begin, new_end in matcher.get_opcodes():
        if tag == "equal":
            found += [Sentence(words, Fate.STAYS) for words in before[begin:end]]
            continue
        found += [Sentence(words, Fate.GOES) for words in before[begin:end]]
        found += [Sentence(words, Fate.COMES) for words in after[new_begin:new_end]]
    return found


@dataclass(frozen=True)
class Difference:
    """A setting that has another value, and where it is in the form."""

    where: str
    before: str
    after: str


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    """Return every setting in which two documents of a programme differ."""
    return list(_settings(Program, before, after, ()))


def _settings(
    kind: type,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    way: tuple[str, ...],
) -> Iterator[Difference]:
    for each in settings_of(kind):
        values = before.get(each.name), after.get(each.name)
        if values[0] != values[1]:
            yield from _values(each, *values, (*way, each.about.label))


def _values(
    each: Setting, before: Any, after: Any, way: tuple[str, ...]
) -> Iterator[Difference]:
    if each.sort is Sort.PART and before is not None and after is not None:
        yield from _settings(each.of, before, after, way)
    elif each.sort in (Sort.PARTS, Sort.KINDS) and _same_length(before, after):
        for number, pair in enumerate(zip(before, after, strict=True), start=1):
            yield from _entries(each, *pair, (*way, str(number)))
    else:
        told = (_told(each, value) for value in (before, after))
        yield Difference(" › ".join(way), *told)  # noqa: RUF001


def _same_length(before: Any, after: Any) -> bool:
    return before is not None and after is not None and len(before) == len(after)


def _entries(
    each: Setting, before: Any, after: Any, way: tuple[str, ...]
) -> Iterator[Difference]:
    kinds = before.get("kind"), after.get("kind")
    if kinds[0] != kinds[1]:
        words = (kind_in_words(str(name)) for name in kinds)
        yield Difference(" › ".join(way), *words)  # noqa: RUF001
        return
    kind = kind_named(each, kinds[0]) if each.sort is Sort.KINDS else each.of
    yield from _settings(kind, before, after, way)


def _told(each: Setting, value: Any) -> str:
    if value is None:
        return "not set"
    if each.sort is Sort.PART:
        return "set"
    if each.sort in (Sort.PARTS, Sort.KINDS):
        return "none" if not value else f"{len(value):,}"
    if each.sort is Sort.SWITCH:
        return "yes" if value else "no"
    if each.sort is Sort.CHOICE:
        return kind_in_words(value)
    if each.sort is Sort.AMOUNTS:
        return ", ".join(f"{amount} {name}" for name, amount in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value) or "nothing"

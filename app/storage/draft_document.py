"""A draft of a programme as a document: all that is wrong with it, told at once.

A mistake in one part hides none of another: each is looked at as far as it can be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from app.domain.drafts import mistakes_of_draft
from app.domain.program import Program
from app.domain.settings import Setting, Sort, mistakes_of, settings_of
from app.storage.guesses import guesses
from app.storage.program_document import (
    KINDS,
    Mistake,
    invalid,
    load_program,
    load_setting,
    mistakes_told,
    schema_of,
)

_LISTS = Sort.PARTS, Sort.KINDS
_INNER = *_LISTS, Sort.PART


def mistakes_in(document: Mapping[str, Any]) -> list[Mistake]:
    """Return every mistake of a draft, none where it can be saved."""
    try:
        program: Program = schema_of(Program)().load(document)
    except ValidationError as error:
        wrong = mistakes_told(error)
    else:
        return [Mistake(*each) for each in mistakes_of_draft(program)]
    reading = _Reading()
    read = reading.settings(Program, document, "")
    more = [*reading.mistakes, *mistakes_of_draft(read, reading.unread)]
    told = {each.path for each in wrong}
    return wrong + [
        Mistake(path, words) for path, words in more if not told & _way_to(path)
    ]


def load_draft(document: Mapping[str, Any]) -> Program:
    """Return the programme that a draft describes.

    Raises InvalidProgram that lists every mistake, those too that saved ones may have.
    """
    if mistakes := mistakes_in(document):
        raise invalid(mistakes)
    return load_program(document)


class _Reading:
    """Reads a draft as far as it can be: what cannot is as it is by default.

    `unread` are the paths of that. `mistakes` are what is wrong with settings together,
    each of which is right.
    """

    def __init__(self) -> None:
        self.unread: set[str] = set()
        self.mistakes: list[tuple[str, str]] = []

    def settings(self, kind: Any, document: Mapping[str, Any], path: str) -> Any:
        """Return settings of a class, of which some may be missing."""
        values = {
            each.name: self._value(each, document, _below(path, each.name))
            for each in settings_of(kind)
        }
        self._hold_together(kind, values, path)
        # Not even its own check may look at what lacks something.
        read = object.__new__(kind)
        for name, value in values.items():
            object.__setattr__(read, name, value)
        return read

    def _value(self, each: Setting, document: Mapping[str, Any], path: str) -> Any:
        told = document.get(each.name)
        if each.sort is Sort.PART and isinstance(told, Mapping):
            return self.settings(each.of, told, path)
        if each.sort in _LISTS and isinstance(told, list):
            entries = enumerate(told)
            return tuple(self._entry(each, it, f"{path}.{at}") for at, it in entries)
        try:
            return load_setting(each, document)
        except ValidationError:
            self.unread.add(path)
            return each.default

    def _entry(self, each: Setting, told: Any, path: str) -> Any:
        """Return something listed, None where not even its kind can be read."""
        kind = _kind(each, told)
        if kind is not None:
            return self.settings(kind, told, path)
        self.unread.add(path)
        return None

    def _hold_together(self, kind: Any, values: Mapping[str, Any], path: str) -> None:
        """Note what is wrong with settings together, of those that can be read.

        What is said of a single one may hang on another that cannot be read: it is told
        if it is so whatever that one was meant to be. What is said of a list hangs on
        what is listed.
        """
        sound = self._sound(kind, values, path)
        told = {each.name: each for each in settings_of(kind)}
        left_out = [each for name, each in told.items() if name not in sound]
        if any(each.is_required and each.sort in _INNER for each in left_out):
            return
        found = [mistakes_of(kind(**sound, **guess)) for guess in guesses(left_out)]
        for name, words in found[0].items():
            setting, _, place = name.partition(".")
            is_certain = all(name in each for each in found)
            if setting in sound and (is_certain or told[setting].sort in _INNER):
                at = _below(path, setting)
                listed = self._read_places(at, values[setting]) if place else []
                at = f"{at}.{listed[int(place)]}" if place else at
                self.mistakes.append((at, words))

    def _read_places(self, path: str, entries: Sequence[Any]) -> list[int]:
        """Return the places in a list of what can be read of it."""
        return [at for at in range(len(entries)) if self._is_read(f"{path}.{at}")]

    def _sound(self, kind: Any, values: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Return the settings that can be read as a whole, and what of lists can."""
        sound = {}
        for each in settings_of(kind):
            at, value = _below(path, each.name), values[each.name]
            if each.sort in _LISTS and at not in self.unread and value is not None:
                places = self._read_places(at, value)
                sound[each.name] = tuple(value[place] for place in places)
            elif self._is_read(at):
                sound[each.name] = value
        return sound

    def _is_read(self, path: str) -> bool:
        return not any(
            each == path or each.startswith(f"{path}.") for each in self.unread
        )


def _kind(each: Setting, told: Any) -> Any:
    """Return the class of something listed, None where it has none that is known."""
    if not isinstance(told, Mapping):
        return None
    if each.sort is Sort.PARTS:
        return each.of
    return next(
        (kind for kind in KINDS[each.of] if kind.kind == told.get("kind")), None
    )


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _way_to(path: str) -> set[str]:
    """Return a path, and those of all that it lies in."""
    steps = path.split(".")
    return {".".join(steps[:end]) for end in range(1, len(steps) + 1)}

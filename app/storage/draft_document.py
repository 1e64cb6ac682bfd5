"""A draft of a programme as a document: all that is wrong with it, told at once.

A mistake in one part hides none of another: each is looked at as far as it can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app.domain.drafts import mistakes_of_draft
from app.domain.program import Program
from app.domain.settings import Setting, Sort, mistakes_of, settings_of
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

        What is said of a single one may hang on another that cannot be read; what is
        said of a list hangs on what is listed.
        """
        sound = self._sound(kind, values, path)
        told = {each.name: each for each in settings_of(kind)}
        left_out = {name for name in told if name not in sound}
        if any(told[name].is_required for name in left_out):
            return
        is_certain = all(told[name].sort in _INNER for name in left_out)
        for name, words in mistakes_of(kind(**sound)).items():
            if name in sound and (is_certain or told[name].sort in _INNER):
                self.mistakes.append((_below(path, name), words))

    def _sound(self, kind: Any, values: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Return the settings that can be read as a whole, and what of lists can."""
        sound = {}
        for each in settings_of(kind):
            at, value = _below(path, each.name), values[each.name]
            if each.sort in _LISTS and at not in self.unread and value is not None:
                sound[each.name] = tuple(
                    entry
                    for index, entry in enumerate(value)
                    if self._is_read(f"{at}.{index}")
                )
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

"""The form as a page draws it: what the settings say of themselves, and their values.

A value may be anything that was typed: what is wrong with it stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.domain.program import Program
from app.domain.settings import MOST, About, Setting, Sort, settings_of
from app.owner.choices import (
    Option,
    among,
    names_a_reward,
    names_tiers,
    one_of,
    rewards_in,
    some_of,
    tiers_among,
    tiers_in,
    words_for,
)
from app.owner.form import MAY_BE_EMPTY, kind_named
from app.owner.naming import about_kind, called, kind_in_words
from app.storage.program_document import KINDS, Mistake, dump_setting


@dataclass(frozen=True)
class Entry:
    """Settings together: a program, a part of one, or something listed in one.

    `kind` is the name of its kind, where it has one.
    """

    path: str
    title: str = ""
    hint: str = ""
    kind: str = ""
    kind_label: str = ""
    fields: tuple[Field, ...] = ()
    mistakes: tuple[str, ...] = ()
    is_open: bool = False


@dataclass(frozen=True)
class Field:
    """One setting with its value, as its sort shows it.

    `is_there` is False for something optional that is left out; `is_usual` True where
    the value is what it is by default. What is typed may be any name that is
    `suggested`, and others; where it `is_closed`, nothing is typed.
    """

    setting: Setting
    path: str
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    options: tuple[Option, ...] = ()
    part: Entry | None = None
    entries: tuple[Entry, ...] = ()
    mistakes: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    suggested: str = ""
    is_closed: bool = False
    is_on: bool = False
    is_there: bool = True
    is_usual: bool = False
    is_open: bool = False

    @property
    def sort(self) -> str:
        """Return what sort of value it has."""
        return self.setting.sort.value

    @property
    def says_it_is_there(self) -> bool:
        """Whether an owner puts it in, or leaves it out, as a whole."""
        return self.setting.is_optional and self.setting.sort in MAY_BE_EMPTY

    @property
    def marks_itself(self) -> bool:
        """Whether the form says that it has it: all else of it may be left out."""
        return self.setting.sort in MAY_BE_EMPTY

    @property
    def is_long(self) -> bool:
        """Whether its text has lines, which a field of one line would lose."""
        return self.setting.sort is Sort.TEXT and "\n" in self.text

    @property
    def is_ticked(self) -> bool:
        """Whether names of it are there to be ticked, be it none of any tiers yet."""
        is_names = self.setting.sort is Sort.NAMES
        return is_names and (self.is_closed or bool(self.options))

    @property
    def is_plain(self) -> bool:
        """Whether it is one value, and not settings of its own."""
        return self.setting.sort not in (Sort.PART, Sort.PARTS, Sort.KINDS)


@dataclass(frozen=True)
class Drawing:
    """How a document is drawn: its currency, its mistakes, what was just touched.

    `rewards` and `tiers` are those of the document, which other parts of it may name;
    `known` are names of the store's, by their sort.
    """

    currency: str
    mistakes: tuple[Mistake, ...] = ()
    touched: str = ""
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rewards: tuple[Option, ...] = ()
    tiers: tuple[str, ...] = ()

    def program(self, document: Mapping[str, Any]) -> Entry:
        """Return the whole form."""
        rewards, tiers = rewards_in(document, self.currency), tiers_in(document)
        drawing = replace(self, rewards=rewards, tiers=tiers)
        return Entry("", fields=drawing._fields(Program, document, ""))

    def _fields(
        self, kind: type, document: Mapping[str, Any], path: str
    ) -> tuple[Field, ...]:
        return tuple(
            self._field(each, document.get(each.name), _below(path, each.name))
            for each in settings_of(kind)
        )

    def _field(self, each: Setting, value: Any, path: str) -> Field:
        shown = _SHOWN[each.sort](self, each, value, path)
        is_tree = each.sort in (Sort.PART, Sort.PARTS, Sort.KINDS)
        return Field(
            each,
            path,
            mistakes=self._mistakes(path, is_tree=is_tree),
            is_there=value is not None or each.sort not in MAY_BE_EMPTY,
            is_usual=not each.is_required and value == dump_setting(each),
            is_open=self._concerns(path),
            **shown,
        )

    def _mistakes(self, path: str, *, is_tree: bool) -> tuple[str, ...]:
        """Return what is wrong at a path; below it too where nothing is drawn there."""
        own = [each.words for each in self.mistakes if each.path == path]
        if not is_tree:
            below = (each for each in self.mistakes if _is_below(each.path, path))
            own += [f"{_name_below(each.path, path)}: {each.words}" for each in below]
        return tuple(own)

    def _concerns(self, path: str) -> bool:
        """Whether something at or below a path is wrong, or was just touched."""
        paths = [self.touched, *(each.path for each in self.mistakes)]
        return any(each == path or _is_below(each, path) for each in paths)

    def _written(self, each: Setting, value: Any, _: str) -> dict[str, Any]:
        if names_a_reward(each):
            return {"text": _text(value), "options": among(self.rewards, value)}
        attributes = {"type": "text", **_length(each.about)}
        if suggested := words_for(each, value, self.known).suggested:
            attributes["list"] = f"known-{suggested}"
        return {"text": _text(value), "attributes": attributes}

    def _names(self, each: Setting, value: Any, _: str) -> dict[str, Any]:
        if names_tiers(each):
            return {"options": tiers_among(self.tiers, value), "is_closed": True}
        words = words_for(each, value, self.known)
        return {
            "options": words.options,
            "text": "\n".join(words.others),
            "suggested": words.suggested,
        }

    def _part(self, each: Setting, value: Any, path: str) -> dict[str, Any]:
        if value is None:
            return {}
        return {"part": self._entry(each.of, value, path)}

    def _parts(self, each: Setting, value: Any, path: str) -> dict[str, Any]:
        listed = value if isinstance(value, list) else []
        entries = (
            self._listed(each.of, entry, f"{path}.{index}")
            for index, entry in enumerate(listed)
        )
        return {"entries": tuple(entries)}

    def _kinds(self, each: Setting, value: Any, path: str) -> dict[str, Any]:
        entries = []
        for index, entry in enumerate(value if isinstance(value, list) else []):
            name = entry.get("kind") if isinstance(entry, dict) else None
            at = f"{path}.{index}"
            if kind := kind_named(each, name):
                entries.append(self._listed(kind, entry, at, str(name)))
            else:
                wrong = self._mistakes(at, is_tree=False)
                entries.append(Entry(at, str(name), kind=str(name), mistakes=wrong))
        options = [
            Option(kind.kind, kind_in_words(kind.kind)) for kind in KINDS[each.of]
        ]
        return {"entries": tuple(entries), "options": tuple(options)}

    def _listed(self, kind: type, value: Any, path: str, name: str = "") -> Entry:
        made = self._entry(kind, value, path)
        return Entry(
            path,
            called(kind, value, self.currency),
            about_kind(kind),
            name,
            kind_in_words(name),
            made.fields,
            made.mistakes,
            self._concerns(path),
        )

    def _entry(self, kind: type, value: Any, path: str) -> Entry:
        document = value if isinstance(value, dict) else {}
        wrong = self._mistakes(path, is_tree=True)
        return Entry(path, fields=self._fields(kind, document, path), mistakes=wrong)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_below(path: str, of: str) -> bool:
    return path.startswith(f"{of}.")


def _name_below(path: str, of: str) -> str:
    return path.removeprefix(f"{of}.").partition(".")[0]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _number(each: Setting, value: Any) -> dict[str, Any]:
    text = _text(value)
    about, is_whole = each.about, each.sort is Sort.NUMBER
    least = about.least or 0
    if about.above is not None:
        least = about.above + 1 if is_whole else about.above
    attributes = {
        "type": "number",
        "inputmode": "numeric" if is_whole else "decimal",
        "min": str(least),
        "max": str(MOST if about.most is None else about.most),
        "step": "1" if is_whole else "any",
    }
    # A field for numbers would show nothing of what is none.
    if text and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        attributes["type"] = "text"
    if not each.is_optional:
        attributes["required"] = ""
    return {"text": text, "attributes": attributes}


def _moment(each: Setting, value: Any) -> dict[str, Any]:
    text = _text(value)
    attributes = {"type": "datetime-local", "step": "any"}
    if text and not _is_pickable(text):
        attributes = {"type": "text"}
    if not each.is_optional:
        attributes["required"] = ""
    return {"text": text, "attributes": attributes}


def _is_pickable(text: str) -> bool:
    """Whether a browser's field for moments can show a moment, to the last digit."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return at.tzinfo is None and at.microsecond % 1000 == 0 and "T" in text


def _length(about: About) -> dict[str, str]:
    told = {
        "minlength": about.least,
        "maxlength": about.most,
        "pattern": about.pattern,
        # What browsers say of a text that is not as the pattern says.
        "title": about.written,
    }
    found = {name: str(limit) for name, limit in told.items() if limit}
    return found | ({"required": ""} if about.pattern or about.least else {})


def _switch(each: Setting, value: Any) -> dict[str, Any]:
    chosen = {True: "on", False: "off"}.get(value, "")
    told = (("", "–"), ("on", "yes"), ("off", "no"))  # noqa: RUF001
    options = tuple(Option(name, label, name == chosen) for name, label in told)
    return {"is_on": value is True, "options": options if each.is_optional else ()}


def _amounts(_: Setting, value: Any) -> dict[str, Any]:
    rows = value.items() if isinstance(value, dict) else ()
    told = [(str(currency), _text(amount)) for currency, amount in rows]
    return {"rows": (*told, ("", ""))}


def _alone(show: Callable[[Setting, Any], dict[str, Any]]) -> Callable[..., Any]:
    return lambda _, each, value, __: show(each, value)


_SHOWN: dict[Sort, Callable[[Drawing, Setting, Any, str], dict[str, Any]]] = {
    Sort.NUMBER: _alone(_number),
    Sort.AMOUNT: _alone(_number),
    Sort.TEXT: Drawing._written,
    Sort.SWITCH: _alone(_switch),
    Sort.CHOICE: _alone(lambda each, value: {"options": one_of(each, value)}),
    Sort.CHOICES: _alone(lambda each, value: {"options": some_of(each, value)}),
    Sort.MOMENT: _alone(_moment),
    Sort.NAMES: Drawing._names,
    Sort.AMOUNTS: _alone(_amounts),
    Sort.PART: Drawing._part,
    Sort.PARTS: Drawing._parts,
    Sort.KINDS: Drawing._kinds,
}


@dataclass(frozen=True)
class Complaint:
    """A mistake as the head of a page lists it: where it is, and what it is."""

    anchor: str
    where: str
    words: str


def complaints(whole: Entry, mistakes: Iterable[Mistake]) -> list[Complaint]:
    """Return every mistake with the way to its field, in the words of the form."""
    ways = dict(_ways(whole, ()))
    found = []
    for each in mistakes:
        steps = each.path.split(".")
        paths = (".".join(steps[:count]) for count in range(len(steps), 0, -1))
        path = next((path for path in paths if path in ways), "")
        where = " › ".join(ways.get(path, ()))  # noqa: RUF001
        found.append(Complaint(path, f"{where[:1].upper()}{where[1:]}", each.words))
    return found


def _ways(entry: Entry, way: tuple[str, ...]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for each in entry.fields:
        here = (*way, each.setting.about.label)
        yield each.path, here
        if each.part:
            yield from _ways(each.part, here)
        for number, listed in enumerate(each.entries, start=1):
            there = (*here, f"{number}. {listed.kind_label or listed.title}".strip())
            yield listed.path, there
            yield from _ways(listed, there)

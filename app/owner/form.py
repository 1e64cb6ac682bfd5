"""What an owner's form sends, as the document of a programme, mistakes and all.

What is no number, no day and nothing else that a setting could be stays the text that
was typed: the document is checked as a whole afterwards, and the text shown again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.program import Program
from app.domain.settings import Setting, Sort, settings_of
from app.storage.program_document import KINDS

# What a form says of a thing that can be there or not.
THERE, NOT_THERE = "on", "off"
# Sorts of which nothing is also a value: an optional one has to say that it is there.
MAY_BE_EMPTY = frozenset(
    {
        Sort.TEXT,
        Sort.NAMES,
        Sort.CHOICES,
        Sort.AMOUNTS,
        Sort.PART,
        Sort.PARTS,
        Sort.KINDS,
    }
)

# Settings that name tiers of the same programme, and so hold nothing that is typed.
TIERS = frozenset({"tiers", "only_tiers"})


@dataclass
class _Posted:
    """The texts that were sent at one path, and what was sent below it."""

    texts: list[str] = field(default_factory=list)
    below: dict[str, _Posted] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The last text, as it was typed: a browser ends lines in its own way."""
        return self.texts[-1].replace("\r\n", "\n") if self.texts else ""

    @property
    def entries(self) -> list[_Posted]:
        """What is listed below, in the order of its numbers."""
        numbers = [name for name in self.below if re.fullmatch("[0-9]{1,6}", name)]
        return [self.below[name] for name in sorted(numbers, key=int)]


def document_of(sent: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the document that a form's names and values spell.

    A setting that the form did not have is left out, and so is as it is by default.
    """
    root = _Posted()
    for name, text in sent:
        node = root
        for step in name.split("."):
            node = node.below.setdefault(step, _Posted())
        node.texts.append(text)
    return _settings(Program, root)


def _settings(kind: type, posted: _Posted) -> dict[str, Any]:
    return {
        each.name: _value(each, posted.below[each.name])
        for each in settings_of(kind)
        if each.name in posted.below
    }


def _value(each: Setting, posted: _Posted) -> Any:
    says_so = each.is_optional and each.sort in MAY_BE_EMPTY
    if says_so and posted.texts[:1] == [NOT_THERE]:
        return None
    return _READ[each.sort](each, posted)


def _number(_: Setting, posted: _Posted) -> Any:
    text = posted.text.strip()
    return int(text) if re.fullmatch("[+-]?[0-9]{1,18}", text) else text or None


def _moment(_: Setting, posted: _Posted) -> Any:
    text = posted.text.strip()
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return text or None


def _names(each: Setting, posted: _Posted) -> list[str]:
    """Return all that was chosen, and all that was written, a name on each line."""
    # The first text says that the form had the setting at all.
    told = posted.texts[posted.texts[:1] == [THERE] :]
    texts = [text.replace("\r\n", "\n") for text in told]
    if each.name in TIERS:
        return sorted({text for text in texts if text.strip()})
    lines = (line.strip() for text in texts for line in text.split("\n"))
    return sorted({line for line in lines if line})


def _switch(each: Setting, posted: _Posted) -> bool | None:
    if each.is_optional:
        return {THERE: True, NOT_THERE: False}.get(posted.text)
    return posted.text == THERE


def _choices(_: Setting, posted: _Posted) -> list[str]:
    # The first text says that the form had the setting at all.
    return sorted(set(posted.texts[1:]))


def _amounts(_: Setting, posted: _Posted) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for row in posted.entries:
        texts = (row.below.get(name, _Posted()) for name in ("currency", "amount"))
        currency, amount = (each.text.strip() for each in texts)
        # A currency that comes twice is kept as one that is none: so it is told of.
        while currency in found:
            currency += " "
        if currency or amount:
            found[currency] = amount or None
    return found


def _parts(each: Setting, posted: _Posted) -> list[dict[str, Any]]:
    return [_settings(each.of, entry) for entry in posted.entries]


def _kinds(each: Setting, posted: _Posted) -> list[dict[str, Any]]:
    return [_of_kind(each, entry) for entry in posted.entries]


def _of_kind(each: Setting, entry: _Posted) -> dict[str, Any]:
    kind = kind_named(each, entry.text)
    return {"kind": entry.text} | (_settings(kind, entry) if kind else {})


def kind_named(each: Setting, name: object) -> Any:
    """Return the class of a kind by the name that documents have for it."""
    return next((kind for kind in KINDS[each.of] if kind.kind == name), None)


_READ: dict[Sort, Callable[[Setting, _Posted], Any]] = {
    Sort.NUMBER: _number,
    Sort.AMOUNT: lambda _, posted: posted.text.strip() or None,
    Sort.TEXT: lambda _, posted: posted.text,
    Sort.SWITCH: _switch,
    Sort.CHOICE: lambda _, posted: posted.text or None,
    Sort.CHOICES: _choices,
    Sort.MOMENT: _moment,
    Sort.NAMES: _names,
    Sort.AMOUNTS: _amounts,
    Sort.PART: lambda each, posted: _settings(each.of, posted),
    Sort.PARTS: _parts,
    Sort.KINDS: _kinds,
}

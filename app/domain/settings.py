"""What an owner can set: the fields of a programme and of its parts, each told once.

From a field follow its place in the saved document, its JSON schema, what is said of a
value that cannot be, and what a form has to say of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from inspect import isabstract
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

# Larger numbers are mistakes: of points, of days, of money.
MOST = 10**9


class Sort(StrEnum):
    """What sort of value a setting has; a moment is by the store's own clock."""

    NUMBER = "number"
    AMOUNT = "amount"
    TEXT = "text"
    SWITCH = "switch"
    CHOICE = "choice"
    CHOICES = "choices"
    MOMENT = "moment"
    NAMES = "names"
    AMOUNTS = "amounts"
    PART = "part"
    PARTS = "parts"
    KINDS = "kinds"


@dataclass(frozen=True)
class About:
    """What an owner reads of a setting, and what its value may be.

    A value is from `least` to `most`, or more than `above`; a text has at most `most`
    characters, and is as a whole what `pattern` says, in words `written`; a list has at
    least `least` entries.
    """

    label: str
    hint: str = ""
    least: int | None = None
    most: int | None = None
    above: int | None = None
    pattern: str | None = None
    written: str = ""


@dataclass(frozen=True)
class Setting:
    """One field of a class of settings; `of` is the class of a choice, part or kind."""

    name: str
    sort: Sort
    about: About
    default: Any = None
    is_required: bool = False
    is_optional: bool = False
    of: Any = None


def setting(
    label: str,
    *,
    default: Any = MISSING,
    default_factory: Callable[[], Any] | Any = MISSING,
    hint: str = "",
    least: int | None = None,
    most: int | None = None,
    above: int | None = None,
    pattern: str | None = None,
    written: str = "",
) -> Any:
    """Return a field of a dataclass that an owner can set."""
    about = About(label, hint, least, most, above, pattern, written)
    told = {"default": default, "default_factory": default_factory}
    given = {name: value for name, value in told.items() if value is not MISSING}
    return field(**given, metadata={About: about})


def mistakes_of(settings: object) -> Mapping[str, str]:
    """Return what is wrong with settings together, by the one that has to change.

    Of something listed it is the name of the list, a point and the place.

    A class whose settings can be right each by itself, and wrong together, has a
    property `mistakes` that says so.
    """
    # Not by a default of `getattr`, which would hide a mistake in the property itself.
    if not hasattr(type(settings), "mistakes"):
        return {}
    found: Mapping[str, str] = settings.mistakes  # type: ignore[attr-defined]
    return found


KNOWN_TWICE = "two are known as {}: give one another key or name"


def named_twice(named: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what is wrong with lists whose entries have names that others have too."""
    return {
        f"{field}.{at}": KNOWN_TWICE.format(name)
        for field, names in named.items()
        for at, name in enumerate(names)
        if name and name in names[:at]
    }


@cache
def settings_of(kind: type) -> tuple[Setting, ...]:
    """Return what can be set of a class, in the order of its fields.

    Raises TypeError for a field whose type no document could hold.
    """
    hints = get_type_hints(kind)
    return tuple(
        _setting(each, hints[each.name])
        for each in fields(kind)
        if About in each.metadata
    )


def _setting(each: Field[Any], annotated: Any) -> Setting:
    options = [option for option in get_args(annotated) if option is not NoneType]
    is_optional = NoneType in get_args(annotated)
    sort, of = _sort(options[0] if is_optional else annotated)
    is_required = each.default is MISSING and each.default_factory is MISSING
    default = None if each.default is MISSING else each.default
    if each.default_factory is not MISSING:
        default = each.default_factory()
    about = each.metadata[About]
    return Setting(each.name, sort, about, default, is_required, is_optional, of)


_PLAIN = {
    bool: Sort.SWITCH,
    int: Sort.NUMBER,
    Decimal: Sort.AMOUNT,
    str: Sort.TEXT,
    datetime: Sort.MOMENT,
    frozenset[str]: Sort.NAMES,
    Mapping[str, Decimal]: Sort.AMOUNTS,
}


def _sort(annotated: Any) -> tuple[Sort, Any]:
    if annotated in _PLAIN:
        return _PLAIN[annotated], None
    if get_origin(annotated) is tuple:
        of = get_args(annotated)[0]
        return (Sort.KINDS if isabstract(of) else Sort.PARTS), of
    if get_origin(annotated) is frozenset:
        return Sort.CHOICES, get_args(annotated)[0]
    if isinstance(annotated, type) and issubclass(annotated, StrEnum):
        return Sort.CHOICE, annotated
    if isinstance(annotated, type) and hasattr(annotated, "__dataclass_fields__"):
        return Sort.PART, annotated
    raise TypeError(f"no document can hold {annotated!r}")

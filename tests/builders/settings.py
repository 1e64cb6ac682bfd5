"""Any value that a class of settings can have, made up from what its fields say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from app.domain.actions.base import NAME
from app.domain.settings import MOST, About, Setting, Sort, mistakes_of, settings_of
from app.storage.program_document import KINDS

_NAMES = st.frozensets(st.text("0123456789abc-", min_size=1, max_size=4), max_size=3)
_DRAWN_AGAIN = 4


@st.composite
def any_of(draw: st.DrawFn, kind: type) -> Any:
    """Return any object of a class of settings that are right together.

    What has to change is drawn again, a few times.
    """
    values = _values(kind)
    drawn = kind(**{name: draw(value) for name, value in values.items()})
    for _ in range(_DRAWN_AGAIN):
        wrong = mistakes_of(drawn)
        if not wrong:
            return drawn
        drawn = replace(drawn, **{name: draw(values[name]) for name in _told(wrong)})
    assume(not mistakes_of(drawn))
    return drawn


def _told(wrong: Iterable[str]) -> set[str]:
    """Return the settings that are wrong, be it in one place of a list."""
    return {path.partition(".")[0] for path in wrong}


@cache
def _values(kind: type) -> dict[str, st.SearchStrategy[Any]]:
    return {each.name: _value(each) for each in settings_of(kind)}


def any_kind(base: type) -> st.SearchStrategy[Any]:
    """Return any object of any kind of a base class."""
    return st.one_of(*(any_of(kind) for kind in KINDS[base]))


def _value(each: Setting) -> st.SearchStrategy[Any]:
    value = _VALUES[each.sort](each)
    return st.none() | value if each.is_optional else value


def _whole(about: About) -> st.SearchStrategy[int]:
    least = about.above + 1 if about.above is not None else about.least or 0
    return st.integers(least, MOST if about.most is None else about.most)


def _exact(about: About) -> st.SearchStrategy[Decimal]:
    least = about.above if about.above is not None else about.least or 0
    smallest = least * 10_000 + (about.above is not None)
    most = MOST if about.most is None else about.most
    tenthousandths = st.integers(smallest, min(most, 10**5) * 10_000)
    return tenthousandths.map(lambda number: Decimal(number) / 10_000)


def _text(about: About) -> st.SearchStrategy[str]:
    most = min(about.most or 20, 20)
    if about.pattern is None:
        return st.text(min_size=about.least or 0, max_size=most)
    if about.pattern in _NAMED:
        return _NAMED[about.pattern]
    written = st.from_regex(about.pattern, fullmatch=True)
    return written.map(str.strip).filter(lambda text: len(text) <= most)


# Most texts of a pattern are names, which are drawn a hundred times as fast from words.
_NAME = st.lists(
    st.text("abcxyz019", min_size=1, max_size=5), min_size=1, max_size=3
).map("-".join)
_NAMED = {NAME: _NAME, f"^$|{NAME}": st.just("") | _NAME}

_VALUES = {
    Sort.NUMBER: lambda each: _whole(each.about),
    Sort.AMOUNT: lambda each: _exact(each.about),
    Sort.TEXT: lambda each: _text(each.about),
    Sort.SWITCH: lambda _: st.booleans(),
    Sort.CHOICE: lambda each: st.sampled_from(each.of),
    Sort.CHOICES: lambda each: st.frozensets(st.sampled_from(each.of)),
    Sort.MOMENT: lambda _: st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001
    Sort.NAMES: lambda _: _NAMES,
    Sort.AMOUNTS: lambda each: st.dictionaries(
        st.sampled_from(["JPY", "USD"]), _exact(each.about)
    ),
    Sort.PART: lambda each: any_of(each.of),
    Sort.PARTS: lambda each: st.lists(
        any_of(each.of), min_size=each.about.least or 0, max_size=3
    ).map(tuple),
    Sort.KINDS: lambda each: st.lists(
        any_kind(each.of), min_size=each.about.least or 0, max_size=3
    ).map(tuple),
}

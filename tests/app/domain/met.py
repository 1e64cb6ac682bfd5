"""Rules whose conditions an order meets, so that what is drawn gives something."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.earning import Campaign, EarningRule, Eligible, Occasion, Part
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions, Weekday
from app.domain.labels import LabelsThen
from app.domain.orders import Line
from tests.builders.settings import any_of

_OTHERS = st.frozensets(st.sampled_from(["other", "another"]))
_PAST = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1))  # noqa: DTZ001
_FUTURE = st.datetimes(datetime(2027, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001


OCCASION = Occasion(
    datetime(2026, 11, 6),  # noqa: DTZ001
    channel="web",
    order_number=3,
    tier="Gold",
    labels=LabelsThen(frozenset({"early"}), frozenset({"31"})),
)
LINE = Line("11", "501", 1, None, 100, 0, 0, tags=("Coffee",), collection_ids=("71",))


def an_order_of(*minor: int) -> Eligible:
    """An order of so much of one product each, a point for each 1.00 of it."""
    parts = (
        Part(replace(LINE, id=f"{at}"), amount, Decimal(amount) / 100)
        for at, amount in enumerate(minor)
    )
    return Eligible(0, "EUR", (), OCCASION).of(parts)


@st.composite
def any_met(
    draw: st.DrawFn, kind: type[EarningRule], occasion: Occasion, part: Part
) -> Any:
    """Return any rule of a kind that gives for a part of an order in 2026.

    What of it is named, and is not known of the order, is left out; so are budgets.
    The smallest amount, in a currency of cents, is at most that of the part.
    """
    drawn = draw(any_of(kind))
    if not isinstance(drawn, Campaign):
        return drawn
    return replace(
        drawn, conditions=draw(_met(occasion, part)), name="", budget=Budget()
    )


def _met(occasion: Occasion, part: Part) -> st.SearchStrategy[Conditions]:
    line, number = part.line, occasion.order_number
    day = list(Weekday)[occasion.at.weekday()]
    whole = st.integers(1, number) if number else st.nothing()
    later = st.integers(number, 99) if number else st.nothing()
    return st.builds(
        Conditions,
        product_ids=_any_with(line and line.product_id),
        collection_ids=_any_with(*(line.collection_ids if line else ())),
        tags=_any_with(*(line.tags if line else ())),
        amount_min=st.integers(0, part.amount_minor).map(lambda n: Decimal(n) / 100),
        order_from=st.none() | whole,
        order_to=st.none() | later,
        channels=_any_with(occasion.channel),
        weekdays=st.just(frozenset()) | st.just(frozenset({day})),
        starts_at=st.none() | _PAST | st.just(occasion.at),
        ends_at=st.none() | _FUTURE,
        tiers=_any_with(occasion.tier),
        customer_tags=_any_with(*occasion.labels.tags),
        segments=_any_with(*occasion.labels.segments),
    )


def _any_with(*known: str | None) -> st.SearchStrategy[frozenset[str]]:
    """Return no names, or any with one that is known, where one is."""
    none, names = st.just(frozenset[str]()), [name for name in known if name]
    if not names:
        return none
    return none | st.builds(frozenset.union, _OTHERS, st.just(frozenset(names)))

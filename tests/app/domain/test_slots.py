"""Dates to choose from: what is left of them, and why one cannot be had."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.customer import Customer
from app.domain.languages.translator import Translator
from app.domain.offers import offered
from app.domain.rewards import (
    AmountOff,
    Asked,
    Goods,
    Slot,
    limits_in_words,
    slots_left,
)
from app.domain.settings import mistakes_of

RICH = Customer(available=100)
NOON = datetime(2026, 12, 24, 12)  # noqa: DTZ001 - on the walls of a store
HOURS = st.integers(-48, 48).map(lambda hours: NOON + timedelta(hours=hours))
DATES = st.dictionaries(HOURS, st.tuples(st.integers(1, 3), st.integers(0, 4)))


def _goods(dates: dict[datetime, tuple[int, int]]) -> Goods:
    slots = (
        Slot(starts_at=at, places=places) for at, (places, _) in sorted(dates.items())
    )
    return Goods(points_cost=10, key="visit", slots=tuple(slots))


def _asked(dates: dict[datetime, tuple[int, int]]) -> Asked:
    taken = {at: taken for at, (_, taken) in dates.items()}
    return Asked(NOON, "EUR", places_taken=taken)


@given(dates=DATES, chosen=HOURS)
def test_a_date_can_be_had_exactly_while_it_is_to_come_and_has_places(dates, chosen):
    goods, asked = _goods(dates), replace(_asked(dates), slot=chosen)
    places, taken = dates.get(chosen, (0, 0))
    offer = goods.offer(RICH, asked)

    assert bool(offer) == (chosen > NOON and taken < places)
    left = {each.starts_at: each.places_left for each in slots_left(goods.slots, asked)}
    assert bool(offer) == (chosen in left)
    assert left.get(chosen, 0) == (places - taken if offer else 0)


@given(dates=DATES)
def test_a_member_sees_the_dates_left_in_order_or_that_there_are_none(dates):
    goods = _goods(dates)
    [seen] = offered(
        [goods], RICH, _asked({}), {}, {"visit": _asked(dates).places_taken}
    )

    begins = [each.starts_at for each in seen.slots]
    assert begins == sorted(begins)
    assert seen.is_available == (bool(begins) or not dates)
    none_left = "" if seen.is_available else "none of its dates is left"
    assert str(seen.reason) == none_left


def test_the_reason_says_what_is_the_matter_with_a_date():
    early, late, gone = NOON + timedelta(days=1), NOON + timedelta(days=2), NOON
    dates = {early: (2, 2), late: (1, 0), gone: (5, 0)}
    goods, asked = _goods(dates), _asked(dates)
    reasons = {
        slot: goods.offer(RICH, replace(asked, slot=slot))
        for slot in (early, gone, NOON - timedelta(days=1), None)
    }

    assert [
        "25 December 2026 12:00 is full",
        "24 December 2026 12:00 is over",
        "23 December 2026 12:00 is none of its dates",
        "choose one of its dates",
    ] == [str(each.reason) for each in reasons.values()]
    off = AmountOff(points_cost=10, amount=1)
    refused = off.offer(RICH, replace(asked, slot=early))
    assert "it has no dates to choose from" == str(refused.reason)


def test_no_two_dates_of_a_reward_are_one():
    goods = replace(_goods({NOON: (1, 0)}), slots=(Slot(starts_at=NOON),) * 2)

    assert {"slots": "two begin 24 December 2026 12:00: make one of them"} == (
        mistakes_of(goods)
    )


def test_the_program_says_that_a_date_is_chosen_and_until_when_it_can_be_cancelled():
    agreed = ", once the store has agreed to it"
    words = f"{agreed}, on a date to choose, to be cancelled until 24 hours before"

    assert words == limits_in_words(_goods({NOON: (1, 0)}), Translator())
    assert agreed == limits_in_words(_goods({}), Translator())

"""A store is redacted if its last installation ended, however late that is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.presence import Presence

LEFT = datetime(2026, 11, 1, 12, tzinfo=UTC)
BEGAN = LEFT - timedelta(days=30)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(("away", "late"), [(1, 2), (5, 10), (60, 0), (2820, 300)])
def test_a_store_that_came_back_is_not_redacted_for_the_time_before(
    away: int, late: int
):
    back = Presence(1, BEGAN).left(LEFT).installed_again(LEFT + away * MINUTE)
    asked = back.asked_to_redact(LEFT + 48 * HOUR + late * MINUTE)

    assert not asked.is_redacted()
    assert asked.left(LEFT) == asked


def test_a_store_that_left_again_is_redacted_for_that_time_alone():
    again = Presence(2, LEFT + MINUTE).left(LEFT + 30 * HOUR)

    assert not again.asked_to_redact(LEFT + 49 * HOUR).is_redacted()
    assert again.asked_to_redact(LEFT + 78 * HOUR).is_redacted()


def test_who_is_seen_after_leaving_is_there_without_having_opened_the_app():
    asked = Presence(1, BEGAN).left(LEFT).asked_to_redact(LEFT + 48 * HOUR)

    assert asked.is_redacted()
    assert asked.is_redacted(seen_at=LEFT + MINUTE)
    assert not asked.is_redacted(seen_at=LEFT + HOUR)


def test_an_end_that_nobody_told_follows_from_the_redaction():
    opened = Presence(1, BEGAN).opened(LEFT - MINUTE)
    asked = opened.asked_to_redact(LEFT + 48 * HOUR)

    assert asked.is_redacted()
    # As found out a day later, from what the store refused.
    assert asked.left(LEFT + 20 * HOUR).is_redacted()


def test_a_redaction_that_comes_after_the_return_erases_nothing():
    back = Presence(1, BEGAN).left(LEFT).installed_again(LEFT + 50 * HOUR)

    assert not back.asked_to_redact(LEFT + 48 * HOUR).is_redacted()


def test_of_leaves_told_in_any_order_the_last_one_counts():
    opened = Presence(1, BEGAN).opened(LEFT + MINUTE)
    first, second = LEFT, LEFT + 2 * MINUTE

    assert opened.left(first).left(second) == opened.left(second).left(first)
    assert opened.left(second).left(first).left_at == second


def test_a_store_is_empty_from_its_redaction_until_it_comes_back():
    gone = Presence(2, BEGAN).left(LEFT).forgot_everybody()

    assert gone.is_empty
    assert not Presence(1, BEGAN).is_empty
    assert not gone.installed_again(LEFT + 50 * HOUR).is_empty
    # Who opened the app after it was taken out has installed it again.
    assert not gone.opened(LEFT + HOUR).left(LEFT).is_empty


class _Told(NamedTuple):
    """What happened, when, and when we hear of it."""

    heard: datetime
    what: str
    at: datetime


_MINUTES = st.integers(1, 47 * 60).map(lambda minutes: minutes * MINUTE)
_LATE = st.integers(0, 9 * 24 * 60).map(lambda minutes: minutes * MINUTE)


@st.composite
def _lives(draw: st.DrawFn) -> tuple[list[_Told], bool]:
    """Draw installations, and whether the last one ended; messages come however late.

    A store comes back within 47 hours, by our own doing, which is known at once.
    """
    at, told = BEGAN, list[_Told]()
    count, has_left = draw(st.integers(1, 4)), draw(st.booleans())
    for generation in range(1, count + 1):
        if generation > 1:
            told.append(_Told(at, "installed", at))
        at += draw(_MINUTES)
        if draw(st.booleans()):
            told.append(_Told(at, "opened", at))
            at += draw(_MINUTES)
        if generation == count and not has_left:
            break
        told.append(_Told(at + draw(_LATE), "left", at))
        asked = at + 48 * HOUR + draw(st.integers(0, 20 * 60)) * MINUTE
        told.append(_Told(asked + draw(_LATE), "redact", asked))
        at += draw(_MINUTES)
    return sorted(told), has_left


def _after(known: Presence, told: _Told) -> Presence:
    steps = {
        "installed": known.installed_again,
        "opened": known.opened,
        "left": known.left,
        "redact": known.asked_to_redact,
    }
    return steps[told.what](told.at)


@given(_lives())
def test_whichever_message_comes_first_the_same_stores_are_redacted(
    life: tuple[list[_Told], bool],
):
    told, has_left = life
    known, is_redacted = Presence(1, BEGAN), False
    for each in told:
        known = _after(known, each)
        is_redacted |= known.is_redacted()

    assert is_redacted == has_left

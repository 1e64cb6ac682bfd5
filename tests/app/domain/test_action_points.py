"""What actions earn: limits, approval, days that come, in any order of arrival."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.actions import (
    Action,
    Anniversary,
    Birthday,
    Joining,
    Newsletter,
    Review,
    State,
)
from app.domain.actions.joining import Counts, opened_at
from app.domain.engagement.action_points import judge
from app.domain.engagement.days import (
    LOOKED_EVERY,
    BirthdayGiven,
    anniversaries,
    believed,
    birthdays,
    next_look,
)
from app.domain.engagement.engaged import Acts, judged
from app.domain.program import ActionLimits, Program
from tests.app.domain.engaged import BEGIN, under

PROGRAM = Program(
    actions=(
        Review(points=7, times_per_day_max=2, times_per_member_max=5),
        Newsletter(points=10),
    ),
    action_limits=ActionLimits(points_per_day_max=20, points_per_member_max=45),
)

_actions = st.builds(
    lambda action, key, hours, state: Action(
        action, str(key), BEGIN + timedelta(hours=hours), state
    ),
    st.sampled_from(["review", "newsletter", "custom-unknown"]),
    st.integers(0, 30),
    st.integers(0, 120),
    st.sampled_from(State),
)
several = st.lists(_actions, max_size=15, unique_by=lambda each: each.lot)


def _points(actions, program=PROGRAM):
    found = judge(actions, under((BEGIN, program)))
    return {each.action.lot: each.points for each in found}


@given(several, st.randoms(use_true_random=False))
def test_limits_are_never_exceeded_and_arrival_does_not_matter(actions, random):
    found = _points(actions)
    random.shuffle(actions)

    assert found == _points(actions)
    by_day, times = Counter(), Counter()
    for each in actions:
        points = found[each.lot]
        by_day[each.at.date()] += points
        times[each.action] += points > 0
        times[each.action, each.at.date()] += points > 0
        assert not points or each.state == State.ACCEPTED
    assert max(by_day.values(), default=0) <= 20
    assert sum(by_day.values()) <= 45
    assert times["newsletter"] <= 1
    assert times["review"] <= 5
    assert all(times["review", day] <= 2 for day in by_day)


@given(several)
def test_approval_takes_nothing_from_anybody(actions):
    approved = [
        replace(each, state=State.ACCEPTED) if each.state == State.WAITING else each
        for each in actions
    ]
    before, after = _points(actions), _points(approved)

    assert all(before[lot] <= after[lot] for lot in before)


@given(several)
def test_a_refusal_leaves_the_others_no_less(actions):
    refused = [
        replace(each, state=State.REFUSED) if each.state == State.WAITING else each
        for each in actions
    ]
    before, after = _points(actions), _points(refused)

    assert sum(before.values()) <= sum(after.values())


def test_every_action_that_earns_nothing_says_why():
    reviews = [Action("review", str(n), BEGIN + timedelta(hours=n)) for n in range(3)]
    other = Action("custom-x", "1", BEGIN)
    refused = Action("newsletter", "1", BEGIN, State.REFUSED)
    waiting = Action("newsletter", "2", BEGIN, State.WAITING)
    found = judge([*reviews, other, refused, waiting], under((BEGIN, PROGRAM)))

    told = {
        each.action.lot: str(each.unearned_because) for each in found if not each.points
    }
    assert {
        "action/review/2": "it earns at most 2 times a day",
        "action/custom-x/1": "the programme of that day gives nothing for it",
        "action/newsletter/1": "the store refused it",
        "action/newsletter/2": "it waits for the store's approval",
    } == told


def _on(year, month, day, hour=0):
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_an_anniversary_comes_each_year_and_on_the_28th_after_a_leap_day():
    joined = Action("joining", "a", _on(2024, 2, 29, 15))
    found = anniversaries([joined], _on(2028, 3, 1))

    assert [_on(2025, 2, 28), _on(2026, 2, 28), _on(2027, 2, 28), _on(2028, 2, 29)] == [
        each.at for each in found
    ]


def test_the_day_begins_where_the_store_is():
    joined = Action("joining", "a", _on(2025, 5, 31, 20), timezone="Asia/Tokyo")
    [first] = anniversaries([joined], _on(2026, 7, 1))

    # In Tokyo it was the first of June already.
    assert _on(2026, 5, 31, 15) == first.at


def test_a_birthday_is_changed_at_most_once_a_year():
    first, soon, later = (
        BirthdayGiven(str(day), 5, 12 + day % 7, BEGIN + timedelta(days=day))
        for day in (0, 364, 365)
    )

    assert [first, later] == believed([later, soon, first])


def test_a_birthday_that_is_told_again_is_known_since_it_was_told_first():
    told = [
        BirthdayGiven(str(day), 5, 12, BEGIN + timedelta(days=day))
        for day in (0, 1, 365, 800)
    ]
    changed = BirthdayGiven("another", 6, 1, BEGIN + timedelta(days=900))

    assert [told[0], changed] == believed([*reversed(told), changed])


@given(
    st.lists(
        st.builds(
            BirthdayGiven,
            st.integers(0, 99).map(str),
            st.integers(1, 12),
            st.integers(1, 31),
            st.integers(0, 1500).map(lambda day: BEGIN + timedelta(days=day)),
        ),
        max_size=5,
        unique_by=lambda each: each.key,
    ),
    st.randoms(use_true_random=False),
)
def test_birthdays_earn_once_a_year_whatever_was_given(given_days, random):
    program = Program(actions=(Birthday(points=50, days_known_before=0),))
    now = BEGIN + timedelta(days=2000)

    def earned(days):
        told = judged(Acts((), tuple(days)), under((BEGIN, program)), now)
        return [each.action.at for each in told if each.points]

    found = earned(given_days)
    random.shuffle(given_days)
    assert found == earned(given_days)
    assert len({at.year for at in found}) == len(found)


def test_what_time_alone_will_do_is_known_before():
    joined = Action("joining", "a", _on(2025, 12, 1))
    born = BirthdayGiven("b", 11, 20, BEGIN)
    now = _on(2026, 11, 16)

    def next_of(*kinds):
        return next_look([joined], [born], kinds, now)

    assert _on(2026, 11, 20) == next_of("birthday", "anniversary")
    assert _on(2026, 12, 1) == next_of("anniversary")
    assert next_of("joining") is None
    assert next_look([], [], ["birthday", "anniversary"], now) is None
    assert [_on(2026, 11, 20)] == [
        each.at for each in birthdays([born], _on(2027, 1, 1))
    ]


_DAYS = st.dates().map(lambda day: (day.month, day.day))


@given(_DAYS, _DAYS, st.integers(0, 100_000))
def test_when_a_member_is_due_tells_no_birthday_that_is_more_than_a_week_off(
    one, other, hours
):
    now = BEGIN + timedelta(hours=hours)
    looks, days = [], []
    for month, day in one, other:
        born = BirthdayGiven("b", month, day, BEGIN)
        coming = birthdays([born], now + timedelta(days=366 * 2))
        days.append(next(each.at for each in coming if each.at > now))
        looks.append(next_look([], [born], ["birthday"], now))

    assert all(now < look <= day for look, day in zip(looks, days, strict=True))
    assert max(looks) <= now + LOOKED_EVERY
    if min(days) > now + LOOKED_EVERY:
        assert len(set(looks)) == 1


@pytest.mark.parametrize(
    ("open_at", "shut_at", "opened"),
    [
        (None, None, None),
        (None, 2, None),
        (5, 2, 5),
        (5, None, 1),
        (5, 5, 1),
        (5, 8, 1),
    ],
    ids=["untold", "guest", "guest who signed in", "always", "at once", "shut since"],
)
def test_an_account_is_as_old_as_its_record_unless_there_was_none_before(
    open_at: int | None, shut_at: int | None, opened: int | None
):
    days = [day and _on(2026, 1, day) for day in (1, open_at, shut_at, opened)]
    assert opened_at(*days[:3]) == days[3]


def test_joining_counts_records_or_accounts_and_never_both():
    record, account = (
        Program(version=number, actions=(Joining(points=number, counts=counts),))
        for number, counts in enumerate(Counts, start=1)
    )
    guest = Action("joining", "a", _on(2026, 1, 1), opened_at=_on(2026, 3, 1))
    history = under((BEGIN, record), (_on(2026, 2, 1), account))
    for versions, earned in (
        (under((BEGIN, record)), {"action/joining/a": 1}),
        (under((BEGIN, account)), {"action/joining/a-1772323200": 2}),
        (history, {"action/joining/a": 1}),
    ):
        found = judged(Acts((guest,)), versions, _on(2026, 4, 1))
        assert earned == {each.action.lot: each.points for each in found if each.points}
    without = replace(guest, opened_at=None)
    [found] = judged(Acts((without,)), under((BEGIN, account)), _on(2026, 4, 1))
    assert (0, "joining counts once the customer has an account") == (
        found.points,
        str(found.unearned_because),
    )


def test_only_one_joining_counts_and_its_anniversaries():
    program = Program(actions=(Joining(points=5), Anniversary(points=9)))
    joined = [
        Action("joining", name, _on(2025, 3, day)) for name, day in (("a", 9), ("b", 5))
    ]
    found = judged(Acts(tuple(joined)), under((BEGIN, program)), _on(2026, 4, 1))

    assert {"action/joining/b": 5, "action/anniversary/b-1": 9} == {
        each.action.lot: each.points for each in found if each.points
    }

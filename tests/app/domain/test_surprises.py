"""Surprises: draws that come out the same again, within what a member may have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.actions import Action, Review, State
from app.domain.engagement.engaged import Acts, engagement
from app.domain.engagement.surprise import After, Surprise
from app.domain.languages.translator import Translator
from app.domain.program import Program
from tests.app.domain.engaged import BEGIN, Ordered, histories, net, under

ALWAYS = Surprise(name="thanks", points=20, seed="a seed", times_per_member_max=99)
HALF = replace(ALWAYS, percent=Decimal(50))


def _given(surprise, *ordered, actions=()):
    program = Program(surprises=(surprise,))
    assessed = [each.assessed(program) for each in ordered]
    versions = under((BEGIN, program))
    now = BEGIN + timedelta(days=90)
    return engagement(assessed, Acts(tuple(actions)), versions, now).credits


def test_a_draw_is_the_same_for_ever():
    """The outcome is written down: another way to draw would rewrite the past."""
    won = [number for number in range(12) if HALF.is_drawn(f"1/{number}")]

    assert WON == won


WON = [0, 1, 11]


@pytest.mark.parametrize("percent", ["0.5", "12.5", "50", "99"])
def test_chances_are_what_they_say(percent):
    surprise = replace(HALF, percent=Decimal(percent))
    share = sum(surprise.is_drawn(f"1/{number}") for number in range(20_000)) / 200

    # Six standard deviations; the draw is by a fixed seed, so this never flickers.
    chance = float(percent)
    assert abs(share - chance) < 6 * (chance * (100 - chance) / 20_000) ** 0.5


def test_another_seed_or_name_draws_otherwise():
    occasions = [f"1/{number}" for number in range(64)]
    draws = {
        tuple(map(surprise.is_drawn, occasions))
        for surprise in (HALF, replace(HALF, seed="b"), replace(HALF, name="other"))
    }

    assert 3 == len(draws)


def test_by_rule_it_follows_every_order_that_is_large_enough():
    surprise = replace(ALWAYS, amount_min=Decimal(30))

    assert 40 == net(
        _given(surprise, Ordered(1, 0, 3), Ordered(2, 1, 2), Ordered(3, 2, 5))
    )


def test_it_follows_actions_that_were_accepted():
    surprise = replace(ALWAYS, after=After.ACTION)
    actions = [
        Action("review", str(state), BEGIN, state) for state in State
    ]  # fmt: skip

    assert 20 == net(_given(surprise, Ordered(1, 0, 3), actions=actions))


@pytest.mark.parametrize(("action", "points"), [("review", 20), ("survey", 0)])
def test_one_that_names_its_action_follows_no_other(action, points):
    surprise = replace(ALWAYS, after=After.ACTION, action=action)
    joined, review = (Action(name, "1", BEGIN) for name in ("joining", "review"))

    assert points == net(_given(surprise, Ordered(1, 0, 3), actions=[joined, review]))


def test_it_says_after_what_it_comes():
    told = [
        replace(ALWAYS, after=after, action=action).in_words(
            Translator(), "20 points", is_limited=False
        )
        for after, action in [("order", ""), ("action", ""), ("action", "custom-chat")]
    ]

    assert [words.partition(" (")[0] for words in told] == [
        "Always 20 points after an order",
        "Always 20 points after an action",
        "Always 20 points after the action “Chat”",
    ]


def test_it_goes_back_with_the_whole_order_only():
    orders = Ordered(1, 0, 3, ((1, 3),)), Ordered(2, 1, 3, ((2, 2),))
    gone, kept = _given(ALWAYS, *orders)

    assert ([20], ()) == ([back.points for back in gone.reversals], kept.reversals)


def test_an_order_that_went_back_brings_no_second_draw():
    once = replace(ALWAYS, times_per_member_max=1)

    assert 0 == net(_given(once, Ordered(1, 0, 3, ((1, 3),)), Ordered(2, 2, 3)))


@given(
    histories(),
    st.integers(1, 3),
    st.integers(1, 100),
    st.randoms(use_true_random=False),
)
def test_a_member_has_no_more_than_allowed_whatever_comes_first(
    history, most, percent, random
):
    surprise = replace(ALWAYS, percent=Decimal(percent), times_per_member_max=most)
    found = _given(surprise, *history)
    random.shuffle(history)

    assert set(found) == set(_given(surprise, *history))
    drawn = {f"gift/thanks/1/{o.id}" for o in history if surprise.is_drawn(f"1/{o.id}")}
    assert {credit.lot for credit in found} <= drawn
    assert len(found) == min(most, len(drawn))


def test_reviews_earn_beside_their_surprise():
    surprise = replace(ALWAYS, after=After.ACTION)
    program = Program(actions=(Review(points=5),), surprises=(surprise,))
    acts = Acts((Action("review", "1", BEGIN),))
    found = engagement([], acts, under((BEGIN, program)), BEGIN + timedelta(days=1))

    assert {"action/review/1", "gift/thanks/review/1"} == {
        credit.lot for credit in found.credits
    }

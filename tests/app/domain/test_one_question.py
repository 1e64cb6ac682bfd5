"""A rule and a reward are asked one question; all else they tell of their settings."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.customer import Customer
from app.domain.earning import EARNING_RULES
from app.domain.rewards import REWARDS, PointsAsMoney
from tests.app.domain.wished import a_wish

# Every part of a programme says itself in words.
WORDS = {"in_words"}
RICH = Customer(available=10**12)


def _questions(kind: type) -> set[str]:
    found = inspect.getmembers(kind, inspect.isroutine)
    return {name for name, _ in found if not name.startswith("_")}


@pytest.mark.parametrize("kind", EARNING_RULES)
def test_a_rule_is_asked_what_it_awards_and_nothing_else(kind):
    assert {"award"} == _questions(kind) - WORDS


@pytest.mark.parametrize("kind", REWARDS)
def test_a_reward_is_asked_what_it_offers_and_nothing_else(kind):
    assert {"offer"} == _questions(kind)


@pytest.mark.parametrize("kind", [each for each in REWARDS if each != PointsAsMoney])
@settings(max_examples=30)
@given(data=st.data())
def test_what_was_won_is_offered_whenever_points_would_get_it_and_costs_none(
    kind, data
):
    reward, asked = data.draw(a_wish(kind))
    owing = Customer(available=-1)

    bought = reward.offer(RICH, asked)
    won = reward.offer(owing, replace(asked, is_won=True))

    assert won == (replace(bought, points=0) if bought else bought)

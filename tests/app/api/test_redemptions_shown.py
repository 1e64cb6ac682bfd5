"""What members are told of what they have taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.redemptions_shown import shown
from app.domain.events import Ignored, RedemptionStep, RedemptionTaken
from app.domain.redemptions import Redemption, State
from app.domain.rewards import REWARDS, Reward
from app.storage.stores import Store
from tests.builders.settings import any_of
from workers.redeem import _cancel

NOW = datetime(2026, 11, 2, tzinfo=UTC)
STORE = Store(1, 1, "shopify", "x.myshopify.com", "EUR", "UTC", NOW, 1, None, None)
ASKS = RedemptionTaken("r", RedemptionStep.CANCEL, NOW, "7001")


def _wish(reward: Reward, state: State) -> Redemption:
    return Redemption("r", 1, "7001", reward, reward.least_points, state, NOW)


@pytest.mark.parametrize("kind", REWARDS, ids=lambda kind: kind.kind)
@settings(max_examples=10)
@given(st.data())
def test_members_are_told_that_they_can_cancel_where_they_can(
    kind: type[Reward], data: st.DataObject
):
    reward = data.draw(any_of(kind))
    for state in State:
        wish = _wish(reward, state)
        is_possible = not isinstance(_cancel(wish, ASKS), Ignored)
        assert is_possible == shown(wish, "secret", STORE, "en").can_cancel


def test_what_nobody_agreed_to_yet_can_be_cancelled_and_what_is_used_cannot():
    [reward] = [kind for kind in REWARDS if kind.kind == "amount_off"]
    wish = _wish(reward(points_cost=10, amount=5), State.ASKED)
    kept = replace(wish.reward, unused_returns=False)

    told = {
        state: shown(replace(wish, state=state), "secret", STORE, "en").can_cancel
        for state in State
    }
    assert {State.ASKED, State.GRANTED} == {state for state in told if told[state]}
    granted = replace(wish, state=State.GRANTED, reward=kept)
    assert not shown(granted, "secret", STORE, "en").can_cancel

"""Members read what holds for a reward before they spend points on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.customer import Customer
from app.domain.money import Money, to_minor
from app.domain.offers import offered
from app.domain.prizes import Won, shown
from app.domain.redemptions import Redemption, State
from app.domain.rewards import (
    REWARDS,
    AmountOff,
    Asked,
    Offer,
    PointsAsMoney,
    Reward,
    RewardTerms,
    terms_of,
)
from tests.builders.settings import any_of

ENDS = datetime(2026, 12, 25)  # noqa: DTZ001 - on the walls of the store
NOW = datetime(2026, 11, 2, tzinfo=UTC)
ASKED = Asked(datetime(2026, 11, 2), "EUR")  # noqa: DTZ001
RICH = Customer(available=10**12)
STRICT = AmountOff(
    points_cost=100,
    amount=Decimal(5),
    order_amount_min=Decimal(20),
    valid_days=30,
    ends_at=ENDS,
    unused_returns=False,
)
TERMS = RewardTerms(Money("20.00", "EUR"), None, 30, ENDS, unused_returns=False)


@pytest.mark.parametrize(
    ("currency", "amount"), [("EUR", "20.00"), ("JPY", "20"), ("KWD", "20.000")]
)
def test_all_that_holds_is_told_in_the_digits_of_the_currency(currency, amount):
    told = replace(TERMS, order_amount_min=Money(amount, currency))

    assert told == terms_of(STRICT, currency)


def test_a_reward_without_any_says_nothing_and_a_prize_nothing_of_points():
    plain = AmountOff(points_cost=100, amount=Decimal(5))
    offers = offered([plain, STRICT], RICH, ASKED, {}, {})
    won = shown(Won("stamps/tea", "Tea", STRICT.id, 1), STRICT, RICH, ASKED)

    assert [None, TERMS] == [each.terms for each in offers]
    assert replace(TERMS, unused_returns=True) == won.terms


def test_points_as_money_tell_the_most_of_an_order():
    half = PointsAsMoney(points_cost=100, amount=Decimal(1), order_share_max=50)

    assert 50 == terms_of(half, "EUR").order_share_max


@pytest.mark.parametrize("kind", REWARDS, ids=lambda kind: kind.kind)
@settings(max_examples=20)
@given(data=st.data(), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_told_is_what_a_redemption_then_holds_to(
    kind: type[Reward], data: st.DataObject, currency: str
):
    reward = data.draw(any_of(kind))
    told = terms_of(reward, currency)
    wish = Redemption("r", 1, "7001", reward, 100, State.GRANTED, NOW)
    least = told.order_amount_min
    least_minor = to_minor(least.amount, currency) if least else 0

    ends_at = wish.accepted(Offer(100, None), NOW, "UTC").valid_until
    idle = reward.idle_settings
    if "valid_days" not in idle:
        assert told.valid_days == (ends_at and (ends_at - NOW).days)
    if "order_amount_min" not in idle:
        assert least_minor == to_minor(reward.order_amount_min, currency)
    if "unused_returns" not in idle:
        assert told.unused_returns == wish.unused().gives_back
    assert {"order_amount_min", "valid_days", "unused_returns"} - idle or not any(
        (least, told.valid_days, not told.unused_returns)
    )

"""Points spent on a reward come back with the goods that it was for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.orders import OrderFacts
from app.domain.redemptions import Redemption, State
from app.domain.rewards import (
    AmountOff,
    FreeProduct,
    FreeShipping,
    GivenBack,
    PercentOff,
    Reward,
)
from tests.app.domain.heard import (
    PAID,
    PLACED_AT,
    REFUND,
    UPDATED,
    Told,
    facts_of,
    heard,
)
from tests.builders.shopify import a_line, a_refund, an_order, later

MUG, COFFEE = 21, 22
FREE_MUG = FreeProduct(points_cost=300, product_id=str(MUG))
FORTY_OFF = AmountOff(points_cost=2000, amount=Decimal(40))
HALF_OFF = PercentOff(points_cost=100, percent=50)
FREE_SHIPPING = FreeShipping(points_cost=100)

A_FREE_MUG = a_line("12.50", id=11, product_id=MUG, discount="12.50")
A_COFFEE = a_line("12.50", id=12, product_id=COFFEE)
MUG_AND_COFFEE = PAID, an_order(A_FREE_MUG, A_COFFEE)
MUG_BACK = REFUND, a_refund(None, (11, 1, "0.00"), id=9001)
COFFEE_BACK = REFUND, a_refund("12.50", (12, 1, "12.50"), id=9002)
REFUNDED = (
    UPDATED,
    later(MUG_AND_COFFEE[1], financial_status="refunded", refunds=[COFFEE_BACK[1]]),
)


def _back(reward: Reward, *told: Told) -> int:
    return sum(_parts(reward, heard(*told)))


def _parts(reward: Reward, facts: OrderFacts) -> list[int]:
    used = Redemption(
        id="r",
        store_id=1,
        customer_id=None,
        reward=reward,
        points=reward.points_cost,
        state=State.USED,
        requested_at=PLACED_AT,
        used_order_id=facts.order_id,
    )
    return [each.points for each in used.returns(facts)]


def test_a_free_product_that_is_kept_gives_nothing_back():
    assert 0 == _back(FREE_MUG, MUG_AND_COFFEE, COFFEE_BACK)
    # All the money went back, and the mug did not.
    assert 0 == _back(FREE_MUG, MUG_AND_COFFEE, COFFEE_BACK, REFUNDED)
    assert 0 == _back(FREE_MUG, MUG_AND_COFFEE, (REFUND, a_refund("12.50")))


def test_a_free_product_that_comes_back_gives_all_back_though_no_money_moves():
    assert 300 == _back(FREE_MUG, MUG_AND_COFFEE, MUG_BACK)
    assert 300 == _back(FREE_MUG, (PAID, an_order(A_FREE_MUG)), MUG_BACK)


@pytest.mark.parametrize(
    "told", list(permutations([MUG_AND_COFFEE, MUG_BACK, COFFEE_BACK]))
)
def test_what_comes_back_is_the_same_in_any_order_of_messages(told):
    assert [300] == _parts(FREE_MUG, heard(*told))


def test_of_two_units_one_of_them_free_each_is_worth_half():
    two = PAID, an_order(a_line("12.50", 2, product_id=MUG, discount="12.50"))

    assert 150 == _back(FREE_MUG, two, (REFUND, a_refund("6.25", (11, 1, "6.25"))))


def test_a_free_product_that_an_edit_took_away_was_never_had():
    gone = A_FREE_MUG | {"current_quantity": 0}
    edited = later(an_order(gone, A_COFFEE))

    assert 300 == _back(FREE_MUG, MUG_AND_COFFEE, (UPDATED, edited))


def test_goods_paid_wholly_with_points_give_them_back():
    bowl = a_line("34.00", discount="34.00")
    shipping = [{"price": "5.00"}]
    order = PAID, an_order(bowl, shipping_lines=shipping, total_price="5.00")
    parcel = a_refund("5.00", adjustments=(("shipping_refund", "-5.00"),), id=9002)

    assert 0 == _back(FORTY_OFF, order, (REFUND, parcel))
    assert 2000 == _back(FORTY_OFF, order, (REFUND, a_refund(None, (11, 1, "0.00"))))


def test_an_amount_comes_back_by_the_goods_prices_before_discounts():
    # The store took 12.00 of the 40.00 off the first line, and 28.00 off the second.
    lines = a_line("18.00", discount="12.00"), a_line("42.00", id=12, discount="28.00")
    order = PAID, an_order(*lines)
    first = REFUND, a_refund("6.00", (11, 1, "6.00"))
    second = REFUND, a_refund("14.00", (12, 1, "14.00"), id=9002)

    assert 600 == _back(FORTY_OFF, order, first)
    assert 1400 == _back(FORTY_OFF, order, second)
    assert 2000 == _back(FORTY_OFF, order, first, second)


def test_money_without_goods_undoes_its_share_of_the_goods_that_are_kept():
    order = PAID, an_order(a_line("60.00"), a_line("40.00", id=12))
    line, rest = a_refund("40.00", (12, 1, "40.00")), a_refund("30.00", id=9002)

    assert 50 == _back(HALF_OFF, order, (REFUND, a_refund("50.00")))
    assert 70 == _back(HALF_OFF, order, (REFUND, line), (REFUND, rest))
    ended = UPDATED, later(order[1], financial_status="refunded")
    assert 100 == _back(HALF_OFF, order, ended)


def test_money_for_what_an_edit_took_away_is_its_share_of_the_order():
    lines = a_line("60.00"), a_line("40.00", id=12)
    gone = lines[1] | {"current_quantity": 0}
    edited = UPDATED, later(an_order(lines[0], gone))

    told = (PAID, an_order(*lines)), edited, (REFUND, a_refund("40.00"))
    assert 40 == _back(HALF_OFF, *told)


def test_shipping_stays_with_who_keeps_any_of_the_goods():
    order = PAID, an_order(a_line("10.00", 2))

    one = REFUND, a_refund("10.00", (11, 1, "10.00"))
    other = REFUND, a_refund("10.00", (11, 1, "10.00"), id=9002)
    assert 0 == _back(FREE_SHIPPING, order, one)
    assert 100 == _back(FREE_SHIPPING, order, one, other)


@pytest.mark.parametrize("reward", [FREE_MUG, FORTY_OFF, FREE_SHIPPING])
@pytest.mark.parametrize("status", ["paid", "voided"])
def test_a_cancelled_order_gives_all_back(reward, status):
    over = later(
        MUG_AND_COFFEE[1],
        cancelled_at="2026-11-05T10:00:00Z",
        financial_status=status,
    )

    assert reward.points_cost == _back(reward, MUG_AND_COFFEE, (UPDATED, over))


def test_a_whole_return_is_one_of_all_goods():
    whole = replace(FREE_MUG, given_back=GivenBack.WHOLE)

    assert 0 == _back(whole, MUG_AND_COFFEE, MUG_BACK)
    assert 300 == _back(whole, MUG_AND_COFFEE, MUG_BACK, COFFEE_BACK)


LINES = st.tuples(st.integers(1, 99), st.integers(1, 3))


@settings(max_examples=30)
@given(
    goods=st.lists(LINES, min_size=1, max_size=3),
    reward=st.sampled_from([FREE_MUG, FORTY_OFF, HALF_OFF, FREE_SHIPPING]),
    is_free=st.booleans(),
    data=st.data(),
)
def test_any_split_of_returns_gives_all_back_and_nothing_for_what_is_kept(
    goods, reward, is_free, data
):
    units = [line for line, (_, count) in enumerate(goods) for _ in range(count)]
    facts, before = heard((PAID, _order(goods, is_free=is_free))), 0
    kept = list(units)
    for number, line in enumerate(data.draw(st.permutations(units))):
        unit = facts_of(*_unit_back(number, line, goods, is_free=is_free))
        facts = unit.merged(facts)
        kept.remove(line)
        back = sum(_parts(reward, facts))

        assert before <= back <= _worth_of_gone(reward, goods, kept)
        before = back
    assert reward.points_cost == before


def _order(goods, *, is_free):
    lines = [
        a_line(
            f"{price}.00",
            count,
            id=100 + line,
            product_id=MUG + line,
            discount=f"{price * count}.00" if is_free else "0.00",
        )
        for line, (price, count) in enumerate(goods)
    ]
    return an_order(*lines)


def _unit_back(number, line, goods, *, is_free):
    price = "0.00" if is_free else f"{goods[line][0]}.00"
    at = (PLACED_AT + timedelta(hours=number)).isoformat()
    paid = None if is_free else price
    told = a_refund(paid, (100 + line, 1, price), id=9000 + number, processed_at=at)
    return REFUND, told


def _worth_of_gone(reward, goods, kept):
    """The points that goods which are not kept were worth, exactly."""
    if reward == FREE_SHIPPING:
        return 0 if kept else reward.points_cost
    worth = [1 if not line else 0 for line in range(len(goods))]
    if reward != FREE_MUG:
        worth = [price for price, _ in goods]
    whole = sum(worth[line] * count for line, (_, count) in enumerate(goods))
    stays = sum(worth[line] for line in kept)
    return Decimal(reward.points_cost * (whole - stays)) / whole

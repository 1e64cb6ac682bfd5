"""Budgets: never more than there is, once for each order, and free again on return."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.allotments import Allotment, Allotting, Purse
from app.domain.beside import NOTHING_BESIDE
from app.domain.credits import assess_all, credits
from app.domain.earning import Bonus, Multiplier, PurchasePoints, Stacking
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.engagement.engaged import Acts, engagement
from app.domain.engagement.surprise import Surprise
from app.domain.errors import InvalidProgram
from app.domain.estimate import estimate
from app.domain.fold import fold
from app.domain.languages.translator import Translator
from app.domain.program import Program, ReturnPolicy
from app.domain.rounding import Rounding
from app.domain.valuation import Valuation
from app.domain.words import program_in_words
from app.storage.program_document import dump_program, load_program
from tests.app.domain.engaged import BEGIN, Ordered, histories, under

NOW = BEGIN + timedelta(days=90)


def _limited(points: int) -> dict[str, object]:
    return {"name": "spring", "budget": Budget(points=points)}


def _doubled(points: int, **more: object) -> Program:
    double = Multiplier(times=Decimal(2), **_limited(points))
    return Program(earning=(PurchasePoints(), double), **more)


class Shop:
    """Members who are settled one after another, and the allotments that are kept."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.kept: dict[tuple[str, str], Allotment] = {}

    @property
    def used(self) -> int:
        """What is used of all budgets."""
        return sum(each.used for each in self.kept.values())

    def settle(self, *ordered: Ordered) -> int:
        """Settle all that one member ordered; return the points that they have."""
        return self.changed(*ordered)[0]

    def changed(self, *ordered: Ordered) -> tuple[int, int]:
        """Settle, and return the member's points, and how many allotments changed."""
        used = Counter[str]()
        for each in self.kept.values():
            used[each.budget] += each.used
        names = tuple(f"/1/{each.id}" for each in ordered)
        theirs = [each for each in self.kept.values() if each.lot.endswith(names)]
        allots = Allotting(theirs, Purse(lambda: used))
        orders = [each.owned(self.program) for each in ordered]
        assessed = allots.assessed(orders, NOTHING_BESIDE)
        versions = under((BEGIN, self.program))
        beside = engagement(assessed, Acts(), versions, NOW, allots.gives)
        earned = [*credits(assessed), *beside.credits]
        folded = fold(earned, (), NOW)
        moved = folded.movements
        changes = allots.changes(assessed, earned, moved, beside.charged)
        for _, each in changes:
            self.kept[each.lot, each.budget] = each
        return sum(each.points for each in earned) - _gone(folded), len(changes)


def _gone(folded) -> int:
    return sum(move.points for move in folded.movements if move.kind == "reverse")


@st.composite
def _members(draw: st.DrawFn) -> list[list[Ordered]]:
    return [
        [replace(order, id=order.id + 100 * member) for order in draw(histories())]
        for member in range(draw(st.integers(1, 4)))
    ]


@settings(max_examples=60)
@given(
    _members(),
    st.integers(1, 150),
    st.sampled_from(["1.3", "2", "2.75"]),
    st.sampled_from(Rounding),
    st.sampled_from(Stacking),
    st.data(),
)
def test_no_more_is_given_than_there_is(
    members, limit, times, rounding, stacking, data
):
    """Whoever comes first: what campaigns bring is charged, never over the limit."""
    campaigns = (
        Multiplier(times=Decimal(times), **_limited(limit)),
        Bonus(points=7, name="seven", budget=Budget(points=9)),
    )
    rate = PurchasePoints(rate=Decimal("0.33"))
    plain = Program(earning=(rate,), rounding=rounding, stacking=stacking)
    shop = Shop(replace(plain, earning=(*plain.earning, *campaigns)))
    for member in data.draw(st.permutations(members + members)):
        told = member[: data.draw(st.integers(0, len(member)))]
        points = shop.settle(*told)
        without = Shop(plain).settle(*told)
        ids = tuple(f"/{order.id}" for order in told)
        theirs = [each for each in shop.kept.values() if each.lot.endswith(ids)]

        assert 0 <= points - without <= sum(each.used for each in theirs)
        by_name = Counter[str]()
        for each in shop.kept.values():
            by_name[each.budget] += each.used
        assert by_name["spring"] <= limit
        assert by_name["seven"] <= 9
        assert (points, 0) == shop.changed(*told)


@given(histories(), st.sampled_from(Stacking), st.data())
def test_while_there_is_room_it_does_not_matter_what_came_first(
    history, stacking, data
):
    first = Bonus(points=30, conditions=Conditions(order_to=1), **_limited(10**6))
    double = Multiplier(times=Decimal(2), name="double", budget=Budget(points=10**6))
    program = Program(earning=(PurchasePoints(), first, double), stacking=stacking)
    once, bit_by_bit = Shop(program), Shop(program)
    told = data.draw(st.permutations(history))
    for number in range(len(told)):
        # What went back may be heard of later than the order.
        bit_by_bit.settle(*told[:number], replace(told[number], back=()))
        bit_by_bit.settle(*told[: number + 1])

    assert once.settle(*history) == bit_by_bit.settle(*history)
    assert _uses(once) == _uses(bit_by_bit)


def _uses(shop: Shop) -> dict[tuple[str, str], int]:
    return {key: each.used for key, each in shop.kept.items() if each.used}


def test_what_went_back_is_there_for_others_and_not_for_who_came_too_late():
    shop = Shop(_doubled(30))
    whole, late = Ordered(1, 0, 3), Ordered(2, 1, 2)

    assert (60, 20, 30) == (shop.settle(whole), shop.settle(late), shop.used)
    assert 20 == shop.settle(replace(whole, back=((2, 2),)))
    assert 10 == shop.used
    assert 20 == shop.settle(late)
    assert (30, 30) == (shop.settle(Ordered(3, 3, 3)) - 20, shop.used)


def test_a_return_that_is_undone_brings_back_what_was_allotted():
    shop = Shop(_doubled(30))
    shop.settle(Ordered(1, 0, 3, back=((1, 3),)))
    shop.settle(Ordered(2, 1, 3))

    assert (60, 60) == (shop.settle(Ordered(1, 0, 3)), shop.used)


def test_an_order_that_is_edited_gets_more_while_there_is_room():
    shop = Shop(_doubled(30))
    small, larger, largest = (Ordered(1, 0, units) for units in (1, 2, 5))

    assert [20, 40, 80, 40] == [
        shop.settle(each) for each in (small, larger, largest, larger)
    ]


def test_an_older_order_takes_the_budget_of_the_welcome_over():
    welcome = Bonus(points=50, conditions=Conditions(order_to=1), **_limited(50))
    shop = Shop(Program(earning=(PurchasePoints(), welcome)))
    older, newer = Ordered(1, 0, 1), Ordered(2, 1, 1)

    assert 60 == shop.settle(newer)
    assert 70 == shop.settle(newer, older)
    assert {("order/1/1", "spring"): 50} == _uses(shop)


def test_points_that_members_keep_stay_used():
    shop = Shop(_doubled(30, return_policy=ReturnPolicy.ONLY_PENDING))
    shop.settle(Ordered(1, 0, 3, back=((1, 3),)))

    assert 30 == shop.used


def test_a_limit_of_the_member_leaves_the_rest_to_others():
    program = _doubled(30)
    limits = replace(program.limits, points_per_member_max=20)
    shop = Shop(replace(program, limits=limits))

    assert (20, 20) == (shop.settle(Ordered(1, 0, 3)), shop.used)


@pytest.mark.parametrize(
    ("stacking", "points"),
    [(Stacking.ADD, 195), (Stacking.MULTIPLY, 195), (Stacking.BEST, 160)],
)
def test_campaigns_stack_with_what_there_is_of_them(stacking, points):
    """Ten cost 100.00: doubled within 35, times 1.6, so in all 100 + 35 + 60."""
    limited = Multiplier(times=Decimal(2), **_limited(35))
    other = Bonus(points=60)
    program = Program(earning=(PurchasePoints(), limited, other), stacking=stacking)
    shop = Shop(program)

    assert points == shop.settle(Ordered(1, 0, 10))
    assert (0 if stacking == Stacking.BEST else 35) == shop.used


def test_what_stood_back_gives_nothing_of_what_a_return_leaves():
    """Of 100.00 the double is best, as there are 40 of the triple; 90.00 go back."""
    triple = Multiplier(times=Decimal(3), **_limited(40))
    earning = PurchasePoints(), triple, Multiplier(times=Decimal(2))
    shop = Shop(Program(earning=earning, stacking=Stacking.BEST))

    assert (200, 0) == (shop.settle(Ordered(1, 0, 10)), shop.used)
    assert (20, 0) == (shop.settle(Ordered(1, 0, 10, back=((1, 9),))), shop.used)
    # It all is there for another, who has the triple.
    assert (60, 40) == (shop.settle(Ordered(2, 2, 2)), shop.used)


def test_a_multiplier_works_on_what_there_was_of_the_one_before():
    limited = Multiplier(times=Decimal(2), **_limited(35))
    other = Multiplier(times=Decimal(3))
    program = Program(
        earning=(PurchasePoints(), limited, other), stacking=Stacking.MULTIPLY
    )

    assert 3 * (100 + 35) == Shop(program).settle(Ordered(1, 0, 10))


def test_a_surprise_comes_whole_or_not_and_then_is_not_counted():
    surprise = Surprise(name="thanks", points=50, seed="s", budget=Budget(points=80))
    shop = Shop(Program(surprises=(surprise,)))

    assert (60, 10) == (shop.settle(Ordered(1, 0, 1)), shop.settle(Ordered(2, 1, 1)))
    assert 0 == shop.settle(Ordered(1, 0, 1, back=((2, 1),)))
    # The second order had none, and has none now; the same member's next one has.
    assert 10 == shop.settle(Ordered(2, 1, 1))
    assert 70 == shop.settle(Ordered(2, 1, 1), Ordered(3, 3, 1))
    assert {("gift/thanks/1/3", "thanks"): 50} == _uses(shop)


def test_an_order_says_what_became_of_its_campaign():
    reasons = []
    for left in (100, 35, 0):
        order = replace(
            Ordered(1, 0, 10).owned(_doubled(50)), allotted={"spring": left}
        )
        [each] = assess_all([order])
        reasons.append(each.award.reason.partition("; ")[2])

    assert [
        "2 times the points for 100.00 EUR",
        "2 times the points for 100.00 EUR, limited to 35 by the budget of “spring”",
        "the budget of “spring” is used up",
    ] == reasons


def test_a_cart_is_told_what_is_left():
    snapshot = Ordered(1, 0, 10).owned(_doubled(50)).facts.snapshot
    assert snapshot
    for left, points in ((100, 200), (35, 135), (0, 100)):
        cart = _doubled(50), snapshot.lines, "EUR", NOW
        assert points == estimate(*cart, left={"spring": left}).points


MONEY = Budget(points=2000, cost=Decimal(50))


@given(
    st.decimals("0.01", 10**9, places=2),
    st.decimals("0.0001", 10**6, places=4),
    st.decimals("0.01", 100, places=2),
)
def test_a_budget_in_money_is_the_most_points_that_it_pays_for(cost, value, percent):
    valuation = Valuation(per_100_points=value, spent_percent=percent)
    points = valuation.points_for(cost)

    assert valuation.cost(points) <= cost < valuation.cost(points + 1)


def test_a_budget_in_money_needs_what_points_are_worth():
    double = Multiplier(times=Decimal(2), name="spring", budget=MONEY)
    program = Program(earning=(PurchasePoints(), double))
    with pytest.raises(InvalidProgram, match="valuation: the budget of spring is in"):
        load_program(dump_program(program))

    worth = Valuation(per_100_points=Decimal(5), spent_percent=Decimal(80))
    program = load_program(dump_program(replace(program, valuation=worth)))
    assert {"spring": 1250} == program.budgets
    told = program_in_words(program, Translator("EUR"))
    assert "You earn 2 times the points, while they last." == told[1]


def test_a_campaign_and_a_surprise_cannot_share_a_name():
    surprise = Surprise(name="spring", seed="s", budget=Budget(points=9))
    program = replace(_doubled(30), surprises=(surprise,))

    with pytest.raises(InvalidProgram, match=r"surprises\.0: two are known as spring"):
        load_program(dump_program(program))
    told = program_in_words(Program(surprises=(surprise,)), Translator("EUR"))
    always = "Always 50 points after an order (“Spring”), at most once a member"
    assert f"{always}, while they last." in told

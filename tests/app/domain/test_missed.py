"""Why a surprise did not follow an order or action: always told, and only then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.actions import Action, Review, State
from app.domain.earning.budget import Budget
from app.domain.engagement.engaged import Acts, Engagement, engagement
from app.domain.engagement.happenings import occasion
from app.domain.engagement.products import Products
from app.domain.engagement.surprise import After, Surprise
from app.domain.engagement.surprises import Gives, gift_lot, without_budgets
from app.domain.explain_actions import explain_missed
from app.domain.program import Program
from app.domain.rewards import FreeShipping
from tests.app.domain.engaged import BEGIN, Ordered, histories, under
from tests.app.domain.test_action_points import several

ALWAYS = Surprise(name="thanks", points=20, seed="a seed")
# With this seed, the order 1/0 is drawn, and 1/2 is not.
HALF = replace(ALWAYS, percent=Decimal(50), times_per_member_max=9)
OTHERS = Products(product_ids=frozenset({"99"}))
SCARCE = replace(ALWAYS, budget=Budget(points=50))
AFTER_ACTION = replace(ALWAYS, after=After.ACTION)


def _found(
    program: Program,
    ordered: Sequence[Ordered] = (),
    actions: Sequence[Action] = (),
    gives: Gives = without_budgets,
) -> Engagement:
    assessed = [each.assessed(program) for each in ordered]
    now = BEGIN + timedelta(days=90)
    versions = under((BEGIN, program))
    return engagement(assessed, Acts(tuple(actions)), versions, now, gives)


def _told(surprise: Surprise, *ordered: Ordered) -> dict[str, str]:
    found = _found(Program(surprises=(surprise,)), ordered)
    return {id_: str(each.reason) for id_, [each] in found.missed.items()}


@pytest.mark.parametrize(
    ("surprise", "code", "english", "german"),
    [
        (
            replace(ALWAYS, products=OTHERS),
            "nothing_counts",
            "nothing of the order counts for it",
            "nichts aus der Bestellung zählt dafür",
        ),
        (
            replace(ALWAYS, amount_min=Decimal(50)),
            "too_little_counts",
            "30.00 EUR counts for it, less than the least of 50.00 EUR",
            "30.00 EUR zählen dafür, mindestens 50.00 EUR müssen es sein",
        ),
        (HALF, "not_drawn", "it was not drawn", "das Los fiel nicht darauf"),
        (
            SCARCE,
            "budget_too_low",
            "too little was left of its budget",
            "vom Budget dafür war zu wenig übrig",
        ),
    ],
)
def test_it_is_told_why_an_order_brought_none(
    surprise: Surprise, code: str, english: str, german: str
):
    program = Program(surprises=(surprise,))
    [missed] = _found(program, [Ordered(2, 0, 3)]).missed["1/2"]

    assert ("thanks", code) == (missed.surprise, missed.reason.code)
    assert german == str(missed.reason.told_in("de"))
    assert [f"No surprise “Thanks”: {english}."] == list(
        explain_missed([missed], program)
    )


def test_it_is_told_why_an_action_brought_none():
    reviews = replace(AFTER_ACTION, action="review")
    survey = Action("survey", "1", BEGIN)
    found = _found(Program(surprises=(reviews,)), actions=[survey])

    [missed] = found.missed["survey/1"]
    told = missed.reason
    assert "it follows the action review alone" == str(told)
    assert "das gibt es nur nach der Aktion review" == str(told.told_in("de"))
    assert (missed,) == found.outcomes["survey", "1"].missed


def test_that_a_member_had_it_so_often_is_told_before_the_draw():
    """The order 1/2 would not have been drawn, but no later one will be, either."""
    once = replace(HALF, times_per_member_max=1)
    first, second = Ordered(0, 0, 3), Ordered(2, 1, 3)

    assert {"1/2": "each member can have it once"} == _told(once, first, second)
    assert {"1/2": "it was not drawn"} == _told(once, second)


def test_one_that_found_no_budget_counts_for_no_later_order():
    found = _found(
        Program(surprises=(SCARCE,)),
        [Ordered(1, 0, 3), Ordered(2, 1, 3), Ordered(3, 2, 3)],
        gives=lambda *terms: terms[-1].endswith("/2"),
    )

    codes = {id_: each.reason.code for id_, [each] in found.missed.items()}
    assert {"1/1": "budget_too_low", "1/3": "had_so_often"} == codes


def test_one_that_went_back_with_its_order_was_given_all_the_same():
    assert {} == _told(ALWAYS, Ordered(1, 0, 3, ((1, 3),)))


def test_a_lost_draw_tells_no_chance():
    lost = set()
    for percent in ("0.001", "1", "50"):
        surprise = replace(HALF, percent=Decimal(percent))
        found = _found(Program(surprises=(surprise,)), [Ordered(2, 0, 1)])
        lost |= set(found.missed["1/2"])

    assert 1 == len(lost)


@pytest.mark.parametrize("state", [State.WAITING, State.REFUSED])
def test_an_action_that_nobody_approved_took_part_in_no_draw(state: State):
    scarce = replace(SCARCE, after=After.ACTION)
    action = Action("review", "1", BEGIN, state)

    assert {} == _found(Program(surprises=(scarce,)), actions=[action]).missed


SORTS = Program(
    actions=(Review(points=5),),
    rewards=(FreeShipping(points_cost=9, key="ship"),),
    surprises=(
        ALWAYS,
        replace(HALF, name="half", times_per_member_max=2),
        replace(HALF, name="large", amount_min=Decimal(30)),
        replace(ALWAYS, name="other", products=OTHERS),
        replace(SCARCE, name="scarce", times_per_member_max=3),
        replace(SCARCE, name="parcel", reward="ship"),
        replace(AFTER_ACTION, name="deed", percent=Decimal(50), times_per_member_max=3),
        replace(AFTER_ACTION, name="words", action="review", times_per_member_max=3),
        replace(AFTER_ACTION, name="few", budget=Budget(points=50)),
    ),
)


@settings(max_examples=60)
@given(histories(), several, st.integers(0, 4))
def test_each_that_could_have_followed_was_given_or_has_a_reason_and_never_both(
    history: list[Ordered], actions: list[Action], lucky: int
):
    def gives(_: Program, surprise: Surprise, lot: str) -> bool:
        return not surprise.budget or crc32(lot.encode()) % 4 < lucky

    found = _found(SORTS, history, actions, gives)
    # A reward that went back with its order is charged all the same.
    given_lots = {each.lot for each in found.credits} | set(found.charged)
    did = {occasion(each) for each in actions if each.state == State.ACCEPTED}
    followed = {
        After.ORDER: {f"1/{each.id}" for each in history},
        After.ACTION: did,
    }
    for surprise in SORTS.surprises:
        for after, occasions in followed.items():
            for each in occasions:
                was_given = gift_lot(surprise.name, each) in given_lots
                told = found.missed.get(each, ())
                [*why] = [m.reason for m in told if m.surprise == surprise.name]
                assert was_given + len(why) == (after == surprise.after)
                assert all(why)
    assert set(found.missed) <= followed[After.ORDER] | did
    for name, outcome in found.outcomes.items():
        assert found.missed.get("/".join(name), ()) == outcome.missed

"""Rewards that are won: as many as cards, challenges and surprises bring, no more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.challenges import Challenge, OrdersStep
from app.domain.earning.budget import Budget
from app.domain.engagement.engaged import Acts, Engagement, engagement
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.languages.translator import Translator
from app.domain.prizes import Won, left, next_of, taken, waiting
from app.domain.program import Program
from app.domain.redemptions import Redemption, State
from app.domain.rewards import FreeProduct, NotOffered
from app.domain.valuation import Valuation
from app.domain.words import program_in_words
from tests.app.domain.engaged import BEGIN, Ordered, histories, under

FREE = FreeProduct(points_cost=400, product_id="21", key="coffee", title="A coffee")
CARD = StampCard(name="tenth", title="Coffee card", stamps=4, reward="coffee")
CHALLENGE = Challenge(name="three", steps=(OrdersStep(orders=3),), reward="coffee")
SURPRISE = Surprise(name="thanks", seed="s", reward="coffee", times_per_member_max=2)
BY_CARD = "stamps/tenth-4", "coffee"


def _program(card: StampCard = CARD, **more) -> Program:
    return Program(rewards=(FREE,), stamp_cards=(card,), **more)


def _engaged(program: Program, *ordered: Ordered) -> Engagement:
    told = [each.assessed(program) for each in ordered]
    now = BEGIN + timedelta(days=90)
    return engagement(told, Acts(), under((BEGIN, program)), now)


def _won(program: Program, *ordered: Ordered) -> dict[str, int]:
    return {
        each.source: each.times for each in _engaged(program, *ordered).progress.won
    }


def test_full_cards_bring_a_reward_and_no_points():
    found = _engaged(_program(), Ordered(1, 0, 3), Ordered(2, 1, 6))

    assert (Won("stamps/tenth-4", "Coffee card", "coffee", 1, times=2),) == (
        found.progress.won
    )
    assert ((), ["stamps/tenth-4/1/2"]) == (
        found.credits,
        [p.lot for p in found.prizes],
    )


def test_a_refund_takes_the_card_that_is_not_full_any_more():
    assert {} == _won(_program(), Ordered(1, 0, 5, ((3, 2),)))
    assert {"stamps/tenth-4": 1} == _won(_program(), Ordered(1, 0, 9, ((3, 2),)))


def test_a_challenge_brings_its_reward_once_and_a_refund_takes_it_back():
    program = Program(rewards=(FREE,), challenges=(CHALLENGE,))
    three = [Ordered(1, 0, 1), Ordered(2, 1, 1), Ordered(3, 2, 1)]

    assert {"challenge/three": 1} == _won(program, *three, Ordered(4, 3, 1))
    assert {} == _won(program, *three[:2], Ordered(3, 2, 1, ((5, 1),)))
    again = _won(program, *three[:2], Ordered(3, 2, 1, ((5, 1),)), Ordered(4, 9, 1))
    assert {"challenge/three": 1} == again


def test_a_surprise_goes_back_with_its_order_and_stays_counted_in_its_budget():
    program = Program(rewards=(FREE,), surprises=(SURPRISE,))
    gone = Ordered(1, 0, 2, ((1, 2),))
    found = _engaged(program, gone, Ordered(2, 2, 1), Ordered(3, 3, 1))

    assert [1] == [each.times for each in found.progress.won]
    assert {"gift/thanks/1/1": 400, "gift/thanks/1/2": 400} == found.charged


@given(histories(), st.integers(1, 6), st.randoms(use_true_random=False))
def test_cards_bring_one_for_each_that_is_full_whatever_comes_first(
    history, size, random
):
    program = _program(replace(CARD, stamps=size))
    found = _engaged(program, *history).progress.won
    random.shuffle(history)

    full = sum(each.kept for each in history) // size
    assert [full] * bool(full) == [each.times for each in found]
    assert found == _engaged(program, *history).progress.won


@settings(max_examples=50)
@given(histories(), st.lists(st.integers(0, 6), max_size=12), st.data())
def test_nobody_takes_more_than_was_won_in_any_order_of_facts(history, tries, data):
    """Wishes come between facts, which come in any order: each is decided once."""
    heard: list[Ordered] = []
    used: Counter[tuple[str, str]] = Counter()
    for place, fact in enumerate(data.draw(st.permutations(history))):
        heard.append(fact)
        won = _engaged(_program(), *heard).progress.won
        for _ in range(tries.count(place)):
            before = used.total()
            has_any = before < sum(each.times for each in won)
            assert has_any == isinstance(next_of(BY_CARD, won, used), Won)
            used[BY_CARD] += has_any

    won = _engaged(_program(), *history).progress.won
    given_in_all = sum(each.times for each in won)
    stays = sum(each.times for each in left(won, used))
    assert max(0, given_in_all - used.total()) == stays


_WON = st.lists(
    st.builds(
        Won,
        st.sampled_from(["stamps/a", "stamps/b"]),
        st.just("A card"),
        st.sampled_from(["coffee", "cake"]),
        st.integers(1, 3),
        st.integers(1, 3),
    ),
    unique_by=lambda won: (won.name, won.version),
).map(lambda each: sorted(each, key=lambda won: won.version))
_USED = st.dictionaries(
    st.tuples(st.sampled_from(["stamps/a", "stamps/b"]), st.just("coffee")),
    st.integers(0, 6),
)


@given(_WON, _USED)
def test_what_is_left_is_never_negative_and_adds_up(won, used):
    found = left(won, used)

    assert all(each.times > 0 for each in found)
    for source in ("stamps/a", "stamps/b"):
        had = sum(each.times for each in won if each.source == source)
        took = sum(n for (name, _), n in used.items() if name == source)
        stays = sum(each.times for each in found if each.source == source)
        assert max(0, had - took) == stays
    shown = [(each.name, each.times) for each in waiting(found)]
    assert len(shown) == len({name for name, _ in shown})
    assert sum(times for _, times in shown) == sum(each.times for each in found)


@pytest.mark.parametrize(
    ("state", "gives_back", "uses"),
    [
        (State.REFUSED, False, 0),
        (State.ASKED, False, 1),
        (State.GRANTED, False, 1),
        (State.USED, False, 1),
        (State.ENDING, True, 1),
        (State.ENDED, True, 0),
        (State.ENDED, False, 1),
    ],
)
def test_what_ends_unused_can_be_taken_again_unless_the_owner_keeps_it(
    state, gives_back, uses
):
    wish = Redemption("r1", 1, "7001", FREE, 0, state, BEGIN, prize=BY_CARD[0])
    bought = replace(wish, prize=None)

    assert uses == taken([replace(wish, gives_back=gives_back), bought])[BY_CARD]


def test_what_was_taken_and_went_back_uses_up_what_is_won_next():
    by_first, by_next = Won("a", "A", "coffee", 1), Won("a", "A", "cake", 2)
    used = {("a", "coffee"): 1}

    assert [by_next] == left([by_first, by_next], used)
    assert [] == left([by_next], used)


@pytest.mark.parametrize(
    ("source", "used", "reason"),
    [
        ("stamps/tenth-4", 0, "this card is not full yet"),
        ("challenge/three", 0, "this challenge is not done yet"),
        ("gift/thanks", 0, "you have not won it"),
        ("stamps/tenth-4", 1, "you took it already"),
    ],
)
def test_why_there_is_nothing_is_told(source, used, reason):
    name = source, "coffee"

    found = next_of(name, [], {name: used})
    assert isinstance(found, NotOffered)
    assert reason == str(found.reason)


def test_the_programme_says_in_words_what_is_free():
    budget = Budget(cost=Decimal(100))
    told = program_in_words(
        _program(
            challenges=(CHALLENGE,),
            surprises=(replace(SURPRISE, budget=budget),),
            valuation=Valuation(per_100_points=Decimal(1)),
        ),
        Translator("EUR"),
    )

    assert told[2:5] == [
        "The reward “A coffee”, free, for every 4 items (“Coffee card”).",
        "The reward “A coffee”, free, for “Three”: Place 3 orders.",
        "Always the reward “A coffee”, free, after an order (“Thanks”), at most 2 "
        "times a member, while they last.",
    ]

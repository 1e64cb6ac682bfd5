"""Actions in the score of a tier: those that earned points, within its window."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.actions import (
    Action,
    Anniversary,
    Birthday,
    Joining,
    Review,
    State,
)
from app.domain.beside import Beside
from app.domain.climbing import BEGINNING, Era, climbed
from app.domain.credits import assess_all
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.engaged import Acts, judged
from app.domain.engagement.scored import scored
from app.domain.program import Program
from app.domain.tiers import Engagement, Tally, Tier, Tiers, Window
from tests.app.domain.engaged import BEGIN, Ordered, under

FRIEND = Tier(name="Friend", needs=(Engagement(score=20, per_action=Decimal(10)),))
PROGRAM = Program(
    actions=(Review(points=7, times_per_day_max=2), Joining()),
    tiers=Tiers(ladder=(FRIEND,), window=Window.ROLLING, months=1),
)
NOW = BEGIN + timedelta(days=20)


def _review(key: str, days: float, state: State = State.ACCEPTED) -> Action:
    return Action("review", key, BEGIN + timedelta(days=days), state)


def _standing(*did: Action, now=NOW, ordered=()):
    deeds = scored(Acts(did), under((BEGIN, PROGRAM)), now)
    assessed = [each.assessed(PROGRAM) for each in ordered]
    eras = [Era(BEGINNING, PROGRAM)]
    return climbed(assessed, Beside(deeds=deeds), eras, now, "EUR", "UTC")


def test_actions_count_for_a_score_within_its_window():
    both = _review("a", 1), _review("b", 10)

    assert _standing(*both).standing.tier == "Friend"
    assert _standing(*both).standing.until == BEGIN + timedelta(days=31)
    assert _standing(*both, now=BEGIN + timedelta(days=32)).standing.tier is None


def test_what_was_refused_or_waits_or_is_over_its_limit_does_not_count():
    waiting, refused = (
        _review("b", 2, state) for state in (State.WAITING, State.REFUSED)
    )
    same_day = [_review(key, 1) for key in "abcd"]
    unknown = Action("survey", "s", BEGIN)

    assert _standing(_review("a", 1), waiting, refused, unknown).standing.tally == (
        Tally(actions=1)
    )
    assert _standing(*same_day).standing.tally == Tally(actions=2)


def test_days_that_come_by_themselves_earn_and_do_not_count():
    long_ago = BEGIN - timedelta(days=400)
    kinds = Program(actions=(Joining(), Birthday(), Anniversary()))
    acts = Acts(
        (Action("joining", "j", long_ago),), (BirthdayGiven("k", 11, 15, long_ago),)
    )
    versions = under((long_ago, kinds))

    earned = {each.action.action for each in judged(acts, versions, NOW) if each.points}
    assert earned == {"joining", "birthday", "anniversary"}
    assert [deed.name for deed in scored(acts, versions, NOW)] == ["action/joining/j"]


def test_orders_and_actions_add_up_and_a_return_takes_its_part():
    kept = Ordered(1, 2, 1)
    back = Ordered(1, 2, 1, back=((5, 1),))

    assert _standing(_review("a", 1), ordered=[kept]).standing.tier == "Friend"
    assert _standing(_review("a", 1), ordered=[back]).standing.tier is None


def test_an_order_is_in_the_tier_that_actions_before_it_reached():
    twice = Tier(name="Friend", needs=FRIEND.needs, earn_times=Decimal(2))
    program = Program(actions=PROGRAM.actions, tiers=Tiers(ladder=(twice,)))
    did = Acts((_review("a", 1), _review("b", 3)))
    beside = Beside(deeds=scored(did, under((BEGIN, program)), NOW))
    orders = [Ordered(n, day, 1).assessed(program).order for n, day in ((1, 2), (2, 4))]

    assert [each.points for each in assess_all(orders, beside)] == [10, 20]


@given(
    st.lists(
        st.builds(
            _review,
            st.sampled_from("abcdefgh"),
            st.integers(0, 40),
            st.sampled_from(State),
        ),
        max_size=8,
        unique_by=lambda each: each.key,
    ),
    st.randoms(use_true_random=False),
)
def test_arrival_does_not_matter(did, chance):
    shuffled = chance.sample(did, len(did))

    assert _standing(*did) == _standing(*shuffled)

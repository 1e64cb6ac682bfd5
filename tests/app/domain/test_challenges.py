"""Challenges: steps, windows, one reward, and what a refund undoes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.actions import Action, Review, State
from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.engagement.engaged import Acts, engagement
from app.domain.program import Program
from tests.app.domain.engaged import BEGIN, Ordered, histories, net, under
from tests.builders.sometimes import sometimes

NOW = BEGIN + timedelta(days=60)
CHANCES = st.randoms(use_true_random=False)
STEPS = (
    OrdersStep(orders=2),
    SpendStep(amount=Decimal(60)),
    ActStep(action="review"),
)
REVIEW = Action("review", "1", BEGIN + timedelta(days=1, hours=1))


def _program(*steps, **more):
    winter = Challenge(name="winter", steps=steps or STEPS, points=300, **more)
    return Program(challenges=(winter,))


def _done(*ordered, actions=(REVIEW,), program=None, versions=None):
    program = program or _program()
    assessed = [each.assessed(program) for each in ordered]
    versions = versions or under((BEGIN - timedelta(days=9), program))
    return engagement(assessed, Acts(tuple(actions)), versions, NOW)


def test_all_steps_together_are_rewarded_once():
    found = _done(Ordered(1, 0, 3), Ordered(2, 1, 3), Ordered(3, 5, 3))

    [credit] = found.credits
    assert (300, "challenge/winter/review/1") == (credit.points, credit.lot)
    [reached] = found.progress.challenges
    assert ((2, 6000, 1), True) == (reached.steps, reached.is_rewarded)


def test_progress_is_shown_before_anything_is_done():
    [reached] = _done(Ordered(1, 0, 3), actions=()).progress.challenges

    assert ((1, 3000, 0), False) == (reached.steps, reached.is_rewarded)


def test_a_refund_rolls_progress_back_and_takes_the_reward():
    found = _done(Ordered(1, 0, 3), Ordered(2, 1, 3, ((4, 1),)))

    [credit] = found.credits
    assert [300] == [back.points for back in credit.reversals]
    [reached] = found.progress.challenges
    assert ((2, 5000, 1), False) == (reached.steps, reached.is_rewarded)


def test_what_was_undone_can_be_done_again():
    orders = Ordered(1, 0, 3), Ordered(2, 1, 3, ((4, 1),)), Ordered(3, 9, 1)
    found = _done(*orders)

    assert (2, 300) == (len(found.credits), net(found.credits))


def test_only_what_is_within_the_window_counts_by_the_stores_clock():
    program = _program(
        OrdersStep(orders=1),
        starts_at=datetime(2026, 11, 2),  # noqa: DTZ001
        ends_at=datetime(2026, 11, 4),  # noqa: DTZ001
    )
    early, late = Ordered(1, 0, 1), Ordered(2, 3, 1)

    assert not _done(early, late, program=program).credits
    assert _done(Ordered(3, 1, 1), program=program).credits


def test_an_action_that_waits_or_was_refused_is_no_step():
    orders = Ordered(1, 0, 3), Ordered(2, 1, 3)
    for state in (State.WAITING, State.REFUSED):
        action = Action("review", "1", REVIEW.at, state)
        assert not _done(*orders, actions=(action,)).credits


def test_an_action_counts_also_where_it_earned_nothing_by_itself():
    rules = (Review(points=5, times_per_member_max=1),)
    program = Program(
        actions=rules,
        challenges=(Challenge(name="two", steps=(ActStep(times=2),), points=9),),
    )
    actions = REVIEW, Action("review", "2", REVIEW.at + timedelta(days=1))

    assert 5 + 9 == net(_done(actions=actions, program=program).credits)


def test_a_challenge_that_gets_harder_leaves_those_who_have_done_it():
    easy = Program(version=1, challenges=_program(OrdersStep(orders=1)).challenges)
    hard = Program(version=2, challenges=_program(OrdersStep(orders=9)).challenges)
    versions = under((BEGIN, easy), (BEGIN + timedelta(days=5), hard))
    assessed = [Ordered(1, 0, 1).assessed(easy), Ordered(2, 6, 1).assessed(hard)]
    found = engagement(assessed, Acts(), versions, NOW)

    assert 300 == net(found.credits)


def test_a_challenge_that_was_removed_ends_there_and_what_was_won_stays():
    begun = Program(version=1, challenges=_program(OrdersStep(orders=2)).challenges)
    ended = Program(version=2)
    versions = under((BEGIN, begun), (BEGIN + timedelta(days=5), ended))

    def found(first: Ordered, second: Ordered, third: Ordered):
        assessed = [
            each.assessed(begun if each.day < 5 else ended)
            for each in (first, second, third)
        ]
        return net(engagement(assessed, Acts(), versions, NOW).credits)

    late = Ordered(3, 7, 1)
    assert 0 == found(Ordered(1, 0, 1), Ordered(2, 6, 1), late)
    assert 300 == found(Ordered(1, 0, 1), Ordered(2, 4, 1), late)
    # It can be lost by a refund, and by then nobody wins it again.
    assert 0 == found(Ordered(1, 0, 1), Ordered(2, 4, 1, ((6, 1),)), late)


def test_news_of_an_old_order_bring_no_old_terms_back():
    hard = Program(version=1, challenges=_program(OrdersStep(orders=3)).challenges)
    easy = Program(version=2, challenges=_program(OrdersStep(orders=2)).challenges)
    versions = under((BEGIN, hard), (BEGIN + timedelta(days=5), easy))
    assessed = [
        Ordered(1, 0, 2, ((6, 1),)).assessed(hard),
        Ordered(2, 1, 1).assessed(hard),
    ]

    assert 300 == net(engagement(assessed, Acts(), versions, NOW).credits)


def test_a_challenge_is_rewarded_once_while_all_steps_are_done():
    with sometimes("done", "undone", "done again", least=5) as seen:

        @given(_attempts(), st.sampled_from([True, True, True, False]), CHANCES)
        def must_hold(history, is_reviewed, random):
            actions = (REVIEW,) if is_reviewed else ()
            found = _done(*history, actions=actions)
            random.shuffle(history)
            again = _done(*history, actions=actions)
            standing = [credit for credit in found.credits if not credit.reversals]
            seen["done"] += bool(found.credits)
            seen["undone"] += len(found.credits) > len(standing)
            seen["done again"] += len(found.credits) > 1

            orders = sum(each.kept > 0 for each in history)
            spent = sum(each.kept for each in history) * 1000
            is_done = orders >= 2 and spent >= 6000 and is_reviewed
            assert 300 * is_done == net(found.credits)
            assert set(found.credits) == set(again.credits)
            assert found.progress == again.progress
            assert len(standing) == is_done

        must_hold()


@st.composite
def _attempts(draw: st.DrawFn) -> list[Ordered]:
    """A history, with some orders after all that was given back, as if to try again."""
    history = draw(histories())
    later = [
        Ordered(6000 + number, 45 + number, draw(st.integers(1, 5)))
        for number in range(draw(st.integers(0, 3)))
    ]
    return [*history, *later]


def test_days_of_a_store_far_away_are_told_by_its_own_clock():
    program = Program(
        actions=(Review(points=5, times_per_day_max=1),),
    )
    # Half an hour apart, and in Auckland on two days.
    actions = [
        Action("review", str(at), at, timezone="Pacific/Auckland")
        for at in (
            datetime(2026, 11, 1, 10, 45, tzinfo=UTC),
            datetime(2026, 11, 1, 11, 15, tzinfo=UTC),
        )
    ]

    assert 10 == net(_done(actions=actions, program=program).credits)

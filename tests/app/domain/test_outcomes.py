"""What became of each action is kept: its points, or why it has none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from app.domain.actions import Action, Joining, Newsletter, Review, State
from app.domain.actions.joining import Counts
from app.domain.engagement.action_points import judge
from app.domain.engagement.engaged import Acts, judged
from app.domain.engagement.outcomes import Outcome, outcomes_of, unearned_of
from app.domain.program import ActionLimits, Program
from tests.app.domain.engaged import BEGIN, under
from tests.app.domain.test_action_points import PROGRAM, several

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def _review(key: str, hours: float, state: State = State.ACCEPTED) -> Action:
    return Action("review", key, BEGIN + timedelta(hours=hours), state)


@given(several)
def test_each_action_has_points_or_a_reason_and_never_both(actions: list[Action]):
    found = outcomes_of(judge(actions, under((BEGIN, PROGRAM))))

    assert {(each.action, each.key) for each in actions} == set(found)
    for each in found.values():
        assert (each.points > 0) != bool(each.unearned_because)


@pytest.mark.parametrize(
    ("program", "code", "german"),
    [
        (
            Program(actions=(Review(times_per_day_max=1),)),
            "so_often_a_day",
            "Punkte gibt es dafür höchstens einmal am Tag",
        ),
        (
            Program(actions=(Review(times_per_member_max=1, times_per_day_max=1),)),
            "so_often_in_all",
            "Punkte gibt es dafür insgesamt höchstens einmal",
        ),
        (
            Program(
                actions=(Review(points=9),),
                action_limits=ActionLimits(points_per_day_max=9),
            ),
            "actions_of_a_day",
            "an einem Tag gibt es dafür höchstens 9 Punkte",
        ),
        (
            Program(
                actions=(Review(points=9),),
                action_limits=ActionLimits(
                    points_per_day_max=9, points_per_member_max=9
                ),
            ),
            "actions_in_all",
            "insgesamt gibt es dafür höchstens 9 Punkte",
        ),
    ],
)
def test_which_limit_was_reached_is_told_the_one_that_lasts_longest_first(
    program: Program, code: str, german: str
):
    told = judge([_review("a", 1), _review("b", 2)], under((BEGIN, program)))
    reason = outcomes_of(told)["review", "b"].unearned_because

    assert (code, german) == (reason.code, str(reason.told_in("de")))


def test_of_a_customer_who_joined_one_outcome_is_kept():
    joined = Action("joining", "a-b", BEGIN, opened_at=BEGIN + timedelta(days=1))
    found = {}
    for counts in Counts:
        versions = under((BEGIN, Program(actions=(Joining(points=5, counts=counts),))))
        found[counts] = outcomes_of(judged(Acts((joined,)), versions, NOW))
    none = judged(Acts((joined,)), under((BEGIN, Program(actions=(Review(),)))), NOW)

    assert all(told == {("joining", "a-b"): Outcome(5)} for told in found.values())
    [nothing] = outcomes_of(none).values()
    assert "action_not_offered" == nothing.unearned_because.code


def test_only_the_last_report_of_an_action_is_told_and_not_while_it_waits():
    rules = Review(needs_approval=True, times_per_day_max=2), Newsletter(), Joining()
    versions = under((BEGIN, Program(actions=rules)))
    refused, waiting = _review("a", 1, State.REFUSED), _review("b", 2, State.WAITING)
    later = _review("c", 3)
    joined = Action("joining", "a", BEGIN)

    def told(*actions: Action) -> dict[str, str]:
        found = unearned_of(judged(Acts(actions), versions, NOW))
        return {each.action: each.reason.code for each in found}

    assert {"review": "action_refused"} == told(refused, joined)
    assert {} == told(refused, waiting)
    assert {} == told(waiting, later, refused)
    news = [Action("newsletter", key, BEGIN + timedelta(hours=1)) for key in "ab"]
    assert {"newsletter": "so_often_in_all"} == told(*news)

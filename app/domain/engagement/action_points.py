"""From what a member did to points: limits, in the order in which it happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.actions import Action, ActionRule, State
from app.domain.dates import local
from app.domain.earning import NoAward
from app.domain.engagement.versions import Versions
from app.domain.expiry import expires_at, patience
from app.domain.languages.translator import Translator
from app.domain.ledger import Credit
from app.domain.program import ActionLimits, Program


@dataclass(frozen=True)
class Judged:
    """An action, and what it earned, or why it earned nothing.

    `takes_place` says whether it counts towards limits: what waits for approval does,
    so that what came after it never loses its points once it is approved.
    """

    action: Action
    program: Program
    points: int
    reason: str
    takes_place: bool = False

    def credit(self) -> Credit | None:
        """Return the credit of the action, None where there is none."""
        if not self.points:
            return None
        lot = self.action.lot
        return Credit(
            lot=lot,
            cause=lot,
            at=self.action.at,
            points=self.points,
            expires_at=expires_at(self.action.at, self.program),
            patience=patience(self.action.at, self.program),
            reason=self.reason,
        )


def judge(actions: Iterable[Action], versions: Versions) -> list[Judged]:
    """Return what each action of a member earns, where they are all that there are."""
    used = _Used()
    in_order = sorted(actions, key=lambda each: (each.at, each.lot))
    return [used.judge(each, versions) for each in in_order]


class _Used:
    """How much of the limits a member has taken up."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, object]] = Counter()
        self._points: Counter[object] = Counter()

    def judge(self, action: Action, versions: Versions) -> Judged:
        """Say what an action earns, and take the place that it takes."""
        program = versions.of(action.lot, versions.at(action.at))
        rule = program.action(action.action)
        if rule is None:
            reason = "the programme of that day gives nothing for it"
            return Judged(action, program, 0, reason)
        answer = self._points_or_reason(action, rule, program.action_limits)
        if isinstance(answer, NoAward):
            return Judged(action, program, 0, answer.reason)
        self._take(action, answer)
        if action.state == State.WAITING:
            reason = "it waits for the owner's approval"
            return Judged(action, program, 0, reason, takes_place=True)
        reason = rule.gift_in_words(Translator())
        if answer < rule.points:
            reason += f", limited to {answer} by the limits of all actions"
        return Judged(action, program, answer, reason, takes_place=True)

    def _points_or_reason(
        self, action: Action, rule: ActionRule, limits: ActionLimits
    ) -> int | NoAward:
        if action.state == State.REFUSED:
            return NoAward("the owner refused it")
        reason = rule.refuses(action) or self._over(action, rule)
        if reason:
            return NoAward(reason)
        day = local(action.at, action.timezone).date()
        rooms = [rule.points]
        if limits.points_per_day_max is not None:
            rooms.append(limits.points_per_day_max - self._points[day])
        if limits.points_per_member_max is not None:
            rooms.append(limits.points_per_member_max - self._points[None])
        points = min(rooms)
        return (
            points if points > 0 else NoAward("the limits of all actions are reached")
        )

    def _over(self, action: Action, rule: ActionRule) -> str | None:
        day = local(action.at, action.timezone).date()
        for most, period, words in (
            (rule.most.a_day, day, "a day"),
            (rule.most.a_year, day.year, "a year"),
            (rule.most.ever, None, "in all"),
        ):
            if most is not None and self._times[action.action, period] >= most:
                times = "once" if most == 1 else f"{most:,} times"
                return f"it earns at most {times} {words}"
        return None

    def _take(self, action: Action, points: int) -> None:
        day = local(action.at, action.timezone).date()
        for period in (day, day.year, None):
            self._times[action.action, period] += 1
        for period in (day, None):
            self._points[period] += points

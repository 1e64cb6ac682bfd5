"""From what a member did to points: limits, in the order in which it happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.domain.actions import Action, ActionRule, State
from app.domain.dates import local
from app.domain.engagement.versions import Versions
from app.domain.expiry import expires_at, patience
from app.domain.languages.translator import Translator
from app.domain.ledger import Credit
from app.domain.program import ActionLimits, Program
from app.domain.reasons import NO_REASON, Reason, because


@dataclass(frozen=True)
class Judged:
    """An action, and what it earned and for what, or why it earned nothing.

    `takes_place` says whether it counts towards limits: what waits for approval does,
    so that what came after it never loses its points once it is approved.
    """

    action: Action
    program: Program
    points: int = 0
    reason: str = ""
    unearned_because: Reason = NO_REASON
    takes_place: bool = False

    def credit(self) -> Credit | None:
        """Return the credit of the action, None where there is none."""
        if not self.points:
            return None
        lot, timezone = self.action.lot, self.action.timezone
        return Credit(
            lot=lot,
            cause=lot,
            at=self.action.at,
            points=self.points,
            expires_at=expires_at(self.action.at, self.program, timezone),
            patience=patience(self.action.at, self.program, timezone),
            reason=self.reason,
        )


def judge(actions: Iterable[Action], versions: Versions) -> list[Judged]:
    """Return what each action of a member earns, where they are all that there are."""
    used = _Used()
    in_order = sorted(actions, key=lambda each: (each.at, each.lot))
    return [used.judge(each, versions) for each in in_order]


def _nothing(action: Action, program: Program, reason: Reason) -> Judged:
    return Judged(action, program, unearned_because=reason)


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
            return _nothing(action, program, because("action_not_offered"))
        answer = self._points_or_reason(action, rule, program.action_limits)
        if isinstance(answer, Reason):
            return _nothing(action, program, answer)
        self._take(action, answer)
        if action.state == State.WAITING:
            waits = because("action_waits")
            return replace(_nothing(action, program, waits), takes_place=True)
        reason = rule.gift_in_words(Translator())
        if answer < rule.points:
            reason += f", limited to {answer} by the limits of all actions"
        return Judged(action, program, answer, reason, takes_place=True)

    def _points_or_reason(
        self, action: Action, rule: ActionRule, limits: ActionLimits
    ) -> int | Reason:
        if action.state == State.REFUSED:
            return because("action_refused")
        reason = rule.refuses(action) or self._too_often(action, rule)
        if reason:
            return reason
        day = local(action.at, action.timezone).date()
        points = rule.points
        if (most := limits.points_per_member_max) is not None:
            points = min(points, most - self._points[None])
            if points <= 0:
                return because("actions_in_all", points=most)
        if (most := limits.points_per_day_max) is not None:
            points = min(points, most - self._points[day])
            if points <= 0:
                return because("actions_of_a_day", points=most)
        return points

    def _too_often(self, action: Action, rule: ActionRule) -> Reason | None:
        day, most = local(action.at, action.timezone).date(), rule.most
        if self._is_full(action, None, most.ever):
            return because("so_often_in_all", times=most.ever or 0)
        if self._is_full(action, day.year, most.a_year):
            return because("so_often_a_year", times=most.a_year or 0)
        if self._is_full(action, day, most.a_day):
            return because("so_often_a_day", times=most.a_day or 0)
        return None

    def _is_full(self, action: Action, period: object, most: int | None) -> bool:
        return most is not None and self._times[action.action, period] >= most

    def _take(self, action: Action, points: int) -> None:
        day = local(action.at, action.timezone).date()
        for period in (day, day.year, None):
            self._times[action.action, period] += 1
        for period in (day, None):
            self._points[period] += points

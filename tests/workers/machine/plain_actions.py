"""Points for actions and days, reckoned once more from docs/actions.md: plainly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from app.domain.actions import (
    Action,
    ActionRule,
    Anniversary,
    Birthday,
    Joining,
    Reported,
    State,
)
from app.domain.actions.joining import Counts
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.engaged import Acts
from app.domain.engagement.progress import Times
from app.domain.ledger import Credit
from app.domain.program import Program
from app.domain.tiers import Tally
from app.domain.tiers.deeds import Deed, Left
from tests.workers.machine.plain_deeds import InForce, a_credit

A_YEAR = timedelta(days=365)
NO_LIMIT = 10**9


@dataclass(frozen=True)
class Judged:
    """An action, and what it holds of the limits: what waits keeps its place."""

    action: Action
    holds: int = 0

    @property
    def points(self) -> int:
        """What it earned."""
        return self.holds if self.action.state is State.ACCEPTED else 0

    @property
    def day(self) -> date:
        """The day on which it was done."""
        return self.action.at.astimezone(UTC).date()


def judged(acts: Acts, in_force: InForce, now: datetime) -> list[Judged]:
    """What each action, and each day that came, earned, in the order of time."""
    known = {each.lot: each for each in days(acts, in_force(now), now)}
    known |= {each.lot: each for each in (*acts.actions, *opened(acts.actions))}
    found: list[Judged] = []
    for action in sorted(known.values(), key=lambda each: (each.at, each.lot)):
        found.append(_judge(action, found, in_force(action.at)))
    return found


def earned(told: Iterable[Judged], in_force: InForce) -> list[Credit]:
    """The credits of actions."""
    found = []
    for each in told:
        if each.points:
            at = each.action.at
            credit = a_credit(each.action.lot, at, each.points, at, in_force(at))
            found.append(credit)
    return found


def for_tiers(told: Iterable[Judged]) -> tuple[Deed, ...]:
    """What tiers count: each action that earned, but no day that came by itself."""
    return tuple(
        Deed(each.action.lot, "UTC", (Left(each.action.at, Tally(actions=1)),))
        for each in told
        if each.points and each.action.action not in (Anniversary.kind, Birthday.kind)
    )


def _judge(action: Action, before: list[Judged], program: Program) -> Judged:
    rules = [rule for rule in program.actions if rule.action == action.action]
    if not rules or action.state is State.REFUSED:
        return Judged(action)
    [rule], this = rules, Judged(action)
    if isinstance(rule, Joining):
        # Either the record of a customer counts, or the account.
        wanted = "account" if action.is_opening else "record"
        if rule.counts is not Counts(wanted):
            return this
    if isinstance(rule, Birthday) and action.given_at:
        known_since = action.at - timedelta(days=rule.days_known_before)
        if action.given_at > known_since:
            return this
    took = [each for each in before if each.holds]
    alike = [each for each in took if each.action.action == action.action]
    a_day, a_year, ever = _most(rule)
    if (
        sum(each.day == this.day for each in alike) >= a_day
        or sum(each.day.year == this.day.year for each in alike) >= a_year
        or len(alike) >= ever
    ):
        return this
    limits = program.action_limits
    today = sum(each.holds for each in took if each.day == this.day)
    in_all = sum(each.holds for each in took)
    points = min(
        rule.points,
        (limits.points_per_day_max or NO_LIMIT) - today,
        (limits.points_per_member_max or NO_LIMIT) - in_all,
    )
    return Judged(action, max(0, points))


def _most(rule: ActionRule) -> tuple[int, int, int]:
    """How often it may earn a day, a year and ever."""
    if isinstance(rule, Joining):
        return NO_LIMIT, NO_LIMIT, 1
    if isinstance(rule, Reported):
        a_day, ever = rule.times_per_day_max, rule.times_per_member_max
        return a_day or NO_LIMIT, NO_LIMIT, ever or NO_LIMIT
    return NO_LIMIT, 1, NO_LIMIT


def opened(actions: Iterable[Action]) -> Iterator[Action]:
    """The accounts that were opened, each as an action with its time in the key."""
    for each in actions:
        if each.opened_at:
            key = f"{each.key}-{int(each.opened_at.timestamp())}"
            yield replace(each, key=key, at=each.opened_at, is_opening=True)


def days(acts: Acts, program: Program, until: datetime) -> list[Action]:
    """The birthdays and anniversaries that came by then, of kinds that earn."""
    kinds = {rule.kind for rule in program.actions}
    came = [*_anniversaries(acts, until), *_birthdays(acts.birthdays, until)]
    return [each for each in came if each.action in kinds]


def next_day(acts: Acts, program: Program, now: datetime) -> datetime | None:
    """When the next day comes."""
    ahead = days(acts, program, now + 2 * A_YEAR)
    return min((each.at for each in ahead if each.at > now), default=None)


def _anniversaries(acts: Acts, until: datetime) -> Iterator[Action]:
    joined = [
        each
        for each in acts.actions
        if each.action == Joining.kind and each.state is State.ACCEPTED
    ]
    if joined:
        first = min(joined, key=lambda each: (each.at, each.key))
        for years in range(1, until.year - first.at.year + 1):
            at = _midnight(first.at.year + years, first.at.month, first.at.day)
            if at <= until:
                yield Action(Anniversary.kind, f"{first.key}-{years}", at)


def _birthdays(given: Iterable[BirthdayGiven], until: datetime) -> Iterator[Action]:
    stood = _stood(given)
    for number, each in enumerate(stood, start=1):
        after = stood[number] if number < len(stood) else None
        for year in range(each.at.year, until.year + 1):
            at = _midnight(year, each.month, each.day)
            if each.at <= at <= until and (after is None or at < after.at):
                key = f"{each.key}-{year}"
                yield Action(Birthday.kind, key, at, given_at=each.at)


def _midnight(year: int, month: int, day: int) -> datetime:
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return datetime(year, month, 28, tzinfo=UTC)


def times_of(told: Iterable[Judged]) -> tuple[Times, ...]:
    """How often each action took a place, as it is shown."""
    took = [each for each in told if each.holds]
    found = []
    for name in sorted({each.action.action for each in took}):
        theirs = [each for each in took if each.action.action == name]
        last = max(each.day for each in theirs)
        found.append(
            Times(
                name,
                ever=len(theirs),
                waiting=sum(each.points == 0 for each in theirs),
                last_on=last,
                on_day=sum(each.day == last for each in theirs),
                in_year=sum(each.day.year == last.year for each in theirs),
            )
        )
    return tuple(found)


def unearned(told: Iterable[Judged], in_force: InForce) -> set[str]:
    """The reported actions of which the last brought nothing, and does not wait."""
    last = {each.action.action: each for each in told}
    return {
        name
        for name, each in last.items()
        if not each.points
        and each.action.state is not State.WAITING
        and any(
            isinstance(rule, Reported) and rule.action == name
            for rule in in_force(each.action.at).actions
        )
    }


def birthday_from(given: Iterable[BirthdayGiven]) -> datetime | None:
    """When a birthday can be given again."""
    stood = _stood(given)
    return stood[-1].at + A_YEAR if stood else None


def _stood(given: Iterable[BirthdayGiven]) -> list[BirthdayGiven]:
    stood: list[BirthdayGiven] = []
    for each in sorted(given, key=lambda each: (each.at, each.key)):
        is_early = stood and each.at < stood[-1].at + A_YEAR
        is_same = stood and stood[-1].month == each.month and stood[-1].day == each.day
        if not is_early and not is_same:
            stood.append(each)
    return stood

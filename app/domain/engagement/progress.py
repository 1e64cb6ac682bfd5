"""How far a member is by ways to earn other than orders, and what is shown of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.domain.actions import ActionRule, Birthday, Reported
from app.domain.challenges import Challenge
from app.domain.dates import local
from app.domain.engagement.action_points import Judged
from app.domain.engagement.outcomes import Unearned
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.stamps import Stamps
from app.domain.languages.translator import Translator, upper
from app.domain.prizes import Won, reward_name
from app.domain.program import Program
from app.domain.reasons import NO_REASON, Reason


@dataclass(frozen=True)
class Times:
    """How often an action took up its limits: ever, and on the last day of it.

    `waiting` of them wait for the owner's approval.
    """

    action: str
    ever: int
    waiting: int
    last_on: date
    on_day: int
    in_year: int


@dataclass(frozen=True)
class Reached:
    """How far each step of a challenge is, and whether it is rewarded."""

    name: str
    steps: tuple[int, ...]
    is_rewarded: bool


@dataclass(frozen=True)
class Progress:
    """What is kept of a member's progress, so that it can be shown at once.

    `birthday_from` is when a birthday can be given again, None where none was given;
    `won` what cards, challenges and surprises brought to be taken for nothing, used or
    not. `unearned` says why the last report of an action brought nothing.
    """

    actions: tuple[Times, ...] = ()
    stamps: tuple[Stamps, ...] = ()
    challenges: tuple[Reached, ...] = ()
    birthday_from: datetime | None = None
    won: tuple[Won, ...] = ()
    unearned: tuple[Unearned, ...] = ()


def times_of(judged: Iterable[Judged]) -> tuple[Times, ...]:
    """Return how often each action took up its limits."""
    taken: dict[str, list[tuple[date, bool]]] = {}
    for each in judged:
        if each.takes_place:
            day = local(each.action.at, each.action.timezone).date()
            taken.setdefault(each.action.action, []).append((day, not each.points))
    found = []
    for action, days in sorted(taken.items()):
        last = max(day for day, _ in days)
        by_day = Counter(day for day, _ in days)
        in_year = sum(day.year == last.year for day, _ in days)
        waiting = sum(waits for _, waits in days)
        found.append(Times(action, len(days), waiting, last, by_day[last], in_year))
    return tuple(found)


@dataclass(frozen=True)
class ActionShown:
    """An action that earns, and whether this member can still earn by it.

    `reason` says why the last report of it brought nothing, where it did not.
    """

    action: str
    name: str
    points: int
    times: int
    waiting: int
    can_earn: bool
    can_report: bool
    reason: Reason = NO_REASON

    def told(self, say: Translator) -> ActionShown:
        """Return the same in a language."""
        return replace(self, reason=self.reason.told_in(say.language))


@dataclass(frozen=True)
class CardShown:
    """A stamp card: the stamps on the one in hand, and how many are full.

    A full one brings points, or the reward of that name.
    """

    name: str
    stamps: int
    size: int
    full: int
    points: int
    reward: str | None


@dataclass(frozen=True)
class StepShown:
    """A step of a challenge; money in minor units."""

    text: str
    so_far: str
    done: int
    target: int


@dataclass(frozen=True)
class ChallengeShown:
    """A challenge that is open now."""

    name: str
    points: int
    steps: tuple[StepShown, ...]
    ends_at: datetime | None
    is_rewarded: bool
    reward: str | None


@dataclass(frozen=True)
class Ways:
    """The ways to earn other than orders, as one member sees them at a moment."""

    actions: tuple[ActionShown, ...] = ()
    stamp_cards: tuple[CardShown, ...] = ()
    challenges: tuple[ChallengeShown, ...] = ()


def ways_of(
    program: Program,
    progress: Progress,
    now: datetime,
    timezone: str,
    say: Translator,
    tier: str | None = None,
) -> Ways:
    """Return what a programme offers, with how far a member is who is in a tier."""
    if not program.has_engagement:
        return Ways()
    on_the_wall = local(now, timezone)
    open_now = (
        each for each in program.titled_challenges if each.is_open_at(on_the_wall)
    )
    return Ways(
        (
            *(
                _action(rule, progress, now, timezone, say.language)
                for rule in program.actions
            ),
            *_birthday_in_a_tier(program, progress, now, tier, say.language),
        ),
        tuple(
            _card(card, progress, reward_name(program, card, say))
            for card in program.stamp_cards
        ),
        tuple(
            _challenge(each, progress, timezone, say, reward_name(program, each, say))
            for each in open_now
        ),
    )


def _action(
    rule: ActionRule, progress: Progress, now: datetime, timezone: str, language: str
) -> ActionShown:
    known = (each for each in progress.actions if each.action == rule.action)
    times = next(known, None)
    unearned = (each for each in progress.unearned if each.action == rule.action)
    last = next(unearned, None)
    can_earn = times is None or _has_room(rule, times, local(now, timezone).date())
    can_report = isinstance(rule, Reported) and rule.shoppers_report and can_earn
    if isinstance(rule, Birthday):
        can_report = _may_tell_birthday(progress, now)
    return ActionShown(
        rule.action,
        rule.name(language),
        rule.points,
        times.ever - times.waiting if times else 0,
        times.waiting if times else 0,
        can_earn,
        can_report,
        last.reason if last else NO_REASON,
    )


def _birthday_in_a_tier(
    program: Program, progress: Progress, now: datetime, tier: str | None, language: str
) -> Iterator[ActionShown]:
    """Yield the birthday where no action earns by it, but the tier gives points."""
    tiers, rule = program.tiers, program.birthday
    found = tiers.tier(tiers.level_of(tier))
    if rule is None or rule in program.actions or found is None:
        return
    if points := found.birthday_points:
        may_tell = _may_tell_birthday(progress, now)
        name = rule.name(language)
        yield ActionShown(rule.action, name, points, 0, 0, True, may_tell)


def _may_tell_birthday(progress: Progress, now: datetime) -> bool:
    return progress.birthday_from is None or now >= progress.birthday_from


def _has_room(rule: ActionRule, times: Times, today: date) -> bool:
    most = rule.most
    return all(
        limit is None or taken < limit
        for limit, taken in (
            (most.a_day, times.on_day if times.last_on == today else 0),
            (most.a_year, times.in_year if times.last_on.year == today.year else 0),
            (most.ever, times.ever),
        )
    )


def _card(card: StampCard, progress: Progress, reward: str | None) -> CardShown:
    known = (each for each in progress.stamps if each.card_id == card.id)
    stamps = next(known, Stamps(card.id, 0, 0))
    return CardShown(
        card.shown_name(),
        stamps.total % card.stamps,
        card.stamps,
        stamps.full,
        0 if reward else card.points,
        reward,
    )


def _challenge(
    challenge: Challenge,
    progress: Progress,
    timezone: str,
    say: Translator,
    reward: str | None,
) -> ChallengeShown:
    known = (each for each in progress.challenges if each.name == challenge.name)
    none = (0,) * len(challenge.steps)
    reached = next(known, Reached(challenge.name, none, False))
    done = reached.steps if len(reached.steps) == len(none) else none
    ends_at = challenge.ends_at
    return ChallengeShown(
        challenge.shown_name(),
        0 if reward else challenge.points,
        tuple(
            StepShown(
                upper(step.in_words(say)),
                step.so_far(reached_to, say),
                reached_to,
                step.target(say.currency),
            )
            for step, reached_to in zip(challenge.steps, done, strict=True)
        ),
        ends_at and ends_at.replace(tzinfo=ZoneInfo(timezone)),
        reached.is_rewarded,
        reward,
    )

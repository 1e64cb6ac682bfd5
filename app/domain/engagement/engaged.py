"""All that a member earns other than by the amount of orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.actions import Action, State
from app.domain.actions.joining import openings
from app.domain.credits import Assessment
from app.domain.engagement.action_points import Judged, judge
from app.domain.engagement.challenge_progress import challenged, progress_of
from app.domain.engagement.days import (
    CHANGED_AFTER,
    BirthdayGiven,
    anniversaries,
    believed,
    birthdays,
    next_look,
)
from app.domain.engagement.happenings import Happening, in_order, of_action, of_purchase
from app.domain.engagement.missed import Missed
from app.domain.engagement.outcomes import (
    Name,
    Outcome,
    outcomes_of,
    unearned_of,
    with_missed,
)
from app.domain.engagement.progress import Progress, Reached, times_of
from app.domain.engagement.purchases import purchases
from app.domain.engagement.stamps import stamped
from app.domain.engagement.surprises import Gives, surprised, without_budgets
from app.domain.engagement.versions import Versions
from app.domain.ledger import Credit
from app.domain.prizes import Prize, together
from app.domain.program import Program


@dataclass(frozen=True)
class Acts:
    """What is known of a member beside orders: what they did, when they were born.

    `paid_birthdays` are those of a forgotten member on which a tier gave points, and
    `outcomes` what is kept of what became of actions.
    """

    actions: tuple[Action, ...] = ()
    birthdays: tuple[BirthdayGiven, ...] = ()
    paid_birthdays: tuple[Action, ...] = ()
    outcomes: Mapping[Name, Outcome] = field(default_factory=dict)

    def days(self, until: datetime) -> Iterator[Action]:
        """Yield the days that came by themselves."""
        yield from anniversaries(self.actions, until)
        yield from birthdays(self.birthdays, until)


@dataclass(frozen=True)
class Engagement:
    """What all of it comes to at a moment.

    `programs` has the version that each lot was made under, `due_at` when to look again
    for days that may earn. `prizes` are the rewards that were won and stand; `charged`
    is what lots count in budgets that brought rewards, `outcomes` what became of each
    action, and `missed` the surprises that did not follow an order, an action or a day,
    by what draws know it by.
    """

    credits: tuple[Credit, ...] = ()
    programs: Mapping[str, Program] = field(default_factory=dict)
    due_at: datetime | None = None
    progress: Progress = field(default_factory=Progress)
    prizes: tuple[Prize, ...] = ()
    charged: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[Name, Outcome] = field(default_factory=dict)
    missed: Mapping[str, tuple[Missed, ...]] = field(default_factory=dict)


def judged(acts: Acts, versions: Versions, now: datetime) -> list[Judged]:
    """Return what a member did, and the days that came, with what each earned."""
    kinds = {rule.kind for rule in versions.at(now).actions}
    known = {each.lot: each for each in (*acts.actions, *openings(acts.actions))}
    days = list(acts.days(now))
    known |= {each.lot: each for each in days if each.lot not in known}
    found = judge(known.values(), versions)
    # A day of a sort that nobody asked for is no news, nor that an account was opened.
    came = {day.lot for day in days}
    came |= {each.lot for each in known.values() if each.is_opening}
    return [
        each
        for each in found
        if each.points or each.action.lot not in came or each.action.action in kinds
    ]


def engagement(
    assessed: Iterable[Assessment],
    acts: Acts,
    versions: Versions,
    now: datetime,
    gives: Gives = without_budgets,
) -> Engagement:
    """Return what a member earns beside orders, by all that is known at `now`.

    `gives` says of which surprises there are some left.
    """
    told = judged(acts, versions, now)
    bought = purchases(assessed)
    cards = stamped(bought, versions)
    happenings = [of_purchase(purchase) for purchase in bought]
    happenings += [
        of_action(each.action, each.program)
        for each in told
        if each.action.state == State.ACCEPTED and not each.action.is_opening
    ]
    happenings = in_order(happenings)
    currency = bought[0].currency if bought else "EUR"
    done = challenged(happenings, currency, versions)
    gifts = surprised(happenings, currency, versions, gives)
    given = [credit for each in told if (credit := each.credit())]
    prizes = *cards.prizes, *done.prizes, *gifts.prizes.values()
    program = versions.at(now)
    return Engagement(
        (*given, *cards.credits, *done.credits, *gifts.credits),
        {each.action.lot: each.program for each in told if each.points}
        | cards.programs
        | done.programs
        | gifts.programs,
        next_look(
            acts.actions, acts.birthdays, {rule.kind for rule in program.actions}, now
        ),
        Progress(
            times_of(told),
            cards.stamps,
            _reached(program, happenings, currency, done.rewarded),
            _birthday_from(acts.birthdays),
            together(prizes),
            unearned_of(told),
        ),
        prizes,
        gifts.charged,
        with_missed(outcomes_of(told), gifts.missed),
        gifts.missed,
    )


def _reached(
    program: Program,
    happenings: Sequence[Happening],
    currency: str,
    rewarded: frozenset[str],
) -> tuple[Reached, ...]:
    return tuple(
        Reached(
            challenge.name,
            progress_of(challenge, happenings, currency),
            challenge.name in rewarded,
        )
        for challenge in program.challenges
    )


def _birthday_from(given: Iterable[BirthdayGiven]) -> datetime | None:
    stood = believed(given)
    return stood[-1].at + CHANGED_AFTER if stood else None

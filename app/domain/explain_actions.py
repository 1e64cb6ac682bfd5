"""Says in plain words what a member earned other than by orders, and why not more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC

from app.domain.birthday_gifts import BirthdayGift
from app.domain.engagement.action_points import Judged
from app.domain.engagement.happenings import occasion
from app.domain.engagement.missed import Missed
from app.domain.engagement.progress import Ways
from app.domain.phrases import counted
from app.domain.prizes import Prize
from app.domain.program import Program


def explain_actions(
    told: Iterable[Judged], missed: Mapping[str, tuple[Missed, ...]]
) -> Iterator[str]:
    """Yield a sentence for each action, in the order in which they happened.

    After it comes one for each surprise that did not follow it; `missed` has these by
    what draws know an action by.
    """
    for each in told:
        action = each.action
        what = f"{action.at.astimezone(UTC):%Y-%m-%d} {action.action} ({action.key})"
        if each.points:
            version = f"version {each.program.version} of the programme"
            points = counted(each.points, "point")
            yield f"{what}: earned {points} by {version}: {each.reason}."
        else:
            yield f"{what}: no points, since {each.unearned_because}."
        for one in missed.get(occasion(action), ()):
            title = _title(one, each.program)
            yield f"{what}: no surprise “{title}”, since {one.reason}."


def explain_missed(missed: Iterable[Missed], program: Program) -> Iterator[str]:
    """Yield why each surprise did not follow an order under this version."""
    for each in missed:
        yield f"No surprise “{_title(each, program)}”: {each.reason}."


def _title(missed: Missed, program: Program) -> str:
    """Return what shoppers read of a surprise, its name where there is none by now."""
    named = {each.name: each.shown_name() for each in program.surprises}
    return named.get(missed.surprise, missed.surprise)


def explain_birthdays(told: Iterable[BirthdayGift]) -> Iterator[str]:
    """Yield what tiers gave on each birthday, and what went back of it."""
    for each in told:
        what = f"{each.day.at.astimezone(UTC):%Y-%m-%d} birthday ({each.day.key})"
        if each.credit is None:
            yield f"{what}: no points of a tier, since {each.reason}."
            continue
        points = counted(each.credit.points, "point")
        version = f"version {each.program.version} of the programme"
        yield f"{what}: earned {points} by {version}: {each.reason}."
        for back in each.credit.reversals:
            points, day = counted(back.points, "point"), f"{back.at:%Y-%m-%d}"
            yield f"{what}: {points} went back on {day}, since {back.reason}."


def explain_ways(ways: Ways) -> Iterator[str]:
    """Yield a sentence for each stamp card and each challenge that is open."""
    for card in ways.stamp_cards:
        full = counted(card.full, "card")
        brings = f", each for {card.reward}" if card.reward else ""
        yield f"{card.name}: {card.stamps} of {card.size} stamps, {full} full{brings}."
    for challenge in ways.challenges:
        steps = "; ".join(f"{step.text} ({step.so_far})" for step in challenge.steps)
        end = ", rewarded" if challenge.is_rewarded else ""
        yield f"{challenge.name}: {steps}{end}."


def explain_prizes(
    prizes: Iterable[Prize], lot: str, programs: Iterable[Program], currency: str
) -> Iterator[str]:
    """Yield what an order won that its member may take, or has taken, for nothing."""
    by_version = {program.version: program for program in programs}
    for each in prizes:
        won = each.won
        if not each.lot.endswith(lot.removeprefix("order")):
            continue
        reward = by_version[won.version].reward(won.reward_id)
        name = reward.name(currency) if reward else won.reward_id
        times = counted(won.times, "time")
        yield (
            f"It won “{name}”, {times} for nothing, by version {won.version} of the "
            f"programme: {won.title}."
        )

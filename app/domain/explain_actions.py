"""Says in plain words what a member earned other than by orders, and why not more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC

from app.domain.birthday_gifts import BirthdayGift
from app.domain.engagement.action_points import Judged
from app.domain.engagement.progress import Ways
from app.domain.phrases import counted


def explain_actions(told: Iterable[Judged]) -> Iterator[str]:
    """Yield a sentence for each action, in the order in which they happened."""
    for each in told:
        action = each.action
        what = f"{action.at.astimezone(UTC):%Y-%m-%d} {action.action} ({action.key})"
        if each.points:
            version = f"version {each.program.version} of the programme"
            points = counted(each.points, "point")
            yield f"{what}: earned {points} by {version}: {each.reason}."
        else:
            yield f"{what}: no points, since {each.reason}."


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
        yield f"{card.name}: {card.stamps} of {card.size} stamps, {full} full."
    for challenge in ways.challenges:
        steps = "; ".join(f"{step.text} ({step.so_far})" for step in challenge.steps)
        end = ", rewarded" if challenge.is_rewarded else ""
        yield f"{challenge.name}: {steps}{end}."

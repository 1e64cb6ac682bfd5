"""What became of each action: its points, or why it has none, as that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.domain.actions import Reported, State
from app.domain.engagement.action_points import Judged
from app.domain.engagement.missed import Missed
from app.domain.reasons import NO_REASON, Reason

# An action by its name and its key; of an account that was opened, by its record's.
Name = tuple[str, str]

# Of joining, the record of a customer and the account say that the other one counts.
_COUNTS_NOT = ("joined_by_record", "joined_by_account")


@dataclass(frozen=True)
class Outcome:
    """The points that an action brought, or why it brought none: never both.

    `missed` are the surprises that could have followed it and did not.
    """

    points: int = 0
    unearned_because: Reason = NO_REASON
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True)
class Unearned:
    """Why the last report of an action brought nothing."""

    action: str
    reason: Reason


def outcomes_of(told: Iterable[Judged]) -> dict[Name, Outcome]:
    """Return what became of each action.

    Joining is judged twice, as the record of a customer and as the account; only one of
    them can earn, and the reason of the one that counts is told.
    """
    found: dict[Name, Outcome] = {}
    for each in told:
        name, reason = _name(each), each.unearned_because
        known = found.get(name)
        if known is None or (not known.points and reason.code not in _COUNTS_NOT):
            found[name] = Outcome(each.points, reason)
    return found


def with_missed(
    outcomes: Mapping[Name, Outcome], missed: Mapping[str, tuple[Missed, ...]]
) -> Mapping[Name, Outcome]:
    """Return what became of actions with the surprises that did not follow each.

    These are by what an action is known by in draws.
    """
    if not missed:
        return outcomes
    return {
        name: replace(outcome, missed=missed.get("/".join(name), ()))
        for name, outcome in outcomes.items()
    }


def _name(each: Judged) -> Name:
    key = each.action.key
    return each.action.action, key.rpartition("-")[0] if each.action.is_opening else key


def unearned_of(told: Iterable[Judged]) -> tuple[Unearned, ...]:
    """Return the reported actions whose last report brought nothing, and why.

    What waits for approval is no answer yet.
    """
    last: dict[str, Judged] = {}
    for each in sorted(told, key=lambda each: (each.action.at, each.action.lot)):
        if isinstance(each.program.action(each.action.action), Reported):
            last[each.action.action] = each
    return tuple(
        Unearned(action, each.unearned_because)
        for action, each in sorted(last.items())
        if not each.points and each.action.state is not State.WAITING
    )

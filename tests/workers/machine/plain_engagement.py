"""All that is earned beside orders, reckoned once more by plain and slow code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.actions import State
from app.domain.credits import MemberOrder
from app.domain.engagement.engaged import Acts
from app.domain.engagement.progress import Progress
from app.domain.ledger import Credit
from tests.workers.machine import plain_actions
from tests.workers.machine.plain_challenges import challenged
from tests.workers.machine.plain_deeds import InForce, bought_by, did_of, in_time
from tests.workers.machine.plain_prizes import Prize, as_kept
from tests.workers.machine.plain_stamps import stamped
from tests.workers.machine.plain_surprises import IsAllotted, surprised


@dataclass(frozen=True)
class Engaged:
    """What somebody earned beside orders, how far they are, and what comes next.

    `undecided` are surprises that nobody has looked for in their budget yet. `prizes`
    are the rewards that stand won, `charged` what surprises count that brought some,
    `unearned` the actions of which the last report brought nothing.
    """

    credits: list[Credit] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)
    due_at: datetime | None = None
    undecided: list[str] = field(default_factory=list)
    prizes: list[Prize] = field(default_factory=list)
    charged: dict[str, int] = field(default_factory=dict)
    unearned: set[str] = field(default_factory=set)


def engaged(
    orders: Iterable[MemberOrder],
    acts: Acts,
    in_force: InForce,
    now: datetime,
    is_allotted: IsAllotted,
) -> Engaged:
    """What all that somebody bought and did comes to."""
    if not in_force(now).has_engagement:
        return Engaged()
    undecided: list[str] = []

    def is_given(lot: str) -> bool:
        found = is_allotted(lot)
        undecided.extend([lot] if found is None else [])
        return bool(found)

    told = plain_actions.judged(acts, in_force, now)
    bought = bought_by(orders)
    accepted = [
        each.action
        for each in told
        if each.action.state is State.ACCEPTED and not each.action.is_opening
    ]
    deeds = in_time(bought, did_of(accepted, in_force))
    cards, stamps, by_cards = stamped(bought)
    done, reached, by_challenges = challenged(deeds, in_force, now)
    gifts = surprised(deeds, is_given)
    prizes = [*by_cards, *by_challenges, *gifts.prizes.values()]
    return Engaged(
        [*plain_actions.earned(told, in_force), *cards, *done, *gifts.given.values()],
        Progress(
            plain_actions.times_of(told),
            stamps,
            reached,
            plain_actions.birthday_from(acts.birthdays),
            as_kept(prizes),
        ),
        plain_actions.next_day(acts, in_force(now), now),
        undecided,
        prizes,
        gifts.charged,
        plain_actions.unearned(told, in_force),
    )

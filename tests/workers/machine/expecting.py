"""What a member should have: what is known of them, folded in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.beside import Beside
from app.domain.climbing import Climbed, climbed
from app.domain.credits import MemberOrder, assess_all, credits
from app.domain.engagement.engaged import Acts
from app.domain.fold import Fold, fold
from app.domain.labels import Labels
from app.domain.ledger import Credit, Debit, Redemption
from app.domain.orders import OrderFacts
from app.domain.program import Program
from app.domain.tiers.deeds import Deed, Held
from tests.workers.machine import plain_actions
from tests.workers.machine.plain_engagement import Engaged, engaged
from tests.workers.machine.plain_lapses import activity, with_lapses
from tests.workers.machine.timeline import Timeline

Command = Credit | Debit | Redemption


@dataclass(frozen=True)
class Known:
    """All that is known of one member."""

    orders: Sequence[MemberOrder]
    commands: Sequence[Command]
    acts: Acts
    labels: Labels
    held: tuple[Held, ...] = ()


@dataclass(frozen=True)
class Expected:
    """What a member's history comes to, and the credits that it was folded from."""

    known: Known
    beside: Beside
    fold: Fold
    credits: dict[str, Credit]
    climbed: Climbed
    engaged: Engaged


def applied(
    store_id: int, facts: Iterable[OrderFacts], timeline: Timeline
) -> list[MemberOrder]:
    """Orders under the versions of their time, in the order of their placing."""
    orders = [
        MemberOrder(store_id, each, _version(each, timeline), "UTC") for each in facts
    ]
    return sorted(orders, key=_placed)


def _version(facts: OrderFacts, timeline: Timeline) -> Program:
    snapshot = facts.snapshot
    return timeline.at(snapshot.processed_at) if snapshot else Program()


def _placed(order: MemberOrder) -> tuple[bool, str, str]:
    snapshot = order.facts.snapshot
    placed_at = snapshot.processed_at.isoformat() if snapshot else ""
    return snapshot is None, placed_at, order.lot


def expect(
    known: Known,
    timeline: Timeline,
    now: datetime,
    is_allotted: Callable[[str], bool | None],
) -> Expected:
    """What all that is known of a member comes to."""
    beside = _beside(known, timeline, now)
    assessed = assess_all(known.orders, beside)
    climb = climbed(assessed, beside, timeline.eras, now, "EUR", "UTC")
    beside_orders = engaged(known.orders, known.acts, timeline.at, now, is_allotted)
    by_orders = credits(assessed)
    found = [*by_orders, *climb.gifts, *beside_orders.credits]
    found += [each for each in known.commands if isinstance(each, Credit)]
    taken = [each for each in known.commands if not isinstance(each, Credit)]
    if timeline.at(now).expires_after_inactive_months:
        active = activity(known.orders, known.commands, known.acts.actions)
        found = with_lapses(found, active)
    given = {each.lot: each for each in found}
    ended = fold(found, taken, now)
    return Expected(known, beside, ended, given, climb, beside_orders)


def _beside(known: Known, timeline: Timeline, now: datetime) -> Beside:
    deeds: tuple[Deed, ...] = ()
    if any(era.program.tiers.count_actions for era in timeline.eras):
        told = plain_actions.judged(known.acts, timeline.at, now)
        deeds = plain_actions.for_tiers(told)
    return Beside(
        known.held,
        labels=known.labels,
        deeds=deeds,
        birthdays=known.acts.birthdays,
        paid_birthdays=known.acts.paid_birthdays,
    )

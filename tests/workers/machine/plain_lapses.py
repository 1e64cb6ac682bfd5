"""When points lapse for want of activity, reckoned once more from docs/rewards.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from app.domain.actions import Action, Anniversary, Birthday, State
from app.domain.credits import MemberOrder
from app.domain.ledger import Credit, Debit, Lapse, Redemption
from tests.reckoning.dates import end_of_points

_BY_THEMSELVES = (Anniversary.kind, Birthday.kind)


def activity(
    orders: Iterable[MemberOrder],
    commands: Iterable[Credit | Debit | Redemption],
    actions: Iterable[Action],
) -> list[datetime]:
    """When somebody did something: ordered and paid, took a reward, acted."""
    placed = [
        order.facts.snapshot.processed_at
        for order in orders
        if order.is_paid and order.facts.snapshot
    ]
    taken = [each.at for each in commands if isinstance(each, Redemption)]
    acted = [
        action.at
        for action in actions
        if action.state is State.ACCEPTED and action.action not in _BY_THEMSELVES
    ]
    return sorted([*placed, *taken, *acted])


def with_lapses(credits: Iterable[Credit], active: list[datetime]) -> list[Credit]:
    """Credits with the moment at which each lapses."""
    return [replace(each, lapse=_lapse(each, active)) for each in credits]


def _lapse(credit: Credit, active: list[datetime]) -> Lapse | None:
    """The first moment before which all that was done is long enough ago."""
    patience = credit.patience
    if patience is None or (credit.is_held and credit.releases_at is None):
        return None

    def ends(since: datetime) -> datetime:
        end = end_of_points(
            since,
            patience.months,
            patience.rounding,
            patience.on,
            patience.timezone,
        )
        assert end
        return end

    at = max(credit.at, ends(patience.since))
    if credit.is_held and credit.releases_at:
        at = max(at, credit.releases_at)
    while later := [ends(each) for each in active if each < at and ends(each) > at]:
        at = max(later)
    return Lapse(at.astimezone(UTC), patience.months)

"""Holds what the oracle has of the app's own domain against plain reckonings of it.

The fold wants credits with all their words and dates, so the oracle takes those of
orders and of tiers from the app. How many points they are, what goes back of them, from
when and until when they can be spent, and who is in which tier, is reckoned here once
more. Left out are gifts of tiers on birthdays, for which
tests/app/domain/test_birthday_gifts.py is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.domain.beside import Beside
from app.domain.ledger import Credit
from tests.workers.machine import plain_orders, plain_tiers
from tests.workers.machine.expecting import Expected
from tests.workers.machine.plain_deeds import ends_at
from tests.workers.machine.timeline import Timeline


def must_be_plain(expected: Expected, timeline: Timeline, now: datetime) -> set[str]:
    """Raise where orders or tiers have not what plain code reckons.

    Return which limits of points took some of an order's.
    """
    beside = expected.beside
    worths = plain_orders.worths(expected.known.orders, beside)
    credits = expected.credits.values()
    earned = plain_orders.earned(worths)
    orders_must_earn(earned, _of("order/", credits))
    if any(era.program.tiers for era in timeline.eras):
        _must_climb(expected, worths, beside, timeline, now)
    return {f"limited by {name}" for each in earned for name in each.cut_by}


def orders_must_earn(
    plain: Iterable[plain_orders.Earned], credits: Iterable[Credit]
) -> None:
    """Raise where orders earned, and lost again, other points than plain code says."""
    reckoned = [
        (
            each.order.lot,
            each.points,
            [(f"{cause}@{each.order.lot}", points) for _, points, cause in each.backs],
            each.pending_until if each.order.program.holds_points else None,
            ends_at(each.placed_at, each.order.program),
        )
        for each in plain
        if each.points
    ]
    told = [
        (
            each.lot,
            each.points,
            [(back.cause, back.points) for back in each.reversals],
            each.releases_at if each.is_held else None,
            each.expires_at,
        )
        for each in credits
    ]
    assert sorted(told, key=lambda each: each[0]) == sorted(
        reckoned, key=lambda each: each[0]
    )


def _must_climb(
    expected: Expected,
    worths: Sequence[plain_orders.Worth],
    beside: Beside,
    timeline: Timeline,
    now: datetime,
) -> None:
    """Raise where a member is in another tier, or got other gifts, than they should."""

    def tiers_at(moment: datetime) -> plain_tiers.Tiers:
        return timeline.at(moment).tiers

    standing = expected.climbed.standing
    deeds = [*(each.deed() for each in worths), *beside.deeds]
    tier = plain_tiers.tier_at(tiers_at(now), deeds, beside, now)
    assert (standing.tier if standing else None) == tier
    told = [
        (each.lot, each.at, each.points, next((b.at for b in each.reversals), None))
        for each in _of("tier/", expected.climbed.gifts)
    ]
    plain = plain_tiers.gifts(tiers_at, deeds, beside, now)
    assert sorted(told) == sorted(plain)


def _of(sort: str, credits: Iterable[Credit]) -> list[Credit]:
    return [each for each in credits if each.lot.startswith(sort)]

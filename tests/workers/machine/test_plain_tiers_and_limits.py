"""Tiers, their gifts, and limits of orders come to what plain and slow code does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.beside import Beside
from app.domain.climbing import BEGINNING, Era, climbed
from app.domain.credits import assess_all, credits
from app.domain.labels import LabelKind, Labels, Span
from app.domain.program import Program
from app.domain.tiers import Tiers
from app.domain.tiers.climb import Climb
from app.domain.tiers.deeds import Bought, Deed, Held
from tests.app.domain.deeds import NAMES, POLICIES, day, drawn_deeds
from tests.app.domain.engaged import Ordered
from tests.app.domain.test_caps import _close_histories, _programs
from tests.workers.machine import plain_orders, plain_tiers
from tests.workers.machine.plainness import orders_must_earn

DAYS = st.integers(0, 1500)
# After all that is drawn has happened.
THE_END = 2100


@st.composite
def _tiers(draw: st.DrawFn) -> Tiers:
    """Tiers by money, of which some can be bought, or are held by a tag."""
    tiers = draw(POLICIES)
    ladder = tuple(
        replace(
            tier,
            entry_points=10 * level,
            product_ids=draw(st.sampled_from([frozenset(), frozenset({"9"})])),
            product_months=draw(st.sampled_from([1, 12])),
            selling_plan_ids=draw(st.sampled_from([frozenset(), frozenset({"77"})])),
            plan_months=draw(st.sampled_from([1, 3])),
            customer_tags=draw(st.sampled_from([frozenset(), frozenset({"vip"})])),
        )
        for level, tier in enumerate(tiers.ladder, start=1)
    )
    return replace(tiers, ladder=_once_each(ladder))


def _once_each(ladder):
    """The ladder with each product, plan and tag at its highest tier alone."""
    found, seen = [], set()
    for tier in reversed(ladder):
        left = replace(
            tier,
            product_ids=tier.product_ids - seen,
            selling_plan_ids=tier.selling_plan_ids - seen,
            customer_tags=tier.customer_tags - seen,
        )
        seen |= tier.product_ids | tier.selling_plan_ids | tier.customer_tags
        found.append(left)
    return tuple(reversed(found))


@st.composite
def _deeds(draw: st.DrawFn) -> list[Deed]:
    """Orders, some of which are memberships, and some of those sent back."""
    found = []
    for deed in draw(drawn_deeds(4)):
        ended_at = draw(st.none() | st.integers(0, 500))
        ended_at = None if ended_at is None else deed.at + timedelta(days=ended_at)
        plan_id = draw(st.sampled_from([None, "77", "78"]))
        bought = Bought("9", deed.at, "UTC", ended_at, plan_id)
        is_membership = draw(st.booleans())
        found.append(replace(deed, bought=(bought,) if is_membership else ()))
    return found


@st.composite
def _beside(draw: st.DrawFn) -> Beside:
    """Tiers by hand, and a tag that comes and goes."""
    spans = draw(st.lists(st.tuples(DAYS, st.integers(1, 90)), max_size=2))
    held = [
        Held(draw(st.sampled_from(NAMES)), day(since), day(since + long))
        for since, long in spans
    ]
    times = sorted(draw(st.sets(DAYS, max_size=4)))
    tags = [
        Span(LabelKind.TAG, "vip", day(since), None if until is None else day(until))
        for since, until in zip(times[::2], [*times[1::2], None], strict=False)
    ]
    return Beside(tuple(held), Labels(tuple(tags)))


@settings(max_examples=150)
@given(_tiers(), _deeds(), _beside(), st.integers(0, THE_END))
def test_everybody_is_in_the_tier_that_plain_code_says(
    tiers: Tiers, deeds: list[Deed], beside: Beside, now: int
):
    climb = Climb(tiers, beside.held, beside.labels)
    for deed in deeds:
        climb.add(deed)
    climb.run_through(day(now))
    tier = tiers.tier(climb.hold.level)

    plain = plain_tiers.tier_at(tiers, deeds, beside, day(now))
    assert plain == (tier.name if tier else None)


@settings(max_examples=150)
@given(_tiers(), _deeds(), _beside())
def test_gifts_of_tiers_come_and_fall_as_plain_code_says(
    tiers: Tiers, deeds: list[Deed], beside: Beside
):
    eras, now = [Era(BEGINNING, Program(tiers=tiers))], day(THE_END)
    found = climbed(
        [], replace(beside, deeds=tuple(deeds)), eras, now, "EUR", "UTC"
    ).gifts
    told = [
        (each.lot, each.at, each.points, next((b.at for b in each.reversals), None))
        for each in found
    ]

    assert sorted(told) == sorted(
        plain_tiers.gifts(lambda _: tiers, deeds, beside, now)
    )


@settings(max_examples=150)
@given(_close_histories(), _programs)
def test_limits_leave_orders_what_plain_code_says(
    history: list[Ordered], program: Program
):
    orders = [each.owned(program) for each in history]
    found = credits(assess_all(orders))

    orders_must_earn(plain_orders.earned(plain_orders.worths(orders)), found)

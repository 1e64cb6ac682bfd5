"""The demo's programme has every kind, no mistake on any day, and fits the shelf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.commands.demo_program import demo_program, demo_versions
from app.domain.actions import ACTION_RULES, Joining
from app.domain.challenges import STEPS
from app.domain.drafts import mistakes_of_draft
from app.domain.earning import EARNING_RULES, Campaign
from app.domain.earning.conditions import Weekday
from app.domain.engagement.surprise import After
from app.domain.rewards import REWARDS, FreeProduct, Goods
from app.domain.tiers import NEEDS
from app.sandbox import catalogue
from app.storage.program_document import dump_program, load_program

PROGRAM = demo_program(date(2026, 11, 23))
DAYS = st.dates(date(2024, 1, 1), date(2036, 12, 31))


@pytest.mark.parametrize(
    "kind", [*EARNING_RULES, *REWARDS, *ACTION_RULES, *STEPS, *NEEDS]
)
def test_every_kind_can_be_tried(kind: type):
    steps = [step for each in PROGRAM.challenges for step in each.steps]
    needs = [need for each in PROGRAM.tiers.ladder for need in each.needs]
    shown = [*PROGRAM.earning, *PROGRAM.rewards, *PROGRAM.actions, *steps, *needs]

    assert kind in {type(each) for each in shown}


def test_whatever_a_programme_can_have_beside_kinds_can_be_tried():
    tiers = PROGRAM.tiers.ladder
    campaigns = [each for each in PROGRAM.earning if isinstance(each, Campaign)]

    assert PROGRAM.stamp_cards
    assert {*After} == {each.after for each in PROGRAM.surprises}
    assert any(each.percent < 100 for each in PROGRAM.surprises)
    assert any(each.reward for each in PROGRAM.surprises)
    assert PROGRAM.referral
    assert PROGRAM.expires_after_months
    assert PROGRAM.budgets
    for perk in (
        "percent_off",
        "ships_free",
        "entry_points",
        "birthday_points",
        "product_ids",
        "selling_plan_ids",
        "customer_tags",
    ):
        assert any(getattr(tier, perk) for tier in tiers), perk
    assert any(tier.earn_times > 1 for tier in tiers)
    assert any(each.conditions.weekdays for each in campaigns)
    assert any(each.conditions.ends_at for each in campaigns)


@given(DAYS)
def test_it_makes_no_mistake_whatever_day_the_demo_is_begun(day: date):
    program = demo_program(day)

    assert [] == list(mistakes_of_draft(program))
    assert program == load_program(dump_program(program), program.version)


@given(DAYS)
def test_its_dates_are_to_come(day: date):
    program, begin = demo_program(day), datetime.combine(day, time())
    cuppings = [
        s for each in program.rewards if isinstance(each, Goods) for s in each.slots
    ]
    ends = [each.ends_at for each in (*program.rewards, *program.challenges)]

    assert {Weekday.SATURDAY} == {
        list(Weekday)[s.starts_at.weekday()] for s in cuppings
    }
    assert min(s.starts_at for s in cuppings) >= begin + timedelta(days=5)
    assert min(each for each in ends if each) > begin + timedelta(days=58)


def test_only_who_joins_from_now_on_is_given_points_for_that():
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    (since, before), (begins, program) = demo_versions(now)

    assert (None, now) == (since, begins)
    assert program == demo_program(now.date())
    assert {Joining} == {type(each) for each in {*program.actions} - {*before.actions}}
    assert before == replace(program, actions=before.actions)


def test_all_that_it_names_is_on_the_shelf():
    ids = {str(each.product_id) for each in catalogue.PRODUCTS}
    tags = {tag for each in catalogue.PRODUCTS for tag in each.tags}
    plans = {str(plan.plan_id) for each in catalogue.PRODUCTS for plan in each.plans}
    named = list(_named(PROGRAM))

    assert {each for ids_, _ in named for each in ids_} <= ids
    assert {each for _, tags_ in named for each in tags_} == tags
    assert {
        each for tier in PROGRAM.tiers.ladder for each in tier.selling_plan_ids
    } == plans


def _named(program) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The products and the tags that anything in it is bound to."""
    nothing: frozenset[str] = frozenset()
    for rule in program.earning:
        if isinstance(rule, Campaign):
            yield rule.conditions.product_ids, rule.conditions.tags
    for card in program.stamp_cards:
        yield card.products.product_ids, card.products.tags
    for each in program.surprises:
        yield each.products.product_ids, each.products.tags
    for challenge in program.challenges:
        for step in challenge.steps:
            if products := getattr(step, "products", None):
                yield products.product_ids, products.tags
    for reward in program.rewards:
        if isinstance(reward, FreeProduct):
            yield frozenset({reward.product_id}), nothing
    for tier in program.tiers.ladder:
        yield tier.product_ids, nothing

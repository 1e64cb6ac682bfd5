"""A programme and its document say the same, each mistake told with its place."""

import importlib
import pkgutil
from dataclasses import fields, replace
from decimal import Decimal
from inspect import isabstract

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.domain
from app.domain.actions import ACTION_RULES, ActionRule
from app.domain.challenges import STEPS, Challenge, Step
from app.domain.customer import Customer
from app.domain.earning import (
    EARNING_RULES,
    Campaign,
    EarningRule,
    Multiplier,
    Part,
    PurchasePoints,
    Stacking,
    awards,
)
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.engagement.kept import Kept
from app.domain.engagement.products import Products
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.errors import InvalidProgram
from app.domain.languages.translator import Translator
from app.domain.program import ActionLimits, Counting, Limits, Program
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import (
    REWARDS,
    Handling,
    Reward,
    Slot,
    name_of,
)
from app.domain.settings import Sort, settings_of
from app.domain.tiers import NEEDS, Need, Tier, Tiers
from app.domain.valuation import Valuation
from app.storage.program_document import dump_program, load_program
from tests.app.domain.met import LINE, OCCASION, an_order_of, any_met
from tests.app.domain.wished import a_wish
from tests.builders.settings import any_of
from tests.builders.sometimes import sometimes


def _subclasses(base):
    for module in pkgutil.walk_packages(app.domain.__path__, "app.domain."):
        importlib.import_module(module.name)
    found, waiting = set(), [base]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        is_ours = kind.__module__.startswith(app.domain.__name__)
        is_one = hasattr(kind, "kind") and not isabstract(kind)
        found |= {kind} if is_ours and is_one else set()
    return found


EUROS = Translator("EUR")
BASES = [
    (EarningRule, EARNING_RULES),
    (Reward, REWARDS),
    (Need, NEEDS),
    (ActionRule, ACTION_RULES),
    (Step, STEPS),
]
KINDS = [*EARNING_RULES, *REWARDS, *NEEDS, *ACTION_RULES, *STEPS]
PARTS = [
    Conditions,
    Counting,
    Limits,
    Tiers,
    Tier,
    ActionLimits,
    StampCard,
    Challenge,
    Products,
    Surprise,
    Budget,
    Valuation,
    Slot,
    ReferralTerms,
]


def test_every_part_of_a_program_is_among_the_parts():
    met, waiting = set(), [Program, *KINDS]
    while waiting:
        of = {
            each.of
            for each in settings_of(waiting.pop())
            if each.sort in (Sort.PART, Sort.PARTS)
        }
        waiting += of - met
        met |= of

    assert met == {*PARTS}


@pytest.mark.parametrize(("base", "listed"), BASES)
def test_every_kind_is_listed(base, listed):
    assert _subclasses(base) == {*listed}
    assert len({kind.kind for kind in listed}) == len(listed)


@pytest.mark.parametrize("kind", [Program, *PARTS, *KINDS])
def test_every_field_is_a_setting_with_words_for_the_owner(kind):
    told = settings_of(kind)

    assert {each.name for each in told} == {each.name for each in fields(kind)} - {
        "version"
    }
    assert all(each.about.label for each in told)
    assert all(each.about.written for each in told if each.about.pattern)


@pytest.mark.parametrize("rule", EARNING_RULES)
@given(data=st.data())
def test_every_rule_gives_nothing_for_nothing(rule, data):
    drawn = data.draw(any_met(rule, OCCASION, Part(LINE, 100)))

    assert drawn.award(an_order_of(100))
    assert not drawn.award(an_order_of(0))
    assert not drawn.award(an_order_of(-1))
    assert not drawn.award(an_order_of(0).after(an_order_of(100)))


@pytest.mark.parametrize("rule", EARNING_RULES)
@given(data=st.data())
def test_every_rule_never_gives_less_for_more_and_says_why(rule, data):
    drawn = data.draw(any_met(rule, OCCASION, Part(LINE, 200)))
    orders = [an_order_of(amount, amount // 2) for amount in (1, 99, 100, 200, 10**9)]
    *smaller, largest = orders
    left = [drawn.award(each.after(largest)) for each in smaller]
    by_size = [drawn.award(each) for each in orders]

    assert by_size[-1]
    assert by_size[-2]
    for told in (by_size, [*left, by_size[-1]]):
        points = [award.points if award else 0 for award in told]
        assert points == sorted(points)
        assert all(award.reason for award in told)
    assert drawn.in_words(EUROS)


amounts = st.lists(st.integers(0, 10**6), min_size=1, max_size=4).filter(any)


@pytest.mark.parametrize("rule", EARNING_RULES)
@given(data=st.data(), minor=amounts)
def test_every_rule_earns_by_the_parts_what_it_earns_by_the_order(rule, data, minor):
    drawn = data.draw(any_met(rule, OCCASION, Part(LINE, max(minor))))
    is_plain = not issubclass(rule, Campaign)
    twice = Multiplier(times=Decimal(2))
    rules = (drawn, twice) if is_plain else (PurchasePoints(), drawn)

    parts = (replace(part, points=Decimal(0)) for part in an_order_of(*minor).parts)
    order = an_order_of().of(parts)

    alone, campaign = awards(rules, order, Stacking.ADD)

    assert alone
    assert campaign
    assert not is_plain or alone.points == campaign.points
    for award in (alone, campaign):
        assert not award.by_part or len(award.by_part) == len(minor)
        assert not award.by_part or sum(award.by_part) == award.points


@pytest.mark.parametrize("reward", REWARDS)
@given(data=st.data())
def test_every_reward_is_called_what_the_owner_calls_it(reward, data):
    drawn = data.draw(any_of(reward))

    assert "Mine" == name_of(replace(drawn, title="Mine"), EUROS)
    assert name_of(replace(drawn, title=""), EUROS)


@pytest.mark.parametrize("reward", REWARDS)
def test_every_reward_costs_no_more_than_there_is_or_says_why_not(reward):
    with sometimes("offered", "offered for a chosen balance", "refused") as seen:

        @given(st.data())
        def must_hold(data):
            drawn, asked = data.draw(a_wish(reward))
            enough = st.integers(drawn.least_points, 2 * 10**9)
            balance = data.draw(enough | st.integers(0, 2 * 10**9))

            offer = drawn.offer(Customer(available=balance), asked)

            seen["drawn"] += 1
            seen["offered" if offer else "refused"] += 1
            if not offer:
                assert offer.reason
                _lacks_only_what_it_says(drawn, asked, balance, offer)
                return
            assert 1 <= drawn.least_points <= offer.points <= balance
            assert asked.points in (None, offer.points)
            seen["offered for a chosen balance"] += asked.points is not None
            assert (offer.benefit is not None) == (drawn.handling is Handling.STORE)
            assert offer.points == drawn.offer(Customer(), asked).points_lacking

        must_hold()
    assert seen["offered"] >= seen["drawn"] / 4


def _lacks_only_what_it_says(drawn, asked, balance, refused):
    lacking = refused.points_lacking
    if not lacking:
        assert drawn.offer(Customer(available=10**12), asked) == refused
        return
    for missing in (1, 0):
        answer = drawn.offer(Customer(available=balance + lacking - missing), asked)
        assert missing == (0 if answer else answer.points_lacking)


@pytest.mark.parametrize("rule", ACTION_RULES)
@given(data=st.data())
def test_every_action_has_a_name_for_reports_and_one_for_shoppers(rule, data):
    drawn = data.draw(any_of(rule))

    assert drawn.action.startswith(rule.kind)
    assert "Mine" == replace(drawn, title="Mine").name()
    assert replace(drawn, title="").name()
    assert f"{drawn.points:,} point" in drawn.in_words(EUROS)


@pytest.mark.parametrize("step", STEPS)
@given(data=st.data())
def test_every_step_begins_at_nothing_and_has_an_end(step, data):
    drawn = data.draw(any_of(step))

    assert drawn.target("EUR") >= 1
    assert 0 == drawn.of_order(Kept((None,), (0,), (0,)))
    assert 0 == drawn.of_action("another-action-than-any")
    assert drawn.in_words(EUROS)
    assert drawn.so_far(0, EUROS) != drawn.so_far(drawn.target("EUR"), EUROS)


programs = any_of(Program)


@settings(max_examples=40)
@given(programs)
def test_a_program_comes_back_from_its_document(program):
    document = dump_program(program)

    assert program == load_program(document)
    assert document == dump_program(load_program(document))


def test_an_empty_document_is_the_default_program():
    assert Program() == load_program({})
    assert 7 == load_program({}, version=7).version


def test_a_document_has_every_setting_written_out():
    document = dump_program(Program())

    assert {*document} == {field.name for field in fields(Program)} - {"version"}
    assert {*document["limits"]} == {field.name for field in fields(Limits)}
    assert {*document["counting"]} == {field.name for field in fields(Counting)}


MISTAKES = {
    "earning.0.rate": {"earning": [{"kind": "purchase", "rate": "0"}]},
    "earning.1": {"earning": [{"kind": "purchase"}, {"kind": "wishes"}]},
    "earning.0.rates.euro": {"earning": [{"kind": "purchase", "rates": {"euro": "1"}}]},
    "rewards.0.points_cost": {"rewards": [{"kind": "free_shipping"}]},
    "rewards.0.amount": {
        "rewards": [{"kind": "amount_off", "points_cost": 5, "amount": "-5"}]
    },
    "earning.0.conditions.ends_at": {
        "earning": [
            {
                "kind": "multiplier",
                "times": "2",
                "conditions": {
                    "starts_at": "2026-12-24T00:00",
                    "ends_at": "2026-12-01T00:00",
                },
            }
        ]
    },
    "earning.0.conditions.order_to": {
        "earning": [
            {
                "kind": "bonus",
                "points": 5,
                "conditions": {"order_from": 3, "order_to": 2},
            }
        ]
    },
    "earning.0.conditions.starts_at": {
        "earning": [
            {
                "kind": "bonus",
                "points": 5,
                "conditions": {"starts_at": "2026-12-24T00:00:00Z"},
            }
        ]
    },
    "earning.0.conditions.weekdays": {
        "earning": [
            {"kind": "bonus", "points": 5, "conditions": {"weekdays": ["someday"]}}
        ]
    },
    "tiers.ladder.1.name": {"tiers": {"ladder": [{"name": "Gold"}, {"name": " "}]}},
    "tiers.ladder": {"tiers": {"ladder": [{"name": "Gold"}, {"name": "Gold"}]}},
    "tiers.ladder.0.needs.0": {
        "tiers": {"ladder": [{"name": "Gold", "needs": [{"kind": "wishes"}]}]}
    },
    "tiers.grace_days": {"tiers": {"downgrade": "one_down"}},
    "rounding": {"rounding": "sideways"},
    "limits.points_per_day_max": {"limits": {"points_per_day_max": 0}},
    "limits.order_amount_min": {"limits": {"order_amount_min": "-1"}},
    "counting.excluded_tags": {"counting": {"excluded_tags": "sale"}},
    "credit_after_days": {"credit_after_days": 366},
    "expires_after_months": {"expires_after_months": 0},
    "return_policy": {"return_policy": "never"},
    "no_such_setting": {"no_such_setting": 1},
    "actions": {"actions": [{"kind": "joining"}, {"kind": "joining", "points": 9}]},
    "actions.0.times_per_member_max": {
        "actions": [{"kind": "review", "shoppers_report": True}]
    },
    "actions.0.named": {"actions": [{"kind": "custom", "named": "Not a name"}]},
    "stamp_cards.0.stamps": {"stamp_cards": [{"name": "coffee", "stamps": 0}]},
    "stamp_cards.0.name": {"stamp_cards": [{"name": "coffee\n"}]},
    "stamp_cards": {"stamp_cards": [{"name": "coffee"}, {"name": "coffee"}]},
    "surprises.0.seed": {"surprises": [{"name": "thanks"}]},
    "surprises.0.percent": {"surprises": [{"name": "t", "seed": "s", "percent": 101}]},
    "challenges.0.steps": {"challenges": [{"name": "winter", "steps": []}]},
    "challenges.0.steps.0": {
        "challenges": [{"name": "winter", "steps": [{"kind": "wishes"}]}]
    },
    "challenges.0.ends_at": {
        "challenges": [
            {
                "name": "winter",
                "steps": [{"kind": "orders"}],
                "starts_at": "2026-12-24T00:00",
                "ends_at": "2026-12-24T00:00",
            }
        ]
    },
    "earning.0.name": {
        "earning": [{"kind": "bonus", "points": 5, "budget": {"points": 50}}]
    },
    "earning": {"earning": []},
}


@pytest.mark.parametrize("path", MISTAKES)
def test_a_mistake_is_told_with_its_path(path):
    with pytest.raises(InvalidProgram) as caught:
        load_program(MISTAKES[path])

    assert f"{path}" in str(caught.value)


def test_all_mistakes_are_told_at_once():
    lists = ("earning.", "tiers.", "actions", "stamp_cards", "challenges", "surprises")
    one_by_path = {
        path: MISTAKES[path] for path in MISTAKES if not path.startswith(lists)
    }
    document = {}
    for mistake in one_by_path.values():
        for name, value in mistake.items():
            both = isinstance(value, dict) and name in document
            document[name] = document[name] | value if both else value
    document["rewards"] = [
        {"kind": "free_shipping", "points_cost": 0},
        {"kind": "amount_off", "points_cost": 5, "amount": "many"},
    ]

    with pytest.raises(InvalidProgram) as caught:
        load_program(document)

    for path in {*one_by_path, "rewards.1.amount"} - {"rewards.0.amount"}:
        assert f"{path}" in str(caught.value)


@pytest.mark.parametrize(
    "document",
    [
        [],
        "program",
        None,
        {"earning": None},
        {"earning": "purchase"},
        {"earning": ["purchase"]},
        {"earning": [{"kind": ["purchase"]}]},
        {"rewards": [{"kind": {}}]},
        {"earning": [{"kind": "purchase", "rate": "NaN"}]},
        {"earning": [{"kind": "purchase", "rate": "1e999999"}]},
        {"earning": [{"kind": "purchase", "rate": True}]},
        {"rounding": []},
        {"limits": []},
        {"credit_after_days": 1.5},
        {"credit_after_days": "1"},
    ],
)
def test_a_document_of_the_wrong_shape_is_refused_in_words(document):
    with pytest.raises(InvalidProgram):
        load_program(document)


@pytest.mark.parametrize(
    "document",
    [
        {"limits": {"order_amount_min": "1e20"}},
        {"rewards": [{"kind": "amount_off", "points_cost": 1, "amount": "1e20"}]},
    ],
)
def test_amounts_that_no_order_can_have_are_refused_when_they_are_saved(document):
    with pytest.raises(InvalidProgram):
        load_program(document)


def test_more_digits_than_are_kept_are_refused_and_not_rounded():
    with pytest.raises(InvalidProgram):
        load_program({"earning": [{"kind": "purchase", "rate": "0.12345"}]})

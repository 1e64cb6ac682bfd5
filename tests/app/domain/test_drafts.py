"""A draft is told what would have no effect; what was saved with it loads for ever."""

import json
import re
from pathlib import Path

import pytest

from app.domain import drafts
from app.domain.earning import Eligible
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.rewards import name_of
from app.storage.draft_document import mistakes_in
from app.storage.program_document import dump_program, load_program

ROOT = Path(__file__).parents[3]
READY_MADE = sorted((ROOT / "docs" / "programmes").glob("*.json"))
GOLD = {"tiers": {"ladder": [{"name": "Gold"}]}}
REPORTED = {"actions": [{"kind": "custom", "named": "visit"}]}


def _only(**conditions):
    bonus = {"kind": "bonus", "points": 5, "conditions": conditions}
    return {"earning": [{"kind": "purchase"}, bonus]}


def _reward(kind, **told):
    return {"rewards": [{"kind": kind, "points_cost": 100} | told]}


def _step(action):
    steps = [{"kind": "action", "action": action}]
    return {"challenges": [{"name": "big", "steps": steps}]}


def _surprise(**told):
    return {"surprises": [{"name": "thanks", "seed": "s", "after": "action"} | told]}


def _card(reward, **told):
    coffee = {"kind": "free_product", "points_cost": 40, "product_id": "1"}
    slider = {"kind": "points_as_money", "points_cost": 40, "amount": "1"}
    rewards = [coffee | {"key": "coffee"}, slider | {"key": "slider"}]
    card = {"name": "tenth", "reward": reward} | told
    return {"rewards": rewards, "stamp_cards": [card]}


def _ladder(*amounts):
    needs = [[{"kind": "spending", "amount": str(amount)}] for amount in amounts]
    tiers = zip(("Gold", "Silver"), needs, strict=True)
    return {"tiers": {"ladder": [{"name": n, "needs": need} for n, need in tiers]}}


CONDITIONS = "earning.1.conditions"
EARLY = {"starts_at": "2026-12-31T18:00"}
NEW_YEAR = "2027-01-01T00:00"
WEEKEND = {"starts_at": "2026-12-05T00:00", "ends_at": "2026-12-07T00:00"}
SHORT = {"expires_after_months": 1}
LATE_WIN = {"name": "big", "steps": [{"kind": "orders"}], "reward": "post"}
DONATION = {"cause": "trees", "amount": "1"}
MISTAKES = [
    ({"earning": [{"kind": "bonus", "points": 5}]}, "earning", "add those first"),
    (_only(tiers=["Gold"]), "earning.1.conditions.tiers", "add it under tiers first"),
    (GOLD | _only(tiers=["gold"]), "earning.1.conditions.tiers", "as written, Gold"),
    (
        GOLD | _reward("free_shipping", only_tiers=["Gold", "Goldd"]),
        "rewards.0.only_tiers",
        "there is no tier “Goldd”",
    ),
    (_step("custom-visit"), "challenges.0.steps.0.action", "add it under actions"),
    (REPORTED | _step("visit"), "challenges.0.steps.0.action", "written, custom-visit"),
    (_only(channels=["POS"]), "earning.1.conditions.channels", "store does: “pos”"),
    (
        _only(product_ids=["gid://shopify/Product/1", "2"]),
        "earning.1.conditions.product_ids",
        "“gid://shopify/Product/1” is no number",
    ),
    (
        {"tiers": {"ladder": [{"name": "A", "selling_plan_ids": ["gid://x/7"]}]}},
        "tiers.ladder.0.selling_plan_ids",
        "“gid://x/7” is no number",
    ),
    (
        {"counting": {"excluded_collection_ids": ["sale"]}},
        "counting.excluded_collection_ids",
        "“sale” is no number",
    ),
    (
        _reward("free_product", product_id="abc"),
        "rewards.0.product_id",
        "“abc” is no number",
    ),
    ({"expires_on": "02-30"}, "expires_on", "there is no 02-30"),
    (
        _reward("store_credit", amount="5", order_amount_min="20"),
        "rewards.0.order_amount_min",
        "no effect here: leave it at 0",
    ),
    (
        _reward("store_credit", amount="5", unused_returns=False),
        "rewards.0.unused_returns",
        "leave it switched on",
    ),
    (_reward("goods", valid_days=30), "rewards.0.valid_days", "leave it empty"),
    (
        _reward("donation", given_back="never", **DONATION),
        "rewards.0.given_back",
        "leave it at proportional",
    ),
    *(
        (
            _reward(kind, amount="5", given_back="whole"),
            "rewards.0.given_back",
            "no effect here, since the money is the shopper's, and goes back as money: "
            "leave it at proportional",
        )
        for kind in ("gift_card", "store_credit")
    ),
    (
        _surprise(products={"tags": ["tea"]}),
        "surprises.0.products",
        "no effect here: name none",
    ),
    (_surprise(amount_min="5"), "surprises.0.amount_min", "leave it at 0"),
    (
        REPORTED | _surprise(action="visit"),
        "surprises.0.action",
        "there is no action “visit”: name it as written, custom-visit",
    ),
    (
        _surprise(after="order", action="review"),
        "surprises.0.action",
        "no effect here: leave it empty",
    ),
    (
        _card("cofee"),
        "stamp_cards.0.reward",
        "no reward with the key “cofee”: name one",
    ),
    (_card("slider"), "stamp_cards.0.reward", "depends on points: name another"),
    (_card("coffee", points=7), "stamp_cards.0.points", "leave it at 100"),
    (_ladder(1000, 100), "tiers.ladder.0", "reaches Silver, listed as higher"),
    (_only(customer_tags=["Tallymark:gold"]), f"{CONDITIONS}.customer_tags", "tier"),
    (
        _reward("free_shipping", only_customer_tags=["tallymark:gold"]),
        "rewards.0.only_customer_tags",
        "name the tier",
    ),
    (
        {"tiers": {"ladder": [{"name": "Gold", "customer_tags": ["tallymark:x"]}]}},
        "tiers.ladder.0.customer_tags",
        "name the tier",
    ),
    (
        _reward("donation", cause="trees", amount="0.004"),
        "rewards.0.amount",
        "write 0.01 or more",
    ),
    (
        _reward("goods", starts_at="2027-01-01T00:00", slots=[EARLY]),
        "rewards.0.slots.0.starts_at",
        "offered, from 1 January 2027 on",
    ),
    (
        _only(weekdays=["monday", "friday"], **WEEKEND),
        f"{CONDITIONS}.weekdays",
        "from 5 December 2026 until the end of 6 December 2026 there is only Saturday "
        "and Sunday: name one of these",
    ),
    (
        SHORT | {"credit_after_days": 31},
        "credit_after_days",
        "points end after 1 month, before they are free: let them last longer",
    ),
    (SHORT | {"referral": {"stand_days": 40}}, "referral.stand_days", "end after 1"),
    (
        _reward("free_shipping", key="post", ends_at=NEW_YEAR)
        | {"challenges": [LATE_WIN | {"starts_at": NEW_YEAR}]},
        "challenges.0.reward",
        "“post” is offered until the end of 31 December 2026, before the challenge",
    ),
    (_surprise(reward="tea"), "surprises.0.reward", "no reward with the key “tea”"),
    (
        _surprise(reward="free_shipping-300", budget={"points": 299}),
        "surprises.0.budget",
        "too little for one: “free_shipping-300” counts as 300 points",
    ),
]


@pytest.mark.parametrize(("document", "path", "words"), MISTAKES)
def test_what_has_no_effect_is_told_of_a_draft_and_still_loads(document, path, words):
    (mistake,) = mistakes_in(document)

    assert path == mistake.path
    assert words in mistake.words
    assert dump_program(load_program(document))


@pytest.mark.parametrize(
    "document",
    [
        {},
        GOLD | _only(tiers=["Gold"], channels=["pos", "Shop-Floor"], product_ids=["7"]),
        REPORTED | _step("custom-visit"),
        _step("review"),
        REPORTED | _surprise(action="custom-visit"),
        _surprise(action="birthday"),
        _reward("gift_card", amount="5", valid_days=30, unused_returns=False),
        _surprise() | {"expires_on": "02-29"},
        _card("coffee"),
        _ladder(100, 1000),
        _only(weekdays=["sunday", "monday"], **WEEKEND),
        _only(weekdays=["monday"], **WEEKEND | {"ends_at": "2026-12-12T00:00"}),
        _reward("goods", ends_at="2026-12-24T00:00", slots=[EARLY]),
        SHORT | {"credit_after_days": 30},
        SHORT | {"credit_after_days": 31, "expiry_rounding": "month_end"},
        _reward("free_shipping", key="post", ends_at=NEW_YEAR)
        | {"challenges": [LATE_WIN | {"starts_at": EARLY["starts_at"]}]},
        *(json.loads(path.read_text()) for path in READY_MADE),
    ],
)
def test_what_names_what_there_is_has_no_mistakes(document):
    assert [] == mistakes_in(document)


def test_dates_that_contradict_each_other_are_told_all_at_once():
    slots = [
        {"starts_at": "2026-11-01T00:00"},
        EARLY,
        {"starts_at": "2027-02-01T00:00"},
    ]
    window = {"starts_at": "2026-12-01T00:00", "ends_at": NEW_YEAR}
    document = _reward("goods", slots=slots, **window) | SHORT
    document |= {"credit_after_days": 60, "referral": {"stand_days": 60}}
    document |= _only(weekdays=["monday"], **WEEKEND)

    assert [each.path for each in mistakes_in(document)] == [
        "earning.1.conditions.weekdays",
        "rewards.0.slots.0.starts_at",
        "credit_after_days",
        "referral.stand_days",
    ]


def test_mistakes_of_a_draft_are_told_all_at_once():
    document = GOLD | _only(tiers=["gold"], channels=["Web"]) | {"expires_on": "04-31"}

    assert [each.path for each in mistakes_in(document)] == [
        "expires_on",
        "earning.1.conditions.channels",
        "earning.1.conditions.tiers",
    ]


SHAPELESS = {"credit_after_days": "soon", "rounding": "sideways"}
TWICE = [{"kind": "free_shipping", "points_cost": 5, "key": "post"}] * 2
TORN = {"kind": "free_product", "points_cost": "x", "product_id": "7a"}
POST = {"kind": "free_shipping", "points_cost": "5"}
CARD = {"stamp_cards": [{"name": "tenth", "reward": "free_shipping-5"}]}
BACKWARDS = {
    "kind": "percent_off",
    "points_cost": 10,
    "percent": 5,
    "starts_at": "2027-01-01T00:00",
    "ends_at": "2026-01-01T00:00",
}
GROSS = {"kind": "multiplier", "times": 2, "budget": {"cost": "9"}, "name": "b"}


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        (_only(tiers=["Gold"]), "earning.1.conditions.tiers"),
        ({"rewards": [TORN]}, "rewards.0.points_cost rewards.0.product_id"),
        (
            {"rewards": [TORN, *TWICE, *TWICE]},
            "rewards.0.points_cost rewards.0.product_id rewards.2 rewards.3 rewards.4",
        ),
        (
            {"rewards": [BACKWARDS | {"stock": -1}]},
            "rewards.0.ends_at rewards.0.stock",
        ),
        (
            _reward("goods", starts_at=NEW_YEAR, slots=[EARLY, {"starts_at": "x"}]),
            "rewards.0.slots.0.starts_at rewards.0.slots.1.starts_at",
        ),
        (
            {"tiers": {"downgrade": "one_down", "window": "ever"}},
            "tiers.grace_days tiers.window",
        ),
        (
            {"tiers": {"ladder": [{"name": "Gold", "needs": 5}], "downgrade": "up"}}
            | _reward("free_shipping", only_tiers=["gold"]),
            "rewards.0.only_tiers tiers.downgrade tiers.ladder.0.needs",
        ),
        (
            {"tiers": {"ladder": [{"name": "Gold"}] * 2 + [{"name": 5}]}},
            "tiers.ladder.1 tiers.ladder.2.name",
        ),
        ({"earning": [{"kind": "purchase"}, GROSS]}, "valuation"),
        (
            REPORTED | _surprise(action="visit", seed=5),
            "surprises.0.action surprises.0.seed",
        ),
        (
            {"rewards": [POST | {"key": "post"}]} | CARD,
            "rewards.0.points_cost stamp_cards.0.reward",
        ),
    ],
)
def test_what_has_a_wrong_shape_hides_no_other_mistake(document, paths):
    told = sorted(each.path for each in mistakes_in(document | SHAPELESS))

    assert told == sorted([*SHAPELESS, *paths.split()])


@pytest.mark.parametrize(
    ("document", "path"),
    [
        # Which tiers and actions there are, cannot be said of these.
        ({"tiers": {"ladder": 5}} | _only(tiers=["Gold"]), "tiers.ladder"),
        (
            {"tiers": {"ladder": [{"name": 5}]}} | _only(tiers=["Gold"]),
            "tiers.ladder.0.name",
        ),
        ({"actions": [{"kind": "chat"}]} | _step("chat"), "actions.0"),
        (
            {"actions": [{"kind": "custom", "named": "A!"}]} | _step("custom-a"),
            "actions.0.named",
        ),
        ({"rewards": [POST]} | CARD, "rewards.0.points_cost"),
        # Nor whether there are points for spending, or what a surprise follows.
        (
            {"earning": [{"kind": "bonus", "points": 5}, {"kind": "purchse"}]},
            "earning.1",
        ),
        (_surprise(after="acton", action="review"), "surprises.0.after"),
        # Nor when the points end.
        (
            SHORT | {"credit_after_days": 40, "expiry_rounding": "yearly"},
            "expiry_rounding",
        ),
        (
            {
                "earning": [{"kind": "purchase"}, GROSS],
                "valuation": {"per_100_points": "x"},
            },
            "valuation.per_100_points",
        ),
    ],
)
def test_nothing_is_said_that_hangs_on_what_cannot_be_read(document, path):
    assert [path] == [each.path for each in mistakes_in(document)]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"stamp_cards": [{"name": "A b"}]}, "must be small letters and digits, with"),
        ({"expires_on": "13-01"}, "must be a month and a day, as in 12-31"),
        ({"rewards": [None]}, "must not be empty"),
        ({"counting": {"excluded_tags": [None]}}, "must not be empty"),
        ({"counting": {"excluded_tags": [5]}}, "must be a text"),
        ({"counting": {"includes_tax": "maybe"}}, "must be true or false"),
        ({"rounding": "sideways"}, "must be one of: down, nearest, up"),
        ({"challenges": [{"name": "a", "steps": []}]}, "must have at least 1"),
    ],
)
def test_mistakes_are_in_the_words_of_people(document, words):
    (mistake,) = mistakes_in(document)

    assert words in mistake.words


def test_the_check_on_the_page_that_says_how_one_is_added_works():
    page = (ROOT / "docs" / "programme-page.md").read_text()
    [written] = re.findall("```python\n(.*?)```", page, re.DOTALL)
    names = dict(vars(drafts))
    exec(written, names)

    def told(**settings):
        return [*names["_warned_too_early"](drafts._Draft(Program(**settings), ()))]

    [(path, _)] = told(expires_after_months=1)
    assert "expiry_warned_days" == path
    assert [] == told(expires_after_months=2)


def test_campaigns_without_points_for_spending_give_none_and_say_so():
    program = load_program({"earning": [{"kind": "bonus", "points": 5}]})

    told = program.award(Eligible(1000, "EUR")).reason

    assert "nothing gives points for spending" == told


def test_only_what_the_store_lets_go_can_be_given_back():
    def comes_back(kind, **told):
        return load_program(_reward(kind, **told)).rewards[0].comes_back

    assert comes_back("gift_card", amount="5")
    assert not comes_back("gift_card", amount="5", unused_returns=False)
    assert not comes_back("store_credit", amount="5")


def test_goods_tell_what_they_are_below_a_name_of_their_own():
    def details(**told):
        goods = load_program(_reward("goods", **told)).rewards[0]
        return name_of(goods, Translator("EUR")), goods.details

    assert ("Mug", "Blue, 0.3 l") == details(title="Mug", description="Blue, 0.3 l")
    assert ("Blue, 0.3 l", "") == details(description="Blue, 0.3 l")

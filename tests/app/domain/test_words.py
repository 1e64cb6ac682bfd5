"""A programme in plain words says what its rules do."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings

from app.domain.actions import Birthday, Custom, Joining, Review, Social, Survey
from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.earning import Bonus, Multiplier, PurchasePoints, Stacking
from app.domain.earning.conditions import Conditions
from app.domain.ended import what_ended
from app.domain.engagement.products import Products
from app.domain.engagement.stamp_card import StampCard, StampFor
from app.domain.engagement.surprise import After, Surprise
from app.domain.languages import LANGUAGES
from app.domain.languages.translator import Translator
from app.domain.program import (
    ActionLimits,
    Counting,
    CreditWhen,
    ExpiryRounding,
    Limits,
    Program,
)
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import (
    Donation,
    FreeShipping,
    GiftCard,
    GivenBack,
    Goods,
    PointsAsMoney,
)
from app.domain.tiers import (
    Engagement,
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tier,
    Tiers,
    Window,
)
from app.domain.ways import last_end
from app.domain.words import parts_in_words, program_in_words
from tests.builders.settings import any_of

# How Python writes what is no text.
_REPRS = r"Decimal\(|frozenset\(|datetime\.|<[A-Z]\w+[.:]|object at"
EUROS = Translator("EUR")


def _about(program: Program, *titles: str) -> list[tuple[str, ...]]:
    parts = {part.title: part.lines for part in parts_in_words(program, EUROS)}
    return [parts[title] for title in titles]


def test_limits_waiting_and_what_does_not_count_are_told():
    program = Program(
        earning=(PurchasePoints(rate=Decimal("2.5")),),
        counting=Counting(includes_tax=True, excluded_tags=frozenset({"SALE", "art"})),
        limits=Limits(order_amount_min=Decimal(10), points_per_day_max=1000),
        credit_when=CreditWhen.FULFILLED,
        credit_after_days=14,
    )

    told = program_in_words(program, Translator("JPY"))

    assert told[:6] == [
        "You earn 2.5 points for each ¥1 you spend.",
        "There are no points for shipping and buying gift cards.",
        "There are no points for products tagged “art” or “sale”.",
        "An order earns from ¥10 on.",
        "Orders bring you at most 1,000 points a day.",
        "You can spend your points 14 days after the order is fulfilled.",
    ]


def test_what_ends_points_is_told_and_what_keeps_them():
    lapsing = Program(
        expires_after_inactive_months=12, expiry_rounding=ExpiryRounding.MONTH_END
    )
    both = replace(lapsing, expires_after_months=24)
    silence = [
        "Points expire when you have done nothing for 12 months, at the end of that "
        "month.",
        "A paid order, a reward that you take or an action of yours keeps them.",
    ]
    date = "Points expire 24 months after they were earned, at the end of "

    assert silence == program_in_words(lapsing, EUROS)[3:5]
    assert [f"{date}that month.", *silence] == program_in_words(both, EUROS)[3:6]
    assert "Points never expire." in program_in_words(Program(), EUROS)


def test_tiers_are_told_with_what_they_ask_for_and_bring():
    silver = Tier(name="Silver", needs=(OrdersPlaced(orders=3),), ships_free=True)
    gold = Tier(
        name="Gold",
        needs=(Spending(amount=Decimal(500)), PointsEarned(points=2000)),
        needs_all=False,
        product_ids=frozenset({"9"}),
        selling_plan_ids=frozenset({"77"}),
        earn_times=Decimal("1.50"),
        percent_off=20,
        birthday_points=100,
    )
    tiers = Tiers(ladder=(silver, gold), window=Window.ROLLING, grace_days=30)

    assert program_in_words(Program(tiers=tiers), EUROS)[-5:] == [
        "Tier Silver, for 3 orders within 12 months: free shipping.",
        "Tier Gold, for €500.00 spent or 2,000 points earned within 12 months or a "
        "membership of 12 months that you buy or a subscription (1 month with each "
        "payment): 1.5 times the points, 20% off every order and 100 points on your "
        "birthday.",
        "What you return no longer counts for your tier.",
        "Once you no longer meet a tier, you keep it for 30 days more.",
        "You get points on your birthday once we have known it for 30 days.",
    ]


def test_what_is_earned_beside_orders_is_told():
    tea = Products(tags=frozenset({"Tea"}))
    steps = OrdersStep(orders=3, products=tea), SpendStep(), ActStep(times=2)
    program = Program(
        actions=(
            Joining(points=25),
            Review(points=1, times_per_day_max=1, times_per_member_max=9),
            Social(),
            Custom(named="visit", title="Drop in"),
            Survey(title="Tell us how you brew"),
        ),
        action_limits=ActionLimits(points_per_day_max=70),
        stamp_cards=(
            StampCard(name="tea", products=tea),
            StampCard(name="visits", stamp_for=StampFor.VISIT, amount_min=Decimal(9)),
        ),
        challenges=(Challenge(name="big-one", steps=steps),),
        surprises=(
            Surprise(name="thanks", seed="s", percent=Decimal(5)),
            Surprise(name="more", seed="s", title="Extra"),
            Surprise(name="words", seed="s", after=After.ACTION, action="survey"),
            Surprise(
                name="post",
                seed="s",
                after=After.ACTION,
                action="review",
                times_per_member_max=2,
            ),
        ),
    )

    [told] = _about(program, "More ways to earn")

    assert told == (
        "You earn 25 points for opening an account, once.",
        "You earn 1 point for writing a review, at most once a day, at most 9 times "
        "in all.",
        "You earn 50 points for following us on Instagram, once.",
        "You earn 50 points for “Drop in”.",
        "You earn 50 points for “Tell us how you brew”.",
        "Actions like these bring you at most 70 points a day.",
        "100 points for every 10 items tagged “tea” (“Tea”).",
        "100 points for every 10 orders from €9.00 an order on (“Visits”).",
        "100 points for “Big one”: Place 3 orders with items tagged “tea”; Spend "
        "€100.00; Write a review, 2 times.",
        "Now and then 50 points after an order (“Thanks”), at most once a member.",
        "Always 50 points after an order (“Extra”), at most once a member.",
        "Always 50 points after the action “Tell us how you brew” (“Words”), at most "
        "once a member.",
        "Always 50 points after the action “Write a review” (“Post”), at most 2 times "
        "a member.",
    )


def test_what_members_could_trip_over_is_told():
    tea = Products(tags=frozenset({"tea"}))
    program = Program(
        rewards=(
            PointsAsMoney(
                points_cost=1, amount=Decimal(1), points_max=900, order_share_max=50
            ),
            FreeShipping(
                points_cost=2,
                stock=5,
                unused_returns=False,
                given_back=GivenBack.NEVER,
            ),
            Donation(
                points_cost=3,
                cause="trees",
                amount=Decimal(1),
                valid_days=9,
                order_amount_min=Decimal(9),
                unused_returns=False,
                given_back=GivenBack.NEVER,
            ),
            GiftCard(points_cost=4, amount=Decimal(5), given_back=GivenBack.WHOLE),
        ),
        referral=ReferralTerms(gift_valid_days=7),
        actions=(Birthday(days_known_before=60),),
        challenges=(
            Challenge(
                name="big",
                starts_at=datetime(2026, 12, 1),  # noqa: DTZ001
                steps=(OrdersStep(),),
            ),
        ),
        surprises=(
            Surprise(
                name="more",
                seed="s",
                products=tea,
                amount_min=Decimal(9),
                times_per_member_max=3,
            ),
        ),
    )

    parts = _about(program, "What points buy", "Bringing friends", "More ways to earn")

    assert [line for part in parts for line in part] == [
        "2 points buy: Free shipping, while they last: 5 in all, no points back if you "
        "do not use it, no points back if you return the order.",
        "3 points buy: €1.00 for trees.",
        "4 points buy: €5.00 gift card.",
        "100 points buy: €1.00 off for each 100 points, at most 900 points at once, "
        "for at most 50% of an order.",
        "You get 500 points for a friend whose first order of €20.00 or more stands "
        "14 days; your friend gets €5.00 off, to be used within 7 days.",
        "You get points for at most 10 friends a month.",
        "You earn 50 points for your birthday, once we have known it for 60 days.",
        "100 points for “Big” from 1 December 2026: Place 3 orders.",
        "Always 50 points after an order with items tagged “tea” from €9.00 on "
        "(“More”), at most 3 times a member.",
    ]


def test_a_programme_reads_as_it_works():
    trail = Custom(named="check-in", title="Check in at a trail", needs_approval=True)
    some = Conditions(tags=frozenset({"tea"}), product_ids=frozenset({"501"}))
    score = Engagement(score=20, per_amount=Decimal(0), per_action=Decimal("2.5"))
    program = Program(
        earning=(PurchasePoints(), Multiplier(times=Decimal(2), conditions=some)),
        rewards=(
            PointsAsMoney(points_cost=150, step=100, amount=Decimal(1)),
            Goods(points_cost=300, description="A mug"),
        ),
        actions=(trail,),
        challenges=(
            Challenge(name="big", steps=(ActStep(action=trail.action, times=4),)),
        ),
        referral=ReferralTerms(stand_days=0),
        tiers=Tiers(
            ladder=(Tier(name="Insider", needs=(score,), earn_times=Decimal(3)),)
        ),
    )
    told = program_in_words(program, EUROS)

    for sentence in (
        "You earn 2 times the points on products tagged “tea” or that we chose.",
        "Offers and tiers that hold at the same time add up.",
        "200 points buy: €1.00 off for each 100 points.",
        "300 points buy: A mug, once the store has agreed to it.",
        "You earn 50 points for “Check in at a trail”, once the store has approved it.",
        "100 points for “Big”: Check in at a trail, 4 times.",
        "You get 500 points for a friend whose first order of €20.00 or more is "
        "paid; your friend gets €5.00 off, to be used within 30 days.",
        "Tier Insider, for a score of 20 (10 for each order and 2.5 for each action "
        "that earned): 3 times the points.",
    ):
        assert sentence in told


def test_products_and_collections_are_told_by_no_ids_of_the_store():
    some = Products(product_ids=frozenset({"502", "501"}))
    program = Program(
        earning=(
            PurchasePoints(),
            Multiplier(
                times=Decimal(2),
                conditions=Conditions(collection_ids=frozenset({"77"})),
            ),
            Multiplier(
                times=Decimal(3),
                conditions=Conditions(
                    product_ids=frozenset(map(str, range(12))),
                    collection_ids=frozenset({"8", "9"}),
                ),
            ),
        ),
        counting=Counting(
            excluded_product_ids=frozenset({"3"}), excluded_tags=frozenset({"sale"})
        ),
        stamp_cards=(StampCard(name="tea", products=some),),
        challenges=(Challenge(name="big", steps=(SpendStep(products=some),)),),
    )

    told = program_in_words(program, EUROS)

    for sentence in (
        "You earn 2 times the points on products of a chosen collection.",
        "You earn 3 times the points on products of 2 chosen collections or that "
        "we chose.",
        "There are no points for products tagged “sale” or that we chose.",
        "100 points for every 10 items that we chose (“Tea”).",
        "100 points for “Big”: Spend €100.00 on items that we chose.",
    ):
        assert sentence in told


def test_where_offers_multiply_a_bonus_is_said_not_to():
    sentence = "Points more with an order are never multiplied."
    twice = Multiplier(times=Decimal(2))
    rules = PurchasePoints(), twice, Bonus(points=5)
    program = Program(earning=rules, stacking=Stacking.MULTIPLY)

    assert sentence in program_in_words(program, EUROS)
    for other in (
        replace(program, stacking=Stacking.ADD),
        replace(program, earning=(PurchasePoints(), twice, twice)),
    ):
        assert sentence not in program_in_words(other, EUROS)


def test_no_most_of_friends_is_told_where_there_is_none():
    terms = ReferralTerms(friends_per_month_max=None)

    told = program_in_words(Program(referral=terms), EUROS)

    assert not [sentence for sentence in told if "a month" in sentence]


def test_what_has_ended_is_promised_no_more():
    ends_at = datetime(2026, 12, 2)  # noqa: DTZ001
    twice = Multiplier(times=Decimal(2), conditions=Conditions(ends_at=ends_at))
    program = Program(
        earning=(PurchasePoints(), twice),
        rewards=(FreeShipping(points_cost=5, ends_at=ends_at),),
        challenges=(Challenge(name="big", ends_at=ends_at, steps=(OrdersStep(),)),),
    )
    before = program_in_words(program, EUROS, ends_at - timedelta(minutes=1))
    after = program_in_words(program, EUROS, ends_at)

    assert before == program_in_words(program, EUROS)
    assert [each for each in before if each not in after] == [
        "You earn 2 times the points until the end of 1 December 2026.",
        "100 points for “Big” until the end of 1 December 2026: Place 3 orders.",
        "5 points buy: Free shipping, until the end of 1 December 2026.",
    ]
    assert last_end(program, ends_at) == ends_at
    assert last_end(program, ends_at - timedelta(minutes=1)) is None
    assert [each.partition(":")[0] for each in what_ended(program, ends_at)] == [
        "earning.1",
        "rewards.0",
        "challenges.0",
    ]


@settings(max_examples=30)
@given(any_of(Program))
def test_every_program_can_be_told_in_every_language(program):
    for tag in LANGUAGES:
        parts = parts_in_words(program, Translator("EUR", tag))
        told = [line for part in parts for line in part.lines]

        assert all(part.title and part.lines for part in parts)
        assert len(told) >= len(program.earning) + len(program.rewards) + 3
        assert all(sentence.endswith(".") for sentence in told)
        assert all(sentence[0].isupper() or sentence[0].isdigit() for sentence in told)
        assert not [line for line in told if re.search(_REPRS, line)]

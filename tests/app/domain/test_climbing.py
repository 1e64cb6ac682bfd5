"""Tiers over a member's history: what orders earn in them, gifts, and new versions."""

from datetime import UTC, datetime
from decimal import Decimal

from app.domain.beside import Beside
from app.domain.climbing import BEGINNING, Era, climbed
from app.domain.credits import MemberOrder, assess_all, credits
from app.domain.earning import Bonus, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.explain import explain
from app.domain.languages.translator import Translator
from app.domain.program import Program, ReturnPolicy
from app.domain.tiers import (
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tier,
    Tiers,
    Window,
)
from app.domain.tiers.standing import TierStanding, next_tier
from app.domain.tiers.words import keeping
from tests.app.domain.heard import PAID, REFUND, heard
from tests.builders.shopify import a_line, a_refund, an_order

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOLD = Tier(
    name="Gold",
    needs=(Spending(amount=Decimal(100)),),
    earn_times=Decimal(2),
    entry_points=50,
)
ROLLING = Tiers(ladder=(GOLD,), window=Window.ROLLING)


def _order(number: int, price: str, on: str, *news, program=None, **more):
    at = f"{on}T10:00:00Z"
    times = {"processed_at": at, "created_at": at, "updated_at": at}
    body = an_order(a_line(price, **more), id=number, name=f"#{number}", **times)
    return MemberOrder(
        1, heard((PAID, body), *news), program or Program(tiers=ROLLING), "UTC"
    )


def _refund(number: int, amount: str, on: str, id: int = 9001):
    at = f"{on}T10:00:00Z"
    body = a_refund(amount, (11, 1, amount), order_id=number, id=id)
    return REFUND, body | {"created_at": at, "processed_at": at}


def _points(*orders):
    return {each.order.facts.order_id: each.points for each in assess_all(orders)}


def _climbed(*orders, eras=None, now=NOW):
    program = orders[0].program if orders else Program(tiers=ROLLING)
    eras = eras or [Era(BEGINNING, program)]
    return climbed(assess_all(orders), Beside(), eras, now, "EUR", "UTC")


def test_an_order_is_multiplied_by_the_tier_in_which_it_was_placed():
    first = _order(1, "100.00", "2026-03-01")
    second = _order(2, "10.00", "2026-04-01")

    assert _points(second, first) == {"2": 20, "1": 100}


def test_an_order_does_not_help_itself_nor_another_of_the_same_moment():
    both = _order(1, "100.00", "2026-03-01"), _order(2, "10.00", "2026-03-01")

    assert _points(*both) == {"1": 100, "2": 10}


def test_a_later_refund_leaves_the_multiplier_of_an_earlier_order():
    back = _refund(1, "100.00", "2026-05-01")
    first = _order(1, "100.00", "2026-03-01", back)
    orders = first, _order(2, "10.00", "2026-04-01"), _order(3, "10.00", "2026-06-01")

    assert _points(*orders) == {"1": 100, "2": 20, "3": 10}


def test_points_that_a_tier_multiplied_count_for_the_next_tier():
    gold = Tier(name="Gold", needs=(PointsEarned(points=300),), earn_times=Decimal(3))
    silver = Tier(
        name="Silver", needs=(PointsEarned(points=100),), earn_times=Decimal(2)
    )
    program = Program(tiers=Tiers(ladder=(silver, gold)))
    on = ("2026-03-01", "2026-04-01", "2026-05-01")
    orders = [_order(n, "100.00", day, program=program) for n, day in enumerate(on, 1)]

    assert _points(*orders) == {"1": 100, "2": 200, "3": 300}


def test_a_tier_that_time_took_multiplies_no_more():
    first, late = _order(1, "100.00", "2025-03-01"), _order(2, "10.00", "2026-03-02")

    assert _points(first, late) == {"1": 100, "2": 10}


def test_a_campaign_may_be_for_members_of_a_tier():
    plain = Tier(name="Gold", needs=GOLD.needs)
    bonus = Bonus(points=30, conditions=Conditions(tiers=frozenset({"Gold"})))
    program = Program(earning=(PurchasePoints(), bonus), tiers=Tiers(ladder=(plain,)))
    orders = [
        _order(1, "100.00", "2026-03-01", program=program),
        _order(2, "10.00", "2026-04-01", program=program),
    ]

    assert _points(*orders) == {"1": 100, "2": 40}
    assert bonus.in_words(Translator("EUR")) == "30 points more with an order as Gold"


def test_the_story_of_an_order_tells_the_tier_and_why():
    orders = _order(1, "100.00", "2026-03-01"), _order(2, "10.00", "2026-04-01")
    assessed = assess_all(orders)
    story = explain(assessed[1], credits(assessed)[1])

    assert (
        "Its tier when it was placed: Gold asks for €100.00 spent within 12 months, "
        "and it was €100.00 spent." in story
    )
    assert "2 times the points for 10.00 EUR as Gold" in story[-1]


def test_a_gift_is_given_once_however_often_a_tier_is_reached():
    orders = _order(1, "100.00", "2025-01-01"), _order(2, "100.00", "2026-10-01")
    told = _climbed(*orders)

    [gift] = told.gifts
    assert (gift.lot, gift.points, gift.at.year) == ("tier/Gold", 50, 2025)
    assert gift.reversals == ()
    assert told.standing.since == datetime(2026, 10, 1, 10, tzinfo=UTC)


def test_a_return_that_undoes_the_reach_takes_the_gift_back_whatever_it_bought():
    back = _refund(1, "60.00", "2026-04-01")
    program = Program(tiers=ROLLING, return_policy=ReturnPolicy.ONLY_PENDING)
    [gift] = _climbed(_order(1, "100.00", "2026-03-01", back, program=program)).gifts

    [reversal] = gift.reversals
    assert (reversal.points, reversal.at.month) == (50, 4)
    assert gift.return_policy is ReturnPolicy.UNLIMITED


def test_a_tier_that_is_reached_again_after_its_gift_was_taken_gives_it_again():
    back = _refund(1, "60.00", "2026-04-01")
    orders = _order(1, "100.00", "2026-03-01", back), _order(2, "60.00", "2026-05-01")

    gifts = _climbed(*orders).gifts
    assert [(each.lot, len(each.reversals)) for each in gifts] == [
        ("tier/Gold", 1),
        ("tier/Gold/2", 0),
    ]


def test_a_return_after_time_has_taken_the_tier_undoes_the_reach_as_well():
    back = _refund(1, "60.00", "2026-06-01")
    [gift] = _climbed(_order(1, "100.00", "2025-03-01", back)).gifts

    assert [each.points for each in gift.reversals] == [50]


def test_a_gift_is_as_the_version_promised_in_which_the_tier_was_reached():
    richer = Tier(name="Gold", needs=GOLD.needs, entry_points=70)
    eras = [
        Era(BEGINNING, Program(tiers=ROLLING)),
        Era(datetime(2026, 5, 1, tzinfo=UTC), Program(tiers=Tiers(ladder=(richer,)))),
    ]
    early = _climbed(_order(1, "100.00", "2026-04-01"), eras=eras)
    late = _climbed(_order(1, "100.00", "2026-06-01"), eras=eras)

    assert [each.points for each in (*early.gifts, *late.gifts)] == [50, 70]


def test_who_was_in_a_tier_before_it_had_a_gift_gets_none():
    plain = Tiers(ladder=(Tier(name="Gold", needs=GOLD.needs),))
    eras = [
        Era(BEGINNING, Program(tiers=plain)),
        Era(datetime(2026, 5, 1, tzinfo=UTC), Program(tiers=ROLLING)),
    ]

    assert _climbed(_order(1, "100.00", "2026-04-01"), eras=eras).gifts == ()


def test_tiers_that_begin_later_are_reached_when_they_begin():
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    eras = [Era(BEGINNING, Program()), Era(begin, Program(tiers=ROLLING))]
    order = _order(1, "100.00", "2026-04-01", program=Program())
    before = _climbed(order, eras=eras, now=datetime(2026, 4, 20, tzinfo=UTC))
    after = _climbed(order, eras=eras)

    assert (before.standing, before.due_at) == (None, begin)
    assert (after.standing.tier, after.standing.since) == ("Gold", begin)
    assert [each.at for each in after.gifts] == [begin]


def test_what_keeps_a_tier_is_told_with_its_last_day():
    orders = _order(1, "60.00", "2026-04-01"), _order(2, "70.00", "2026-10-01")
    told = _climbed(*orders).standing

    assert told.until == datetime(2027, 4, 1, 10, tzinfo=UTC)
    assert keeping(ROLLING, told, "UTC", Translator("EUR")) == (
        "Spend €30.00 more by 1 April 2027 to stay Gold"
    )


def test_a_calendar_year_is_told_by_its_last_day():
    tiers = Tiers(ladder=(GOLD,), window=Window.CALENDAR_YEAR)
    order = _order(1, "130.00", "2026-04-01", program=Program(tiers=tiers))

    assert keeping(tiers, _climbed(order).standing, "UTC", Translator("EUR")) == (
        "Spend €100.00 more by 31 December 2026 to stay Gold"
    )


def test_the_member_is_looked_at_again_whenever_something_stops_counting():
    orders = _order(1, "60.00", "2026-04-01"), _order(2, "170.00", "2026-10-01")
    told = _climbed(*orders)

    # The tier stays at that time, but less is counted for it.
    assert told.due_at == datetime(2027, 4, 1, 10, tzinfo=UTC)
    assert told.standing.until == datetime(2027, 10, 1, 10, tzinfo=UTC)


def test_the_next_tier_is_the_next_that_can_be_reached_by_doing_something():
    tiers = Tiers(
        ladder=(
            Tier(name="Silver", needs=(OrdersPlaced(orders=4),)),
            Tier(name="Club", product_ids=frozenset({"9"})),
            GOLD,
        )
    )
    told = next_tier(tiers, None, Translator("EUR"))
    silver = next_tier(tiers, TierStanding("Silver"), Translator("EUR"))

    assert (told.name, told.progress, told.missing) == (
        "Silver",
        0,
        "place 4 orders more",
    )
    assert silver.name == "Gold"


def test_a_membership_is_a_line_of_an_order_even_where_it_earns_nothing():
    club = Tier(name="Club", product_ids=frozenset({"77"}), earn_times=Decimal(2))
    program = Program(tiers=Tiers(ladder=(club,)))
    bought = _order(1, "20.00", "2026-03-01", program=program, product_id=77)
    then = _order(2, "10.00", "2026-04-01", program=program)
    back = _refund(1, "20.00", "2026-03-20")
    returned = _order(1, "20.00", "2026-03-01", back, program=program, product_id=77)

    assert _points(bought, then) == {"1": 20, "2": 20}
    assert _points(returned, then) == {"1": 20, "2": 10}
    assert _climbed(bought).standing.until == datetime(2027, 3, 1, 10, tzinfo=UTC)


def test_a_paid_line_is_a_subscription_by_its_plan_until_it_is_given_back():
    gold = Tier(name="Gold", selling_plan_ids=frozenset({"77"}), earn_times=Decimal(2))
    told = {"program": Program(tiers=Tiers(ladder=(gold,))), "selling_plan_id": 77}
    bought = _order(1, "20.00", "2026-03-01", **told)
    then = _order(2, "10.00", "2026-03-20", **told | {"selling_plan_id": None})
    back = _refund(1, "20.00", "2026-03-10")
    unknown = _order(1, "20.00", "2026-03-01", program=told["program"])

    assert _points(bought, then) == {"1": 20, "2": 20}
    for none in (
        _order(1, "20.00", "2026-03-01", back, **told),
        _order(1, "0.00", "2026-03-01", **told),
        _order(1, "20.00", "2026-03-01", **told | {"selling_plan_id": 78}),
        unknown,
    ):
        assert _points(none, then)["2"] == 10
    end = datetime(2026, 4, 1, 10, tzinfo=UTC)
    standing = _climbed(bought, then, now=datetime(2026, 3, 21, tzinfo=UTC)).standing
    assert (standing.tier, standing.until) == ("Gold", end)
    assert standing.reason == "Gold comes with a subscription until 1 April 2026"

"""Tiers: what counts and for how long, what time and returns take, what is missing."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.languages.translator import Translator
from app.domain.tiers import (
    NEEDS,
    Downgrade,
    Engagement,
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tally,
    Tier,
    Tiers,
    Window,
)
from app.domain.tiers.climb import By, Climb
from app.domain.tiers.deeds import Bought, Deed, Held, Left, Word, last_words
from app.domain.tiers.why import why
from tests.app.domain.deeds import (
    POLICIES,
    a_deed,
    a_ladder,
    day,
    drawn_deeds,
    drawn_moments,
    level_at,
    reckoned_level,
    spent,
)
from tests.builders.settings import any_of
from tests.builders.sometimes import sometimes

ROLLING = {"window": Window.ROLLING, "months": 12}


def test_the_level_is_the_best_within_grace_of_what_is_left_now():
    with sometimes("in a tier", "kept by grace", "lost with time", least=5) as seen:

        @settings(max_examples=150)
        @given(drawn_moments())
        def must_agree(told):
            tiers, deeds, now = told
            level = reckoned_level(tiers, deeds, now)
            at_once = replace(tiers, grace_days=0, downgrade=Downgrade.BY_BALANCE)
            met = reckoned_level(at_once, deeds, now)
            seen["in a tier"] += level > 0
            seen["kept by grace"] += level > met
            ever = replace(at_once, window=Window.LIFETIME)
            seen["lost with time"] += level < reckoned_level(ever, deeds, now)

            assert level == level_at(tiers, deeds, now)

        must_agree()


@given(POLICIES, drawn_deeds(), st.randoms())
def test_it_does_not_matter_in_which_order_deeds_are_heard_of(tiers, deeds, random):
    shuffled = list(deeds)
    random.shuffle(shuffled)
    climbs = []
    for told in (deeds, shuffled):
        climb = Climb(tiers)
        for deed in told:
            climb.add(deed)
        climb.run_through(day(5000))
        climbs.append((climb.changes, climb.peaks, climb.tally))

    assert climbs[0] == climbs[1]


@given(POLICIES, drawn_deeds(), st.integers(0, 2500), st.data())
def test_a_return_never_lifts_anybody(tiers, deeds, now, data):
    if not deeds:
        return
    which = data.draw(st.integers(0, len(deeds) - 1))
    deed = deeds[which]
    when = max(deed.lefts[-1].at, day(data.draw(st.integers(0, 1500))))
    returned = replace(deed, lefts=(*deed.lefts, Left(when, Tally())))
    others = [*deeds[:which], returned, *deeds[which + 1 :]]

    assert level_at(tiers, others, day(now)) <= level_at(tiers, deeds, day(now))


@given(POLICIES, drawn_deeds())
def test_in_the_end_time_takes_every_tier_that_it_can(tiers, deeds):
    climb = Climb(tiers)
    for deed in deeds:
        climb.add(deed)
    climb.run_through(datetime(2300, 1, 1, tzinfo=UTC))

    assert climb.next_at is None
    left = sum(deed.lefts[-1].tally.points for deed in deeds)
    kept = tiers.reached(spent(left)) if tiers.window is Window.LIFETIME else 0
    assert climb.hold.level == kept


@given(POLICIES, drawn_deeds())
def test_going_one_down_takes_one_step_at_a_time(tiers, deeds):
    if tiers.downgrade is not Downgrade.ONE_DOWN:
        return
    kept = [replace(deed, lefts=deed.lefts[:1]) for deed in deeds]
    climb = Climb(tiers)
    for deed in kept:
        climb.add(deed)
    climb.run_through(day(9000))

    levels = [0, *(change.level for change in climb.changes)]
    drops = [before - after for before, after in pairwise(levels)]
    assert all(drop <= 1 for drop in drops)


def test_a_lifetime_forgets_nothing_but_what_went_back():
    tiers = a_ladder(10, 50)
    deeds = [a_deed(30, 0), a_deed(30, 5000, (5010, 10), name="b")]

    at = (day(4999), day(5000), day(5009), day(5010))
    assert [level_at(tiers, deeds, each) for each in at] == [1, 2, 2, 1]


def test_a_rolling_window_ends_to_the_moment():
    tiers = a_ladder(50, **ROLLING)
    deeds = [a_deed(30, 0), a_deed(30, 100, name="b")]
    end = datetime(2027, 1, 1, tzinfo=UTC)

    at = (day(99), day(100), end.replace(year=2026, month=12), end)
    assert [level_at(tiers, deeds, each) for each in at] == [0, 1, 1, 0]


def test_a_calendar_year_ends_at_midnight_in_the_store():
    tiers = a_ladder(50, window=Window.CALENDAR_YEAR)
    placed = datetime(2026, 12, 31, 22, tzinfo=UTC)
    deed = Deed("a", "Europe/Berlin", (Left(placed, spent(60)),))

    before = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    midnight = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert [level_at(tiers, [deed], at) for at in (before, midnight)] == [1, 0]


def test_what_is_left_of_an_order_counts_from_its_refund_on():
    tiers = a_ladder(50, **ROLLING)
    deeds = [a_deed(60, 0, (10, 45)), a_deed(5, 20, name="b")]

    at = (day(0), day(10), day(20))
    assert [level_at(tiers, deeds, each) for each in at] == [1, 0, 1]


def test_days_of_grace_are_for_time_and_not_for_returns():
    tiers = a_ladder(50, grace_days=30, **ROLLING)

    assert level_at(tiers, [a_deed(60, 0)], day(365 + 29)) == 1
    assert level_at(tiers, [a_deed(60, 0)], day(365 + 30)) == 0
    assert level_at(tiers, [a_deed(60, 0, (9, 0))], day(9)) == 0
    # A return within the days of grace ends them, too.
    assert level_at(tiers, [a_deed(60, 0, (370, 0))], day(370)) == 0


def test_a_tier_falls_one_step_at_a_time_or_to_where_the_figures_are():
    by_balance = a_ladder(10, 30, 60, grace_days=30, **ROLLING)
    one_down = replace(by_balance, downgrade=Downgrade.ONE_DOWN)
    at = [day(365 + days) for days in (0, 29, 30, 60, 90)]

    assert [level_at(by_balance, [a_deed(60, 0)], each) for each in at] == [
        *(3, 3, 0, 0, 0)
    ]
    assert [level_at(one_down, [a_deed(60, 0)], each) for each in at] == [
        *(3, 3, 2, 1, 0)
    ]


def test_going_down_stops_where_the_figures_are():
    tiers = replace(
        a_ladder(10, 30, 60, grace_days=30, **ROLLING), downgrade=Downgrade.ONE_DOWN
    )
    deeds = [a_deed(50, 0), a_deed(30, 300, name="b")]

    at = (day(364), day(365 + 29), day(365 + 30), day(365 + 200))
    assert [level_at(tiers, deeds, each) for each in at] == [3, 3, 2, 2]


def test_a_tier_may_ask_for_several_things_or_for_any_of_them():
    both = Tier(
        name="Gold", needs=(Spending(amount=Decimal(100)), OrdersPlaced(orders=3))
    )
    either = replace(both, needs_all=False)
    much, often = spent(100), Tally((("EUR", 300),), 3, 3)

    assert [tier.is_met(much) for tier in (both, either)] == [False, True]
    assert [tier.is_met(often) for tier in (both, either)] == [False, True]
    assert both.is_met(much.plus(often))
    assert not Tier(name="By hand").is_met(much)


@pytest.mark.parametrize(
    ("need", "share", "missing"),
    [
        (Spending(amount=Decimal(200)), Fraction(1, 4), "spend €150.00 more"),
        (PointsEarned(points=60), Fraction(5, 6), "earn 10 points more"),
        (OrdersPlaced(orders=3), Fraction(1, 3), "place 2 orders more"),
        (Engagement(score=100), Fraction(3, 5), "raise your score by 40"),
    ],
)
def test_each_measure_tells_how_far_it_is(need, share, missing):
    assert need.share(spent(50)) == share
    assert need.missing_in_words(spent(50), Translator("EUR")) == missing


@pytest.mark.parametrize("kind", NEEDS)
@given(data=st.data())
def test_every_measure_is_not_met_by_nothing_and_never_less_for_more(kind, data):
    need = data.draw(any_of(kind))
    more = [Tally((("EUR", n),), n, n) for n in (1, 100, 10**6)]
    shares = [need.share(tally) for tally in (Tally(), *more)]

    assert shares == sorted(shares)
    assert shares[0] == 0
    assert need.in_words(Translator("EUR"))
    assert need.reached_in_words(more[0], Translator("EUR"))
    assert need.missing_in_words(Tally(), Translator("EUR"))


def test_money_of_two_currencies_goes_together_as_their_amounts_stand():
    need = Spending(amount=Decimal(100), amounts={"JPY": Decimal(20_000)})
    both = Tally((("EUR", 5_000), ("JPY", 10_000)))

    assert need.share(both) == 1
    assert need.reached_in_words(both, Translator("JPY")) == "¥20,000 spent"


def _member(*bought: Bought, months: int = 12, grace_days: int = 0) -> Climb:
    club = Tier(name="Club", product_ids=frozenset({"9"}), product_months=months)
    climb = Climb(Tiers(ladder=(club,), grace_days=grace_days))
    for number, each in enumerate(bought):
        left = (Left(each.at, spent(1)),)
        climb.add(Deed(f"order{number}", "UTC", left, (each,)))
    return climb


def _levels(climb: Climb, *days: float) -> list[int]:
    found = []
    for each in days:
        climb.run_through(day(each))
        found.append(climb.hold.level)
    return found


def test_a_membership_holds_for_its_months_and_a_renewal_goes_on_from_its_end():
    first = Bought("9", day(0), "UTC")
    renewed = Bought("9", day(300), "UTC")

    assert _levels(_member(first), -1, 0, 364, 365) == [0, 1, 1, 0]
    assert _levels(_member(first, renewed), 365, 729, 730) == [1, 1, 0]
    assert _levels(_member(Bought("8", day(0), "UTC")), 1) == [0]


def test_a_membership_that_is_given_back_ends_at_once():
    first = Bought("9", day(0), "UTC", ended_at=day(10))
    second = Bought("9", day(5), "UTC")

    assert _levels(_member(first), 9, 10) == [1, 0]
    # The other then began when it was bought, and not after the first.
    assert _levels(_member(first, second), 10, 369, 370) == [1, 1, 0]


def test_a_subscription_that_is_paid_late_goes_on_within_the_days_of_grace():
    months = [Bought("9", day(at), "UTC") for at in (0, 32, 60)]

    assert _levels(_member(*months, months=1), 30, 31, 32) == [1, 0, 1]
    climb = _member(*months, months=1, grace_days=3)
    assert _levels(climb, 31, 32, 62, 89, 92, 93) == [1, 1, 1, 1, 1, 0]


def _subscriber(*bought: Bought, grace_days: int = 0, **more) -> Climb:
    """Somebody whose plan grants Gold, and its product Club for a year."""
    club = Tier(name="Club", product_ids=frozenset({"9"}))
    gold = Tier(name="Gold", selling_plan_ids=frozenset({"77"}), **more)
    climb = Climb(Tiers(ladder=(club, gold), grace_days=grace_days))
    for number, each in enumerate(bought):
        left = (Left(each.at, spent(1)),)
        climb.add(Deed(f"order{number}", "UTC", left, (each,)))
    return climb


def _by_plan(at: float, plan_id: str | None = "77", **more) -> Bought:
    return Bought("9", day(at), "UTC", plan_id=plan_id, **more)


def test_a_plan_holds_its_tier_for_a_month_with_each_payment():
    months = [_by_plan(at) for at in (0, 31, 59)]

    assert _levels(_subscriber(*months), -1, 0, 31, 89, 90) == [0, 2, 2, 2, 0]
    assert _levels(_subscriber(_by_plan(0), plan_months=12), 0, 364, 365) == [2, 2, 0]
    # Paid within the days of grace, it goes on from the date on which it ended.
    late = _subscriber(_by_plan(0), _by_plan(33), grace_days=3)
    assert _levels(late, 31, 33, 61, 62) == [2, 2, 2, 0]


def test_a_line_that_a_plan_bought_is_no_membership_by_its_product():
    once, by_other = _by_plan(0, None), _by_plan(0, "78")

    assert _levels(_subscriber(_by_plan(0)), 0, 31) == [2, 0]
    assert _levels(_subscriber(once), 0, 31) == [1, 1]
    assert _levels(_subscriber(by_other), 0, 31) == [1, 1]


def test_a_subscription_that_is_given_back_ends_at_once_and_says_why_it_held():
    climb = _subscriber(_by_plan(0, ended_at=day(10)))

    assert _levels(climb, 9) == [2]
    assert climb.hold.by is By.SUBSCRIPTION
    reason = why(climb.tiers, climb.hold, climb.tally, "EUR")
    assert reason == "Gold comes with a subscription until 1 February 2026"
    assert _levels(climb, 10) == [0]


def test_a_card_of_a_year_and_a_plan_of_the_same_tier_follow_on_each_other():
    both = Tier(
        name="Club", product_ids=frozenset({"9"}), selling_plan_ids=frozenset({"77"})
    )
    climb = Climb(Tiers(ladder=(both,)))
    for each in (_by_plan(0, None), _by_plan(300)):
        climb.add(Deed(f"at{each.at}", "UTC", (Left(each.at, spent(1)),), (each,)))

    assert _levels(climb, 365) == [1]
    assert climb.hold.by is By.SUBSCRIPTION
    assert _levels(climb, 365 + 30, 365 + 31) == [1, 0]


def test_a_tier_by_hand_holds_from_its_day_until_its_end():
    tiers = a_ladder(10, 50)
    held = [Held("Silver", day(5), day(9), "for the trouble")]

    at = (day(4), day(5), day(8), day(9))
    assert [level_at(tiers, [a_deed(20, 0)], each, held) for each in at] == [1, 2, 2, 1]


def _word(said_at: float, since: float, until: float | None, tier="Silver", id="a"):
    held = Held(tier, day(since), None if until is None else day(until))
    return Word(day(said_at), id, held)


def test_the_last_word_on_a_tier_counts_from_when_it_was_said():
    first, second = _word(1, 1, None), _word(5, 5, 9)
    other = _word(6, 6, None, tier="Gold")

    assert last_words([first, second, other]) == [
        other.held,
        second.held,
        replace(first.held, until=day(5)),
    ]
    # Until the day before it was said: the tier is taken.
    assert last_words([first, _word(5, 5, 4)]) == [replace(first.held, until=day(5))]
    # Before it began: it never did.
    assert last_words([_word(1, 7, None), _word(5, 5, 4)]) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5), st.data())
def test_words_may_be_heard_in_any_order(words, data):
    told = [
        _word(said, since, None, id=str(n)) for n, (said, since) in enumerate(words)
    ]

    assert last_words(told) == last_words(data.draw(st.permutations(told)))


@pytest.mark.parametrize(
    ("at", "by", "reason"),
    [
        (0, By.NEEDS, "Bronze asks for €50.00 spent within 12 months, and it was"),
        (366, By.GRACE, "Bronze is kept until 31 January 2027, though"),
        (400, By.HAND, "Bronze was given by hand: a good friend"),
        (399, By.NEEDS, "no tier yet: Bronze asks for €50.00 spent within 12"),
    ],
)
def test_every_decision_has_a_reason(at, by, reason):
    tiers = a_ladder(50, grace_days=30, **ROLLING)
    climb = Climb(tiers, [Held("Bronze", day(400), None, "a good friend")])
    climb.add(a_deed(60, 0))
    climb.run_through(day(at))

    assert climb.hold.by is by
    assert why(tiers, climb.hold, climb.tally, "EUR").startswith(reason)

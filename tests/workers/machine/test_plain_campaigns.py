"""Orders earn under campaigns, in tiers and within limits what plain code says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.beside import NOTHING_BESIDE, Beside
from app.domain.credits import MemberOrder, assess_all, credits
from app.domain.earning import Bonus, Multiplier, PurchasePoints, Stacking
from app.domain.earning.bonus import PartlyReturned
from app.domain.earning.budget import Budget
from app.domain.earning.campaign import Campaign
from app.domain.earning.conditions import Conditions, Weekday
from app.domain.labels import LabelKind, Labels, Span
from app.domain.program import Limits, Program, ReturnPolicy
from app.domain.rounding import Rounding
from app.domain.tiers import (
    Downgrade,
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tier,
    Tiers,
    Window,
)
from tests.app.domain.heard import heard
from tests.builders.sometimes import sometimes
from tests.workers.machine import plain_orders
from tests.workers.machine.plainness import orders_must_earn
from tests.workers.machine.shop import CUSTOMERS, PRODUCTS, Shop

# A Sunday, shortly before midnight.
BEGIN = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
HOURS = st.integers(0, 24 * 45).map(lambda hours: BEGIN + timedelta(hours=hours))
NAMES = ("spring", "summer", "autumn")
ORDERS_MOST = 5


def _one(*names: str) -> st.SearchStrategy[frozenset[str]]:
    """One of these names."""
    return st.sampled_from(names).map(lambda name: frozenset({name}))


_BOUNDS: dict[str, st.SearchStrategy[object]] = {
    "product_ids": _one(*{str(each) for each in PRODUCTS}),
    "amount_min": st.sampled_from([Decimal("33.50"), Decimal(90)]),
    "order_from": st.just(2),
    "order_to": st.just(3),
    "channels": _one("web", "pos", ""),
    "weekdays": st.sets(st.sampled_from(Weekday), min_size=3).map(frozenset),
    "starts_at": HOURS.map(lambda at: at.replace(tzinfo=None)),
    "tiers": _one("Silver", "Gold"),
    "customer_tags": _one("vip"),
    "segments": _one("31"),
}
# Bound to one thing or two: to all at once, hardly any would ever hold.
CONDITIONS = st.lists(
    st.sampled_from(sorted(_BOUNDS)), max_size=2, unique=True
).flatmap(
    lambda names: st.builds(Conditions, **{each: _BOUNDS[each] for each in names})
)
# Parts of which not even many digits are exact, and which add up to whole points.
POINTS = st.sampled_from([1, 10, 20, 35])
CAMPAIGNS = st.one_of(
    st.builds(Multiplier, times=st.sampled_from(["1.5", "2", "3.25"]).map(Decimal)),
    st.builds(Bonus, points=POINTS, partly_returned=st.sampled_from(PartlyReturned)),
)


@st.composite
def _campaigns(draw: st.DrawFn, *, with_budgets: bool) -> list[Campaign]:
    """Up to three campaigns, each bound to whatever, some of them with a budget."""
    found = []
    for name, campaign in zip(
        NAMES, draw(st.lists(CAMPAIGNS, min_size=1, max_size=3)), strict=False
    ):
        has_budget = with_budgets and draw(st.booleans())
        more = {"name": name, "budget": Budget(points=99)} if has_budget else {}
        told = {**vars(campaign), "conditions": draw(CONDITIONS), **more}
        found.append(type(campaign)(**told))
    return found


TIERS = st.builds(
    Tiers,
    ladder=st.sampled_from(
        [
            (Tier(name="Silver", needs=(PointsEarned(points=60),)),),
            (
                Tier(
                    name="Silver",
                    needs=(Spending(amount=Decimal(60)), OrdersPlaced(orders=2)),
                    needs_all=False,
                    earn_times=Decimal("1.25"),
                ),
                Tier(
                    name="Gold",
                    needs=(PointsEarned(points=200),),
                    product_ids=frozenset({"9001"}),
                    product_months=1,
                    customer_tags=frozenset({"vip"}),
                    earn_times=Decimal(3),
                ),
            ),
        ]
    ),
    window=st.sampled_from([Window.LIFETIME, Window.ROLLING]),
    months=st.just(1),
    grace_days=st.sampled_from([0, 5]),
    downgrade=st.just(Downgrade.BY_BALANCE),
)
LIMITS = st.builds(
    Limits,
    order_amount_min=st.sampled_from([Decimal(0), Decimal(0), Decimal(25)]),
    points_per_order_max=st.sampled_from([None, None, 120]),
    points_per_day_max=st.sampled_from([None, None, 150]),
    points_per_member_max=st.sampled_from([None, None, 260]),
)


@st.composite
def _programs(draw: st.DrawFn) -> Program:
    """A programme with campaigns and tiers, some of it held together by limits."""
    stacking = draw(st.sampled_from(Stacking))
    with_budgets = stacking is not Stacking.MULTIPLY
    rate = draw(st.sampled_from(["1", "0.7"]))
    return Program(
        earning=(
            PurchasePoints(rate=Decimal(rate)),
            *draw(_campaigns(with_budgets=with_budgets)),
        ),
        stacking=stacking,
        rounding=draw(st.sampled_from(Rounding)),
        limits=draw(st.just(Limits()) | LIMITS),
        return_policy=draw(st.sampled_from(ReturnPolicy)),
        tiers=draw(st.just(Tiers()) | TIERS),
    )


@st.composite
def _orders(draw: st.DrawFn, program: Program) -> list[MemberOrder]:
    """Orders with more than one line, given back in units, as a whole, or in money."""
    shop, found = Shop("test.myshopify.com"), []
    timezone = draw(st.sampled_from(["UTC", "Pacific/Auckland"]))
    places = st.integers(0, len(PRODUCTS) - 1)
    lines = st.lists(st.tuples(places, st.integers(1, 3)), min_size=1, max_size=2)
    for _ in range(draw(st.integers(1, ORDERS_MOST))):
        at = draw(HOURS)
        said = shop.place(at, CUSTOMERS[0], draw(lines), is_paid=True)
        for how in draw(
            st.lists(st.sampled_from(["unit", "all", "amount"]), max_size=2)
        ):
            at += timedelta(hours=draw(st.integers(0, 24 * 20)))
            said += shop.refund(shop.orders[-1], at, how)
        facts = heard(*((each.topic, each.body) for each in said))
        allotted = {name: draw(st.integers(0, 60)) for name in program.budgets}
        found.append(MemberOrder(1, facts, program, timezone, allotted=allotted))
    return found


@st.composite
def _beside(draw: st.DrawFn) -> Beside:
    """A tag and a segment that come, and go or not."""
    spans = []
    for label in (LabelKind.TAG, "vip"), (LabelKind.SEGMENT, "31"):
        times = sorted(draw(st.sets(HOURS, max_size=2)))
        if times:
            spans.append(Span(*label, *times))
    return Beside(labels=Labels(tuple(spans)))


def test_orders_earn_what_plain_code_says():
    with sometimes("a campaign gave", "some of a gift went back", least=20) as seen:

        @settings(max_examples=80)
        @given(st.data())
        def must_earn(data: st.DataObject) -> None:
            program = data.draw(_programs())
            orders, beside = data.draw(_orders(program)), data.draw(_beside())
            plain = plain_orders.earned(plain_orders.worths(orders, beside))
            orders_must_earn(plain, credits(assess_all(orders, beside)))

            earning = program.earning[:1]
            bare = replace(program, earning=earning, limits=Limits(), tiers=Tiers())
            without = [replace(each, program=bare) for each in orders]
            gave = _earned(without) < _earned(orders, beside)
            seen["a campaign gave"] += gave
            backs = any(points for each in plain for _, points, _ in each.backs)
            seen["some of a gift went back"] += gave and backs

        must_earn()


def _earned(orders: list[MemberOrder], beside: Beside = NOTHING_BESIDE) -> int:
    """The points of orders by plain code, whatever went back."""
    return sum(each.points for each in plain_orders.worths(orders, beside))

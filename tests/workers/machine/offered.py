"""The rewards that the machine's stores offer, all of them the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from app.domain.rewards import (
    AmountOff,
    Donation,
    FreeProduct,
    FreeShipping,
    GiftCard,
    GiveawayEntry,
    GivenBack,
    Goods,
    PercentOff,
    PointsAsMoney,
    Service,
    Slot,
    StoreCredit,
)
from tests.workers.machine.shop import PRODUCTS

FIVE = Decimal(5)
MONEY = PointsAsMoney(points_cost=1, step=1, amount=Decimal("0.05"), key="money")
_FIRST_DAY = datetime.fromisoformat("2026-03-01T18:00")
# On each of these dates there is one place.
VISIT = Goods(
    points_cost=20,
    key="visit",
    cancel_hours=48,
    slots=tuple(
        Slot(starts_at=_FIRST_DAY + timedelta(days=each))
        for each in (6, 14, 45, 90, 150, 220, 300, 400, 500, 600, 800, 1000)
    ),
)
REWARDS = (
    MONEY,
    AmountOff(points_cost=40, amount=FIVE, key="off", valid_days=20),
    AmountOff(
        points_cost=30,
        amount=FIVE,
        key="whole",
        valid_days=20,
        given_back=GivenBack.WHOLE,
        unused_returns=False,
    ),
    AmountOff(points_cost=25, amount=FIVE, key="kept", given_back=GivenBack.NEVER),
    Goods(points_cost=35, key="mug", stock=2),
    Service(points_cost=20, key="repair", service="Repair", per_member_max=1),
    VISIT,
    Donation(points_cost=15, key="trees", cause="Trees", amount=FIVE),
    StoreCredit(points_cost=28, amount=FIVE, key="credit"),
    GiftCard(points_cost=32, amount=FIVE, key="card", valid_days=25),
    GiveawayEntry(points_cost=10, key="draw", prize="a bicycle", per_member_max=2),
    PercentOff(points_cost=22, percent=10, key="percent", valid_days=30),
    FreeShipping(points_cost=18, key="shipping"),
    FreeProduct(points_cost=26, product_id=str(PRODUCTS[0]), key="product"),
)

"""Orders, and what becomes of them: paid, edited, sent, given back, disputed."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.workers.machine.answering_store import Mood
from tests.workers.machine.shop import ADDRESSES, CUSTOMERS, Shop
from tests.workers.machine.wishing import ADA, STORES, TICK, WHICH, Wishing

HOW = st.sampled_from(
    ["settled", "settled", "first only", "kept back", "reversed", "repeated", "sent"]
)
BASKETS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=2
)
CHANGES = ["pay", "pay", "fulfil", "edit", "cancel", "reinstate", "dispute", "delete"]
CHANGES += ["tell_plans"]
REFUNDS = ["unit", "all", "amount", "pending"]


class Ordering(Wishing):
    """What shoppers order, and the store says of it."""

    @rule(
        domain=STORES,
        who=st.sampled_from([ADA, ADA, *CUSTOMERS, *ADDRESSES]),
        basket=BASKETS,
        is_paid=st.sampled_from([True, True, False]),
        tick=TICK,
        how=HOW,
    )
    def place(self, domain, who, basket, is_paid, tick, how):
        self.tick(tick)
        shop = self.shops[domain]
        self.say(shop.place(self.line.now, who, basket, is_paid=is_paid), how)

    @rule(domain=STORES, which=WHICH, what=st.sampled_from(CHANGES), tick=TICK, how=HOW)
    def change(self, domain, which, what, tick, how):
        self.tick(tick)
        shop = self.shops[domain]
        order = shop.orders[which % len(shop.orders)]
        self.say(getattr(shop, what)(order, self.line.now), how)

    @rule(domain=STORES, which=WHICH, what=st.sampled_from(REFUNDS), tick=TICK, how=HOW)
    def refund(self, domain, which, what, tick, how):
        self.tick(tick)
        shop = self.shops[domain]
        order = shop.orders[which % len(shop.orders)]
        self.say(shop.refund(order, self.line.now, what), how)

    @rule(domain=STORES, which=WHICH, is_lost=st.booleans(), how=HOW)
    def decide(self, domain, which, is_lost, how):
        shop = self.shops[domain]
        if shop.disputes:
            dispute = shop.disputes[which % len(shop.disputes)]
            self.say(shop.decide(dispute, self.line.now, is_lost=is_lost), how)

    def _refund_overtakes_its_order(self, shop: Shop, tick: int, how: str) -> None:
        placed = shop.place(self.line.now, ADA, [(1, 3)], is_paid=True)
        self.tick(tick)
        refunded = shop.refund(shop.orders[-1], self.line.now, "unit")
        self.say(refunded, "first only")
        self.check()
        self.say(placed, how)

    def _goods_come_back_after_points_were_spent(
        self, shop: Shop, tick: int, how: str
    ) -> None:
        self.say(shop.place(self.line.now, ADA, [(2, 1)], is_paid=True), "settled")
        self.tick(tick)
        self.wish(shop.domain, ADA, "money", 4, tick, "settled")
        self.ask_stores(Mood.WELL)
        self.tick(1)
        for order in shop.orders[-1], shop.orders[0]:
            self.say(shop.refund(order, self.line.now, "all"), how)
        self.tick(1)
        self.say(shop.place(self.line.now, ADA, [(2, 1)], is_paid=True), how)

    def _cancelled_order_stands_again(self, shop: Shop, tick: int, how: str) -> None:
        order = shop.orders[-1]
        self.say(shop.cancel(order, self.line.now), "settled")
        self.check()
        self.tick(tick)
        self.say(shop.reinstate(order, self.line.now), how)

    def _goods_come_back_after_points_expired(
        self, shop: Shop, tick: int, how: str
    ) -> None:
        self.wish(shop.domain, ADA, "money", 2, tick, "settled")
        self.ask_stores(Mood.AWAY)
        # Where months are counted to their ends, points may last longer.
        self.time_passes(70 if tick < 2 else 100, is_settled=bool(tick))
        self.ask_stores(Mood.WELL)
        self.say(shop.refund(shop.orders[0], self.line.now, "all"), how)

    def _guest_joins(self, shop: Shop, tick: int, how: str) -> None:
        late = ADDRESSES[-1]
        self.say(shop.place(self.line.now, late, [(0, 2)], is_paid=True), how)
        self.tick(tick)
        self.join(shop.domain, CUSTOMERS[1], late, how)

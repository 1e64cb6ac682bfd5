"""Tiers that owners give by hand, and take, and memberships that members buy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.workers.machine.held import Hand
from tests.workers.machine.installation import DOMAINS
from tests.workers.machine.programs import TIERED
from tests.workers.machine.shop import CUSTOMERS, MEMBERSHIP, Shop
from tests.workers.machine.wishing import ADA, Wishing

# For so many days a tier is given; for less than none it is taken.
DAYS = st.sampled_from([None, 3, 20, -1])
# The first store of a life has no tiers.
HAS_TIERS = DOMAINS[1]


class Giving(Wishing):
    """Tiers by hand and by product."""

    @precondition(lambda self: self.oracles[HAS_TIERS].program.tiers)
    @rule(
        who=st.sampled_from([ADA, ADA, *CUSTOMERS]),
        level=st.integers(0, 1),
        days=DAYS,
    )
    def give_tier(self, who, level, days):
        self._give_tier(HAS_TIERS, who, level, days)

    def _give_tier(self, domain: str, who: int, level: int, days: int | None) -> None:
        """Have an owner give a tier; what is said at one moment is one word."""
        ladder = self.oracles[domain].program.tiers.ladder or TIERED.tiers.ladder
        tier = ladder[level].name
        self.tick(1)
        self.work()
        self.number += 1
        now, oracle = self.line.now, self.oracles[domain]
        until = None if days is None else now + timedelta(days=days)
        person = "customer", str(who)
        hand = Hand(f"hand-{self.number}", person, now, tier, until)
        self.line.give_tier(domain, hand)
        if str(who) in oracle.people.seen:
            oracle.hands[hand.key] = hand
            self.epochs[-1].hands.append((domain, hand))

    def _tier_is_given_and_taken(self, shop: Shop, tick: int, how: str) -> None:
        # With so small an order there is no other way to that tier.
        who = CUSTOMERS[-1]
        self.say(shop.place(self.line.now, who, [(0, 1)], is_paid=True), "settled")
        self._give_tier(shop.domain, who, 1, None)
        self.check()
        self.say(shop.place(self.line.now, who, [(0, 1)], is_paid=True), how)
        self.tick(tick)
        self._give_tier(shop.domain, who, 1, -1 if tick else 3)
        self._give_tier(shop.domain, ADA, 0, 20)
        self.check_if_worked()
        self.time_passes(5, is_settled=bool(tick))

    def _subscription_ends(self, shop: Shop, tick: int, how: str) -> None:
        who, buys = CUSTOMERS[2], [(MEMBERSHIP, 1)]
        for is_sent_back in False, True:
            self.say(shop.place(self.line.now, who, buys, is_paid=True), "settled")
            self.check()
            # The store tells the plan once it is asked, and the order stays as it was.
            paid = shop.orders[-1]
            self.tick(tick)
            self.say(shop.tell_plans(paid, self.line.now), "settled")
            self.check()
            self.tick(1)
            self.say(shop.place(self.line.now, who, [(0, 2)], is_paid=True), how)
            if is_sent_back:
                self.say(shop.refund(paid, self.line.now, "all"), how)
            else:
                self.time_passes(35, is_settled=True)
            self.check_if_worked()

    def _year_ends(self, shop: Shop, tick: int, how: str) -> None:
        self.say(shop.place(self.line.now, ADA, [(2, 2)], is_paid=True), "settled")
        self.check()
        end = datetime(self.line.now.year + 1, 1, 1, tzinfo=UTC)
        self.line.now = end - timedelta(minutes=tick)
        self.say(shop.place(self.line.now, ADA, [(1, 1)], is_paid=True), how)
        self.time_passes(5, is_settled=True)
        self.check_if_worked()
        self.time_passes(12, is_settled=True)
        self.check_if_worked()

    def _membership_is_bought(self, shop: Shop, tick: int, how: str) -> None:
        buys = [(MEMBERSHIP, 1)]
        self.say(shop.place(self.line.now, ADA, buys, is_paid=True), "settled")
        self.check()
        self.time_passes(12, is_settled=bool(tick))
        # It goes on from its end, and ends at once where it is sent back.
        self.say(shop.place(self.line.now, ADA, buys, is_paid=True), how)
        self.time_passes(35, is_settled=bool(tick))
        self.check_if_worked()
        if how != "repeated":
            self.say(shop.refund(shop.orders[-1], self.line.now, "all"), "settled")
        self.check_if_worked()

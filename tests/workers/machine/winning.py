"""Rewards that members won: taken for nothing, taken twice, gone back, made up for."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from app.domain.events import RedemptionStep
from tests.workers.machine.answering_store import Mood
from tests.workers.machine.installation import DOMAINS
from tests.workers.machine.plain_prizes import Name, untaken
from tests.workers.machine.shop import CUSTOMERS, Shop
from tests.workers.machine.wishing import ADA, HOW_ASKED, TICK, WHICH, Wishing

# The first store of a life has no prizes.
HAS_PRIZES = DOMAINS[1]


class Winning(Wishing):
    """What cards, challenges and surprises bring beside points."""

    @precondition(lambda self: self.oracles[HAS_PRIZES].timeline.prizes)
    @rule(
        who=st.sampled_from([ADA, ADA, *CUSTOMERS]),
        which=WHICH,
        tick=TICK,
        how=HOW_ASKED,
    )
    def take_prize(self, who, which, tick, how):
        self._take_one(HAS_PRIZES, who, which, tick, how)

    def _take_one(self, domain: str, who: int, which: int, tick: int, how: str) -> None:
        """Have somebody ask for what they won, or might have, where there is such."""
        self.work()
        waiting = self._waiting(domain, who) or self.oracles[domain].timeline.prizes
        if waiting:
            self._take(domain, who, waiting[which % len(waiting)], tick, how)

    def _waiting(self, domain: str, who: int) -> list[Name]:
        """What somebody has won and not taken."""
        oracle = self.oracles[domain]
        person = oracle.following(("customer", str(who)))
        known = oracle.expected(self.line.now).get(person)
        won = known.engaged.prizes if known else []
        return [each.name for each in untaken(won, oracle.wishlist.taken(person))]

    def _take(self, domain: str, who: int, name: Name, tick: int, how: str) -> str:
        source, reward_id = name
        return self._ask_for(domain, who, reward_id, 4, tick, how, prize=source)

    def _take_all(self, shop: Shop, tick: int) -> list[str]:
        """Have Ada take all that waits for her, and ask once more for the first."""
        self.work()
        waiting = self._waiting(shop.domain, ADA)
        asked = waiting + waiting[:1]
        return [self._take(shop.domain, ADA, each, tick, "settled") for each in asked]

    def _prizes_are_taken(self, shop: Shop, tick: int, how: str) -> None:
        self.report(shop.domain, ADA, "review", 4, tick, how)
        buys = [(2, 3), (1, 2)]
        self.say(shop.place(self.line.now, ADA, buys, is_paid=True), "settled")
        wishes = self._take_all(shop, tick)
        self.ask_stores(Mood.WELL)
        self.check_if_worked()
        # The cards' codes come last but for the wish that was one too many.
        for wish in wishes[-2:-1]:
            self._take_step(shop, wish, RedemptionStep.CANCEL, is_member=True)
        self.ask_stores(Mood.WELL)
        self._take_all(shop, tick)
        self.ask_stores(Mood.WELL)
        self.use_code(shop.domain, 0, ADA, True, tick, "settled")
        self.say(shop.refund(shop.orders[-1], self.line.now, "all"), how)
        self.check_if_worked()

    def _prize_outlives_its_card(self, shop: Shop, tick: int, how: str) -> None:
        buys = [(2, 4)]
        self.say(shop.place(self.line.now, ADA, buys, is_paid=True), "settled")
        self._take_all(shop, tick)
        # What was taken stays, and whatever wins it again makes up for it.
        self.say(shop.refund(shop.orders[-1], self.line.now, "all"), how)
        self.check_if_worked()
        self.tick(1)
        self.say(shop.place(self.line.now, ADA, buys, is_paid=True), "settled")
        self._take_one(shop.domain, ADA, 0, tick, "settled")
        # What was not taken goes with the order that won it.
        self.say(shop.place(self.line.now, ADA, buys, is_paid=True), "settled")
        self.say(shop.refund(shop.orders[-1], self.line.now, "unit"), how)
        self._take_one(shop.domain, ADA, 0, tick, "settled")

    def _prizes_of_an_old_version(self, shop: Shop, tick: int, how: str) -> None:
        self.report(shop.domain, ADA, "review", 3, tick, "settled")
        self.say(shop.place(self.line.now, ADA, [(2, 4)], is_paid=True), how)
        self.change_program(shop.domain, 0)
        self.line.pass_time(timedelta(days=1))
        self.line.settle_all_due()
        self._take_all(shop, tick)

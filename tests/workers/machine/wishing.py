"""What members do with rewards: ask for them, use them, and think better of it."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.events import RedemptionStep
from app.domain.ledger import Account
from app.domain.rewards import GiftCard
from tests.workers.machine.answering_store import Mood
from tests.workers.machine.installation import DOMAINS
from tests.workers.machine.living import Living
from tests.workers.machine.offered import MONEY, REWARDS, VISIT
from tests.workers.machine.shop import ADDRESSES, CUSTOMERS, Shop

STORES = st.sampled_from(DOMAINS)
WHICH = st.integers(0, 9)
TICK = st.sampled_from([0, 1, 90])
ADA = CUSTOMERS[0]
HOW_ASKED = st.sampled_from(["settled", "settled", "repeated", "sent"])
REWARD_IDS = st.sampled_from(["money", "money", *(each.id for each in REWARDS)])
# Of what there is; of five, somebody wishes for more than that.
SHARE = st.sampled_from([1, 2, 4, 4, 5])
MOODS = st.sampled_from([Mood.WELL, *Mood])


class Wishing(Living):
    """Wishes for rewards, and what becomes of them."""

    @rule(
        domain=STORES,
        who=st.sampled_from([ADA, ADA, *CUSTOMERS]),
        reward_id=REWARD_IDS,
        share=SHARE,
        tick=TICK,
        how=HOW_ASKED,
    )
    def wish(self, domain, who, reward_id, share, tick, how):
        self._ask_for(domain, who, reward_id, share, tick, how)

    def _ask_for(
        self,
        domain: str,
        who: int,
        reward_id: str,
        share: int,
        tick: int,
        how: str,
        *,
        prize: str | None = None,
    ) -> str:
        self.work()
        self.tick(tick)
        self.number += 1
        points = None
        if reward_id == MONEY.id:
            points = max(1, self._available(domain, who) * share // 4)
        slot = self._next_slot(reward_id, share)
        wish_id = f"reward-{self.number}"
        said = self.shops[domain].say(
            "redemptions/request",
            self.line.now,
            redemption_id=wish_id,
            customer_id=str(who),
            reward_id=reward_id,
            points=points,
            slot=slot and slot.isoformat(),
            prize=prize,
        )
        self.say(said, how)
        return wish_id

    def _next_slot(self, reward_id: str, share: int) -> datetime | None:
        """The next date of a reward that has dates; five is none of them."""
        if reward_id != VISIT.id:
            return None
        now = self.line.now.replace(tzinfo=None)
        ahead = [each.starts_at for each in VISIT.slots if each.starts_at > now]
        return ahead[0] if ahead and share < 5 else now

    def _available(self, domain: str, who: int) -> int:
        oracle = self.oracles[domain]
        expected = oracle.expected(self.line.now)
        known = expected.get(oracle.following(("customer", str(who))))
        return known.fold.balance(Account.AVAILABLE) if known else 0

    @rule(mood=MOODS, tick=TICK)
    def stores_are_asked(self, mood, tick):
        self.tick(tick)
        self.ask_stores(mood)
        self.seen[f"store {mood}"] += 1

    @rule(
        domain=STORES,
        which=WHICH,
        step=st.sampled_from(RedemptionStep),
        is_member=st.booleans(),
        tick=TICK,
    )
    def take_step(self, domain, which, step, is_member, tick):
        self.work()
        wishes = list(self.oracles[domain].wishes)
        if wishes:
            self.tick(tick)
            wish_id, shop = wishes[-1 - which % len(wishes)], self.shops[domain]
            self._take_step(shop, wish_id, step, is_member=is_member)

    def _take_step(
        self, shop: Shop, wish_id: str, step: RedemptionStep, *, is_member: bool = False
    ) -> None:
        """Have staff take a step, or the member; nothing where there is no wish."""
        oracle, body = self.oracles[shop.domain], {}
        wish = oracle.wishes.get(wish_id)
        if wish is None:
            return
        if is_member and step is RedemptionStep.CANCEL:
            _, name = oracle.following(wish.person)
            body = {"customer_id": name}
            self.seen["cancelled by who they became"] += name != wish.customer
        named = {"redemption_id": wish_id, "step": step}
        said = shop.say("redemptions/step", self.line.now, **named, **body)
        self.say(said, "settled")

    @rule(
        domain=STORES,
        which=WHICH,
        who=st.sampled_from([ADA, *CUSTOMERS, *ADDRESSES]),
        is_counted=st.sampled_from([True, True, False]),
        tick=TICK,
        how=st.sampled_from(["settled", "settled", "kept back", "repeated", "sent"]),
    )
    def use_code(self, domain, which, who, is_counted, tick, how):
        """Somebody uses a code; the store may be slow to count that an order did."""
        self.tick(tick)
        oracle, store = self.oracles[domain], self.maker(domain)
        usable = [
            wish
            for wish in oracle.wishes.values()
            if oracle.wishlist.code(wish.id) in store.made
            and not store.is_used(oracle.wishlist.code(wish.id))
            and (wish.valid_until is None or self.line.now < wish.valid_until)
        ]
        if usable:
            wish = usable[-1 - which % len(usable)]
            code = oracle.wishlist.code(wish.id)
            if isinstance(wish.reward, GiftCard):
                # It is money: no order tells of it, and the store alone knows.
                store.used.add(code)
                return
            store.used |= {code} if is_counted else set()
            shop, basket = self.shops[domain], [(1, 2)]
            said = shop.place(self.line.now, who, basket, is_paid=True, code=code)
            self.say(said, how)

    def _have(self, shop: Shop, reward_id: str = "money", who: int = ADA) -> str:
        """Have somebody ask for a reward, with the points for it; return the wish."""
        self._earn(shop, who)
        wish_id = self._ask_for(shop.domain, who, reward_id, 4, 1, "settled")
        self.check()
        return wish_id

    def _earn(self, shop: Shop, who: int) -> None:
        self.say(shop.place(self.line.now, who, [(2, 1)], is_paid=True), "settled")
        self.line.pass_time(self.held(shop.domain))
        self.line.settle_all_due()

    def _order_of_a_reward_goes_back(self, shop: Shop, tick: int, how: str) -> None:
        self._have(shop)
        self.ask_stores(Mood.WELL)
        self.use_code(shop.domain, 0, ADA, True, tick, how)
        self.say(shop.refund(shop.orders[-1], self.line.now, "unit"), how)
        self.check_if_worked()
        self.tick(tick)
        self.say(shop.refund(shop.orders[-1], self.line.now, "all"), how)

    def _order_of_a_reward_is_cancelled(self, shop: Shop, tick: int, how: str) -> None:
        self._have(shop, "whole")
        self.ask_stores(Mood.WELL)
        self.use_code(shop.domain, 0, ADA, True, tick, how)
        self.say(shop.cancel(shop.orders[-1], self.line.now), how)

    def _rewards_on_goods_go_back(self, shop: Shop, tick: int, how: str) -> None:
        for reward in "percent", "product", "shipping":
            self._have(shop, reward)
            self.ask_stores(Mood.WELL)
            self.use_code(shop.domain, 0, ADA, True, tick, "settled")
            self.say(shop.refund(shop.orders[-1], self.line.now, "unit"), how)
            self.check_if_worked()
            self.tick(tick)
            self.say(shop.refund(shop.orders[-1], self.line.now, "all"), how)

    def _answer_is_lost(self, shop: Shop, tick: int, how: str) -> None:
        self._have(shop, "off")
        self.ask_stores(Mood.LOST)
        self.check()
        self.tick(tick)
        if how == "settled":
            self.use_code(shop.domain, 0, ADA, True, tick, how)
        self.ask_stores(Mood.WELL)
        self.seen["answer lost that was done"] += 1

    def _store_is_away_for_a_day(self, shop: Shop, tick: int, how: str) -> None:
        self._have(shop, "off")
        self.ask_stores(Mood.LOST if tick or how == "repeated" else Mood.AWAY)
        self.time_passes(2, is_settled=bool(tick))
        self.ask_stores(Mood.AWAY)
        self.check()
        self.ask_stores(Mood.WELL)

    def _code_is_cancelled_after_its_use(self, shop: Shop, tick: int, how: str) -> None:
        wish = self._have(shop, "off")
        self.ask_stores(Mood.WELL)
        self.use_code(shop.domain, 0, ADA, how == "repeated", tick, "kept back")
        self._take_step(shop, wish, RedemptionStep.CANCEL, is_member=bool(tick))
        self.check()
        self.ask_stores(Mood.WELL)
        self.check()
        for said in self.said[-3:-1]:
            self.send(said)
        self.work()
        self.seen["code cancelled after its use"] += 1

    def _staff_decide(self, shop: Shop, tick: int, how: str) -> None:  # noqa: ARG002
        for step in RedemptionStep.APPROVE, RedemptionStep.REFUSE:
            wish = self._have(shop, "mug")
            self.tick(tick)
            self._take_step(shop, wish, step)

    def _money_of_the_store_is_given(self, shop: Shop, tick: int, how: str) -> None:
        for reward, is_spent in ("credit", False), ("card", True), ("card", False):
            wish = self._have(shop, reward)
            self.ask_stores(Mood.LOST if tick else Mood.WELL)
            self.ask_stores(Mood.WELL)
            if is_spent:
                self.use_code(shop.domain, 0, ADA, True, tick, how)
            # Staff can end what its member cannot; what is spent or credited stays.
            for is_member in True, False:
                self._take_step(shop, wish, RedemptionStep.CANCEL, is_member=is_member)
            self.ask_stores(Mood.WELL)
            self.check_if_worked()
        for _ in range(3):
            self._have(shop, "draw")

    def _store_refuses(self, shop: Shop, tick: int, how: str) -> None:
        self._have(shop, "kept")
        if how == "repeated":
            self.ask_stores(Mood.LOST)
        self.tick(tick)
        self.stores_are_asked(Mood.REFUSING, tick)

    def _reward_is_not_used_in_time(self, shop: Shop, tick: int, how: str) -> None:
        self._have(shop, "off" if how == "repeated" else "whole")
        self.ask_stores(Mood.WELL)
        self.time_passes(35, is_settled=bool(tick))
        self.ask_stores(Mood.LOST if tick else Mood.WELL)
        self.check()
        self.ask_stores(Mood.WELL)

    def _member_who_was_merged_cancels(self, shop: Shop, tick: int, how: str) -> None:
        _, kept, deleted = CUSTOMERS
        if not {kept, deleted} & shop.merged:
            wish = self._have(shop, "off", deleted)
            self.ask_stores(Mood.WELL)
            self.say(shop.merge(kept, deleted, self.line.now), "settled")
            self.tick(tick)
            self._take_step(shop, wish, RedemptionStep.CANCEL, is_member=True)
            self.ask_stores(Mood.LOST if how == "repeated" else Mood.WELL)

    def _wish_beside_a_merge(self, shop: Shop, tick: int, how: str) -> None:
        _, deleted, kept = CUSTOMERS
        if not {kept, deleted} & shop.merged:
            self._earn(shop, deleted)
            self._ask_for(shop.domain, deleted, "money", 4, tick, "sent")
            self.say(shop.merge(kept, deleted, self.line.now), how)
            self.work()
            self.seen["wish beside a merge"] += 1
            self.seen["customers merged"] += 1

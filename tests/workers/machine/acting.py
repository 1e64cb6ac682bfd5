"""What members do beside ordering: actions, birthdays, and friends whom they bring."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.referral_code import code_of_member
from tests.workers.machine.living import Living
from tests.workers.machine.shop import CUSTOMERS, Shop
from tests.workers.machine.wishing import ADA, STORES, TICK, WHICH

HOW = st.sampled_from(["settled", "repeated", "kept back", "sent"])
BUYERS = st.sampled_from([ADA, *CUSTOMERS])
_NAMES = "review review social-instagram custom-repair-cafe survey event newsletter"
ACTIONS = st.sampled_from([*_NAMES.split(), "unknown"])


class Acting(Living):
    """What is reported of members, and what they say of themselves."""

    @rule(
        domain=STORES,
        who=BUYERS,
        action=ACTIONS,
        key=st.integers(0, 5),
        tick=TICK,
        how=HOW,
    )
    def report(self, domain, who, action, key, tick, how):
        self.tick(tick)
        self.seen["action repeated"] += (domain, action, str(key)) in self.keys
        self.keys.add((domain, action, str(key)))
        said = self.shops[domain].say(
            "actions/report",
            self.line.now,
            action=action,
            key=str(key),
            customer_id=str(who),
            by="owner",
        )
        self.say(said, how)

    @rule(domain=STORES, which=WHICH, is_approved=st.booleans(), tick=TICK)
    def decide_action(self, domain, which, is_approved, tick):
        self.work()
        self.tick(tick)
        known = sorted(self.oracles[domain].deeds.actions)
        if known:
            action, key = known[which % len(known)]
            self._decide_action(self.shops[domain], action, key, is_approved)

    def _decide_action(
        self, shop: Shop, action: str, key: str, is_approved: bool
    ) -> None:
        said = shop.say(
            "actions/decide",
            self.line.now,
            action=action,
            key=key,
            is_approved=is_approved,
            by="owner",
        )
        self.say(said, "settled")

    @rule(
        domain=STORES,
        who=BUYERS,
        key=st.integers(0, 2),
        ahead=st.sampled_from([1, 6, 30]),
        how=HOW,
    )
    def tell_birthday(self, domain, who, key, ahead, how):
        self.tick(1)
        day = self.line.now + timedelta(days=ahead)
        said = self.shops[domain].say(
            "birthdays/tell",
            self.line.now,
            customer_id=str(who),
            key=f"born-{key}",
            month=day.month,
            day=day.day,
        )
        self.say(said, how)

    def _member_does_much(self, shop: Shop, tick: int, how: str) -> None:
        self.join(shop.domain, ADA, shop.emails[ADA], how)
        self.tell_birthday(shop.domain, ADA, 0, 6, how)
        for key in "89":
            self.report(shop.domain, ADA, "social-instagram", key, tick, "settled")
            self._decide_action(shop, "social-instagram", key, key == "9")
        for key, who in enumerate((ADA, ADA, CUSTOMERS[2])):
            self.report(shop.domain, who, "review", key % 2, tick, how)
        self.say(shop.place(self.line.now, ADA, [(0, 3)], is_paid=True), how)
        self.say(shop.place(self.line.now, ADA, [(0, 1)], is_paid=True), "settled")
        self.check_if_worked()
        self.say(shop.refund(shop.orders[-2], self.line.now, "unit"), how)
        self.say(shop.refund(shop.orders[-1], self.line.now, "all"), "settled")
        self.time_passes(12, is_settled=True)

    def _score_rises_and_falls(self, shop: Shop, tick: int, how: str) -> None:
        self.report(shop.domain, ADA, "review", 7, 1, "settled")
        self.check_if_worked()
        self.tick(1)
        # It earns by the tier to which an action led.
        self.say(shop.place(self.line.now, ADA, [(0, 1)], is_paid=True), how)
        self.check_if_worked()
        if tick:
            self.say(shop.refund(shop.orders[0], self.line.now, "all"), "settled")
        else:
            self.time_passes(70, is_settled=True)
        self.check_if_worked()

    def _friend_is_brought(self, shop: Shop, tick: int, how: str) -> None:
        self.work()
        friend = self._claim(shop, tick)
        self.check()
        self.tick(tick)
        self.say(shop.place(self.line.now, friend, [(1, 2)], is_paid=True), how)
        self.check_if_worked()
        self.time_passes(5 if tick else 1, is_settled=bool(tick))
        if how in ("settled", "repeated"):
            self.say(shop.refund(shop.orders[-1], self.line.now, "all"), how)

    def _claim(self, shop: Shop, tick: int) -> int:
        """Have somebody new follow Ada's link."""
        friend, said = shop.befriend(self.line.now)
        if not tick:
            self.say(said, "settled")
        member_id = self.line.member_of(shop.domain, str(ADA))
        store = self.line.stores[shop.domain]
        if member_id is not None:
            self.number += 1
            claim_id = f"friend-{self.number}"
            oracle = self.oracles[shop.domain]
            people = ("customer", str(ADA)), ("customer", str(friend))
            oracle.friends.said[claim_id] = people
            claimed = shop.say(
                "referrals/claim",
                self.line.now,
                referral_id=claim_id,
                customer_id=str(friend),
                code=code_of_member("secret", store.program_id, member_id),
            )
            self.say(claimed, "settled")
        if tick:
            self.say(said, "settled")
        return friend

    @rule(domain=STORES, which=WHICH, is_approved=st.booleans(), tick=TICK)
    def judge_referral(self, domain, which, is_approved, tick):
        self.work()
        self.tick(tick)
        claims = sorted(self.oracles[domain].friends.claims)
        if claims:
            said = self.shops[domain].say(
                "referrals/decide",
                self.line.now,
                referral_id=claims[which % len(claims)],
                approved=is_approved,
            )
            self.say(said, "settled")
            self.seen["referral judged"] += 1

"""Random lives of two stores: all that can happen, in any order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from app.domain.program import ExpiryRounding
from tests.workers.machine.booking import Booking
from tests.workers.machine.calling import Calling
from tests.workers.machine.doors import AtDoors
from tests.workers.machine.giving import Giving
from tests.workers.machine.living import Epoch
from tests.workers.machine.meddling import Meddling
from tests.workers.machine.oracle import adjustment
from tests.workers.machine.ordering import HOW, Ordering
from tests.workers.machine.programs import HELD, NAMES, PROGRAMS, changed, ending
from tests.workers.machine.saving import Saving
from tests.workers.machine.shop import ADDRESSES, CUSTOMERS, Shop
from tests.workers.machine.subscribing import Subscribing
from tests.workers.machine.winning import Winning
from tests.workers.machine.wishing import ADA, STORES, TICK, WHICH

ANYWHERE = (
    "refund_overtakes_its_order",
    "goods_come_back_after_points_were_spent",
    "cancelled_order_stands_again",
    "goods_come_back_after_points_expired",
    "guest_joins",
    "order_of_a_reward_goes_back",
    "order_of_a_reward_is_cancelled",
    "rewards_on_goods_go_back",
    "answer_is_lost",
    "store_is_away_for_a_day",
    "code_is_cancelled_after_its_use",
    "staff_decide",
    "store_refuses",
    "reward_is_not_used_in_time",
    "member_who_was_merged_cancels",
    "wish_beside_a_merge",
    "last_place_is_given_back",
    "money_of_the_store_is_given",
    "program_changes",
    "voucher_is_taken_in",
    "points_are_donated",
    "reward_is_taken_during_a_refund",
)
# These tell most where the programme is about such things.
SOMEWHERE = (
    "budget_runs_out",
    "silence_is_broken_late",
    "tags_come_and_go",
    "tagged_customer_is_merged",
    "tier_is_given_and_taken",
    "membership_is_bought",
    "subscription_ends",
    "year_ends",
    "score_rises_and_falls",
    "member_does_much",
    "friend_is_brought",
    "prizes_are_taken",
    "prize_outlives_its_card",
    "prizes_of_an_old_version",
    "newsletter_is_subscribed",
    "account_is_opened",
    "tool_reports",
)
STORIES = *ANYWHERE, *SOMEWHERE
A_STORY = st.sampled_from(STORIES)
# What some of thirty lives must come to, which few do that are told nothing of it;
# first what comes about in the fewest programmes, since the first is drawn most.
A_RARER_STORY = st.sampled_from(
    [
        "goods_come_back_after_points_expired",
        "goods_come_back_after_points_were_spent",
        "refund_overtakes_its_order",
    ]
)
BUYERS = st.sampled_from([ADA, *CUSTOMERS])


class Lives(
    Ordering,
    Subscribing,
    AtDoors,
    Calling,
    Giving,
    Booking,
    Saving,
    Winning,
    Meddling,
):
    """Facts and commands of two stores, delivered in every way that can be."""

    @initialize(
        program=st.sampled_from(NAMES),
        rounding=st.sampled_from(ExpiryRounding),
        seed=st.integers(0, 2**32),
        story=A_STORY,
        rarer=A_RARER_STORY,
    )
    def begin(
        self,
        program: str,
        rounding: ExpiryRounding,
        seed: int,
        story: str,
        rarer: str | None = None,
    ) -> None:
        programs = (ending(each, rounding) for each in (HELD, PROGRAMS[program]))
        self.start(tuple(programs), seed)
        for shop in self.shops.values():
            self.say(shop.place(self.line.now, ADA, [(2, 2)], is_paid=True), "settled")
            if rarer:
                self.tell(shop.domain, rarer, 2, "settled")
            self.tell(shop.domain, story, 1, "settled")

    @rule(
        domain=STORES,
        customer=st.sampled_from(CUSTOMERS),
        email=st.sampled_from(ADDRESSES),
        state=st.sampled_from(["enabled", "disabled", None]),
        how=HOW,
    )
    def join(self, domain, customer, email, how, state=None):
        # Of two addresses at one moment, the store itself would not know the last.
        self.tick(1)
        said = self.shops[domain].join(customer, email, self.line.now, state=state)
        self.tick(1)
        self.say(said, how)

    @rule(domain=STORES, kept=WHICH, deleted=WHICH, how=HOW)
    def merge(self, domain, kept, deleted, how):
        shop = self.shops[domain]
        free = [each for each in CUSTOMERS if each not in shop.merged]
        kept, deleted = free[kept % len(free)], free[deleted % len(free)]
        if kept != deleted:
            self.say(shop.merge(kept, deleted, self.line.now), how)
            self.seen["customers merged"] += 1

    @rule(domain=STORES, customer=st.sampled_from(CUSTOMERS), is_spared=st.booleans())
    def redact(self, domain, customer, is_spared):
        shop, oracle = self.shops[domain], self.oracles[domain]
        self.work()
        if (
            is_spared
            or customer in shop.merged
            or str(customer) not in oracle.people.seen
        ):
            return
        email_key = self.line.worker.conceal(shop.emails[customer])
        ids, _ = oracle.people.all_of(str(customer), email_key)
        whose = {("customer", each) for each in ids}
        self.line.settle_all_due()
        listed = [each for each in oracle.facts if oracle.owner(each) in whose]
        said = shop.redact(customer, [int(each) for each in listed], self.line.now)
        self.line.send(said)
        self.line.worker.drain()
        oracle.forget(said, self.line.now)
        self.epochs[-1].redaction = said
        self.epochs[-1].ended_at = self.line.now
        self.epochs.append(Epoch())
        self.seen["customer forgotten"] += 1
        self.seen["forgotten with who became them"] += any(
            str(each) in ids for each in shop.merged
        )

    @rule(
        domain=STORES,
        customer=BUYERS,
        points=st.sampled_from([-200, -80, 5, 60]),
        key=st.integers(0, 4),
        tick=TICK,
    )
    def adjust(self, domain, customer, points, key, tick):
        self.tick(tick)
        self.work()
        name, named = f"goodwill-{key}", str(customer)
        oracle = self.oracles[domain]
        before = self.tables() if (domain, name) in self.keys else None
        self.line.adjust_at(self.line.now, domain, named, points, name)
        if before:
            assert before == self.tables()
            self.seen["idempotency key repeated"] += 1
            return
        self.keys.add((domain, name))
        if named in oracle.people.seen:
            command = adjustment(name, points, self.line.now)
            oracle.commands[name] = ("customer", named), command
            made = domain, named, points, name, self.line.now
            self.epochs[-1].adjusted.append(made)

    @rule(domain=STORES, story=A_STORY, tick=TICK, how=HOW)
    def tell(self, domain, story, tick, how):
        """Have one of the rarer stories happen."""
        getattr(self, f"_{story}")(self.shops[domain], tick, how)

    @rule(domain=STORES, days=st.sampled_from([0, 1, 12, 35]))
    def change_program(self, domain, days):
        """Have an owner change the programme, from now on or from a day to come."""
        self.work()
        timeline = self.oracles[domain].timeline
        if not timeline.is_changed:
            begin = self.line.now + timedelta(days=days, minutes=1)
            timeline.change(begin, changed(self.oracles[domain].program))
            self.line.change_program(domain, timeline.eras[-1])
            self.is_new = True

    def _program_changes(self, shop: Shop, tick: int, how: str) -> None:
        self.change_program(shop.domain, 1)
        # Whoever is settled before it takes effect has to be looked at then.
        self.say(shop.place(self.line.now, ADA, [(2, 1)], is_paid=True), "settled")
        said = shop.place(self.line.now, ADA, [(0, 3)], is_paid=True)
        self.time_passes(5, is_settled=bool(tick))
        self.check_if_worked()
        # What was placed before is heard of once there are other terms.
        self.say(said, how)
        self.say(shop.place(self.line.now, ADA, [(2, 2)], is_paid=True), "settled")
        self.say(shop.refund(shop.orders[-3], self.line.now, "all"), how)
        self.check_if_worked()
        for reward in "off", "trees":
            self._have(shop, reward)

    @rule(days=st.sampled_from([1, 5, 12, 35, 70]), is_settled=st.booleans())
    def time_passes(self, days, is_settled):
        self.line.pass_time(timedelta(days=days))
        if is_settled:
            self.line.settle_all_due()

    @invariant()
    def what_is_kept_is_what_should_be(self):
        if self.is_new and not self.unworked:
            self.check()
            self.is_new = False

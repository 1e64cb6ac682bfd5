"""Random lives of two stores on the real line, held against a fold in memory."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from app.domain.earning import Bonus, Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.ledger import Redemption
from app.domain.program import CreditWhen, Limits, Program, ReturnPolicy
from app.domain.tiers import (
    Downgrade,
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tier,
    Tiers,
    Window,
)
from app.storage.database import Database
from tests.workers.machine.installation import DOMAINS, Installation
from tests.workers.machine.living import Epoch, Living
from tests.workers.machine.oracle import adjustment
from tests.workers.machine.shop import ADDRESSES, CUSTOMERS, Shop
from workers import settle as settling

# A long run: make machine EXAMPLES=1000, each time with other lives.
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "0"))
LIVES, STEPS = 18, 20

HELD = Program(credit_after_days=10, expires_after_months=2)
# Most often the plain one, where most is settled the short way.
CAMPAIGNS = Program(
    earning=(
        PurchasePoints(),
        Bonus(points=30, conditions=Conditions(order_to=1)),
        Multiplier(times=Decimal(2), conditions=Conditions(amount_min=Decimal(50))),
    )
)
TIERED = Program(
    tiers=Tiers(
        ladder=(
            Tier(
                name="Silver",
                needs=(PointsEarned(points=60),),
                earn_times=Decimal(2),
                entry_points=10,
            ),
            Tier(
                name="Gold",
                needs=(Spending(amount=Decimal(150)), OrdersPlaced(orders=3)),
                needs_all=False,
                entry_points=40,
            ),
        ),
        window=Window.ROLLING,
        months=1,
        grace_days=5,
        downgrade=Downgrade.ONE_DOWN,
    )
)
PROGRAMS = (
    Program(),
    CAMPAIGNS,
    TIERED,
    Program(),
    Program(),
    Program(return_policy=ReturnPolicy.WITHIN_BALANCE),
    Program(credit_when=CreditWhen.FULFILLED, return_policy=ReturnPolicy.ONLY_PENDING),
    Program(expires_after_months=1, limits=Limits(points_per_day_max=150)),
)
MUST_BE_REACHED = {
    "refund before its order",
    "refund into debt",
    "debt repaid by a later credit",
    "cancelled, then paid again",
    "duplicate after success",
    "duplicate while processing",
    "late refund of an expired lot",
    "redeemed, then refunded",
    "redemption voided",
    "guest claimed",
    "customers merged",
    "customer forgotten",
    "short way taken",
    "whole history folded",
    "worker died",
    "worker overtaken",
    "life lived to its end",
    "tier reached",
    "gift of a tier taken back",
}

WHICH = st.integers(0, 9)
TICK = st.sampled_from([0, 1, 90])
STORES = st.sampled_from(DOMAINS)
HOW = st.sampled_from(
    ["settled", "settled", "first only", "kept back", "reversed", "twice", "sent"]
)
STORIES = st.sampled_from(
    [
        "refund_overtakes_its_order",
        "goods_come_back_after_points_were_spent",
        "goods_come_back_after_points_were_spent",
        "cancelled_order_stands_again",
        "goods_come_back_after_points_expired",
        "guest_joins",
    ]
)
ADA = CUSTOMERS[0]
BUYERS = st.sampled_from([ADA, *CUSTOMERS])
ENDS = st.sampled_from([None, "captured_at", "voided_at"])
BASKETS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=2
)
CHANGES = ["pay", "pay", "fulfil", "edit", "cancel", "reinstate", "dispute", "delete"]
REFUNDS = ["unit", "all", "amount", "pending"]


class Lives(Living):
    """Facts and commands of two stores, delivered in every way that can be."""

    @initialize(
        program=st.sampled_from(PROGRAMS), seed=st.integers(0, 2**32), story=STORIES
    )
    def begin(self, program: Program, seed: int, story: str) -> None:
        self.start((HELD, program), seed)
        for shop in self.shops.values():
            self.say(shop.place(self.line.now, ADA, [(2, 2)], is_paid=True), "settled")
            self.tell(shop.domain, story, 1, "settled")

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

    @rule(
        domain=STORES,
        customer=st.sampled_from(CUSTOMERS),
        email=st.sampled_from(ADDRESSES),
        how=HOW,
    )
    def join(self, domain, customer, email, how):
        # Of two addresses at one moment, the store itself would not know the last.
        self.tick(1)
        said = self.shops[domain].join(customer, email, self.line.now)
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
        if is_spared or customer in shop.merged or str(customer) not in oracle.seen:
            return
        ids, _ = oracle.all_of(str(customer), shop.emails[customer])
        whose = {("customer", each) for each in ids}
        listed = [each for each in oracle.facts if oracle.owner(each) in whose]
        said = shop.redact(customer, [int(each) for each in listed], self.line.now)
        self.line.send(said)
        self.line.worker.drain()
        oracle.hear(said)
        self.epochs[-1].redaction = said
        self.epochs.append(Epoch())
        self.seen["customer forgotten"] += 1

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
        if named in oracle.seen:
            command = adjustment(name, points, self.line.now)
            oracle.commands[name] = ("customer", named), command
            made = domain, named, points, name, self.line.now
            self.epochs[-1].adjusted.append(made)

    @rule(domain=STORES, customer=BUYERS, share=st.integers(1, 4), how=ENDS, tick=TICK)
    def redeem(self, domain, customer, share, how, tick):
        self.work()
        self.line.settle_all_due()
        self.tick(tick)
        named, key = str(customer), f"reward-{len(self.redeemed)}"
        member_id = self.line.member_of(domain, named)
        available = self.line.standing(named).available if member_id else 0
        if member_id and available:
            points = max(1, available * share // 4)
            redeemed = Redemption(f"redemption/{key}", self.line.now, points)
            self.keep_redemption(domain, named, key, redeemed)
            self._end(key, how)

    @rule(which=WHICH, how=ENDS, tick=TICK)
    def end_redemption(self, which, how, tick):
        self.work()
        self.tick(tick)
        going = [key for key, each in self.redeemed.items() if not _has_ended(each[2])]
        if going:
            self._end(going[which % len(going)], how)

    def _end(self, key: str, how: str | None) -> None:
        if how:
            domain, named, redeemed = self.redeemed[key]
            ended = replace(redeemed, **{how: self.line.now})
            self.keep_redemption(domain, named, key, ended)

    @rule(domain=STORES, story=STORIES, tick=TICK, how=HOW)
    def tell(self, domain, story, tick, how):
        """Have one of the rarer stories happen."""
        getattr(self, f"_{story}")(self.shops[domain], tick, how)

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
        self.redeem(shop.domain, ADA, 4, "captured_at", tick)
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
        self.redeem(shop.domain, ADA, 2, None, tick)
        self.time_passes(70, is_settled=bool(tick))
        self.end_redemption(0, "voided_at", tick)
        self.say(shop.refund(shop.orders[0], self.line.now, "all"), how)

    def _guest_joins(self, shop: Shop, tick: int, how: str) -> None:
        late = ADDRESSES[-1]
        self.say(shop.place(self.line.now, late, [(0, 2)], is_paid=True), how)
        self.tick(tick)
        self.join(shop.domain, CUSTOMERS[1], late, how)

    @rule(which=st.lists(WHICH, min_size=1, max_size=4), is_worked=st.booleans())
    def deliver_again(self, which, is_worked):
        for each in which:
            if self.said:
                self.send(self.said[-1 - each % len(self.said)])
        if is_worked:
            self.work()

    @rule()
    def worker_works(self):
        self.work()

    @rule(which=WHICH, is_settled=st.booleans())
    def worker_dies(self, which, is_settled):
        """A worker claims what waits, maybe settles it, and ends before it commits."""
        self._have_something_wait(which)
        if self.deaths < 5:
            claimed = self.line.claim(lease_s=0)
            if is_settled and claimed:
                self.line.die_with(claimed, self.line.another_worker())
            self.deaths += 1
            self.seen["worker died"] += 1

    @rule(which=WHICH)
    def worker_is_overtaken(self, which):
        """A worker freezes with a claim; another does the work; the first wakes."""
        self._have_something_wait(which)
        claimed = self.line.claim(lease_s=0)
        self.work()
        self.line.worker._work(claimed)
        self.seen["worker overtaken"] += 1

    @rule(which=WHICH, is_amid=st.booleans())
    def duplicate_comes_while_another_works(self, which, is_amid):
        """A message's repeat is worked on when one has claimed it, or is amid it."""
        self._have_something_wait(which)
        claimed = self.line.claim(lease_s=30)
        self.send(self.unworked[which % len(self.unworked)])
        if claimed and is_amid:
            self.line.work_side_by_side(claimed)
        else:
            self.line.another_worker().drain()
            self.line.worker._work(claimed)
        self.work()
        self.seen["duplicate while processing"] += 1

    def _have_something_wait(self, which: int) -> None:
        if not self.unworked:
            self.send(self.said[-1 - which % len(self.said)])

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


def _has_ended(redeemed: Redemption) -> bool:
    return bool(redeemed.captured_at or redeemed.voided_at)


@pytest.fixture
def installation(
    new_database_url: Callable[[], str], redis_url: str, tmp_path: Path
) -> Iterator[Installation]:
    """An installation whose database need not outlive a crash, so waits for no disk."""
    database = Database(new_database_url())
    name = database.url.database
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"alter database {name} set synchronous_commit = off"
        )
    database.close()
    yield Installation(database, redis_url, tmp_path)
    database.close()


@pytest.fixture
def seen() -> Iterator[Counter[str]]:
    """What was reached; both ways of settling are counted where they are taken."""
    counted: Counter[str] = Counter()
    short_ways, whole = settling._short_ways, settling.whole_histories

    def counted_short_ways(*args):
        for settled in short_ways(*args):
            counted["short way taken"] += bool(settled.changes)
            yield settled

    def counted_whole(*args):
        for settled in whole(*args):
            counted["whole history folded"] += 1
            yield settled

    with (
        patch.object(settling, "_short_ways", counted_short_ways),
        patch.object(settling, "whole_histories", counted_whole),
    ):
        yield counted


@pytest.mark.timeout(0 if EXAMPLES else 900)
def test_whatever_happens_the_ledger_is_what_the_facts_come_to(
    installation: Installation, seen: Counter[str]
):
    many = settings(
        max_examples=EXAMPLES or LIVES,
        stateful_step_count=STEPS * (2 if EXAMPLES else 1),
        derandomize=not EXAMPLES,
        database=None,
        print_blob=True,
    )
    run_state_machine_as_test(partial(Lives, installation, seen), settings=many)

    print(dict(sorted(seen.items())))
    missed = MUST_BE_REACHED - {name for name, times in seen.items() if times}
    # The lives that are always the same must have been rich; a few others may be poor.
    assert set() == missed or 0 < EXAMPLES < 300

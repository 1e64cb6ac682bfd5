"""What comes by doors of its own: an owner's tools, and the page at the counter."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.actions import Reported, State
from app.domain.events import RedemptionStep
from app.domain.rewards import Handling
from tests.workers.machine.acting import Acting
from tests.workers.machine.answering_store import Mood
from tests.workers.machine.shop import CUSTOMERS, Shop
from tests.workers.machine.wishing import ADA, STORES, TICK, WHICH, Wishing

# Of whom no store has ever told.
NOBODY = 7999
WHOM = st.sampled_from([ADA, ADA, *CUSTOMERS, NOBODY])
WHAT = st.sampled_from(["custom-repair-cafe", "custom-repair-cafe", "event", "review"])


class AtDoors(Acting, Wishing):
    """Tools that report actions under keys, and vouchers that are taken in."""

    @rule(
        domain=STORES,
        who=WHOM,
        action=WHAT,
        key=st.integers(0, 5),
        tick=TICK,
        is_worked=st.booleans(),
    )
    def report_by_tool(self, domain, who, action, key, tick, is_worked):
        """Have a tool report what somebody did, who may be known under that key."""
        self.work()
        self.tick(tick)
        asked, known = (action, str(who)), self.by_tools.get((domain, str(key)))
        answer = self.line.report_by_tool(domain, str(key), *asked)
        wanted = self._answer(domain, asked, known)
        assert answer == wanted
        self.seen[f"tool answered {answer}"] += 1
        if known is None and answer == 202:
            self.by_tools[domain, str(key)] = asked
            said = self.shops[domain].report_by_tool(*asked, str(key), self.line.now)
            self.was_sent(said)
        if is_worked:
            self.work()
            self._must_be_told(domain, str(key))

    def _answer(
        self, domain: str, asked: tuple[str, str], known: tuple[str, str] | None
    ) -> int:
        """What the door must answer: a key is one report's, and knows its own again."""
        if known is not None:
            return 202 if known == asked else 409
        oracle, (action, customer) = self.oracles[domain], asked
        rule_ = oracle.program.action(action)
        is_known = customer in oracle.people.seen
        return 202 if isinstance(rule_, Reported) and is_known else 422

    def _must_be_told(self, domain: str, key: str) -> None:
        """Hold what a tool is told of its report against what it earned."""
        oracle = self.oracles[domain]
        known = self.by_tools.get((domain, key))
        if known is None or known[1] in oracle.people.forgotten:
            return
        action, customer = known
        person = oracle.following(("customer", customer))
        told = self.line.told_to_tool(domain, key)
        whose, act = oracle.deeds.actions[action, key]
        if oracle.following(whose) != person:
            assert told == ("refused", 0, "key_was_used")
            self.seen["tool's key was used"] += 1
            return
        credit = oracle.expected(self.line.now)[person].credits.get(act.lot)
        points = credit.points if credit else 0
        state = "granted" if points else "refused"
        state = "awaiting_approval" if act.state is State.WAITING else state
        assert told[:2] == (state, points)
        self.seen[f"tool told {state}"] += 1

    @rule(domain=STORES, which=WHICH, tick=TICK)
    def take_in(self, domain, which, tick):
        """Have a voucher be held out at the counter, for the first time or again."""
        self.work()
        wishes = self.oracles[domain].wishes.values()
        vouchers = [w.id for w in wishes if w.reward.handling is Handling.COUNTER]
        if vouchers:
            self.tick(tick)
            self._take_in(self.shops[domain], vouchers[-1 - which % len(vouchers)])

    def _take_in(self, shop: Shop, wish_id: str) -> None:
        oracle = self.oracles[shop.domain]
        is_good = oracle.wishes[wish_id].state == "granted"
        code = oracle.wishlist.code(wish_id)
        assert self.line.take_in(shop.domain, code) == (303 if is_good else 409)
        self.seen["voucher taken in at the counter"] += is_good
        self.seen["voucher not taken in again"] += not is_good
        if is_good:
            step = {"redemption_id": wish_id, "step": RedemptionStep.TAKE_IN}
            said = shop.say("redemptions/step", self.line.now, **step)
            self.was_sent(said)
            self.work()
            assert oracle.wishes[wish_id].state == "used"

    def _tool_reports(self, shop: Shop, tick: int, how: str) -> None:
        domain, cafe = shop.domain, "custom-repair-cafe"
        self.report(domain, CUSTOMERS[2], "event", 4, 1, "settled")
        # The key is somebody else's, another report's, its own again, and nobody's.
        for who, what, key in (
            (ADA, "event", 4),
            (ADA, cafe, 4),
            (ADA, cafe, 3),
            (ADA, cafe, 3),
            (ADA, cafe, 2),
            (CUSTOMERS[1], "event", 5),
            (NOBODY, "event", 0),
        ):
            self.report_by_tool(domain, who, what, key, tick, how != "sent")
        for key, is_approved in (("3", True), ("2", False)):
            self._decide_action(shop, cafe, key, is_approved)
            self._must_be_told(domain, key)
        for key in "12":
            self.report(domain, ADA, "survey", key, 1, how)

    def _voucher_is_taken_in(self, shop: Shop, tick: int, how: str) -> None:  # noqa: ARG002
        wish = self._have(shop, "repair")
        self.tick(tick)
        if wish in self.oracles[shop.domain].wishes:
            for _ in range(2):
                self._take_in(shop, wish)

    def _points_are_donated(self, shop: Shop, tick: int, how: str) -> None:
        for _ in range(1 + tick):
            self._have(shop, "trees")
        self.say(shop.refund(shop.orders[-1], self.line.now, "all"), how)

    def _reward_is_taken_during_a_refund(self, shop: Shop, tick: int, how: str) -> None:
        """Somebody spends points while the goods that earned them are on their way.

        The store has taken them back by then, and nobody here has heard of it.
        """
        self._earn(shop, ADA)
        order = shop.orders[-1]
        self.tick(1)
        said = shop.refund(order, self.line.now, "pending" if tick else "all")
        self.tick(1)
        if tick:
            # It is heard that a unit is to go back, and not yet that its money did.
            self.say(said[:2], "settled")
        self._ask_for(shop.domain, ADA, "money", 4, tick, "settled")
        self.check()
        self.say(said[2:] if tick else said, how)
        self.check_if_worked()
        self.ask_stores(Mood.WELL)

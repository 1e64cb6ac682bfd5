"""What stores call their customers: tags and segments that come and go."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.workers.machine.living import Living
from tests.workers.machine.shop import CUSTOMERS, Shop
from tests.workers.machine.wishing import ADA, STORES, TICK

LABELS = st.sampled_from(["vip", "vip", "club", "press", "segment"])
# Since when it held: from now on, or from days ago as it is heard of late.
DAYS_AGO = st.sampled_from([0, 0, 1, 12])


class Calling(Living):
    """Labels of customers who have ordered, as the store says or an owner does."""

    @rule(
        domain=STORES,
        who=st.sampled_from([ADA, ADA, *CUSTOMERS]),
        label=LABELS,
        is_given=st.booleans(),
        days_ago=DAYS_AGO,
        tick=TICK,
        how=st.sampled_from(["settled", "repeated", "kept back", "sent"]),
    )
    def call(self, domain, who, label, is_given, days_ago, tick, how):
        self.tick(tick)
        at = self.line.now - timedelta(days=days_ago)
        self._call(self.shops[domain], who, label, is_given, at, how)

    def _call(
        self,
        shop: Shop,
        who: int,
        label: str,
        is_given: bool,
        at: datetime,
        how: str = "settled",
    ) -> None:
        """Have a customer get a label, or lose it; those alone who have ordered.

        So it shows by their orders whose points the label changes.
        """
        if self.oracles[shop.domain].has_ordered(str(who)):
            self.say(shop.call(who, label, at, self.line.now, is_given=is_given), how)

    def _tags_come_and_go(self, shop: Shop, tick: int, how: str) -> None:
        began = self.line.now
        self._call(shop, ADA, "vip", True, began, how)
        self._call(shop, ADA, "club", True, began)
        self.tell_birthday(shop.domain, ADA, 0, 6, how)
        self._call(shop, ADA, "segment", True, began)
        self.tick(1)
        self.say(shop.place(self.line.now, ADA, [(1, 2)], is_paid=True), "settled")
        self.check_if_worked()
        self.tick(1)
        self._call(shop, ADA, "segment", False, self.line.now, how)
        self._call(shop, ADA, "club", False, self.line.now, how)
        self.time_passes(12, is_settled=bool(tick))
        # The tag was gone before the order: what it brought goes back.
        self._call(shop, ADA, "vip", False, began, how)
        self.check_if_worked()

    def _tagged_customer_is_merged(self, shop: Shop, tick: int, how: str) -> None:
        _, kept, deleted = CUSTOMERS
        if {kept, deleted} & shop.merged:
            return
        for who in kept, deleted:
            said = shop.place(self.line.now, who, [(0, 2)], is_paid=True)
            self.say(said, "settled")
        self._call(shop, deleted, "vip", True, self.line.now, how)
        self.tick(1)
        self.say(shop.merge(kept, deleted, self.line.now), how)
        self.tick(tick)
        self.say(shop.place(self.line.now, kept, [(1, 1)], is_paid=True), how)
        self.check_if_worked()
        self._call(shop, kept, "vip", False, self.line.now - timedelta(minutes=tick))
        self.seen["label left after a merge"] += 1
        self.seen["customers merged"] += 1

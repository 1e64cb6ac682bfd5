"""What stores say of customers beside orders: who has an account, who takes mail."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.workers.machine.acting import Acting
from tests.workers.machine.shop import CUSTOMERS, Shop
from tests.workers.machine.wishing import ADA, STORES, TICK

HOW = st.sampled_from(["settled", "repeated", "kept back", "sent"])
CONSENTS = st.sampled_from(["subscribed"] * 3 + ["unsubscribed", "pending"])
# Since when it is so: from now on, or from days ago as it is heard of late.
DAYS_AGO = st.sampled_from([0, 0, 1, 12])


class Subscribing(Acting):
    """Accounts that are opened, and newsletters that are subscribed to."""

    @rule(
        domain=STORES,
        who=st.sampled_from([ADA, *CUSTOMERS]),
        state=CONSENTS,
        days_ago=DAYS_AGO,
        tick=TICK,
        how=HOW,
    )
    def consent(self, domain, who, state, days_ago, tick, how):
        self.tick(tick)
        since = self.line.now - timedelta(days=days_ago)
        said = self.shops[domain].consent(who, state, since, self.line.now)
        self.say(said, how)

    def _newsletter_is_subscribed(self, shop: Shop, tick: int, how: str) -> None:
        before = self.line.now
        self.consent(shop.domain, ADA, "pending", 0, 1, "settled")
        self.consent(shop.domain, ADA, "subscribed", 0, 1, how)
        self.consent(shop.domain, ADA, "unsubscribed", 0, 1, "settled")
        self.consent(shop.domain, ADA, "subscribed", 0, 90, "settled")
        # Both the store and a tool say so, and it earns once.
        self.report(shop.domain, ADA, "newsletter", 3, tick, "settled")
        self.check_if_worked()
        # They had subscribed before, which is heard of late: that is what earns.
        early = shop.consent(ADA, "subscribed", before, self.line.now)
        self.say(early, "settled")
        self.check_if_worked()

    def _account_is_opened(self, shop: Shop, tick: int, how: str) -> None:
        self.tick(1)
        who = CUSTOMERS[1]
        email = shop.emails[who]
        guest = shop.join(who, email, self.line.now, state="disabled")
        self.tick(90)
        opened = shop.join(who, email, self.line.now, state="enabled")
        # As far as is known, it is as old as the record.
        self.say(opened, how)
        self.check_if_worked()
        self.tick(tick)
        self.say(guest, "settled")
        self.check_if_worked()
        self.tick(1)
        self.say(shop.join(ADA, shop.emails[ADA], self.line.now, state="enabled"), how)

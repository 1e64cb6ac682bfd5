"""What is shared and what is left lying: budgets that run out, points that lapse."""

from __future__ import annotations

from tests.workers.machine.shop import ADDRESSES, CUSTOMERS, Shop
from tests.workers.machine.wishing import ADA, Wishing


class Saving(Wishing):
    """Stories of budgets, and of members who do nothing for long."""

    def _budget_runs_out(self, shop: Shop, tick: int, how: str) -> None:
        for who in (ADA, *CUSTOMERS[1:], *ADDRESSES[:3]):
            self.tick(tick)
            said = shop.place(self.line.now, who, [(2, 2)], is_paid=True)
            self.say(said, "settled")
        self.check()
        # What goes back is there for others, and whoever had it may have it again.
        self.tick(1)
        for order in shop.orders[-5:-3]:
            self.say(shop.refund(order, self.line.now, "unit"), how)
        first = shop.orders[-6]
        self.say(shop.cancel(first, self.line.now), "settled")
        self.check_if_worked()
        self.tick(tick)
        for who in ADDRESSES[3], ADA:
            said = shop.place(self.line.now, who, [(2, 3)], is_paid=True)
            self.say(said, "settled")
        self.check_if_worked()
        self.tick(1)
        self.say(shop.reinstate(first, self.line.now), how)
        self.check_if_worked()

    def _silence_is_broken_late(self, shop: Shop, tick: int, how: str) -> None:
        """An order is heard of once points have lapsed for want of it."""
        self._earn(shop, ADA)
        self.time_passes(12, is_settled=True)
        said = shop.place(self.line.now, ADA, [(0, 1)], is_paid=True)
        self.time_passes(35, is_settled=True)
        self.check_if_worked()
        self.tick(tick)
        self.said += said
        for each in said:
            self.send(each)
        self.work()
        self.check()
        if how == "repeated":
            self.say(shop.refund(shop.orders[-2], self.line.now, "all"), how)

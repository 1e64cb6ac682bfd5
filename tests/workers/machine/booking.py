"""Rewards for a date: the last place is taken, given back, and had."""

from __future__ import annotations

from datetime import UTC

from app.domain.events import RedemptionStep
from tests.workers.machine.answering_store import Mood
from tests.workers.machine.offered import VISIT
from tests.workers.machine.shop import CUSTOMERS, Shop
from tests.workers.machine.wishing import Wishing


class Booking(Wishing):
    """Visits, with one place on each date."""

    def _last_place_is_given_back(self, shop: Shop, tick: int, how: str) -> None:
        other = CUSTOMERS[1]
        self._earn(shop, other)
        first = self._have(shop, VISIT.id)
        self._ask_for(shop.domain, other, VISIT.id, 4, 1, "settled")
        self.check()
        if tick:
            self._take_step(shop, first, RedemptionStep.APPROVE)
        step = RedemptionStep.REFUSE if how == "repeated" else RedemptionStep.CANCEL
        self._take_step(shop, first, step, is_member=bool(tick))
        self._take_step(shop, first, RedemptionStep.CANCEL)
        self.ask_stores(Mood.WELL)
        second = self._ask_for(shop.domain, other, VISIT.id, 4, 1, "settled")
        self.check()
        if how != "repeated":
            self._take_step(shop, second, RedemptionStep.APPROVE)
        self._come_to_its_date(shop, second, tick)

    def _come_to_its_date(self, shop: Shop, wish_id: str, tick: int) -> None:
        """Have its member think better of it too late, and its date come."""
        wish = self.oracles[shop.domain].wishes.get(wish_id)
        if wish is None or wish.slot is None or wish.decided is None:
            return
        begins_at = wish.slot.replace(tzinfo=UTC)
        self.line.now = max(self.line.now, begins_at.replace(hour=6))
        self._take_step(shop, wish_id, RedemptionStep.CANCEL, is_member=True)
        self.check()
        self.line.now = max(self.line.now, begins_at)
        self.tick(tick)
        self.ask_stores(Mood.WELL)
        self.check()

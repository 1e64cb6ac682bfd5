"""A stamp card: so many stamps, then a reward, then the next card."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.actions.base import NAME, NAME_MOST, NAME_WRITTEN
from app.domain.engagement.kept import Kept
from app.domain.engagement.or_a_reward import OR_A_REWARD, REWARD_MOST
from app.domain.engagement.products import Products
from app.domain.engagement.too_little import NOTHING_COUNTS, too_little
from app.domain.languages.translator import Translator
from app.domain.reasons import Reason
from app.domain.settings import MOST, setting


class StampFor(StrEnum):
    """What brings a stamp: each item, or each order."""

    ITEM = "item"
    VISIT = "visit"


@dataclass(frozen=True, kw_only=True)
class StampCard:
    """Settings of a card; a card with another name or size is another card."""

    name: str = setting(
        "Name in the ledger", most=NAME_MOST, pattern=NAME, written=NAME_WRITTEN
    )
    title: str = setting("Name", default="", hint="what shoppers read", most=100)
    stamps: int = setting("Stamps that make a card full", default=10, least=1, most=999)
    points: int = setting("Points for a full card", default=100, least=1, most=MOST)
    stamp_for: StampFor = setting("A stamp for each", default=StampFor.ITEM)
    products: Products = setting("Only", default=Products())
    amount_min: Decimal = setting(
        "Spent on these in an order, at least", default=Decimal(0), least=0, most=MOST
    )
    reward: str = setting(
        "Reward for a full card", default="", hint=OR_A_REWARD, most=REWARD_MOST
    )

    @property
    def idle_settings(self) -> frozenset[str]:
        """The settings that have no effect: a card brings points, or a reward."""
        return frozenset({"points"}) if self.reward else frozenset()

    @property
    def id(self) -> str:
        """Return what tells this card from others, for ever."""
        return f"{self.name}-{self.stamps}"

    def closed_to_order(self, whole: Kept, currency: str) -> Reason:
        """Return why an order brings no stamp, no reason where it does."""
        closed = too_little(whole, self.products, self.amount_min, currency)
        if closed or self.stamp_for != StampFor.ITEM or whole.items(self.products):
            return closed
        return NOTHING_COUNTS

    def stamps_for(self, kept: Kept, whole: Kept, currency: str) -> int:
        """Return the stamps that are left of an order of which this was kept.

        Whether it was large enough is asked of it as it was, so that a card does not
        lose more stamps than went back.
        """
        if self.closed_to_order(whole, currency):
            return 0
        if self.stamp_for == StampFor.ITEM:
            return kept.items(self.products)
        return int(kept.amount_minor(self.products) > 0)

    def shown_name(self) -> str:
        """Return what shoppers read."""
        return self.title or self.name.replace("-", " ").capitalize()

    def in_words(self, say: Translator, brings: str) -> str:
        """Return the card, and what a full one brings, in one sentence."""
        is_of_items = self.stamp_for == StampFor.ITEM
        code = "card.item" if is_of_items else "card.visit"
        card = say(code, brings=brings, stamps=self.stamps)
        if self.products.are_some:
            code = "card.of" if is_of_items else "card.with"
            card = say(code, card=card, which=self.products.in_words(say))
        if self.amount_min:
            card = say("card.amount", card=card, least=say.money(self.amount_min))
        return say("card.told", card=card, title=self.shown_name())

"""A surprise right after an order or action, by a draw that can be repeated."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.actions.base import NAME, NAME_MOST, NAME_WRITTEN
from app.domain.actions.called import called
from app.domain.earning.budget import Budget
from app.domain.engagement.kept import Kept
from app.domain.engagement.or_a_reward import OR_A_REWARD, REWARD_MOST
from app.domain.engagement.products import Products
from app.domain.engagement.too_little import too_little
from app.domain.languages.translator import Translator
from app.domain.reasons import NO_REASON, Reason, because
from app.domain.settings import MOST, setting

# A draw is a number of so many bits.
_BITS = 64


class After(StrEnum):
    """What a surprise follows."""

    ORDER = "order"
    ACTION = "action"


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """Settings of a surprise; its seed is recorded with the version of the programme.

    A draw depends on the seed, on the surprise's name, and on what the order or action
    is known by, and on nothing else: it comes out the same whenever it is made again,
    and nobody who does not know the seed can tell it beforehand.
    """

    name: str = setting(
        "Name in the ledger", most=NAME_MOST, pattern=NAME, written=NAME_WRITTEN
    )
    title: str = setting("Name", default="", hint="what shoppers read", most=100)
    points: int = setting("Points", default=50, least=1, most=MOST)
    after: After = setting("After each", default=After.ORDER)
    percent: Decimal = setting(
        "Chance in percent", default=Decimal(100), above=0, most=100
    )
    products: Products = setting("Only orders with", default=Products())
    amount_min: Decimal = setting(
        "Spent on these in an order, at least", default=Decimal(0), least=0, most=MOST
    )
    times_per_member_max: int = setting(
        "Most times a member, ever", default=1, least=1, most=MOST
    )
    seed: str = setting(
        "Seed of the draw", most=100, hint="a long random text that shoppers never see"
    )
    budget: Budget = setting("Budget", default=Budget())
    reward: str = setting("Reward", default="", hint=OR_A_REWARD, most=REWARD_MOST)
    action: str = setting(
        "Only this action",
        default="",
        most=60,
        hint="as in reports: review, social-instagram, custom-…; empty for any",
    )

    @property
    def idle_settings(self) -> frozenset[str]:
        """The settings that have no effect: of what it does not follow or bring."""
        is_of_action = self.after == After.ACTION
        idle = {"products", "amount_min"} if is_of_action else {"action"}
        return frozenset(idle | ({"points"} if self.reward else set()))

    def closed_to_order(self, kept: Kept, currency: str) -> Reason:
        """Return why an order takes no part in the draw, no reason where it does."""
        return too_little(kept, self.products, self.amount_min, currency)

    def closed_to_action(self, action: str) -> Reason:
        """Return why an action takes no part in the draw, no reason where it does."""
        if self.action in ("", action):
            return NO_REASON
        return because("follows_other_action", action=self.action)

    def is_drawn(self, occasion: str) -> bool:
        """Whether an order or action wins, by its name."""
        named = f"{self.name}/{occasion}".encode()
        digest = hmac.digest(self.seed.encode(), named, "sha256")
        number = int.from_bytes(digest[: _BITS // 8])
        return bool(number * 100 < self.percent * 2**_BITS)

    def shown_name(self) -> str:
        """Return what shoppers read."""
        return self.title or self.name.replace("-", " ").capitalize()

    def in_words(
        self, say: Translator, brings: str, *, is_limited: bool, action: str = ""
    ) -> str:
        """Return the surprise in one sentence, which gives no chances away.

        There is an end of it where it `is_limited`; how much there is, is not told.
        The `action` that it follows is called as its programme calls it, if it does.
        """
        often = "surprise.always" if self.percent == 100 else "surprise.sometimes"
        most = say("surprise.times", times=self.times_per_member_max)
        if is_limited:
            most += f", {say('while_they_last')}"
        occasion, title = self._occasion_in_words(say, action), self.shown_name()
        told = {"brings": brings, "occasion": occasion, "title": title, "most": most}
        return say(often, **told)

    def _occasion_in_words(self, say: Translator, action: str) -> str:
        if self.after == After.ACTION:
            if not self.action:
                return say("surprise.any_action")
            action = action or called(self.action, say.language)
            return say("surprise.action", action=action)
        words = say("surprise.order")
        if self.products.are_some:
            words = say("surprise.order_with", which=self.products.in_words(say))
        if self.amount_min:
            least = say.money(self.amount_min)
            words = say("surprise.amount", occasion=words, least=least)
        return words

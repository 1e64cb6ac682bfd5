"""A tier: what it asks for, and what it brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.domain.labels import all_compared
from app.domain.languages.translator import Translator
from app.domain.settings import MOST, setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A tier, known by its name for ever: one with another name is another tier."""

    name: str = setting("Name", most=60)
    needs: tuple[Need, ...] = setting("Reached by", default=())
    needs_all: bool = setting(
        "All of these together",
        default=True,
        hint="if not, any one of them is enough",
    )
    product_ids: frozenset[str] = setting(
        "Memberships: products that grant it", default=frozenset()
    )
    product_months: int = setting(
        "for so many months each", default=12, least=1, most=120
    )
    selling_plan_ids: frozenset[str] = setting(
        "Subscriptions: selling plans that grant it", default=frozenset()
    )
    plan_months: int = setting(
        "for so many months with each payment",
        default=1,
        least=1,
        most=120,
        hint="as often as the plan takes money: 12 for one that is paid once a year",
    )
    earn_times: Decimal = setting(
        "Times the points", default=Decimal(1), least=1, most=100
    )
    percent_off: int = setting("Percent off every order", default=0, most=100)
    ships_free: bool = setting("Free shipping", default=False)
    entry_points: int = setting(
        "Points on reaching it for the first time", default=0, most=MOST
    )
    birthday_points: int = setting("Points on the birthday", default=0, most=MOST)
    customer_tags: frozenset[str] = setting(
        "Customer tags that grant it",
        default=frozenset(),
        hint="for as long as the customer has any of them",
    )

    def __post_init__(self) -> None:
        """Write tags as they are compared."""
        object.__setattr__(self, "customer_tags", all_compared(self.customer_tags))

    @property
    def mistakes(self) -> dict[str, str]:
        """Return what nobody could be told."""
        if not self.name.strip() or "\0" in self.name:
            return {"name": "must be a name that people can read"}
        return {}

    @property
    def gives_points(self) -> bool:
        """Whether members get points for being in it."""
        return bool(self.entry_points or self.birthday_points)

    def is_met(self, tally: Tally) -> bool:
        """Whether a tally meets what the tier asks for; a tier may ask for nothing."""
        met = (need.is_met(tally) for need in self.needs)
        return bool(self.needs) and (all(met) if self.needs_all else any(met))

    def progress(self, tally: Tally) -> float:
        """Return how far a tally is on the way, from 0 to 1."""
        shares = [min(1.0, float(need.share(tally))) for need in self.needs]
        if not shares:
            return 0.0
        return round(min(shares) if self.needs_all else max(shares), 4)

    def missing_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `spend €40.00 more and place 1 order more`."""
        return self._joined(
            say,
            [
                need.missing_in_words(tally, say)
                for need in self.needs
                if not need.is_met(tally)
            ],
        )

    def reached_in_words(self, tally: Tally, say: Translator) -> str:
        """Return what a tally is of what the tier asks for."""
        return self._joined(
            say,
            [
                need.reached_in_words(tally, say)
                for need in self.needs
                if self.needs_all or need.is_met(tally)
            ],
        )

    def needs_in_words(self, say: Translator) -> str:
        """Return, for example, `€500.00 spent or 5 orders`."""
        return self._joined(say, [need.in_words(say) for need in self.needs])

    def perks_in_words(self, say: Translator) -> list[str]:
        """Return what the tier brings, one thing after another."""
        return list(self._perks(say))

    def _perks(self, say: Translator) -> Iterator[str]:
        if self.earn_times > 1:
            yield say("tier.earn_times", times=self.earn_times)
        if self.percent_off:
            yield say("tier.percent_off", percent=self.percent_off)
        if self.ships_free:
            yield say("tier.ships_free")
        if self.entry_points:
            yield say("tier.entry_points", points=self.entry_points)
        if self.birthday_points:
            yield say("tier.birthday_points", points=self.birthday_points)

    def _joined(self, say: Translator, words: list[str]) -> str:
        if not words:
            return ""
        return say("all" if self.needs_all else "either", words=words)

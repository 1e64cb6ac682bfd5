"""The tiers of a programme, and how they are kept and lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from app.domain.dates import end_of_year, local_months_after
from app.domain.languages.translator import Translator
from app.domain.settings import setting
from app.domain.tiers.deeds import Bought, Membership
from app.domain.tiers.tags import plain_name
from app.domain.tiers.tally import Tally
from app.domain.tiers.tier import Tier


class Window(StrEnum):
    """For how long what a member does counts."""

    LIFETIME = "lifetime"
    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar_year"


class Downgrade(StrEnum):
    """Where a member goes who no longer meets a tier: one step down, or all the way."""

    ONE_DOWN = "one_down"
    BY_BALANCE = "by_balance"


@dataclass(frozen=True, kw_only=True)
class Tiers:
    """The tiers of a program, lowest first; true where there are any.

    Levels are counted from 1 on, the lowest tier; 0 is no tier.
    """

    ladder: tuple[Tier, ...] = setting("Tiers, lowest first", default=())
    window: Window = setting("What a member does counts for", default=Window.LIFETIME)
    months: int = setting("Months of a rolling window", default=12, least=1, most=120)
    grace_days: int = setting(
        "Days that a tier is kept when time has taken what it needs",
        default=0,
        most=1000,
    )
    downgrade: Downgrade = setting("Then it falls", default=Downgrade.BY_BALANCE)

    @property
    def mistakes(self) -> dict[str, str]:
        """Return what does not go together."""
        found = {}
        names = [plain_name(tier.name) for tier in self.ladder]
        for at, name in enumerate(names):
            if name in names[:at]:
                found[f"ladder.{at}"] = "another tier has the same name"
        if self.downgrade is Downgrade.ONE_DOWN and not self.grace_days:
            found["grace_days"] = "must be at least 1: each step down takes so long"
        return found

    def __bool__(self) -> bool:
        """Whether there are any tiers."""
        return bool(self.ladder)

    @property
    def grace(self) -> timedelta:
        """How long a tier is kept when time has taken what it needs."""
        return timedelta(days=self.grace_days)

    @cached_property
    def grants_by_product(self) -> dict[str, int]:
        """The highest level that each product grants."""
        return {
            product_id: level
            for level, tier in enumerate(self.ladder, start=1)
            for product_id in tier.product_ids
        }

    @cached_property
    def grants_by_plan(self) -> dict[str, int]:
        """The highest level that each selling plan grants."""
        return {
            plan_id: level
            for level, tier in enumerate(self.ladder, start=1)
            for plan_id in tier.selling_plan_ids
        }

    @cached_property
    def grants_by_tag(self) -> dict[str, int]:
        """The highest level that each tag of a customer grants."""
        return {
            tag: level
            for level, tier in enumerate(self.ladder, start=1)
            for tag in tier.customer_tags
        }

    @cached_property
    def count_actions(self) -> bool:
        """Whether any tier asks for what members do beside ordering."""
        return any(need.counts_actions for tier in self.ladder for need in tier.needs)

    @cached_property
    def give_on_birthdays(self) -> bool:
        """Whether any tier gives points on the birthday."""
        return any(tier.birthday_points for tier in self.ladder)

    def membership(self, bought: Bought) -> Membership | None:
        """Return what a line is as a membership, None where it is none.

        One that was bought by a plan that grants a tier is no other membership.
        """
        if level := self.grants_by_plan.get(bought.plan_id or ""):
            months = self.ladder[level - 1].plan_months
            return Membership(bought, level, months, is_subscription=True)
        if level := self.grants_by_product.get(bought.product_id):
            return Membership(bought, level, self.ladder[level - 1].product_months)
        return None

    def tier(self, level: int) -> Tier | None:
        """Return the tier of a level, None for none."""
        return self.ladder[level - 1] if 0 < level <= len(self.ladder) else None

    def level_of(self, name: str | None) -> int:
        """Return the level of a tier by its name, 0 where there is no such tier."""
        levels = (n for n, tier in enumerate(self.ladder, start=1) if tier.name == name)
        return next(levels, 0)

    def reached(self, tally: Tally) -> int:
        """Return the highest level whose needs a tally meets."""
        for level in range(len(self.ladder), 0, -1):
            if self.ladder[level - 1].is_met(tally):
                return level
        return 0

    def counts_until(self, at: datetime, timezone: str) -> datetime | None:
        """Return when what was done at `at` no longer counts, None for never."""
        if self.window is Window.ROLLING:
            return local_months_after(at, self.months, timezone)
        if self.window is Window.CALENDAR_YEAR:
            return end_of_year(at, timezone)
        return None

    def needs_in_words(self, tier: Tier, say: Translator) -> str:
        """Return what a tier asks for, and within which time."""
        needs = tier.needs_in_words(say)
        if self.window is Window.ROLLING:
            return say("tier.rolling", needs=needs, months=self.months)
        if self.window is Window.CALENDAR_YEAR:
            return say("tier.calendar_year", needs=needs)
        return needs

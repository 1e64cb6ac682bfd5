"""What every campaign is: points beside those for spending, under conditions."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from app.domain.actions.base import NAME, NAME_MOST, NAME_WRITTEN
from app.domain.earning.base import Award, EarningRule, Eligible, NoAward
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.labels import LabelKind
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Campaign(EarningRule):
    """Points beside those of the other rules, which the parts of an order carry."""

    conditions: Conditions = setting("Only", default=Conditions())
    name: str = setting(
        "Name in the ledger",
        default="",
        hint="its budget is known by it",
        most=NAME_MOST,
        pattern=f"^$|{NAME}",
        written=NAME_WRITTEN,
    )
    budget: Budget = setting("Budget", default=Budget())

    @property
    def mistakes(self) -> dict[str, str]:
        """Return what lacks where there is a budget."""
        if self.budget and not self.name:
            return {"name": "a campaign with a budget needs a name"}
        return {}

    @property
    def looks_at_products(self) -> bool:
        """Whether it matters which tags and collections products have."""
        return bool(self.conditions.tags or self.conditions.collection_ids)

    @property
    def looks_at_history(self) -> bool:
        """Whether it matters what else the member ordered, and what they are called."""
        return bool(
            self.conditions.numbers_orders or self.conditions.tiers or self.labels
        )

    @property
    def labels(self) -> frozenset[tuple[LabelKind, str]]:
        """The tags and segments of customers that it asks for."""
        return self.conditions.labels

    def _award(self, eligible: Eligible) -> Award | NoAward:
        met = self.conditions.met_by(eligible)
        if isinstance(met, NoAward):
            reason = f"without {self.gift}: {met.reason}"
            return NoAward(reason, is_told=True, is_outside=met.is_outside)
        return self._extra(met)

    @property
    @abstractmethod
    def gift(self) -> str:
        """What it gives, in a few words, for the reasons why it gave nothing."""

    @abstractmethod
    def _extra(self, met: Eligible) -> Award | NoAward:
        """Say how many points come on top for the parts that meet the conditions."""

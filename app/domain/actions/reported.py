"""What actions have in common that somebody reports: the owner, a tool, the shopper."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.actions.base import ActionRule, Most
from app.domain.languages.translator import Translator
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Reported(ActionRule):
    """An action that is a fact because somebody said so.

    What shoppers say of themselves must be limited, or be looked at by the owner.
    """

    shoppers_report: bool = setting("Shoppers report it themselves", default=False)
    needs_approval: bool = setting("The owner approves each", default=False)
    times_per_day_max: int | None = setting(
        "Most times a day", default=None, least=1, most=MOST
    )
    times_per_member_max: int | None = setting(
        "Most times a member, ever", default=None, least=1, most=MOST
    )

    @property
    def most(self) -> Most:
        """How often one member may earn by it."""
        return Most(a_day=self.times_per_day_max, ever=self.times_per_member_max)

    def in_words(self, say: Translator) -> str:
        """Return the rule as it ends a sentence that begins with `You earn`."""
        approved = say("action.approved") if self.needs_approval else ""
        return f"{super().in_words(say)}{approved}"

    @property
    def mistakes(self) -> dict[str, str]:
        """Return what would let shoppers give themselves points without end."""
        unlimited = self.times_per_member_max is None and not self.needs_approval
        if self.shoppers_report and unlimited:
            words = "must be set where shoppers report it and nobody approves"
            return {"times_per_member_max": words}
        return {}

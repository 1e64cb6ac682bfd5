"""A loyalty program: what counts, what it earns, when, for how long, and for what."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from app.domain.earning import Award, EarningRule, Eligible, NoAward, PurchasePoints
from app.domain.money import in_words, to_minor
from app.domain.rewards import AmountOff, FreeShipping, Reward


class Rounding(StrEnum):
    """How the points of a whole order become a whole number, once."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


class CreditWhen(StrEnum):
    """What must have happened before points can be spent; days may follow it."""

    PAID = "paid"
    FULFILLED = "fulfilled"


class ReturnPolicy(StrEnum):
    """How far a refund reaches: pending points only, the balance, or into debt."""

    ONLY_PENDING = "only_pending"
    WITHIN_BALANCE = "within_balance"
    UNLIMITED = "unlimited"


_DECIMAL_ROUNDING = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.NEAREST: ROUND_HALF_UP,
    Rounding.UP: ROUND_CEILING,
}


@dataclass(frozen=True)
class Counting:
    """Which money of an order counts; lists name what does not."""

    includes_tax: bool = False
    includes_shipping: bool = False
    includes_gift_cards: bool = False
    excluded_product_ids: frozenset[str] = frozenset()
    excluded_collection_ids: frozenset[str] = frozenset()
    excluded_tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Limits:
    """`order_amount_min` in major units; the rest in points, None for no limit.

    A day is a day of the store's time zone, and the day of an order is the day on which
    it was placed. A member's limit is for life.
    """

    order_amount_min: Decimal = Decimal(0)
    points_per_order_max: int | None = None
    points_per_day_max: int | None = None
    points_per_member_max: int | None = None


@dataclass(frozen=True)
class Program:
    """One version of a store owner's program; never changed once in use."""

    version: int = 1
    earning: tuple[EarningRule, ...] = (PurchasePoints(),)
    counting: Counting = Counting()
    limits: Limits = Limits()
    rounding: Rounding = Rounding.DOWN
    credit_when: CreditWhen = CreditWhen.PAID
    credit_after_days: int = 0
    return_policy: ReturnPolicy = ReturnPolicy.UNLIMITED
    expires_after_months: int | None = None
    rewards: tuple[Reward, ...] = field(
        default=(
            FreeShipping(points_cost=300),
            AmountOff(points_cost=500, amount=Decimal(5)),
            AmountOff(points_cost=1000, amount=Decimal(10)),
        )
    )

    @property
    def holds_points(self) -> bool:
        """Whether points are pending for a while before they can be spent."""
        return self.credit_when != CreditWhen.PAID or self.credit_after_days > 0

    def award(self, eligible: Eligible) -> Award | NoAward:
        """Return whole points for what counts: the rules' sum, rounded once."""
        answers = [rule.award(eligible) for rule in self.earning]
        awards = [answer for answer in answers if isinstance(answer, Award)]
        if not awards:
            return NoAward("; ".join(answer.reason for answer in answers))
        exact = sum((award.points for award in awards), Decimal(0))
        points = exact.to_integral_value(rounding=_DECIMAL_ROUNDING[self.rounding])
        reason = "; ".join(award.reason for award in awards)
        if points != exact:
            reason += f", {exact.normalize():f} rounded {self.rounding}"
        if points == 0:
            return NoAward(reason)
        if self.limits.points_per_order_max is not None:
            limit = self.limits.points_per_order_max
            if points > limit:
                points = Decimal(limit)
                reason += f", limited to {limit} points an order"
        return Award(points, reason)

    def refuses(self, eligible: Eligible) -> str | None:
        """Return why an order of this size earns nothing, or None."""
        minimum = to_minor(self.limits.order_amount_min, eligible.currency)
        if eligible.amount_minor < minimum:
            return (
                f"{in_words(eligible.amount_minor, eligible.currency)} counts, less "
                f"than the least of {in_words(minimum, eligible.currency)}"
            )
        return None

    def ways_to_earn(self, currency: str) -> list[str]:
        """Return each rule in plain words."""
        return [rule.in_words(currency) for rule in self.earning]

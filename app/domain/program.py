"""A loyalty programme: what counts, what it earns, when, for how long, and for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from app.domain.actions import ActionRule, Birthday
from app.domain.challenges import Challenge
from app.domain.earning import (
    Award,
    Campaign,
    EarningRule,
    Eligible,
    Multiplier,
    NoAward,
    PurchasePoints,
    Stacking,
    awards,
)
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.earning.reasons import reasons_of
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.labels import LabelKind
from app.domain.money import in_words, to_minor
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import AmountOff, FreeShipping, Reward
from app.domain.rounding import Rounding, exactly
from app.domain.settings import KNOWN_TWICE, MOST, named_twice, setting
from app.domain.tiers import Tiers
from app.domain.valuation import Valuation


class CreditWhen(StrEnum):
    """What must have happened before points can be spent; days may follow it."""

    PAID = "paid"
    FULFILLED = "fulfilled"


class ExpiryRounding(StrEnum):
    """To what the day is rounded up on which points expire."""

    EXACT = "exact"
    MONTH_END = "month_end"
    FIXED_DAY = "fixed_day"


class ReturnPolicy(StrEnum):
    """How far a refund reaches: pending points only, the balance, or into debt."""

    ONLY_PENDING = "only_pending"
    WITHIN_BALANCE = "within_balance"
    UNLIMITED = "unlimited"


@dataclass(frozen=True)
class Counting:
    """Which money of an order counts; lists name what does not."""

    includes_tax: bool = setting("Tax earns points", default=False)
    includes_shipping: bool = setting("Shipping earns points", default=False)
    includes_gift_cards: bool = setting(
        "Buying a gift card earns points",
        default=False,
        hint="if not, they earn when they are spent",
    )
    excluded_product_ids: frozenset[str] = setting(
        "Products that earn nothing", default=frozenset()
    )
    excluded_collection_ids: frozenset[str] = setting(
        "Collections that earn nothing", default=frozenset()
    )
    excluded_tags: frozenset[str] = setting(
        "Tags whose products earn nothing",
        default=frozenset(),
        hint="small and capital letters are the same",
    )

    def __post_init__(self) -> None:
        """Write tags as they are compared."""
        tags = frozenset(tag.lower() for tag in self.excluded_tags)
        object.__setattr__(self, "excluded_tags", tags)


@dataclass(frozen=True)
class Limits:
    """`order_amount_min` in major units; the rest in points, None for no limit.

    A day is a day of the store's time zone, and the day of an order is the day on which
    it was placed. A member's limit is for life; what went back is free again for orders
    that are placed after that.
    """

    order_amount_min: Decimal = setting(
        "Smallest order that earns", default=Decimal(0), least=0, most=MOST
    )
    points_per_order_max: int | None = setting(
        "Most points an order", default=None, least=1, most=MOST
    )
    points_per_day_max: int | None = setting(
        "Most points a member and day", default=None, least=1, most=MOST
    )
    points_per_member_max: int | None = setting(
        "Most points a member, ever", default=None, least=1, most=MOST
    )


@dataclass(frozen=True)
class ActionLimits:
    """In points, over all actions together; None for no limit."""

    points_per_day_max: int | None = setting(
        "Most points a member and day", default=None, least=1, most=MOST
    )
    points_per_member_max: int | None = setting(
        "Most points a member, ever", default=None, least=1, most=MOST
    )


@dataclass(frozen=True)
class Program:
    """One version of a store owner's programme; never changed once in use."""

    version: int = 1
    earning: tuple[EarningRule, ...] = setting(
        "Ways to earn", default=(PurchasePoints(),), least=1
    )
    counting: Counting = setting("What counts", default=Counting())
    limits: Limits = setting("Limits", default=Limits())
    rounding: Rounding = setting("Rounding of an order's points", default=Rounding.DOWN)
    credit_when: CreditWhen = setting(
        "Points can be spent once the order is", default=CreditWhen.PAID
    )
    credit_after_days: int = setting(
        "and so many days have passed", default=0, least=0, most=365
    )
    return_policy: ReturnPolicy = setting(
        "How far a refund reaches", default=ReturnPolicy.UNLIMITED
    )
    expires_after_months: int | None = setting(
        "Months until points expire", default=None, least=1, most=120
    )
    expires_after_inactive_months: int | None = setting(
        "Months without activity until points expire",
        default=None,
        least=1,
        most=120,
        hint="an order, a reward or an action begins them anew",
    )
    expiry_rounding: ExpiryRounding = setting(
        "That day is rounded up to", default=ExpiryRounding.EXACT
    )
    expires_on: str = setting(
        "Fixed day of the year",
        default="12-31",
        hint="month and day, as in 12-31",
        pattern="(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
        written="a month and a day, as in 12-31",
        most=5,
    )
    expiry_warned_days: int = setting(
        "Days before that members are warned", default=30, least=1, most=365
    )
    stacking: Stacking = setting(
        "Campaigns that hold at the same time", default=Stacking.ADD
    )
    rewards: tuple[Reward, ...] = setting(
        "Rewards",
        default=(
            FreeShipping(points_cost=300),
            AmountOff(points_cost=500, amount=Decimal(5)),
            AmountOff(points_cost=1000, amount=Decimal(10)),
        ),
    )
    actions: tuple[ActionRule, ...] = setting("Actions that earn", default=())
    action_limits: ActionLimits = setting("Limits of actions", default=ActionLimits())
    stamp_cards: tuple[StampCard, ...] = setting("Stamp cards", default=())
    challenges: tuple[Challenge, ...] = setting("Challenges", default=())
    surprises: tuple[Surprise, ...] = setting("Surprises", default=())
    tiers: Tiers = setting("Tiers", default=Tiers())
    referral: ReferralTerms | None = setting("Members bring friends", default=None)
    valuation: Valuation = setting("What points are worth", default=Valuation())

    @property
    def mistakes(self) -> dict[str, str]:
        """Return which names two have, and which budgets cannot be told in points."""
        named = {
            "earning": [_budget_name(rule) for rule in self.earning],
            "rewards": [reward.id for reward in self.rewards],
            "actions": [rule.action for rule in self.actions],
            "stamp_cards": [card.id for card in self.stamp_cards],
            "challenges": [challenge.name for challenge in self.challenges],
            "surprises": [surprise.name for surprise in self.surprises],
        }
        found = self._costs_without_value() | named_twice(named)
        shared = {_budget_name(rule) for rule in self.earning} - {""}
        for at, each in enumerate(self.surprises):
            if each.budget and each.name in shared:
                found[f"surprises.{at}"] = KNOWN_TWICE.format(each.name)
        return found

    def _costs_without_value(self) -> dict[str, str]:
        of_cost = [name for name, each in self._budgeted() if each.cost is not None]
        if not of_cost or self.valuation.per_100_points is not None:
            return {}
        words = f"the budget of {of_cost[0]} is in money: say what 100 points are worth"
        return {"valuation": words}

    def _budgeted(self) -> Iterator[tuple[str, Budget]]:
        for rule in self.earning:
            if isinstance(rule, Campaign) and rule.budget:
                yield rule.name, rule.budget
        for surprise in self.surprises:
            if surprise.budget:
                yield surprise.name, surprise.budget

    def charge_of(self, surprise: Surprise) -> int:
        """Return what a surprise counts in a budget: for a reward, what that costs."""
        reward = self.reward(surprise.reward)
        return reward.least_points if reward else surprise.points

    @cached_property
    def budgets(self) -> dict[str, int]:
        """The most points that all members together may have, by name of what for."""
        limits = {name: each.limit(self.valuation) for name, each in self._budgeted()}
        return {name: limit for name, limit in limits.items() if limit is not None}

    @cached_property
    def offers_change(self) -> bool:
        """Whether what a member can have may change though they do nothing."""
        return self.ends_points or any(
            reward.depends_on_others for reward in self.rewards
        )

    @property
    def ends_points(self) -> bool:
        """Whether points end by themselves."""
        months = self.expires_after_months, self.expires_after_inactive_months
        return months != (None, None)

    def reward(self, reward_id: str) -> Reward | None:
        """Return the reward of that id, None where there is none."""
        return next((each for each in self.rewards if each.id == reward_id), None)

    @property
    def holds_points(self) -> bool:
        """Whether points are pending for a while before they can be spent."""
        return self.credit_when != CreditWhen.PAID or self.credit_after_days > 0

    @cached_property
    def _perks(self) -> dict[str, Multiplier]:
        """By what tiers multiply, by the name of the tier."""
        return {
            tier.name: Multiplier(
                times=tier.earn_times,
                conditions=Conditions(tiers=frozenset({tier.name})),
            )
            for tier in self.tiers.ladder
            if tier.earn_times > 1
        }

    def _rules_for(self, eligible: Eligible) -> tuple[EarningRule, ...]:
        """Return the ways to earn by which an order may: of tiers, its own one's."""
        tier = eligible.occasion.tier if eligible.occasion else None
        perk = self._perks.get(tier) if tier else None
        return (*self.earning, perk) if perk else self.earning

    @cached_property
    def has_campaigns(self) -> bool:
        """Whether any rule looks at more than the amount of an order."""
        campaigns = any(isinstance(rule, Campaign) for rule in self.earning)
        return campaigns or bool(self._perks)

    @cached_property
    def numbers_orders(self) -> bool:
        """Whether it matters the how many-th order of its member one is."""
        campaigns = (rule for rule in self.earning if isinstance(rule, Campaign))
        return any(each.conditions.numbers_orders for each in campaigns)

    @cached_property
    def looks_at_products(self) -> bool:
        """Whether it matters which tags and collections products have."""
        counting = self.counting
        excludes = counting.excluded_tags or counting.excluded_collection_ids
        steps = (step for challenge in self.challenges for step in challenge.steps)
        return (
            bool(excludes)
            or any(rule.looks_at_products for rule in self.earning)
            or any(card.products.are_looked_at for card in self.stamp_cards)
            or any(step.looks_at_products for step in steps)
            or any(each.products.are_looked_at for each in self.surprises)
        )

    @cached_property
    def looks_at_history(self) -> bool:
        """Whether what one order earns may depend on the member's others."""
        limits = self.limits
        return (
            limits.points_per_day_max is not None
            or limits.points_per_member_max is not None
            or bool(self.tiers)
            or any(rule.looks_at_history for rule in self.earning)
            or bool(self.budgets)
            or bool(self.stamp_cards or self.challenges or self.surprises)
        )

    @cached_property
    def labels(self) -> frozenset[tuple[LabelKind, str]]:
        """The tags and segments of customers that points depend on."""
        tags = frozenset((LabelKind.TAG, tag) for tag in self.tiers.grants_by_tag)
        return tags.union(*(rule.labels for rule in self.earning))

    @property
    def has_engagement(self) -> bool:
        """Whether points are given for more than the orders themselves."""
        return self.tiers.give_on_birthdays or bool(
            self.actions or self.stamp_cards or self.challenges or self.surprises
        )

    @property
    def birthday(self) -> Birthday | None:
        """The rule for birthdays, None where nothing comes of them.

        Where tiers alone give points on them, its defaults are their limits.
        """
        rule = self.action(Birthday.kind)
        if isinstance(rule, Birthday):
            return rule
        return Birthday() if self.tiers.give_on_birthdays else None

    def action(self, name: str) -> ActionRule | None:
        """Return the rule for an action, None where it earns nothing."""
        return next((rule for rule in self.actions if rule.action == name), None)

    def challenge(self, name: str) -> Challenge | None:
        """Return the challenge of that name, None where there is none."""
        return next((each for each in self.challenges if each.name == name), None)

    @cached_property
    def titled_challenges(self) -> tuple[Challenge, ...]:
        """The challenges as shoppers read them, steps called as actions are."""
        titles = {rule.action: rule.title for rule in self.actions}
        return tuple(each.titled(titles) for each in self.challenges)

    def award(self, eligible: Eligible) -> Award | NoAward:
        """Return whole points for what counts: the rules' sum, rounded once."""
        answers = awards(self._rules_for(eligible), eligible, self.stacking)
        given = [answer for answer in answers if isinstance(answer, Award)]
        if not given:
            reasons = [answer.reason for answer in answers]
            return NoAward("; ".join(reasons) or "nothing gives points for spending")
        exact = exactly(sum((award.points for award in given), Decimal(0)))
        points = self.rounding.of(exact)
        why = reasons_of(answers)
        reason = why.told
        if points != exact:
            reason += f", {round(exact, 4).normalize():f} rounded {self.rounding}"
        if points == 0:
            return NoAward(reason, untold=why.counted)
        if self.limits.points_per_order_max is not None:
            limit = self.limits.points_per_order_max
            if points > limit:
                points = Decimal(limit)
                reason += f", limited to {limit} points an order"
        shares = tuple(share for award in given for share in award.shares)
        return Award(points, reason, shares=shares, untold=why.counted)

    def refuses(self, eligible: Eligible) -> str | None:
        """Return why an order of this size earns nothing, or None."""
        minimum = to_minor(self.limits.order_amount_min, eligible.currency)
        if eligible.amount_minor < minimum:
            return (
                f"{in_words(eligible.amount_minor, eligible.currency)} counts, less "
                f"than the least of {in_words(minimum, eligible.currency)}"
            )
        return None


def _budget_name(rule: EarningRule) -> str:
    return rule.name if isinstance(rule, Campaign) and rule.budget else ""

"""What every reward is: frozen settings, limits, and one answer to one question.

A new kind is one file with one subclass that says what it is worth, and one line in
the list of `app/domain/rewards/__init__.py`. A saved reward must load for ever: never
change a `kind`, and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from app.domain.customer import Customer
from app.domain.grants import Benefit, OrderDiscount
from app.domain.labels import all_compared
from app.domain.money import to_minor
from app.domain.reasons import Reason, because
from app.domain.rewards.asked import Asked
from app.domain.rewards.slot import Slot, slot_refusal
from app.domain.settings import MOST, setting


class Handling(StrEnum):
    """How a reward gets from points to what they buy.

    - `store`: made in the store, as a code or on an account;
    - `staff`: given by hand, once somebody of the store agrees;
    - `counter`: a voucher, taken in once at the counter;
    - `at_once`: nothing has to be made.
    """

    STORE = "store"
    STAFF = "staff"
    COUNTER = "counter"
    AT_ONCE = "at_once"


class GivenBack(StrEnum):
    """Which points come back when an order that used a reward is returned.

    - `proportional`: the share of the goods that went back, to the point;
    - `whole`: all of them, once all of the order went back;
    - `never`: none.
    """

    PROPORTIONAL = "proportional"
    WHOLE = "whole"
    NEVER = "never"


# What is had at once is never waited for, and no order's code uses it.
IDLE_AT_ONCE = frozenset(
    {"order_amount_min", "valid_days", "unused_returns", "given_back"}
)

# No order tells which gift card or credit paid it, so nothing comes back with one.
MONEY_IS_THEIRS = {"given_back": "the money is the shopper's, and goes back as money"}

# Settings that can limit every reward, in the order in which people are told them.
LIMITS = (
    "only_tiers",
    "only_customer_tags",
    "only_after_orders",
    "order_amount_min",
    "per_member_max",
    "stock",
    "starts_at",
    "ends_at",
    "valid_days",
    "unused_returns",
)


@dataclass(frozen=True)
class Offer:
    """The reward can be had for so many points; true as a condition.

    `benefit` is what the store has to make, None where it makes nothing, and
    `order_amount_min_minor` the smallest order that it can be used on.
    """

    points: int
    benefit: Benefit | None
    order_amount_min_minor: int = 0

    @classmethod
    def of(cls, reward: Reward, points: int, currency: str) -> Offer:
        """Return what a reward comes to for so many points, for whoever takes it.

        It follows from the settings, so it can be told again of one that was taken.
        """
        benefit, share = reward._benefit(points, currency), reward.order_share_max
        least = to_minor(reward.order_amount_min, currency)
        if share is not None and isinstance(benefit, OrderDiscount):
            least = max(least, -(-benefit.amount_minor * 100 // share))
        return cls(points, benefit, least)

    def __bool__(self) -> bool:
        """An offer is a yes."""
        return True


@dataclass(frozen=True)
class NotOffered:
    """The reward cannot be had by this member now, and why; false as a condition.

    `points_lacking` is how many points are missing, where nothing else keeps the member
    from it, and else 0.
    """

    reason: Reason
    points_lacking: int = 0

    def __bool__(self) -> bool:
        """No offer is a no."""
        return False


@dataclass(frozen=True, kw_only=True)
class Reward(ABC):
    """Something that points buy; its fields are its settings.

    It is asked one question, `offer`: can this member have it now, and for what? All
    else that it tells follows from its settings, and is known without a member.
    """

    family: ClassVar[str] = "reward"
    kind: ClassVar[str]
    # What the kind says in English; a language says the same by the name of each.
    english: ClassVar[dict[str, str]] = {}
    handling: ClassVar[Handling] = Handling.STORE
    # Settings that every reward has, and that have no effect on this kind; and why, of
    # those of which one could think that they had.
    idle_settings: ClassVar[frozenset[str]] = frozenset()
    idle_because: ClassVar[Mapping[str, str]] = {}

    points_cost: int = setting("Price in points", least=1, most=MOST)
    title: str = setting("Name", default="", hint="what shoppers read", most=100)
    key: str = setting(
        "Key",
        default="",
        hint="names the reward for ever; left empty, its kind and price do",
        most=60,
    )
    stock: int | None = setting("How many there are", default=None, least=0, most=MOST)
    per_member_max: int | None = setting(
        "Most for each member", default=None, least=1, most=MOST
    )
    only_tiers: frozenset[str] = setting("Only for these tiers", default=frozenset())
    order_amount_min: Decimal = setting(
        "Smallest order it can be used on", default=Decimal(0), least=0, most=MOST
    )
    starts_at: datetime | None = setting("Offered from", default=None)
    ends_at: datetime | None = setting("Offered until", default=None)
    valid_days: int | None = setting(
        "Days it can be used", default=None, least=1, most=3650
    )
    unused_returns: bool = setting("Points come back when it ends unused", default=True)
    given_back: GivenBack = setting(
        "Points come back when the order is returned", default=GivenBack.PROPORTIONAL
    )
    only_after_orders: int | None = setting(
        "Only for members who have ordered at least so often",
        default=None,
        hint="orders that were ever paid",
        least=1,
        most=MOST,
    )
    only_customer_tags: frozenset[str] = setting(
        "Only for customers with any of these tags",
        default=frozenset(),
        hint="small and capital letters are the same",
    )

    def __post_init__(self) -> None:
        """Write tags as they are compared."""
        tags = all_compared(self.only_customer_tags)
        object.__setattr__(self, "only_customer_tags", tags)

    def offer(self, customer: Customer, asked: Asked) -> Offer | NotOffered:
        """Return what a member can have it for now, or why they cannot have it."""
        points = 0 if asked.is_won else self._price(asked.points)
        if isinstance(points, NotOffered):
            return points
        reason = next(self._refusals(customer, asked), None)
        if reason:
            return NotOffered(reason)
        if not (asked.is_won or customer.can_afford(points)):
            lacking = points - customer.balance
            return NotOffered(because("too_few_points", points=lacking), lacking)
        offer = Offer.of(self, points, asked.currency)
        if isinstance(offer.benefit, OrderDiscount) and offer.benefit.amount_minor < 1:
            return NotOffered(because("worth_too_little"))
        return offer

    @property
    def id(self) -> str:
        """What names it in its programme."""
        return self.key or f"{self.kind}-{self.points_cost}"

    @property
    def called(self) -> str:
        """What the owner calls it, nothing where its kind says enough."""
        return self.title

    @property
    def details(self) -> str:
        """What shoppers read below the name, nothing where that says all."""
        return ""

    @property
    def limits(self) -> tuple[str, ...]:
        """What limits it, by the names of the sentences that say so, in order."""
        found = [name for name in LIMITS if self._is_limited_by(name)]
        if self._is_limited_by("given_back"):
            found.append(f"back_{self.given_back}")
        return tuple(found)

    @property
    def least_points(self) -> int:
        """The fewest points that get it."""
        return self.points_cost

    @property
    def order_share_max(self) -> int | None:
        """The most of an order that it pays, in percent; None where it pays none."""
        return None

    @property
    def slots(self) -> Sequence[Slot]:
        """The dates to choose from, none for what has no date."""
        return ()

    @property
    def mistakes(self) -> dict[str, str]:
        """What of the settings can never hold together."""
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            return {"ends_at": "must be after the reward begins to be offered"}
        return {}

    @property
    def is_alike_for_all(self) -> bool:
        """Whether everybody can have it, and gets the same."""
        return not (self.only_tiers or self.asks_who)

    @property
    def asks_who(self) -> bool:
        """Whether it asks for a member's orders or tags."""
        return bool(self.only_after_orders or self.only_customer_tags)

    @property
    def depends_on_others(self) -> bool:
        """Whether who can have it may change though no point of theirs moves."""
        is_scarce = self.stock is not None or bool(self.slots)
        return bool(is_scarce or self.starts_at or self.ends_at or self.asks_who)

    @property
    def comes_back(self) -> bool:
        """Whether it can be given back unused, and its points with it."""
        return self.unused_returns and "unused_returns" not in self.idle_settings

    def _refusals(self, customer: Customer, asked: Asked) -> Iterator[Reason]:
        """Yield why no number of points gets the member this reward."""
        if self.starts_at and asked.at < self.starts_at:
            yield because("not_yet_offered", at=self.starts_at.isoformat())
        if self.ends_at and asked.at >= self.ends_at:
            yield because("offered_no_more", at=self.ends_at.isoformat())
        if self.only_tiers and customer.tier not in self.only_tiers:
            yield because("for_other_tiers", tiers=sorted(self.only_tiers))
        if self.only_customer_tags and not customer.is_tagged(self.only_customer_tags):
            yield because("for_other_customers")
        least = self.only_after_orders
        if least is not None and not customer.has_ordered_before(least):
            yield because("too_few_orders", orders=least)
        most = self.per_member_max
        if most is not None and customer.times_taken(self.id) >= most:
            yield because("had_so_often", times=most)
        if self.stock is not None and asked.taken >= self.stock:
            yield because("none_left")
        if reason := slot_refusal(self.slots, asked):
            yield reason

    def _is_limited_by(self, name: str) -> bool:
        """Whether a setting was set, and has an effect on this kind."""
        default = getattr(type(self), name)
        return getattr(self, name) != default and name not in self.idle_settings

    def _price(self, wished: int | None) -> int | NotOffered:
        """Say how many points it costs; a kind may let the member choose."""
        if wished not in (None, self.points_cost):
            return NotOffered(because("other_price", points=self.points_cost))
        return self.points_cost

    @abstractmethod
    def _benefit(self, points: int, currency: str) -> Benefit | None:
        """Say what the store makes for so many points, None for nothing."""

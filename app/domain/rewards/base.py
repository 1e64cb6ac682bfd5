"""What every reward is: frozen settings, limits, and one answer to one question.

A new kind is one file with one subclass that says what it is worth, and one line in
the list of `app/domain/rewards/__init__.py`. A saved reward must load for ever: never
change a `kind`, and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from app.domain.customer import Customer
from app.domain.grants import Benefit, OrderDiscount
from app.domain.labels import all_compared
from app.domain.languages import ENGLISH
from app.domain.languages.translator import Translator
from app.domain.money import in_digits, to_major, to_minor
from app.domain.reasons import Reason, because
from app.domain.rewards.terms import RewardTerms
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


@dataclass(frozen=True)
class Asked:
    """A wish for a reward, at `at` by the clock of the store's walls.

    `points` is how many the member wants to spend, where that is theirs to choose;
    `taken` how many of the reward are out with all members. `slot` is the date that the
    member chose, by the same clock, and `places_taken` how many have each date.
    """

    at: datetime
    currency: str
    points: int | None = None
    taken: int = 0
    slot: datetime | None = None
    places_taken: Mapping[datetime, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """The reward can be had for so many points; true as a condition.

    `benefit` is what the store has to make, None where it makes nothing.
    """

    points: int
    benefit: Benefit | None
    order_amount_min_minor: int = 0

    def __bool__(self) -> bool:
        """An offer is a yes."""
        return True


@dataclass(frozen=True)
class NotOffered:
    """The reward cannot be had by this member now, and why; false as a condition."""

    reason: Reason

    def __bool__(self) -> bool:
        """No offer is a no."""
        return False


@dataclass(frozen=True, kw_only=True)
class Reward(ABC):
    """Something that points buy; its fields are its settings."""

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

    @property
    def id(self) -> str:
        """Return what names the reward in its programme."""
        return self.key or f"{self.kind}-{self.points_cost}"

    @property
    def details(self) -> str:
        """Return what shoppers read below the name, nothing where that says all."""
        return ""

    def name(self, currency: str, language: str = ENGLISH) -> str:
        """Return what shoppers read: the owner's title, or one from the settings."""
        return self.title or self._name(Translator(currency, language))

    def offer(self, customer: Customer, asked: Asked) -> Offer | NotOffered:
        """Return what a member can have it for now, or why they cannot have it."""
        points = self._price(asked.points)
        if isinstance(points, NotOffered):
            return points
        reason = self.closed_because(customer, asked)
        if reason:
            return NotOffered(reason)
        if not customer.can_afford(points):
            lacking = points - customer.balance
            return NotOffered(because("too_few_points", points=lacking))
        return self._offered(points, asked)

    def given(self, customer: Customer, asked: Asked) -> Offer | NotOffered:
        """Return what a member who won it has for nothing, or why not now."""
        reason = self.closed_because(customer, asked)
        return NotOffered(reason) if reason else self._offered(0, asked)

    def _offered(self, points: int, asked: Asked) -> Offer | NotOffered:
        benefit = self.benefit(points, asked.currency)
        if isinstance(benefit, OrderDiscount) and benefit.amount_minor < 1:
            return NotOffered(because("worth_too_little"))
        least = to_minor(self.order_amount_min, asked.currency)
        return Offer(points, benefit, max(least, self._least_order(benefit)))

    def benefit(self, points: int, currency: str) -> Benefit | None:
        """Return what the store makes for so many points, None for nothing."""
        return self._benefit(points, currency)

    def mistakes(self) -> dict[str, str]:
        """Return what can never hold together."""
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            return {"ends_at": "must be after the reward begins to be offered"}
        return {}

    @property
    def least_points(self) -> int:
        """Return the fewest points that get it."""
        price = self._price(None)
        assert isinstance(price, int)
        return price

    @property
    def is_alike_for_all(self) -> bool:
        """Whether everybody can have it, and gets the same."""
        return not (self.only_tiers or self.asks_who)

    @property
    def depends_on_others(self) -> bool:
        """Whether who can have it may change though no point of theirs moves."""
        return bool(
            self.stock is not None or self.starts_at or self.ends_at or self.asks_who
        )

    @property
    def asks_who(self) -> bool:
        """Whether it asks for a member's orders or tags."""
        return bool(self.only_after_orders or self.only_customer_tags)

    @property
    def comes_back(self) -> bool:
        """Whether it can be given back unused, and its points with it."""
        return self._tells("unused_returns")

    def terms(self, currency: str) -> RewardTerms:
        """Return what a member has to know before points are spent on it."""
        told = self._tells("order_amount_min")
        least = to_minor(self.order_amount_min, currency) if told else 0
        return RewardTerms(
            order_amount_min=in_digits(to_major(least, currency), currency)
            if least
            else None,
            valid_days=self.valid_days if self._tells("valid_days") else None,
            ends_at=self.ends_at,
            unused_returns=self.unused_returns
            or "unused_returns" in self.idle_settings,
        )

    def limits_in_words(self, say: Translator) -> str:
        """Return the limits as they end the reward's sentence."""
        return "".join(f", {words}" for words in self._limits(say))

    def closed_because(self, customer: Customer, asked: Asked) -> Reason | None:
        """Return why no number of points gets the member this reward, or None."""
        return next(self._refusals(customer, asked), None)

    def slot_refusal(self, asked: Asked) -> Reason | None:
        """Return why the date that was asked for cannot be had, or None."""
        return because("no_dates") if asked.slot else None

    def _refusals(self, customer: Customer, asked: Asked) -> Iterator[Reason]:
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
        if reason := self.slot_refusal(asked):
            yield reason

    def _tells(self, name: str) -> bool:
        """Whether a setting says something, and has an effect on this kind."""
        return bool(getattr(self, name)) and name not in self.idle_settings

    def _limits(self, say: Translator) -> Iterator[str]:
        if self.only_tiers:
            yield say("reward.only_tiers", tiers=sorted(self.only_tiers))
        # What a store calls its customers is for nobody else to read.
        if self.only_customer_tags:
            yield say("reward.only_customers")
        if self.only_after_orders is not None:
            yield say("reward.only_after_orders", orders=self.only_after_orders)
        if self._tells("order_amount_min"):
            yield say("reward.order_amount_min", least=say.money(self.order_amount_min))
        if self.per_member_max is not None:
            yield say("reward.per_member_max", times=self.per_member_max)
        if self.stock is not None:
            yield say("reward.stock", stock=self.stock)
        if self.starts_at:
            yield say("reward.starts_at", at=self.starts_at)
        if self.ends_at:
            yield say("reward.ends_at", at=self.ends_at)
        if self._tells("valid_days"):
            yield say("reward.valid_days", days=self.valid_days)
        yield from self._kept_points(say)

    def _kept_points(self, say: Translator) -> Iterator[str]:
        if not self.unused_returns and "unused_returns" not in self.idle_settings:
            yield say("reward.lost_unused")
        if "given_back" in self.idle_settings:
            return
        if self.given_back is GivenBack.WHOLE:
            yield say("reward.back_whole")
        if self.given_back is GivenBack.NEVER:
            yield say("reward.back_never")

    def _price(self, wished: int | None) -> int | NotOffered:
        """Return the points it costs; a kind may let the member choose."""
        if wished not in (None, self.points_cost):
            return NotOffered(because("other_price", points=self.points_cost))
        return self.points_cost

    def _least_order(self, benefit: Benefit | None) -> int:  # noqa: ARG002
        """Return the smallest order that what it buys may be used on, minor units."""
        return 0

    @abstractmethod
    def _name(self, say: Translator) -> str:
        """Say what the reward is."""

    @abstractmethod
    def _benefit(self, points: int, currency: str) -> Benefit | None:
        """Return what the store makes for so many points, None for nothing."""

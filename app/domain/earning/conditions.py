"""When a campaign holds, and for which products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.earning.base import Eligible, NoAward, Occasion, Part
from app.domain.labels import LabelKind, all_compared
from app.domain.languages.translator import Translator
from app.domain.languages.which import which
from app.domain.money import in_words, to_minor
from app.domain.orders import Line
from app.domain.phrases import day, end, quoted
from app.domain.settings import MOST, setting


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEK = list(Weekday)
_PLACED = "when the order was placed counts, in the store's time zone"


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What a campaign is bound to; all that is set must hold.

    What counts is when the order was placed, by the clock of the store's time zone:
    from `starts_at` on, and before `ends_at`. A product is meant where any of its id,
    its collections and its tags is named, and every product where nothing is.
    """

    product_ids: frozenset[str] = setting("Products", default=frozenset())
    collection_ids: frozenset[str] = setting("Collections", default=frozenset())
    tags: frozenset[str] = setting(
        "Tags", default=frozenset(), hint="small and capital letters are the same"
    )
    amount_min: Decimal = setting(
        "Spent on these, at least", default=Decimal(0), least=0, most=MOST
    )
    order_from: int | None = setting(
        "From a member's order number", default=None, least=1, most=MOST
    )
    order_to: int | None = setting(
        "Up to a member's order number",
        default=None,
        hint="1 and 1 for the first order only",
        least=1,
        most=MOST,
    )
    channels: frozenset[str] = setting(
        "Channels", default=frozenset(), hint="where orders are placed: web, pos"
    )
    weekdays: frozenset[Weekday] = setting(
        "Days of the week", default=frozenset(), hint=_PLACED
    )
    starts_at: datetime | None = setting("From", default=None, hint=_PLACED)
    ends_at: datetime | None = setting("Until", default=None, hint=_PLACED)
    tiers: frozenset[str] = setting("Tiers", default=frozenset())
    customer_tags: frozenset[str] = setting(
        "Customers with any of these tags",
        default=frozenset(),
        hint="small and capital letters are the same",
    )
    segments: frozenset[str] = setting(
        "Customers in any of these segments",
        default=frozenset(),
        hint="by the store's number, the last part of a segment's id",
    )

    def __post_init__(self) -> None:
        """Write tags and segments as they are compared."""
        tags = frozenset(tag.lower() for tag in self.tags)
        object.__setattr__(self, "tags", tags)
        for names in ("customer_tags", "segments"):
            object.__setattr__(self, names, all_compared(getattr(self, names)))

    @property
    def mistakes(self) -> dict[str, str]:
        """Return what can never hold together."""
        found = {}
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            found["ends_at"] = "must be after the campaign begins"
        if self.order_to is not None and self.order_to < (self.order_from or 1):
            found["order_to"] = "must not be less than the first order that is meant"
        return found

    @property
    def names_products(self) -> bool:
        """Whether only some products are meant."""
        return bool(self.product_ids or self.collection_ids or self.tags)

    @property
    def numbers_orders(self) -> bool:
        """Whether it matters the how many-th order of its member one is."""
        return self.order_from is not None or self.order_to is not None

    @property
    def labels(self) -> frozenset[tuple[LabelKind, str]]:
        """The tags and segments of customers that are meant."""
        tags = {(LabelKind.TAG, name) for name in self.customer_tags}
        return frozenset(tags | {(LabelKind.SEGMENT, name) for name in self.segments})

    def ended_by(self, at: datetime) -> bool:
        """Whether the window was over at a moment, by the store's clock."""
        return self.ends_at is not None and self.ends_at <= at

    def met_by(self, eligible: Eligible) -> Eligible | NoAward:
        """Return what is meant of an order, or why nothing is.

        Whether an order is large enough is asked of it as it was before anything went
        back, so that a campaign does not end with a return.
        """
        if eligible.occasion is None:
            return NoAward("it is not known when the order was placed")
        if reason := self._outside_at(eligible.occasion.at):
            return NoAward(reason, is_outside=True)
        if reason := self._refuses(eligible.occasion):
            return NoAward(reason)
        least = to_minor(self.amount_min, eligible.currency)
        whole = eligible.whole or eligible
        meant = whole.of(self._meant(whole.parts))
        if meant.amount_minor < max(1, least):
            what = in_words(meant.amount_minor, eligible.currency)
            return NoAward(f"{what} is for what the campaign is about, too little")
        if whole is eligible:
            return meant
        return eligible.of(self._meant(eligible.parts)).after(meant)

    def in_words(self, say: Translator, *, of_an_order: bool = False) -> str:
        """Return the conditions as they end a sentence, or its words for an order."""
        return "".join(f" {words}" for words in self._words(say, of_an_order))

    def _orders_in_words(self, say: Translator) -> str:
        first, last = self.order_from or 1, self.order_to
        if first == last:
            return say("conditions.order", order=first)
        if last is None:
            return say("conditions.orders_from", order=first)
        if first == 1:
            return say("conditions.orders_to", order=last)
        return say("conditions.orders", first=first, last=last)

    def _outside_at(self, at: datetime) -> str | None:
        if self.starts_at and at < self.starts_at:
            return f"the campaign begins {day(self.starts_at)}"
        if self.ends_at and at >= self.ends_at:
            return f"the campaign ran until {end(self.ends_at)}"
        return None

    def _refuses(self, occasion: Occasion) -> str | None:
        weekday = _WEEK[occasion.at.weekday()]
        if self.weekdays and weekday not in self.weekdays:
            return f"the campaign does not run on a {weekday}"
        if self.channels and occasion.channel not in self.channels:
            return f"the campaign is not for orders by {occasion.channel or 'nothing'}"
        if self.tiers and occasion.tier not in self.tiers:
            return f"the campaign is not for {occasion.tier or 'members without tier'}"
        if self.customer_tags and not self.customer_tags & occasion.labels.tags:
            return f"the campaign is for customers tagged {quoted(self.customer_tags)}"
        if self.segments and not self.segments & occasion.labels.segments:
            return "the campaign is for customers of another segment"
        return self._refuses_number(occasion.order_number)

    def _refuses_number(self, number: int | None) -> str | None:
        if not self.numbers_orders:
            return None
        if number is None:
            return "it is not known which order of the member it is"
        if (self.order_from or 1) <= number <= (self.order_to or MOST):
            return None
        return f"the campaign is not for order number {number} of a member"

    def _meant(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if not self.names_products or (part.line and self._means(part.line)):
                yield part
            else:
                yield Part(part.line, 0)

    def _means(self, line: Line) -> bool:
        return bool(
            line.product_id in self.product_ids
            or self.collection_ids.intersection(line.collection_ids)
            or self.tags.intersection(tag.lower() for tag in line.tags)
        )

    def _words(self, say: Translator, of_an_order: bool) -> Iterator[str]:
        if self.names_products:
            code = "conditions.order_of" if of_an_order else "conditions.products"
            named = which(say, self.product_ids, self.collection_ids, self.tags)
            yield say(code, which=named)
        if self.amount_min:
            yield say("conditions.amount", least=say.money(self.amount_min))
        if self.numbers_orders:
            yield self._orders_in_words(say)
        if self.channels:
            channels = [_channel(say, each) for each in sorted(self.channels)]
            yield say("conditions.channels", channels=channels)
        if self.weekdays:
            days = [at for at, each in enumerate(_WEEK) if each in self.weekdays]
            yield say("conditions.weekdays", days=days)
        if self.tiers:
            yield say("conditions.tiers", tiers=sorted(self.tiers))
        # What a store calls its customers is for nobody else to read.
        if self.labels:
            yield say("conditions.customers")
        if self.starts_at:
            yield say("conditions.starts", at=self.starts_at)
        if self.ends_at:
            yield say("conditions.ends", at=self.ends_at)


def _channel(say: Translator, channel: str) -> str:
    known = channel in ("web", "pos")
    return say(f"channel.{channel}") if known else say("channel.other", name=channel)

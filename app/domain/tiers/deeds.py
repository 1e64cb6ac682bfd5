"""What moves members between tiers: orders, actions, memberships, tiers by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.dates import local_months_after
from app.domain.tiers.tally import Tally


@dataclass(frozen=True)
class Left:
    """From `at` on an order counts for `tally`."""

    at: datetime
    tally: Tally


@dataclass(frozen=True)
class Bought:
    """A line of an order that may grant a tier, until it is given back.

    It does by its product, or by the selling plan where it was bought by one.
    """

    product_id: str
    at: datetime
    timezone: str
    ended_at: datetime | None = None
    plan_id: str | None = None

    def stands(self, at: datetime) -> bool:
        """Whether it was bought by then, and not given back."""
        return self.at <= at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True)
class Membership:
    """So many months of a tier that a line paid for; a subscription is paid again."""

    bought: Bought
    level: int
    months: int
    is_subscription: bool = False


@dataclass(frozen=True)
class Deed:
    """Something done, as tiers count it: first whole, then what returns leave of it."""

    name: str
    timezone: str
    lefts: tuple[Left, ...]
    bought: tuple[Bought, ...] = ()

    @property
    def at(self) -> datetime:
        """Return when it began to count."""
        return self.lefts[0].at


@dataclass(frozen=True)
class Held:
    """A tier that the owner gave by hand, before `until` where that is set."""

    tier: str
    since: datetime
    until: datetime | None = None
    reason: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether the member has it at a moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Word:
    """What the owner said at a moment, under an id, about one tier of a member."""

    at: datetime
    id: str
    held: Held


def last_words(words: Iterable[Word]) -> list[Held]:
    """Return what holds of all that the owner said.

    What is said later of the same tier stands in place of what was said before, from
    then on; so a tier is taken by giving it until now.
    """
    found, later = [], dict[str, datetime]()
    for word in sorted(words, key=lambda word: (word.at, word.id), reverse=True):
        held, end = word.held, later.get(word.held.tier)
        later[held.tier] = word.at
        if end and (held.until is None or end < held.until):
            held = replace(held, until=end)
        if held.until is None or held.since < held.until:
            found.append(held)
    return found


def running(
    memberships: Iterable[Membership], grace: timedelta, at: datetime
) -> tuple[Membership, datetime] | None:
    """Return the last of the memberships that stand at a moment, and when it ends.

    One that is bought while another runs begins where that one ends. None where none
    stands.
    """
    last: tuple[Membership, datetime] | None = None
    standing = (each for each in memberships if each.bought.stands(at))
    for each in sorted(standing, key=lambda each: each.bought.at):
        bought, begins = each.bought, each.bought.at
        # What was bought within the days of grace goes on from the same date.
        if last and bought.at < last[1] + grace:
            begins = last[1]
        last = each, local_months_after(begins, each.months, bought.timezone)
    if last is None or at >= last[1] + grace:
        return None
    return last[0], last[1] + grace

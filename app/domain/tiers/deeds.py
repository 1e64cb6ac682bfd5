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
    """A line of an order whose product may grant a tier, until it is given back."""

    product_id: str
    at: datetime
    timezone: str
    ended_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        """Whether it was bought by then, and not given back."""
        return self.at <= at and (self.ended_at is None or at < self.ended_at)


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


def runs_until(
    bought: Iterable[Bought], months: int, grace: timedelta, at: datetime
) -> datetime | None:
    """Return when memberships that stand at a moment end, None where none does.

    One that is bought while another runs begins where that one ends.
    """
    end: datetime | None = None
    standing = (each for each in bought if each.stands(at))
    for each in sorted(standing, key=lambda each: each.at):
        # What was bought within the days of grace goes on from the same date.
        begins = each.at if end is None or each.at >= end + grace else end
        end = local_months_after(begins, months, each.timezone)
    if end is None or at >= end + grace:
        return None
    return end + grace

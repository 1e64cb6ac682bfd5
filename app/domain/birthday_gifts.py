"""Points that a tier gives on the birthday of a member who is in it that day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actions import Action
from app.domain.beside import Beside
from app.domain.dates import local
from app.domain.engagement.days import birthdays
from app.domain.expiry import expires_at, patience
from app.domain.ledger import Credit, Reversal
from app.domain.program import Program
from app.domain.tiers.climb import Climb
from app.domain.tiers.deeds import Deed, Left
from app.domain.tiers.policy import Tiers
from app.domain.tiers.tier import Tier


@dataclass(frozen=True)
class BirthdayGift:
    """A birthday that came, and what the tier of that day gave, or why nothing."""

    day: Action
    program: Program
    reason: str
    credit: Credit | None = None


def birthday_gifts(
    deeds: Iterable[Deed],
    beside: Beside,
    program_at: Callable[[datetime], Program],
    now: datetime,
) -> Iterator[BirthdayGift]:
    """Yield the birthdays that came while any tier gave points for one, oldest first.

    The version in force as a day begins says how much; a year pays once, by the clock
    of the store. `deeds` are all that count for tiers.
    """
    past = _Past(tuple(deeds), beside)
    paid: set[int] = set()
    for day in _days(beside, now):
        program = program_at(day.at)
        if not program.tiers.give_on_birthdays:
            continue
        year = local(day.at, day.timezone).year
        gift = _gift(day, program, past, is_paid=year in paid)
        paid |= {year} if gift.credit else set()
        yield gift


def _days(beside: Beside, until: datetime) -> list[Action]:
    """Return the birthdays that came, as they came."""
    came = [*birthdays(beside.birthdays, until), *beside.paid_birthdays]
    days = {day.lot: day for day in came}
    return sorted(days.values(), key=lambda day: (day.at, day.lot))


@dataclass(frozen=True)
class _Past:
    """What a member did, as one looks back on it once some of it has been undone."""

    deeds: tuple[Deed, ...]
    beside: Beside

    def tier(self, tiers: Tiers, at: datetime, seen_at: datetime) -> Tier | None:
        """Return the tier of a moment, by what is left at another of what was done."""
        climb = Climb(tiers, self.beside.held, self.beside.labels)
        for deed in self.deeds:
            if deed.at <= at:
                climb.add(_left_of(deed, seen_at))
        climb.run_through(at)
        return tiers.tier(climb.hold.level)

    def undone_after(self, at: datetime) -> list[datetime]:
        """Return when something was undone later that had been done by a moment."""
        done = [deed for deed in self.deeds if deed.at <= at]
        ends = {left.at for deed in done for left in deed.lefts}
        ends |= {b.ended_at for deed in done for b in deed.bought if b.ended_at}
        return sorted(end for end in ends if end > at)


def _left_of(deed: Deed, seen_at: datetime) -> Deed:
    """Return a deed as if what went back by a moment had never been."""
    lefts = [left for left in deed.lefts if left.at <= seen_at]
    bought = tuple(
        replace(each, ended_at=None)
        for each in deed.bought
        if each.ended_at is None or each.ended_at > seen_at
    )
    return replace(deed, lefts=(Left(deed.at, lefts[-1].tally),), bought=bought)


def _gift(day: Action, program: Program, past: _Past, *, is_paid: bool) -> BirthdayGift:
    tier = past.tier(program.tiers, day.at, day.at)
    refused = _refused(day, program, tier, is_paid=is_paid)
    if refused or tier is None:
        return BirthdayGift(day, program, refused)
    lot, reason = f"tier-birthday/{day.key}", f"a birthday in the tier {tier.name}"
    credit = Credit(
        lot=lot,
        cause=lot,
        at=day.at,
        points=tier.birthday_points,
        expires_at=expires_at(day.at, program, day.timezone),
        patience=patience(day.at, program, day.timezone),
        reversals=tuple(_reversals(lot, day.at, tier, program.tiers, past)),
        reason=reason,
    )
    return BirthdayGift(day, program, reason, credit)


def _refused(day: Action, program: Program, tier: Tier | None, *, is_paid: bool) -> str:
    """Return why a birthday brings nothing, no words where it does."""
    if tier is None:
        return "there was no tier that day"
    if not tier.birthday_points:
        return f"the tier {tier.name} gives nothing for it"
    if is_paid:
        return "a tier gives points for one birthday a year"
    return str((program.birthday and program.birthday.refuses(day)) or "")


def _reversals(
    lot: str, at: datetime, tier: Tier, tiers: Tiers, past: _Past
) -> Iterator[Reversal]:
    """Yield what returns took back: what the tier that is left would not have given.

    Less of what was done never makes a higher tier, so nothing happened in between
    where the last look finds the same one.
    """
    moments: Sequence[datetime] = past.undone_after(at)
    if not moments or past.tier(tiers, at, moments[-1]) == tier:
        return
    left = tier.birthday_points
    for number, seen_at in enumerate(moments, start=1):
        found = past.tier(tiers, at, seen_at)
        points = min(left, found.birthday_points if found else 0)
        if points < left:
            reason = f"{tier.name} was undone by what went back"
            cause = f"undone/{number}@{lot}"
            yield Reversal(cause, seen_at, left - points, reason)
        left = points

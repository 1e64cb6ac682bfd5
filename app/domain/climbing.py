"""Where a member's history leads among the tiers, over all versions of a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.actions import Birthday
from app.domain.beside import Beside
from app.domain.birthday_gifts import BirthdayGift, birthday_gifts
from app.domain.credits import Assessment, deed_of
from app.domain.engagement.days import next_look
from app.domain.expiry import expires_at, patience
from app.domain.ledger import Credit, Reversal
from app.domain.program import Program
from app.domain.tiers.climb import Change, Climb, Climbs
from app.domain.tiers.deeds import Deed
from app.domain.tiers.standing import TierStanding
from app.domain.tiers.tier import Tier
from app.domain.tiers.why import why

BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Era:
    """From `begin` on, until the next begins, members are in tiers of a programme."""

    begin: datetime
    program: Program


@dataclass(frozen=True)
class Climbed:
    """Where a member stands among tiers, None where there are none, and their gifts.

    `birthdays` have those of the gifts that came on one, and why on others none did. At
    `due_at` time alone may next change any of it.
    """

    standing: TierStanding | None = None
    gifts: tuple[Credit, ...] = ()
    due_at: datetime | None = None
    birthdays: tuple[BirthdayGift, ...] = ()


def climbed(
    assessed: Iterable[Assessment],
    beside: Beside,
    eras: Sequence[Era],
    now: datetime,
    currency: str,
    timezone: str,
) -> Climbed:
    """Return what a member's orders, and all beside them, come to at a moment.

    What the store reported has happened, whatever its clock says. `eras` are all that
    there are, oldest first. The gifts of tiers end by the clock of `timezone`.
    """
    if not any(era.program.tiers for era in eras):
        return Climbed()
    climbs = Climbs(beside.held, beside.labels, beside.deeds)
    ordered = [deed for each in assessed if (deed := deed_of(each))]
    for deed in ordered:
        climbs.add(deed)
    lefts = (left.at for deed in (*ordered, *beside.deeds) for left in deed.lefts)
    spans = ((span.since, span.until or now) for span in beside.labels.tags)
    through = max([now, *lefts, *(at for span in spans for at in span)])
    so_far = [era for era in eras if era.begin <= through]
    for era in so_far:
        climbs.of(era.program.tiers).run_through(through)
    gifts = list(_gifts(so_far, climbs, timezone))
    born = tuple(_on_birthdays([*ordered, *beside.deeds], beside, so_far, now))
    gifts += [each.credit for each in born if each.credit]
    since = _since(so_far, climbs)
    climb = climbs.of(so_far[-1].program.tiers)
    ahead = [climb.next_at] if climb.next_at else []
    ahead += [era.begin for era in eras[len(so_far) :]][:1]
    if climb.tiers.give_on_birthdays:
        look = next_look((), beside.birthdays, [Birthday.kind], now)
        ahead += [look] if look else []
    standing = _standing(climb, since, currency) if climb.tiers else None
    return Climbed(standing, tuple(gifts), min(ahead, default=None), born)


def _on_birthdays(
    deeds: Sequence[Deed], beside: Beside, eras: Sequence[Era], now: datetime
) -> Iterator[BirthdayGift]:
    def program_at(moment: datetime) -> Program:
        # The first version covers all the past.
        begun = [era for era in eras if era.begin <= moment] or eras[:1]
        return begun[-1].program

    yield from birthday_gifts(deeds, beside, program_at, now)


def _standing(climb: Climb, since: datetime | None, currency: str) -> TierStanding:
    """Return where a climb has come to, and what time alone will take of it."""
    hold, tally, tiers = climb.hold, climb.tally, climb.tiers
    tier = tiers.tier(hold.level)
    until = _run_until_lower(climb) if tier else None
    return TierStanding(
        tier=tier.name if tier else None,
        since=since if tier else None,
        until=until,
        reason=why(tiers, hold, tally, currency),
        tally=tally,
        **({"tally_then": climb.tally} if until else {}),
    )


def _run_until_lower(climb: Climb) -> datetime | None:
    """Let time pass until the level is lower, and return when that is."""
    level = climb.hold.level
    while at := climb.next_at:
        climb.step()
        if climb.hold.level < level:
            return at
    return None


def _spans(eras: Sequence[Era]) -> Iterator[tuple[Era, datetime]]:
    """Yield eras with the moments at which they end."""
    ends = [*(era.begin for era in eras[1:]), _END]
    yield from zip(eras, ends, strict=True)


def _since(eras: Sequence[Era], climbs: Climbs) -> datetime | None:
    """Return since when the tier of the last moment is the same, None for ever."""
    name, since = None, BEGINNING
    for era, end in _spans(eras):
        climb = climbs.of(era.program.tiers)
        before = [each for each in climb.changes if each.at <= era.begin]
        changes = [Change(era.begin, before[-1].level if before else 0)]
        changes += [each for each in climb.changes if era.begin < each.at < end]
        for change in changes:
            tier = climb.tiers.tier(change.level)
            if (tier and tier.name) != name:
                name, since = tier and tier.name, change.at
    return since if since > BEGINNING else None


def _gifts(eras: Sequence[Era], climbs: Climbs, timezone: str) -> Iterator[Credit]:
    """Yield what came with each tier when it was first reached.

    A gift is promised by the version in force then. A return that undoes the reach
    takes it back; where the tier is reached again after that, it is given again.
    """
    reached: set[str] = set()
    for era, end in _spans(eras):
        climb = climbs.of(era.program.tiers)
        for level, tier in enumerate(climb.tiers.ladder, start=1):
            times = [
                (max(begin, era.begin), undone)
                for begin, undone in _times_at(level, climb.peaks)
                if undone > era.begin
            ]
            if tier.name in reached or not times or times[0][0] >= end:
                continue
            reached.add(tier.name)
            if tier.entry_points:
                for number, (begin, undone) in enumerate(times, start=1):
                    gift = _gift(tier, number, begin, undone)
                    yield replace(
                        gift,
                        expires_at=expires_at(begin, era.program, timezone),
                        patience=patience(begin, era.program, timezone),
                    )


def _times_at(level: int, peaks: Iterable[Change]) -> list[tuple[datetime, datetime]]:
    """Return from when until when a level counted as reached."""
    times, begin = [], None
    for change in peaks:
        if begin is None and change.level >= level:
            begin = change.at
        elif begin is not None and change.level < level:
            times.append((begin, change.at))
            begin = None
    return times if begin is None else [*times, (begin, _END)]


def _gift(tier: Tier, number: int, at: datetime, undone: datetime) -> Credit:
    lot = f"tier/{tier.name}" if number == 1 else f"tier/{tier.name}/{number}"
    reason = f"{tier.name} was undone by what went back"
    reversal = Reversal(f"undone@{lot}", undone, tier.entry_points, reason)
    return Credit(
        lot=lot,
        cause=lot,
        at=at,
        points=tier.entry_points,
        reversals=(reversal,) if undone < _END else (),
        reason=f"welcome to {tier.name}",
    )

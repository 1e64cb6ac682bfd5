"""The way of a member through the tiers of one policy, event by event.

A tier is held at a moment if its needs were met then, or at a moment before that lies
within the days of grace; and what counts is always what is left of the orders *now*.
So time takes a tier after the days of grace, a return at once, and neither the order in
which messages came nor anything but facts has a say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from heapq import heappop, heappush

from app.domain.labels import NO_LABELS, Labels
from app.domain.tiers.deeds import Deed, Held, Membership, running
from app.domain.tiers.policy import Downgrade, Tiers, Window
from app.domain.tiers.tally import NOTHING, Tally

_EVER = datetime.max.replace(tzinfo=UTC)


class By(StrEnum):
    """How a tier is held."""

    NEEDS = "needs"
    GRACE = "grace"
    MEMBERSHIP = "membership"
    SUBSCRIPTION = "subscription"
    TAG = "tag"
    HAND = "hand"


@dataclass(frozen=True)
class Hold:
    """A level and how it is held; `until` where time alone will end that.

    `reason` is what the owner said, or the tag.
    """

    level: int = 0
    by: By = By.NEEDS
    until: datetime | None = None
    reason: str = ""


@dataclass
class Stretch:
    """A time between two events of the past, and what counted in it of what is left."""

    begin: datetime
    end: datetime
    tally: Tally
    level: int


@dataclass
class _Counted:
    """What a deed counts for, and until when."""

    begin: datetime
    end: datetime | None
    tally: Tally = NOTHING
    is_over: bool = False


@dataclass(frozen=True)
class Change:
    """From `at` on the member is on this level."""

    at: datetime
    level: int


class Climb:
    """The running state of one member under one policy, after some moment."""

    def __init__(
        self, tiers: Tiers, held: Iterable[Held] = (), labels: Labels = NO_LABELS
    ) -> None:
        """Begin before anything happened."""
        self.tiers = tiers
        self.tally = NOTHING
        self.hold = Hold()
        self.changes: list[Change] = []
        # What was ever reached with what is left of all orders; gifts follow it.
        self.peaks: list[Change] = []
        self._peak = 0
        self._begin: datetime | None = None
        self._reached = 0
        self._stretches: list[Stretch] = []
        self._counted: list[_Counted] = []
        self._bought: dict[int, list[Membership]] = {}
        self._held = [(level, h) for h in held if (level := tiers.level_of(h.tier))]
        levels = tiers.grants_by_tag
        self._tagged = [(levels[t.name], t) for t in labels.tags if t.name in levels]
        self._ahead: list[tuple[datetime, int, int, Tally | None]] = []
        self._pushed = 0
        for _, each in self._held:
            self._look(each.since, each.until)
        for _, tag in self._tagged:
            self._look(tag.since, tag.until, tag.until and tag.until + tiers.grace)

    def add(self, deed: Deed) -> None:
        """Have an order or action count when its time comes."""
        end = self.tiers.counts_until(deed.at, deed.timezone)
        number = len(self._counted)
        self._counted.append(_Counted(deed.at, end and max(end, deed.at)))
        for left in deed.lefts:
            self._push(left.at, number, left.tally)
        if end:
            self._push(max(end, deed.at), number, None)
        for bought in deed.bought:
            if each := self.tiers.membership(bought):
                self._bought.setdefault(each.level, []).append(each)
                self._look(bought.at, bought.ended_at)

    @property
    def next_at(self) -> datetime | None:
        """Return when anything will happen next."""
        return self._ahead[0][0] if self._ahead else None

    def run_before(self, at: datetime) -> None:
        """Let happen all that comes before a moment."""
        while self._ahead and self._ahead[0][0] < at:
            self.step()

    def run_through(self, at: datetime) -> None:
        """Let happen all that comes up to a moment, and at it."""
        while self._ahead and self._ahead[0][0] <= at:
            self.step()

    def step(self) -> None:
        """Let happen what comes next: all of one moment."""
        at, counts = self._ahead[0][0], []
        while self._ahead and self._ahead[0][0] == at:
            _, _, number, tally = heappop(self._ahead)
            if number >= 0:
                counts.append((self._counted[number], tally))
        is_return = False
        if counts:
            self._close(at)
            for counted, tally in counts:
                is_return |= self._count(counted, tally)
            self._reached = self.tiers.reached(self.tally)
        self.hold = self._holding(at)
        _note(self.changes, at, self.hold.level)
        self._note_peak(at, is_return)

    def _push(self, at: datetime, number: int, tally: Tally | None) -> None:
        self._pushed += 1
        heappush(self._ahead, (at, self._pushed, number, tally))

    def _look(self, *moments: datetime | None) -> None:
        """Have the member looked at again at these moments."""
        for at in moments:
            if at:
                self._push(at, -1, None)

    def _close(self, at: datetime) -> None:
        """End the stretch until now; where nothing is ever over, none is needed."""
        begin, self._begin, level = self._begin, at, self._reached
        if begin is None or not level or self.tiers.window is Window.LIFETIME:
            return
        self._stretches.append(Stretch(begin, at, self.tally, level))
        steps = level if self.tiers.downgrade is Downgrade.ONE_DOWN else 1
        if self.tiers.grace:
            self._look(*(at + self.tiers.grace * step for step in range(1, steps + 1)))

    def _count(self, counted: _Counted, tally: Tally | None) -> bool:
        """Have a deed count for something else, None from the end of its window on.

        Return whether it is less than before: what was so far is then seen anew.
        """
        if tally is None:
            counted.is_over = True
            self.tally = self.tally.minus(counted.tally)
            return False
        before, counted.tally = counted.tally, tally
        if not counted.is_over:
            self.tally = self.tally.minus(before).plus(tally)
        if before == NOTHING:
            return False
        for stretch in reversed(self._stretches):
            if stretch.end <= counted.begin:
                break
            if counted.end is None or stretch.begin < counted.end:
                stretch.tally = stretch.tally.minus(before).plus(tally)
                stretch.level = self.tiers.reached(stretch.tally)
        return True

    def _holding(self, at: datetime) -> Hold:
        """Return the highest level that is held, by needs before anything else."""
        best = Hold(self._reached)
        ways = self._by_grace, self._by_membership, self._by_tag, self._by_hand
        for other in (way(at) for way in ways):
            if other.level > best.level:
                best = other
        return best

    def _by_grace(self, at: datetime) -> Hold:
        best, grace = Hold(), self.tiers.grace
        if not grace:
            return best
        for stretch in reversed(self._stretches):
            fallen = (at - stretch.end) // grace
            if self.tiers.downgrade is Downgrade.BY_BALANCE and fallen:
                break
            if fallen >= len(self.tiers.ladder):
                break
            if stretch.level - fallen > best.level:
                until = stretch.end + grace * (fallen + 1)
                best = Hold(stretch.level - fallen, By.GRACE, until)
        return best

    def _by_membership(self, at: datetime) -> Hold:
        for level in sorted(self._bought, reverse=True):
            if found := running(self._bought[level], self.tiers.grace, at):
                last, until = found
                self._look(until)
                by = By.SUBSCRIPTION if last.is_subscription else By.MEMBERSHIP
                return Hold(level, by, until)
        return Hold()

    def _by_tag(self, at: datetime) -> Hold:
        """Return the highest level by a tag, or by one that was taken not long ago."""
        found = [Hold()]
        for level, tag in self._tagged:
            until = tag.until and tag.until + self.tiers.grace
            if tag.holds(at):
                found.append(Hold(level, By.TAG, None, tag.name))
            elif tag.since <= at and until and at < until:
                found.append(Hold(level, By.TAG, until, tag.name))
        return max(found, key=lambda hold: (hold.level, hold.until or _EVER))

    def _by_hand(self, at: datetime) -> Hold:
        holding = [(level, each) for level, each in self._held if each.holds(at)]
        if not holding:
            return Hold()
        level, held = max(holding, key=lambda one: (one[0], one[1].until is None))
        return Hold(level, By.HAND, held.until, held.reason)

    def _note_peak(self, at: datetime, is_return: bool) -> None:
        now = [self._reached, *self._granted(at)]
        if is_return or self._bought:
            now += [stretch.level for stretch in self._stretches]
        else:
            now.append(self._peak)
        self._peak = max(now)
        _note(self.peaks, at, self._peak)

    def _granted(self, at: datetime) -> Iterable[int]:
        """Return levels that were ever granted, and not given back since."""
        for level, bought in self._bought.items():
            if any(each.bought.stands(at) for each in bought):
                yield level
        yield from (level for level, held in self._held if held.since <= at)
        yield from (level for level, tag in self._tagged if tag.since <= at)


def _note(changes: list[Change], at: datetime, level: int) -> None:
    if level != (changes[-1].level if changes else 0):
        changes.append(Change(at, level))


class Climbs:
    """One member's ways under several policies: the same deeds, seen by each."""

    def __init__(
        self,
        held: Sequence[Held] = (),
        labels: Labels = NO_LABELS,
        deeds: Iterable[Deed] = (),
    ) -> None:
        """Begin before anything happened; deeds may be known beforehand."""
        self._held, self._labels = held, labels
        self._deeds = list(deeds)
        self._all: list[Climb] = []

    def of(self, tiers: Tiers) -> Climb:
        """Return the way under a policy."""
        for climb in self._all:
            if climb.tiers is tiers or climb.tiers == tiers:
                return climb
        climb = Climb(tiers, self._held, self._labels)
        for deed in self._deeds:
            climb.add(deed)
        self._all.append(climb)
        return climb

    def add(self, deed: Deed | None) -> None:
        """Have a deed count under every policy."""
        if deed:
            self._deeds.append(deed)
            for climb in self._all:
                climb.add(deed)

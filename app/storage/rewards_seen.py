"""The rewards of a programme as members see them: one way for all who tell of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.domain.advance import KeptLot
from app.domain.customer import Customer
from app.domain.offers import Offered, next_reward, offered
from app.domain.orders import earliest
from app.domain.program import Program
from app.domain.redemptions import Redemption
from app.domain.rewards import Asked
from app.storage import redemptions, standings
from app.storage.reward_terms import Known, known_of
from app.storage.stores import Store

# So long the next reward may be one that others have taken the last piece of.
SHARED_SEEN_EVERY = timedelta(days=1)
# So many lots that end soon are told one by one; the sum has all of them.
_ENDING_LOTS_MAX = 5


@dataclass(frozen=True)
class Purse:
    """The points that somebody can spend, and the tier that they are in."""

    available: int
    tier: str | None


@dataclass(frozen=True)
class EndingLot:
    """Points that end at one moment."""

    points: int
    at: datetime


@dataclass(frozen=True)
class Ending:
    """Points that end within the days of warning, and when the first of them do.

    `lots` are the first of them with the moments at which they end, those of the same
    moment together.
    """

    points: int
    at: datetime
    lots: tuple[EndingLot, ...]


@dataclass(frozen=True)
class RewardsSeen:
    """What somebody can have, what they have taken, oldest first, and what ends soon.

    What lapses is kept by doing something before, unless its date comes soon too. At
    `again_at` time, or what others have taken by then, may change what they see.
    """

    offers: list[Offered]
    next_reward: Offered | None
    redemptions: list[Redemption]
    expiring: Ending | None
    lapsing: Ending | None
    again_at: datetime | None


@dataclass(frozen=True)
class _Facts:
    """What was found out about one member."""

    redemptions: Iterable[Redemption] = ()
    known: Known = field(default_factory=Known)
    lots: Iterable[KeptLot] = ()


@dataclass(frozen=True)
class Look:
    """A look at the rewards of a programme in one of its stores, at a moment."""

    program: Program
    store: Store
    as_of: datetime

    def nobody(self, purse: Purse) -> RewardsSeen:
        """Return what somebody without a ledger sees."""
        return self._seen(purse, _Facts(), {}, {})

    def members(
        self, connection: Connection, purses: Mapping[int, Purse]
    ) -> dict[int, RewardsSeen]:
        """Return what members see, by member."""
        program_id, rewards = self.store.program_id, self.program.rewards
        taken = redemptions.taken(connection, program_id, self._limited)
        places: dict[str, Counter[datetime]] = {}
        if self._dated:
            places = redemptions.places_taken(connection, program_id, self._dated)
        wishes = redemptions.of_members(connection, program_id, purses)
        lots = standings.lots_of(connection, program_id, purses)
        known = known_of(connection, program_id, purses, rewards)
        return {
            id_: self._seen(
                purse, _Facts(wishes[id_], known[id_], lots[id_]), taken, places
            )
            for id_, purse in purses.items()
        }

    def _seen(
        self,
        purse: Purse,
        facts: _Facts,
        taken: dict[str, int],
        places: dict[str, Counter[datetime]],
    ) -> RewardsSeen:
        theirs = list(facts.redemptions)
        offers = offered(
            self.program.rewards,
            as_customer(purse, theirs, facts.known),
            Asked(self.on_the_wall, self.store.currency),
            taken,
            places,
        )
        lots = [lot for lot in facts.lots if lot.available]
        expiring, lapsing = self._ending(lots)
        soon = expiring.points if expiring else 0
        goal = next_reward(offers, purse.available, soon)
        turns = [*self._turns(lots), *self._shared_turns(offers)]
        again_at = earliest(*(at for at in turns if at > self.as_of))
        return RewardsSeen(offers, goal, theirs, expiring, lapsing, again_at)

    @property
    def _limited(self) -> list[str]:
        return [each.id for each in self.program.rewards if each.stock]

    @property
    def _dated(self) -> list[str]:
        return [each.id for each in self.program.rewards if each.slots]

    def _shared_turns(self, offers: Iterable[Offered]) -> Iterator[datetime]:
        """Yield when to see what others have left of what is still to be reached.

        A piece that somebody takes may concern everybody, so it is not told at once.
        """
        shared = {*self._limited, *self._dated}
        if any(each.id in shared and each.points_needed for each in offers):
            yield self.as_of + SHARED_SEEN_EVERY

    @property
    def on_the_wall(self) -> datetime:
        """Return the moment by the clock of the store's walls."""
        zone = ZoneInfo(self.store.timezone)
        return self.as_of.astimezone(zone).replace(tzinfo=None)

    @property
    def _warned(self) -> timedelta:
        return timedelta(days=self.program.expiry_warned_days)

    def _ending(self, lots: list[KeptLot]) -> tuple[Ending | None, Ending | None]:
        until = self.as_of + self._warned
        ends = [(lot.ends_at, lot.available) for lot in lots]
        lapses = [
            (lot.lapses_at, lot.available)
            for lot in lots
            if lot.expires_at is None or lot.expires_at > until
        ]
        return _soon(ends, self.as_of, until), _soon(lapses, self.as_of, until)

    def _turns(self, lots: list[KeptLot]) -> Iterator[datetime]:
        """Yield when time alone changes more than the points themselves."""
        for lot in lots:
            if lot.ends_at:
                yield lot.ends_at - self._warned
        zone = ZoneInfo(self.store.timezone)
        for reward in self.program.rewards:
            for at in (reward.starts_at, reward.ends_at):
                if at:
                    yield at.replace(tzinfo=zone)


def as_customer(purse: Purse, wishes: Iterable[Redemption], known: Known) -> Customer:
    """Return somebody as rewards may ask about them."""
    return Customer(
        available=purse.available,
        tier=purse.tier,
        taken=Counter(each.reward.id for each in wishes if each.is_out),
        orders=known.orders,
        tags=known.tags,
    )


def _soon(
    ends: Iterable[tuple[datetime | None, int]], since: datetime, until: datetime
) -> Ending | None:
    ending = Counter[datetime]()
    for at, points in ends:
        if at and since < at <= until:
            ending[at] += points
    if not ending:
        return None
    lots = [EndingLot(points, at) for at, points in sorted(ending.items())]
    return Ending(ending.total(), lots[0].at, tuple(lots[:_ENDING_LOTS_MAX]))

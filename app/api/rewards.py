"""What a member can have for their points, and what they have taken so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.api.redemptions_shown import shown
from app.domain.customer import Customer
from app.domain.offers import next_reward, offered
from app.domain.program import Program
from app.domain.redemptions import OUT, Redemption
from app.domain.rewards import Asked, Goods
from app.storage import redemptions, standings
from app.storage.reward_terms import Known, known_of
from app.storage.stores import Store

# So many redemptions of a member are shown.
_SHOWN = 10


@dataclass(frozen=True)
class Seen:
    """The rewards of a program, as somebody in a tier with so many points sees them."""

    program: Program
    store: Store
    available: int
    tier: str | None
    as_of: datetime

    def rewards(
        self,
        connection: Connection | None = None,
        member_id: int | None = None,
        secret_key: str = "",
    ) -> dict[str, Any]:
        """Return rewards, the next one, redemptions and what is about to end."""
        theirs: list[Redemption] = []
        taken: dict[str, int] = {}
        ending: dict[str, Any] = {"expiring": None, "lapsing": None}
        places: dict[str, Counter[datetime]] = {}
        known = Known()
        if connection is not None and member_id is not None:
            program_id = self.store.program_id
            theirs = redemptions.of_members(connection, program_id, [member_id])[
                member_id
            ]
            limited = [each.id for each in self.program.rewards if each.stock]
            taken = redemptions.taken(connection, program_id, limited)
            dated = [
                each.id
                for each in self.program.rewards
                if isinstance(each, Goods) and each.slots
            ]
            if dated:
                places = redemptions.places_taken(connection, program_id, dated)
            ending = self._ending(connection, member_id)
            asked = known_of(connection, program_id, [member_id], self.program.rewards)
            known = asked[member_id]
        offers = offered(
            self.program.rewards,
            Customer(
                available=self.available,
                tier=self.tier,
                taken=Counter(each.reward.id for each in theirs if each.state in OUT),
                orders=known.orders,
                tags=known.tags,
            ),
            Asked(self._on_the_wall(), self.store.currency),
            taken,
            places,
        )
        soon = ending["expiring"]["points"] if ending["expiring"] else 0
        newest = theirs[::-1][:_SHOWN]
        return {
            "rewards": offers,
            "next_reward": next_reward(offers, self.available, soon),
            "redemptions": [shown(each, secret_key, self.store) for each in newest],
            **ending,
        }

    def _on_the_wall(self) -> datetime:
        zone = ZoneInfo(self.store.timezone)
        return self.as_of.astimezone(zone).replace(tzinfo=None)

    def _ending(self, connection: Connection, member_id: int) -> dict[str, Any]:
        """Return what ends within the days of warning, and what of it can be kept.

        What lapses is kept by doing something before, unless its date comes soon too.
        """
        until = self.as_of + timedelta(days=self.program.expiry_warned_days)
        kept = standings.lots_of(connection, self.store.program_id, [member_id])
        lots = [lot for lot in kept[member_id] if lot.available]
        return {
            "expiring": _soon(
                ((lot.ends_at, lot.available) for lot in lots), self.as_of, until
            ),
            "lapsing": _soon(
                (
                    (lot.lapses_at, lot.available)
                    for lot in lots
                    if lot.expires_at is None or lot.expires_at > until
                ),
                self.as_of,
                until,
            ),
        }


def _soon(
    ends: Iterable[tuple[datetime | None, int]], since: datetime, until: datetime
) -> dict[str, Any] | None:
    """Return points that end in that time, and when the first do; None for none."""
    ending = [(at, points) for at, points in ends if at and since < at <= until]
    if not ending:
        return None
    return {
        "points": sum(points for _, points in ending),
        "at": min(at for at, _ in ending),
    }

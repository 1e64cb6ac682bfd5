"""What rewards ask of members beyond points and tiers: read only where one does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.labels import NO_LABELS
from app.domain.rewards import Reward
from app.storage.labels import labels_by_member
from app.storage.orders import paid_orders


@dataclass(frozen=True)
class Known:
    """How many orders somebody ever paid, and which tags they have."""

    orders: int = 0
    tags: frozenset[str] = frozenset()


def known_of(
    connection: Connection,
    program_id: int,
    member_ids: Iterable[int],
    rewards: Iterable[Reward],
) -> dict[int, Known]:
    """Return what these rewards ask of members, by member."""
    wanted = list(member_ids)
    if not any(reward.asks_who for reward in rewards):
        return dict.fromkeys(wanted, Known())
    counts = paid_orders(connection, program_id, wanted)
    called = labels_by_member(connection, program_id, wanted)
    return {
        id_: Known(counts.get(id_, 0), called.get(id_, NO_LABELS).last.tags)
        for id_ in wanted
    }

"""Who would move between tiers if a program were changed; nothing is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.domain.climbing import BEGINNING, Era, climbed
from app.domain.credits import Assessment, assess_all
from app.domain.program import Program
from app.storage import orders
from app.storage.orders import KeptOrder
from workers.terms import Terms


@dataclass(frozen=True)
class TierMove:
    """A member who would be in another tier, None for none."""

    member_id: int
    before: str | None
    after: str | None


def tier_moves(
    connection: Connection,
    terms: Terms,
    member_ids: Iterable[int],
    new: Program,
    now: datetime,
) -> Iterator[TierMove]:
    """Yield the members who would move under a new program, by what is known now.

    Orders keep the terms that they earned under, and so do the points that count.
    """
    kept: dict[int, list[KeptOrder]] = defaultdict(list)
    for order in orders.orders_of(connection, terms.program_id, member_ids):
        kept[order.member_id or 0].append(order)
    for member_id, theirs in sorted(kept.items()):
        assessed = assess_all(terms.applied(theirs))
        before = _tier(assessed, terms.history.at(now), now, terms.currency)
        after = _tier(assessed, new, now, terms.currency)
        if before != after:
            yield TierMove(member_id, before, after)


def _tier(
    assessed: Iterable[Assessment], program: Program, now: datetime, currency: str
) -> str | None:
    """Return the tier that a member is in under a program, as if it had always been."""
    standing = climbed(assessed, (), [Era(BEGINNING, program)], now, currency).standing
    return standing.tier if standing else None


def in_words(moves: Iterable[TierMove]) -> Iterator[str]:
    """Yield how many members move from which tier to which, and who they are."""
    moves = list(moves)
    counted = Counter((move.before or "", move.after or "") for move in moves)
    for (before, after), number in sorted(counted.items()):
        yield f"{number:>8,}  {before or 'no tier'} -> {after or 'no tier'}"
    for move in moves:
        before, after = move.before or "no tier", move.after or "no tier"
        yield f"  member {move.member_id}: {before} -> {after}"

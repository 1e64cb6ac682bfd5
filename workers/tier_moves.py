"""Who would move between tiers if a programme were changed; nothing is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.domain.climbing import BEGINNING, Climbed, Era, climbed
from app.domain.credits import assess_all
from app.domain.program import Program
from app.storage import orders
from app.storage.orders import KeptOrder
from workers.allot import with_allotments
from workers.beside import besides
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
    member_ids: Sequence[int],
    new: Program,
    now: datetime,
) -> Iterator[TierMove]:
    """Yield the members who would move under a new programme, by what is known now.

    Orders keep the terms that they earned under, and so do the points that count.
    """
    known = besides(connection, terms, member_ids, now, new=new)
    kept: dict[int, list[KeptOrder]] = defaultdict(list)
    for order in orders.orders_of(connection, terms.program_id, member_ids):
        kept[order.member_id or 0].append(order)
    for member_id, beside in sorted(known.items()):
        theirs = with_allotments(connection, terms, terms.applied(kept[member_id]))
        assessed = assess_all(theirs, beside)
        before, after = (
            climbed(assessed, beside, [Era(BEGINNING, each)], now, *terms.place)
            for each in (terms.history.at(now), new)
        )
        if _tier(before) != _tier(after):
            yield TierMove(member_id, _tier(before), _tier(after))


def _tier(climb: Climbed) -> str | None:
    return climb.standing.tier if climb.standing else None


def in_words(moves: Iterable[TierMove], names: Mapping[int, str]) -> Iterator[str]:
    """Yield how many members move from which tier to which, and who they are."""
    moves = list(moves)
    counted = Counter((move.before or "", move.after or "") for move in moves)
    for (before, after), number in sorted(counted.items()):
        yield f"{number:>8,}  {before or 'no tier'} -> {after or 'no tier'}"
    for move in moves:
        before, after = move.before or "no tier", move.after or "no tier"
        yield f"  {names[move.member_id]}: {before} -> {after}"

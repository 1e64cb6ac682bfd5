"""How many members would move between tiers if a programme were saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.program import Program
from app.domain.tiers import Tiers
from app.storage import members
from app.storage.database import Database
from app.storage.member_names import member_names
from app.storage.sealing import Keyring
from workers.terms import Terms
from workers.tier_moves import TierMove, tier_moves

# A page cannot wait for a hundred thousand: of more, so many are looked at, from all
# ages of the programme alike.
MEMBERS_MAX = 1000
_AT_ONCE = 200
# More names than that nobody reads on a page; the command line lists all.
_NAMED_MAX = 100


@dataclass(frozen=True)
class Move:
    """So many members who would go from one tier to another, None for none."""

    before: str | None
    after: str | None
    members: int
    is_up: bool


@dataclass(frozen=True)
class Mover:
    """A member by what the store knows them as, and the way they would go."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Forecast:
    """Who would move, of the members that were looked at; `members` are all there are.

    Those who neither go up nor down stay. Of those who move the first are named.
    """

    moves: tuple[Move, ...]
    looked_at: int
    members: int
    movers: tuple[Mover, ...] = ()

    @property
    def unnamed(self) -> int:
        """Return how many move who are not named."""
        return sum(move.members for move in self.moves) - len(self.movers)

    @property
    def up(self) -> int:
        """Return how many would go up."""
        return sum(move.members for move in self.moves if move.is_up)

    @property
    def down(self) -> int:
        """Return how many would go down."""
        return sum(move.members for move in self.moves if not move.is_up)

    @property
    def stay(self) -> int:
        """Return how many would stay where they are."""
        return self.looked_at - self.up - self.down


def forecast(
    database: Database,
    keys: Keyring,
    program_id: int,
    before: Program,
    new: Program,
    now: datetime,
) -> Forecast | None:
    """Return who would move by what is known now, None where tiers stay as they are."""
    if before.tiers == new.tiers:
        return None
    with database.program(program_id) as connection:
        everybody = members.members_of(connection, program_id)
    chosen = everybody[:: -(-len(everybody) // MEMBERS_MAX) or 1]
    moves: list[TierMove] = []
    for start in range(0, len(chosen), _AT_ONCE):
        with database.program(program_id) as connection:
            terms = Terms(connection, program_id, keys)
            batch = chosen[start : start + _AT_ONCE]
            moves += tier_moves(connection, terms, batch, new, now)
    named = moves[:_NAMED_MAX]
    with database.program(program_id) as connection:
        who = (move.member_id for move in named)
        names = member_names(connection, program_id, who)
    movers = (Mover(names[each.member_id], each.before, each.after) for each in named)
    counts = _counted(moves, before, new)
    return Forecast(counts, len(chosen), len(everybody), tuple(movers))


def _counted(
    moves: Sequence[TierMove], before: Program, new: Program
) -> tuple[Move, ...]:
    """Return moves with their numbers, those up first, the largest step first."""
    counts = Counter((move.before, move.after) for move in moves)
    steps = {
        (old, after): _level(after, new.tiers, before.tiers)
        - _level(old, new.tiers, before.tiers)
        for old, after in counts
    }
    return tuple(
        Move(old, after, counts[old, after], steps[old, after] > 0)
        for old, after in sorted(steps, key=lambda move: (-steps[move], str(move)))
    )


def _level(name: str | None, *ladders: Tiers) -> float:
    """Return how high a tier is on the first ladder that has it; 0 is no tier."""
    for tiers in ladders:
        for level, tier in enumerate(tiers.ladder, start=1):
            if tier.name == name:
                return level
    return 0

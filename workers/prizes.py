"""What members won, while their wishes for it are decided on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from app.domain.events import RewardRequested
from app.domain.prizes import Name, Won, next_of, taken
from app.domain.redemptions import Redemption
from app.domain.rewards import NotOffered, Reward
from app.storage.actions import progress_of
from app.storage.stores import ProgramHistory


class PrizesLeft:
    """What members won and have not taken, as far as it is decided."""

    def __init__(
        self,
        connection: Connection,
        program_id: int,
        wishes: Mapping[int, Iterable[Redemption]],
    ) -> None:
        """Look at members who are settled, and stay locked, with what they took."""
        known = progress_of(connection, program_id, wishes) if wishes else {}
        self._won: dict[int, Sequence[Won]] = {
            member_id: progress.won for member_id, progress in known.items()
        }
        self._used: dict[int, Counter[Name]] = defaultdict(Counter)
        self._used |= {id_: taken(theirs) for id_, theirs in wishes.items()}

    def reward(
        self, history: ProgramHistory, member_id: int, event: RewardRequested
    ) -> tuple[Reward | None, NotOffered | None]:
        """Return the reward that a wish for something won is for, and why not, if so.

        It is as the version has it under which it was won.
        """
        name = event.prize or "", event.reward_id
        won, used = self._won.get(member_id, ()), self._used[member_id]
        found = next_of(name, won, used)
        if isinstance(found, NotOffered):
            return history.rewards.get(event.reward_id), found
        return history.version(found.version).reward(found.reward_id), None

    def take(self, member_id: int, wish: Redemption) -> None:
        """Count what a member has taken."""
        self._used[member_id] += taken([wish])

"""The answer to where somebody stands, made once for each state of their ledger."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import msgspec

from app.api.history import recent
from app.api.schemas import GuestSchema, StandingSchema
from app.domain.program import Program
from app.domain.progress import Ways, ways_of
from app.domain.standing import Standing, next_reward, reward_progress
from app.storage.database import Database
from app.storage.views import View

_KEPT = 4096


@dataclass(frozen=True)
class Shown:
    """All that an answer depends on: whose it is, and in which state."""

    program_id: int
    version: int
    currency: str
    member_id: int | None
    last_sequence: int
    standing: Standing
    is_signed_in: bool
    ways: Ways

    @property
    def etag(self) -> str:
        """Return what tells this answer from any other."""
        return _etag(self)


@lru_cache(_KEPT)
def _etag(what: Shown) -> str:
    return sha256(repr(what).encode()).hexdigest()[:32]


def shown(view: View, now: datetime, *, is_signed_in: bool) -> Shown:
    """Return what to show of a view at this moment."""
    program, store = view.programs.at(now), view.store
    return Shown(
        store.program_id,
        program.version,
        store.currency,
        # Without a ledger nobody is told from one who is not there, nor by the ETag.
        view.member_id if view.last_sequence else None,
        view.last_sequence,
        view.standing,
        is_signed_in,
        ways_of(program, view.progress, now, store.timezone, store.currency),
    )


class Answers:
    """Answers in JSON; one is made again only when what it shows has changed."""

    def __init__(self, database: Database) -> None:
        """Read histories from this database."""
        self._database = database
        self._kept = lru_cache(_KEPT)(self._made)

    def answer(self, what: Shown, view: View) -> bytes:
        """Return the answer, from before where nothing has changed since."""
        return self._kept(what, _Unseen(view.programs.version(what.version)))

    def _made(self, what: Shown, program: _Unseen) -> bytes:
        document = (
            self._member(what, program.program)
            if what.is_signed_in
            else _guest(what, program.program)
        )
        return msgspec.json.encode(document)

    def _member(self, what: Shown, program: Program) -> object:
        progress = reward_progress(
            program.rewards, what.standing.available, what.currency
        )
        history = []
        if what.member_id is not None:
            with self._database.program(what.program_id) as connection:
                history = recent(
                    connection, what.program_id, what.member_id, what.last_sequence
                )
        return StandingSchema().dump(
            {
                **asdict(what.standing),
                "signed_in": True,
                "next_reward": next_reward(progress),
                "rewards": progress,
                "history": history,
                "actions": what.ways.actions,
                "stamp_cards": what.ways.stamp_cards,
                "challenges": what.ways.challenges,
                "program": {"ways_to_earn": program.ways_to_earn(what.currency)},
            }
        )


class _Unseen:
    """Carries a program past the cache, for which its version stands."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unseen)

    def __hash__(self) -> int:
        return 0


def _guest(what: Shown, program: Program) -> object:
    return GuestSchema().dump(
        {
            "signed_in": False,
            "rewards": reward_progress(program.rewards, 0, what.currency),
            "actions": what.ways.actions,
            "program": {"ways_to_earn": program.ways_to_earn(what.currency)},
        }
    )

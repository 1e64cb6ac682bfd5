"""A store that is asked to make rewards, and answers as it is told to."""

from __future__ import annotations

from enum import StrEnum

from app.domain.grants import (
    AlreadyUsed,
    Grant,
    Granted,
    GrantRefused,
    Revoked,
    StoreCreditGift,
)
from app.domain.reasons import in_own_words
from app.platforms.base import StoreAway
from tests.builders.pretended_store import PretendedStore


class Mood(StrEnum):
    """How a store answers for a while.

    - `well`: it does what it is asked, and says so;
    - `away`: it does nothing, and says nothing;
    - `lost`: it does what it is asked, and its answer is lost;
    - `refusing`: it makes nothing new.
    """

    WELL = "well"
    AWAY = "away"
    LOST = "lost"
    REFUSING = "refusing"


class AnsweringStore(PretendedStore):
    """Makes and ends codes, each used once unless its count of uses lags behind."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = Mood.WELL

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it once; what was made before is never refused."""
        self._prepare()
        if grant.code not in self.made and self.mood is Mood.REFUSING:
            return GrantRefused(in_own_words("discounts are switched off"))
        return super().grant(grant)

    def revoke(self, grant: Grant) -> Revoked | AlreadyUsed:
        """End it, unless it was used; credit on an account stays there."""
        self._prepare()
        if self.is_used(grant.code):
            self.used.add(grant.code)
        answer = super().revoke(grant)
        self._fail_after()
        return answer

    def is_used(self, code: str) -> bool:
        """Whether nobody can take it back: it was used, or is on an account."""
        made = self.made.get(code)
        is_credit = made is not None and isinstance(made.benefit, StoreCreditGift)
        return code in self.used or is_credit

    def _prepare(self) -> None:
        if self.mood is Mood.AWAY:
            raise StoreAway("it did not answer")
        self.away_after = int(self.mood is Mood.LOST)

"""A store in memory that makes what points have bought, or fails as it is told."""

from __future__ import annotations

from dataclasses import replace

from app.domain.grants import AlreadyUsed, Grant, Granted, GrantRefused, Revoked
from app.domain.reasons import in_own_words
from app.platforms.base import AccessDenied, Fulfilment, StoreAway


class PretendedStore(Fulfilment):
    """Keeps grants by code; `fails` says what goes wrong next, and when."""

    def __init__(self) -> None:
        self.made: dict[str, Grant] = {}
        self.used: set[str] = set()
        self.calls = 0
        self.refuses: str | None = None
        self.is_denied = False
        self.away_before = 0
        self.away_after = 0

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it once."""
        self._fail_before()
        if self.refuses:
            return GrantRefused(in_own_words(self.refuses))
        same = self.made.setdefault(grant.code, grant)
        # Customers become one; all else of a grant stays as it was first asked for.
        assert replace(same, customer_id=grant.customer_id) == grant
        self._fail_after()
        return Granted(f"ref/{grant.code}")

    def revoke(self, grant: Grant) -> Revoked | AlreadyUsed:
        """End it, unless it was used."""
        self._fail_before()
        if grant.code in self.used:
            return AlreadyUsed()
        self.made.pop(grant.code, None)
        self._fail_after()
        return Revoked()

    def _fail_before(self) -> None:
        self.calls += 1
        if self.is_denied:
            raise AccessDenied("it is not allowed")
        if self.away_before:
            self.away_before -= 1
            raise StoreAway("it did not answer")

    def _fail_after(self) -> None:
        if self.away_after:
            self.away_after -= 1
            raise StoreAway("the answer was lost")

"""The words of a member's ledger: accounts, credits, commands, movements, lots.

A movement takes points from one account to another, so every transaction sums to zero.
The accounts of one member, by what their balance says:

- `pending`, `available`, `reserved`: what the member has (never negative);
- `owed`: minus what the member owes;
- `issued`, `redeemed`, `expired`, `adjusted`: the programme's side, kept by member so
  that no row is shared between members; the programme's own figures are sums over them.

Every credit is a lot of its own, with its own expiry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from app.domain.expiry import Patience
from app.domain.phrases import counted
from app.domain.program import ReturnPolicy


class Account(StrEnum):
    """Where points can be; see the head of this file."""

    PENDING = "pending"
    AVAILABLE = "available"
    RESERVED = "reserved"
    OWED = "owed"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"


class Kind(StrEnum):
    """Why points moved."""

    EARN = "earn"
    RELEASE = "release"
    REVERSE = "reverse"
    RESERVE = "reserve"
    REDEEM = "redeem"
    REFUND = "refund"
    EXPIRE = "expire"
    ADJUST = "adjust"
    REPAY = "repay"


@dataclass(frozen=True)
class Reversal:
    """`points` of a credit or a redemption undone at `at`, because of `cause`."""

    cause: str
    at: datetime
    points: int
    reason: str = ""


@dataclass(frozen=True)
class Lapse:
    """A lot ends at `at`, since its member did nothing for so many months."""

    at: datetime
    months: int

    def cause(self, lot: str) -> str:
        """Return what ends a lot; a lapse at another moment is another cause."""
        return f"inactivity/{self.months}/{self.at:%Y%m%dT%H%M%S.%fZ}@{lot}"

    @property
    def reason(self) -> str:
        """Return why, in words."""
        return f"nothing was done for {counted(self.months, 'month')}"


@dataclass(frozen=True)
class Credit:
    """Points given, as a lot of their own.

    `is_held` points are pending until `releases_at`, for as long as that is unknown;
    those that are `is_doubtful`, until somebody of the store has looked at them. From
    `expires_at` on the lot cannot be spent, nor from its `lapse` on, which follows from
    its `patience` and from what its member did.
    """

    lot: str
    cause: str
    at: datetime
    points: int
    is_held: bool = False
    releases_at: datetime | None = None
    expires_at: datetime | None = None
    reversals: tuple[Reversal, ...] = ()
    return_policy: ReturnPolicy = ReturnPolicy.UNLIMITED
    source: Account = Account.ISSUED
    reason: str = ""
    patience: Patience | None = None
    lapse: Lapse | None = None
    is_doubtful: bool = False

    def fingerprint(self, reversals: int) -> str:
        """Return what tells this credit, with so many reversals, from any other.

        Reasons are left out: they move no points, so that other words for them are no
        other credit.
        """
        taken = (
            (each.cause, each.at.isoformat(), each.points)
            for each in self.reversals[:reversals]
        )
        told = (
            self.lot,
            self.cause,
            self.at.isoformat(),
            self.points,
            self.is_held,
            self.expires_at and self.expires_at.isoformat(),
            self.return_policy,
            self.source,
            self.patience,
            *taken,
        )
        return sha256(repr(told).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Debit:
    """Points taken by the owner; accepted once and never decided again."""

    cause: str
    at: datetime
    points: int
    reason: str = ""


@dataclass(frozen=True)
class Redemption:
    """Points reserved for a reward, then captured, or given back to the same lots.

    `returns` are what came back of a captured one, in all no more than its points.
    """

    cause: str
    at: datetime
    points: int
    captured_at: datetime | None = None
    voided_at: datetime | None = None
    reason: str = ""
    returns: tuple[Reversal, ...] = ()


@dataclass(frozen=True)
class Movement:
    """`points` from `source` to `target`; `key` names the effect for ever."""

    kind: Kind
    cause: str
    lot: str
    source: Account
    target: Account
    points: int
    at: datetime
    reason: str = ""
    expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """Return the name of the effect: posted once, then only corrected."""
        return f"{self.kind}:{self.cause}:{self.lot}:{self.source}>{self.target}"


@dataclass
class Lot:
    """Where the points of one credit are now."""

    name: str
    earned_at: datetime
    expires_at: datetime | None
    points: dict[Account, int] = field(default_factory=dict)
    lapse: Lapse | None = None

    def at(self, account: Account) -> int:
        """Return the points of this lot in `account`."""
        return self.points.get(account, 0)

    def is_open(self, now: datetime) -> bool:
        """Whether the lot's available points can still be spent at `now`."""
        return (self.expires_at is None or now < self.expires_at) and (
            self.lapse is None or now < self.lapse.at
        )

    def lapsed_by(self, now: datetime) -> Lapse | None:
        """Return the lapse that ended the lot, None where its date came first."""
        if self.lapse is None or now < self.lapse.at:
            return None
        is_first = self.expires_at is None or self.lapse.at < self.expires_at
        return self.lapse if is_first else None

    def move(self, source: Account, target: Account, points: int) -> None:
        """Take points of this lot from one account to another."""
        self.points[source] = self.at(source) - points
        self.points[target] = self.at(target) + points

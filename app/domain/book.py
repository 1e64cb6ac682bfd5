"""The running state of a fold: where points are, and every movement that took them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from app.domain.ledger import (
    Account,
    Credit,
    Debit,
    Kind,
    Lot,
    Movement,
    Redemption,
    Reversal,
)
from app.domain.program import ReturnPolicy

# When something happened, and its rank among what happened at the same time.
Moment = tuple[datetime, int]


class Rank(IntEnum):
    """What comes first at one moment: expired points are gone before any are spent."""

    EXPIRE = 0
    EARN = 1
    RELEASE = 2
    REVERSE = 3
    SPEND = 4
    CLOSE = 5
    GIVE_BACK = 6


@dataclass(frozen=True)
class Step:
    """One thing that happens to a member's points."""

    at: datetime
    rank: Rank
    name: str
    act: Callable[[Book, datetime], None]

    @property
    def moment(self) -> Moment:
        """Return when it happens, among what happens at the same time."""
        return self.at, int(self.rank)


@dataclass(frozen=True)
class _Occasion:
    """What makes points move: the part of a movement that its lots share."""

    kind: Kind
    cause: str
    at: datetime
    reason: str = ""


class Book:
    """The running state of one fold."""

    def __init__(self) -> None:
        self.lots: dict[str, Lot] = {}
        self.owed = 0
        self.movements: list[Movement] = []
        self._reserved: dict[str, dict[str, int]] = {}
        self._spent: dict[str, dict[str, int]] = {}
        self._owed_for: dict[str, int] = {}

    def take(self, steps: Iterable[Step]) -> None:
        """Let steps happen in their order in the world."""
        for step in sorted(steps, key=lambda step: (step.at, step.rank, step.name)):
            step.act(self, step.at)

    def earn(self, at: datetime, *, credit: Credit) -> None:
        """Open the credit's lot; points that are not held pay what is owed first."""
        kind = Kind.EARN if credit.source == Account.ISSUED else Kind.ADJUST
        target = Account.PENDING if credit.is_held else Account.AVAILABLE
        lot = Lot(credit.lot, credit.at, credit.expires_at, lapse=credit.lapse)
        self.lots[credit.lot] = lot
        occasion = _Occasion(kind, credit.cause, at, credit.reason)
        self._move(occasion, lot, (credit.source, target), credit.points)
        self._repay(lot, at)

    def release(self, at: datetime, *, credit: Credit) -> None:
        """Let held points be spent."""
        lot = self.lots[credit.lot]
        path = Account.PENDING, Account.AVAILABLE
        self._move(
            _Occasion(Kind.RELEASE, credit.cause, at),
            lot,
            path,
            lot.at(Account.PENDING),
        )
        self._repay(lot, at)

    def reverse(self, at: datetime, *, credit: Credit, reversal: Reversal) -> None:
        """Take points back: from the own lot, then from others, then into debt.

        What has expired of the own lot counts as given back already.
        """
        lot, left = self.lots[credit.lot], reversal.points
        occasion = _Occasion(Kind.REVERSE, reversal.cause, at, reversal.reason)
        accounts = [Account.PENDING]
        if credit.return_policy != ReturnPolicy.ONLY_PENDING:
            accounts += [Account.AVAILABLE, Account.EXPIRED]
        for account in accounts:
            points = min(left, lot.at(account))
            self._move(occasion, lot, (account, credit.source), points)
            left -= points
        if credit.return_policy != ReturnPolicy.ONLY_PENDING:
            left = self._take(occasion, credit.source, left)
        if credit.return_policy == ReturnPolicy.UNLIMITED:
            self._owe(occasion, credit.source, left)
            self._owed_for[credit.lot] = self._owed_for.get(credit.lot, 0) + left

    def debit(self, at: datetime, *, debit: Debit) -> None:
        """Take points for the owner, into debt where there are too few."""
        occasion = _Occasion(Kind.ADJUST, debit.cause, at, debit.reason)
        left = self._take(occasion, Account.ADJUSTED, debit.points)
        self._owe(occasion, Account.ADJUSTED, left)

    def reserve(self, at: datetime, *, redemption: Redemption) -> None:
        """Set points aside for a reward.

        It was accepted when there were enough; where a late fact took some away since,
        the rest is owed.
        """
        occasion = _Occasion(Kind.RESERVE, redemption.cause, at, redemption.reason)
        before = {name: lot.at(Account.RESERVED) for name, lot in self.lots.items()}
        left = self._take(occasion, Account.RESERVED, redemption.points)
        self._owe(occasion, Account.REDEEMED, left)
        parts = {
            name: lot.at(Account.RESERVED) - before[name]
            for name, lot in self.lots.items()
        }
        self._reserved[redemption.cause] = parts | {_DEBT: left}

    def capture(self, at: datetime, *, redemption: Redemption) -> None:
        """Spend what was reserved."""
        occasion = _Occasion(Kind.REDEEM, redemption.cause, at, redemption.reason)
        parts = self._reserved.pop(redemption.cause)
        self._spent[redemption.cause] = parts
        path = Account.RESERVED, Account.REDEEMED
        for name, points in parts.items():
            if name != _DEBT:
                self._move(occasion, self.lots[name], path, points)

    def void(self, at: datetime, *, redemption: Redemption) -> None:
        """Give all points back to the lots they came from, with the dates of those."""
        occasion = _Occasion(Kind.REFUND, redemption.cause, at, redemption.reason)
        parts = self._reserved.pop(redemption.cause)
        self._restore(occasion, Account.RESERVED, parts)

    def give_back(
        self, at: datetime, *, redemption: Redemption, back: Reversal
    ) -> None:
        """Give some spent points back to their lots, first what expires last."""
        occasion = _Occasion(Kind.REFUND, back.cause, at, back.reason)
        parts, left = self._spent[redemption.cause], back.points
        chosen: dict[str, int] = {}
        for name in (_DEBT, *sorted(parts.keys() - {_DEBT}, key=self._latest_first)):
            chosen[name] = min(left, parts.get(name, 0))
            parts[name] -= chosen[name]
            left -= chosen[name]
        self._restore(occasion, Account.REDEEMED, chosen)

    def _latest_first(self, name: str) -> tuple[float, float, str]:
        expires_at, earned_at, _ = _spending_order(self.lots[name])
        return -expires_at.timestamp(), -earned_at.timestamp(), name

    def _restore(
        self, occasion: _Occasion, source: Account, parts: dict[str, int]
    ) -> None:
        self._forgive(occasion, parts.pop(_DEBT))
        at, path = occasion.at, (source, Account.AVAILABLE)
        for name, points in parts.items():
            lot = self.lots[name]
            self._move(occasion, lot, path, points)
            if lot.is_open(at):
                self._repay(lot, at)
            elif points:
                # Too late to be spent, but not to pay what its own return left owing.
                own = self._owed_for.get(name, 0)
                self._owed_for[name] = own - self._repay(lot, at, own)
                self.expire(at, name=name)

    def expire(self, at: datetime, *, name: str) -> None:
        """End what is left of a lot, for want of activity where that came first."""
        lot = self.lots[name]
        lapse = lot.lapsed_by(at)
        occasion = _Occasion(Kind.EXPIRE, name, at)
        if lapse:
            occasion = _Occasion(Kind.EXPIRE, lapse.cause(name), at, lapse.reason)
        path = Account.AVAILABLE, Account.EXPIRED
        self._move(occasion, lot, path, lot.at(Account.AVAILABLE))

    def _take(self, occasion: _Occasion, target: Account, points: int) -> int:
        """Take available points, first what expires first; return how many lacked."""
        for lot in sorted(self.lots.values(), key=_spending_order):
            if lot.is_open(occasion.at):
                part = min(points, lot.at(Account.AVAILABLE))
                self._move(occasion, lot, (Account.AVAILABLE, target), part)
                points -= part
        return points

    def _owe(self, occasion: _Occasion, target: Account, points: int) -> None:
        self.owed += points
        self._record(occasion, _DEBT, (Account.OWED, target), points)

    def _forgive(self, occasion: _Occasion, points: int) -> None:
        """Cancel a debt; what was repaid of it goes back to the lots that paid it."""
        path = Account.OWED, Account.AVAILABLE
        for lot in reversed(list(self.lots.values())):
            back = min(max(0, points - self.owed), lot.at(Account.OWED))
            self.owed += back
            self._move(occasion, lot, path, back)
            if back and not lot.is_open(occasion.at):
                self.expire(occasion.at, name=lot.name)
        self.owed -= points
        self._record(occasion, _DEBT, (Account.REDEEMED, Account.OWED), points)

    def _repay(self, lot: Lot, at: datetime, most: int | None = None) -> int:
        """Pay what is owed with a lot that can be spent, or with `most` of any.

        Return how much that was.
        """
        if most is None and not lot.is_open(at):
            return 0
        points = min(self.owed, lot.at(Account.AVAILABLE))
        points = points if most is None else min(points, most)
        self.owed -= points
        path = Account.AVAILABLE, Account.OWED
        self._move(_Occasion(Kind.REPAY, lot.name, at), lot, path, points)
        return points

    def _move(
        self, occasion: _Occasion, lot: Lot, path: tuple[Account, Account], points: int
    ) -> None:
        if points:
            lot.move(*path, points)
            self._record(occasion, lot.name, path, points, lot.expires_at)

    def _record(
        self,
        occasion: _Occasion,
        lot: str,
        path: tuple[Account, Account],
        points: int,
        expires_at: datetime | None = None,
    ) -> None:
        if not points:
            return
        self.movements.append(
            Movement(
                kind=occasion.kind,
                cause=occasion.cause,
                lot=lot,
                source=path[0],
                target=path[1],
                points=points,
                at=occasion.at,
                reason=occasion.reason,
                expires_at=expires_at,
            )
        )


# Stands for a lot where points are owed, which no lot holds.
_DEBT = "debt"
_NEVER = datetime.max.replace(tzinfo=UTC)


def _spending_order(lot: Lot) -> tuple[datetime, datetime, str]:
    return lot.expires_at or _NEVER, lot.earned_at, lot.name

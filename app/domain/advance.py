"""The short way: what is new about an order, posted without reading the whole history.

Most orders happen after everything that their member's ledger knows, and move nothing
but points of their own. Then the steps that are new are all there is to fold. Wherever
that is not so, `advance` says so, and the whole history has to be folded again; both
ways come to the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.book import Book, Moment, Rank, Step
from app.domain.fold import credit_steps, due_at
from app.domain.ledger import Account, Credit, Lot, Movement
from app.domain.program import ReturnPolicy


@dataclass(frozen=True)
class KeptLot:
    """A lot as it was left: its points, and which reversals of its credit were taken.

    `fingerprint` is that of the credit with just these reversals. At `lapses_at` the
    lot ends, if nothing is done before; of one that holds nothing, it is not kept. What
    `is_doubtful` waits for somebody of the store.
    """

    name: str
    expires_at: datetime | None
    pending: int
    available: int
    reserved: int
    reversals: int
    fingerprint: str | None
    lapses_at: datetime | None = None
    is_doubtful: bool = False

    @property
    def ends_at(self) -> datetime | None:
        """Return when the lot ends, by its date or for want of activity."""
        ends = [each for each in (self.expires_at, self.lapses_at) if each]
        return min(ends, default=None)


@dataclass(frozen=True)
class Whereabouts:
    """How far a member's history was folded, and what that came to."""

    settled_to: Moment | None
    due_at: datetime | None
    owed: int


@dataclass(frozen=True)
class Advance:
    """What new steps come to: movements to add, lots as they are then.

    `due_at` may be too early, where a release was put off, but is never too late.
    """

    movements: tuple[Movement, ...]
    lots: tuple[KeptLot, ...]
    settled_to: Moment | None
    due_at: datetime | None


def advance(
    whereabouts: Whereabouts,
    changes: Iterable[tuple[Credit, KeptLot | None]],
    now: datetime,
) -> Advance | None:
    """Return what changed credits add, None where the whole history must be folded.

    Each change is a credit as it is now, with its lot as it was left, None for a new
    one. Credits that did not change must not be due for anything by `now`.
    """
    changes = list(changes)
    if whereabouts.owed or (whereabouts.due_at and whereabouts.due_at <= now):
        return None
    book, steps = Book(), list[Step]()
    for credit, kept in changes:
        new = _new_steps(credit, kept, now)
        if new is None or not _stays_in_its_lot(credit, kept):
            return None
        steps += new
        if kept:
            book.lots[kept.name] = _as_lot(credit, kept)
    since = whereabouts.settled_to
    if since and not all(_is_after(step, since) for step in steps):
        return None
    book.take(steps)
    credits = [credit for credit, _ in changes]
    dates = (whereabouts.due_at, due_at(credits, now))
    moments = [since, *(step.moment for step in steps)]
    return Advance(
        tuple(book.movements),
        tuple(kept_lot(book.lots[credit.lot], credit) for credit in credits),
        max((moment for moment in moments if moment), default=None),
        min((date for date in dates if date), default=None),
    )


def _is_after(step: Step, since: Moment) -> bool:
    """Whether a step comes after all that was taken; credits of one moment commute."""
    is_credit = step.rank == Rank.EARN
    return step.moment >= since if is_credit else step.moment > since


def kept_lot(lot: Lot, credit: Credit) -> KeptLot:
    """Return a lot as it is to be kept, all reversals of its credit taken."""
    reversals = len(credit.reversals)
    holds = lot.at(Account.PENDING) + lot.at(Account.AVAILABLE)
    return KeptLot(
        lot.name,
        lot.expires_at,
        lot.at(Account.PENDING),
        lot.at(Account.AVAILABLE),
        lot.at(Account.RESERVED),
        reversals,
        credit.fingerprint(reversals),
        lot.lapse.at if lot.lapse and holds else None,
        credit.is_doubtful,
    )


def _new_steps(
    credit: Credit, kept: KeptLot | None, now: datetime
) -> list[Step] | None:
    """Return the steps that were not taken yet; None where it is not just new ones."""
    steps = credit_steps(credit, now)
    if any(step.rank not in (Rank.EARN, Rank.REVERSE) for step in steps):
        return None
    if kept is None:
        return steps
    taken = kept.reversals
    if taken > len(credit.reversals) or kept.fingerprint != credit.fingerprint(taken):
        return None
    if credit.is_held and not _is_all_pending(credit, kept):
        return None
    # The first step earns, and each of the others is a reversal.
    return steps[1 + taken :]


def _is_all_pending(credit: Credit, kept: KeptLot) -> bool:
    """Whether nothing was released yet, which news of a dispute might take back."""
    taken = sum(each.points for each in credit.reversals[: kept.reversals])
    return 0 < kept.pending == credit.points - taken


def _stays_in_its_lot(credit: Credit, kept: KeptLot | None) -> bool:
    """Whether reversals find all they take in the credit's own lot."""
    left, taken = (
        (kept.pending + kept.available, kept.reversals)
        if kept
        else (
            credit.points,
            0,
        )
    )
    if credit.return_policy == ReturnPolicy.ONLY_PENDING and not credit.is_held:
        return taken == len(credit.reversals)
    return sum(each.points for each in credit.reversals[taken:]) <= left


def _as_lot(credit: Credit, kept: KeptLot) -> Lot:
    points = {
        Account.PENDING: kept.pending,
        Account.AVAILABLE: kept.available,
        Account.RESERVED: kept.reserved,
    }
    return Lot(kept.name, credit.at, kept.expires_at, points, credit.lapse)

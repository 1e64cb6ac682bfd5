"""The arithmetic of a member's ledger: from credits and commands to movements.

The fold takes the whole history in the order in which it happened in the world, so its
end does not depend on when a message came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from app.domain.book import Book, Moment, Rank, Step
from app.domain.ledger import Account, Credit, Debit, Lot, Movement, Redemption


@dataclass(frozen=True)
class Fold:
    """What a history comes to: every movement, every lot, what is owed, what is next.

    `due_at` is the next moment at which time alone will move points; `settled_to` the
    last at which anything happened, and what sort of thing that was.
    """

    movements: tuple[Movement, ...]
    lots: tuple[Lot, ...]
    owed: int
    due_at: datetime | None
    settled_to: Moment | None

    def balance(self, account: Account) -> int:
        """Return the points of all lots in `account`."""
        return sum(lot.at(account) for lot in self.lots)


def fold(
    credits: Iterable[Credit],
    commands: Iterable[Debit | Redemption],
    now: datetime,
) -> Fold:
    """Return the state at `now` of a member with these credits and commands.

    What the store reported has happened, whatever its clock says; only what time alone
    does (release, expiry) waits for `now`.
    """
    credits = list(credits)
    steps = [step for credit in credits for step in credit_steps(credit, now)]
    steps += [step for command in commands for step in _command_steps(command)]
    book = Book()
    book.take(steps)
    return Fold(
        tuple(book.movements),
        tuple(book.lots.values()),
        book.owed,
        due_at(credits, now),
        max((step.moment for step in steps), default=None),
    )


def due_at(credits: Iterable[Credit], now: datetime) -> datetime | None:
    """Return when time alone will next move points of these credits."""
    ahead = [
        at
        for credit in credits
        for at in (credit.is_held and credit.releases_at, expiry(credit))
        if at and at > now and credit.points > 0
    ]
    return min(ahead, default=None)


def credit_steps(credit: Credit, now: datetime) -> list[Step]:
    """Return what happens to a credit until `now`, by the world's clock."""
    steps = [Step(credit.at, Rank.EARN, credit.lot, partial(Book.earn, credit=credit))]
    for number, reversal in enumerate(credit.reversals):
        act = partial(Book.reverse, credit=credit, reversal=reversal)
        name = f"{credit.lot}:{number:06}"
        steps.append(Step(max(credit.at, reversal.at), Rank.REVERSE, name, act))
    release_at = credit.releases_at if credit.is_held else None
    if release_at and release_at <= now:
        release_at = max(credit.at, release_at)
        act = partial(Book.release, credit=credit)
        steps.append(Step(release_at, Rank.RELEASE, credit.lot, act))
    expires_at = expiry(credit)
    if expires_at and expires_at <= now:
        expires_at = max(expires_at, credit.at)
        # A lot that is given or released past its date must be there before it goes.
        late = expires_at in (credit.at, release_at)
        rank = Rank.CLOSE if late else Rank.EXPIRE
        act = partial(Book.expire, name=credit.lot)
        steps.append(Step(expires_at, rank, credit.lot, act))
    return steps


def _command_steps(command: Debit | Redemption) -> list[Step]:
    if isinstance(command, Debit):
        act = partial(Book.debit, debit=command)
        return [Step(command.at, Rank.SPEND, command.cause, act)]
    act = partial(Book.reserve, redemption=command)
    steps = [Step(command.at, Rank.SPEND, command.cause, act)]
    if command.captured_at:
        at = max(command.at, command.captured_at)
        act = partial(Book.capture, redemption=command)
        steps.append(Step(at, Rank.CLOSE, command.cause, act))
        for number, each in enumerate(command.returns):
            act = partial(Book.give_back, redemption=command, back=each)
            name = f"{command.cause}:{number:06}"
            steps.append(Step(max(at, each.at), Rank.GIVE_BACK, name, act))
    elif command.voided_at:
        at = max(command.at, command.voided_at)
        act = partial(Book.void, redemption=command)
        steps.append(Step(at, Rank.CLOSE, command.cause, act))
    return steps


def expiry(credit: Credit) -> datetime | None:
    """Return when the lot's points end: at their date, or when they lapse before it.

    Points never end while they are held.
    """
    ends = [credit.expires_at, credit.lapse and credit.lapse.at]
    end = min((each for each in ends if each), default=None)
    if credit.is_held and end:
        return credit.releases_at and max(end, credit.releases_at)
    return end

"""Where a member's points are, from first principles: every point moves by itself.

Nothing of how the app folds histories is used, only its words for what there is to
fold. It is slow: a member with a thousand points has a thousand of them in a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.ledger import Account, Credit, Debit, Redemption
from app.domain.program import ReturnPolicy

Command = Debit | Redemption

# What comes first of all that happens at one moment.
ENDS, EARNED, RELEASED, RETURNED, SPENT, CLOSED, GIVEN_BACK = range(7)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(eq=False)
class Point:
    """One point: of which credit it is, where it is, and for what reward it went."""

    credit: Credit
    place: Account
    reward: str = ""


class Purse:
    """All points of a member, those that are owed, and what took them without a lot."""

    def __init__(
        self, credits: Iterable[Credit], commands: Iterable[Command], now: datetime
    ) -> None:
        """Let all of it happen, what time alone brings as far as it has come."""
        self.points: list[Point] = []
        self.owed = 0
        self.taken_as_debt: Counter[Account] = Counter()
        self._left_owing: Counter[str] = Counter()
        self._lacked: Counter[str] = Counter()
        happenings = [each for credit in credits for each in self._of(credit, now)]
        happenings += [each for command in commands for each in self._for(command)]
        for at, _, _, happen in sorted(happenings, key=lambda each: each[:3]):
            happen(at)

    def by_lot(self) -> Counter[tuple[str, Account]]:
        """How many points of each credit are where."""
        return Counter((each.credit.lot, each.place) for each in self.points)

    def balances(self) -> dict[Account, int]:
        """What every account of the member holds, the programme's side negative."""
        found = Counter(self.taken_as_debt)
        for each in self.points:
            found[each.credit.source] -= 1
            found[each.place] += 1
        return {each: found[each] for each in Account} | {Account.OWED: -self.owed}

    def _of(self, credit: Credit, now: datetime) -> Iterator[_Happening]:
        """What happens to a credit."""

        def earn(at: datetime) -> None:
            place = Account.PENDING if credit.is_held else Account.AVAILABLE
            self.points += [Point(credit, place) for _ in range(credit.points)]
            self._pay(credit, at)

        def release(at: datetime) -> None:
            for each in self._in(credit, Account.PENDING):
                each.place = Account.AVAILABLE
            self._pay(credit, at)

        def end(at: datetime) -> None:
            self._end(credit)

        yield credit.at, EARNED, credit.lot, earn
        for number, back in enumerate(credit.reversals):
            at, name = max(credit.at, back.at), f"{credit.lot}:{number:06}"
            yield at, RETURNED, name, self._return_of(credit, back.points)
        released_at = credit.releases_at if credit.is_held else credit.at
        if released_at is None:
            return
        if credit.is_held and released_at <= now:
            yield max(credit.at, released_at), RELEASED, credit.lot, release
        ends_at = _end_of(credit)
        if credit.is_held:
            ends_at = max(ends_at, released_at)
        if ends_at <= now:
            # What comes only once its date is past ends after all else.
            is_late = ends_at <= max(credit.at, released_at)
            yield max(ends_at, credit.at), CLOSED if is_late else ENDS, credit.lot, end

    def _for(self, command: Command) -> Iterator[_Happening]:
        """What happens for a command."""
        if isinstance(command, Debit):
            debit = command

            def take(at: datetime) -> None:
                lacking = self._spend(debit.points, Account.ADJUSTED, at)
                self._owe(lacking, Account.ADJUSTED)

            yield command.at, SPENT, command.cause, take
            return
        wish = command

        def reserve(at: datetime) -> None:
            lacking = self._spend(wish.points, Account.RESERVED, at, wish.cause)
            self._owe(lacking, Account.REDEEMED)
            self._lacked[wish.cause] = lacking

        def capture(at: datetime) -> None:
            for each in self._gone_for(wish, Account.RESERVED):
                each.place = Account.REDEEMED

        def void(at: datetime) -> None:
            self._forgive(self._lacked[wish.cause], at)
            self._bring_back(self._gone_for(wish, Account.RESERVED), at)

        yield wish.at, SPENT, wish.cause, reserve
        closed_at = wish.captured_at or wish.voided_at
        if closed_at is None:
            return
        closed_at = max(wish.at, closed_at)
        yield closed_at, CLOSED, wish.cause, capture if wish.captured_at else void
        if wish.captured_at:
            for number, back in enumerate(wish.returns):
                name, at = f"{wish.cause}:{number:06}", max(closed_at, back.at)
                yield at, GIVEN_BACK, name, self._giving_back(wish, back.points)

    def _return_of(self, credit: Credit, points: int) -> Callable[[datetime], None]:
        """Goods come back: their own points go, then any, then there is a debt."""

        def take_back(at: datetime) -> None:
            policy, left = credit.return_policy, points
            own = [Account.PENDING]
            if policy is not ReturnPolicy.ONLY_PENDING:
                # What has ended of it counts as given back already.
                own += [Account.AVAILABLE, Account.EXPIRED]
            for place in own:
                for each in self._in(credit, place)[:left]:
                    each.place, left = credit.source, left - 1
            if policy is not ReturnPolicy.ONLY_PENDING:
                left = self._spend(left, credit.source, at)
            if policy is ReturnPolicy.UNLIMITED:
                self._owe(left, credit.source)
                self._left_owing[credit.lot] += left

        return take_back

    def _giving_back(self, wish: Redemption, points: int) -> Callable[[datetime], None]:
        """What bought a reward comes back: first what was owed, then what ends last."""

        def give_back(at: datetime) -> None:
            debt = min(points, self._lacked[wish.cause])
            self._lacked[wish.cause] -= debt
            self._forgive(debt, at)
            spent = self._gone_for(wish, Account.REDEEMED)
            self._bring_back(sorted(spent, key=_last)[: points - debt], at)

        return give_back

    def _in(self, credit: Credit, place: Account) -> list[Point]:
        """The points of a credit at a place."""
        return [
            each
            for each in self.points
            if each.credit.lot == credit.lot and each.place is place
        ]

    def _gone_for(self, wish: Redemption, place: Account) -> list[Point]:
        """The points that went for a reward and are still there."""
        return [
            each
            for each in self.points
            if each.reward == wish.cause and each.place is place
        ]

    def _spend(self, many: int, target: Account, at: datetime, reward: str = "") -> int:
        """Take what ends first of all that is open; return how many points lacked."""
        open_ = [
            each
            for each in self.points
            if each.place is Account.AVAILABLE and _is_open(each.credit, at)
        ]
        chosen = sorted(open_, key=_first)[:many]
        for each in chosen:
            each.place, each.reward = target, reward
        return many - len(chosen)

    def _owe(self, many: int, target: Account) -> None:
        self.owed += many
        self.taken_as_debt[target] += many

    def _pay(self, credit: Credit, at: datetime, most: int | None = None) -> int:
        """Pay debts with a credit's points; with `most` of them where it has ended."""
        if most is None and not _is_open(credit, at):
            return 0
        paying = self._in(credit, Account.AVAILABLE)[: self.owed][:most]
        for each in paying:
            each.place = Account.OWED
        self.owed -= len(paying)
        return len(paying)

    def _end(self, credit: Credit) -> None:
        for each in self._in(credit, Account.AVAILABLE):
            each.place = Account.EXPIRED

    def _forgive(self, many: int, at: datetime) -> None:
        """Let go of a debt; of what paid for it, what was earned last comes back."""
        too_much = max(0, many - self.owed)
        paid = [each for each in self.points if each.place is Account.OWED]
        for each in paid[::-1][:too_much]:
            each.place = Account.AVAILABLE
            if not _is_open(each.credit, at):
                self._end(each.credit)
        self.owed -= many - too_much
        self.taken_as_debt[Account.REDEEMED] -= many

    def _bring_back(self, points: Iterable[Point], at: datetime) -> None:
        """Put points back, each to its own credit, where they pay what is owed."""
        points = list(points)
        for credit in {each.credit.lot: each.credit for each in points}.values():
            for each in points:
                if each.credit.lot == credit.lot:
                    each.place, each.reward = Account.AVAILABLE, ""
            if _is_open(credit, at):
                self._pay(credit, at)
            else:
                # Too late to be spent, not to pay what its own return left owing.
                most = self._left_owing[credit.lot]
                self._left_owing[credit.lot] -= self._pay(credit, at, most)
                self._end(credit)


# When, in which place among what happens then, by what name, and what.
_Happening = tuple[datetime, int, str, Callable[[datetime], None]]


def _end_of(credit: Credit) -> datetime:
    """When a credit ends, by its date or for want of activity."""
    lapses_at = credit.lapse.at if credit.lapse else _NEVER
    return min(credit.expires_at or _NEVER, lapses_at)


def _is_open(credit: Credit, at: datetime) -> bool:
    return at < _end_of(credit)


def _first(point: Point) -> tuple[datetime, datetime, str]:
    """What ends first comes first, then what was earned first."""
    credit = point.credit
    return credit.expires_at or _NEVER, credit.at, credit.lot


def _last(point: Point) -> tuple[float, float, str]:
    ends_at, earned_at, name = _first(point)
    return -ends_at.timestamp(), -earned_at.timestamp(), name

"""The life of a redemption: from points set aside to a reward used, or points back."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

from app.domain.grants import Benefit
from app.domain.ledger import Reversal
from app.domain.orders import OrderFacts
from app.domain.reasons import NO_REASON, Reason, because
from app.domain.returned_goods import ALL, kept
from app.domain.rewards import GivenBack, Goods, Handling, Offer, Reward


class State(StrEnum):
    """How far a redemption is; its points are reserved until it is granted.

    - `refused`: it was never accepted, or nobody could make it; the points are back;
    - `asked`: somebody of the store has to agree;
    - `granting`: the store is being asked to make it;
    - `granted`: the member has it, and has not used it yet;
    - `used`: it has done its work;
    - `ending`: the store is being asked to let it be used no more;
    - `ended`: it ended unused.
    """

    REFUSED = "refused"
    ASKED = "asked"
    GRANTING = "granting"
    GRANTED = "granted"
    USED = "used"
    ENDING = "ending"
    ENDED = "ended"


# States in which a reward is out with a member.
OUT = frozenset(State) - {State.REFUSED, State.ENDED}

_BEGINS = {
    Handling.STORE: State.GRANTING,
    Handling.STAFF: State.ASKED,
    Handling.COUNTER: State.GRANTED,
    Handling.AT_ONCE: State.USED,
}


@dataclass(frozen=True)
class Redemption:
    """A wish for a reward and what became of it; times are the world's.

    `slot` is the date that it was asked for, by the clock of the store's walls, None
    for what has none. `valid_until` is when it can be used no more, which is when its
    slot begins; `used_order_id` the order that used it; `gives_back` whether its points
    came back when it ended, `points_back` how many, where not all, and `is_given_back`
    whether all of them did with the order that used it. `prize` names what won it,
    where it was won and costs none. `decided_by` is who of the store agreed to it or
    refused it, or said what is there; `store_ref` is what the store calls what it made.
    """

    id: str
    store_id: int
    customer_id: str | None
    reward: Reward
    points: int
    state: State
    requested_at: datetime
    reason: Reason = NO_REASON
    valid_until: datetime | None = None
    order_amount_min_minor: int = 0
    used_order_id: str | None = None
    used_at: datetime | None = None
    ended_at: datetime | None = None
    gives_back: bool = False
    slot: datetime | None = None
    prize: str | None = None
    decided_by: str | None = None
    is_given_back: bool = False
    points_back: int | None = None
    store_ref: str | None = None

    @property
    def is_out(self) -> bool:
        """Whether a member has it or had it, so that it counts against its limits."""
        return self.state in OUT and not self.is_given_back

    @property
    def is_taken(self) -> bool:
        """Whether its member has it, or had it and got nothing back for it."""
        is_lost = self.state is State.ENDED and not self.gives_back
        return self.state in OUT or is_lost

    @property
    def is_captured(self) -> bool:
        """Whether its points are spent, not only set aside."""
        return self.state in (State.GRANTED, State.USED, State.ENDING, State.ENDED)

    @property
    def was_said_gone(self) -> bool:
        """Whether its points are back since somebody said that no store has it."""
        is_ended = self.state is State.ENDED and self.gives_back
        is_back = self.state is State.REFUSED or is_ended
        is_made_there = self.reward.handling is Handling.STORE
        return bool(self.decided_by) and is_back and is_made_there

    def unused(self) -> Redemption:
        """Return it with what its own end means, where nobody has cancelled it."""
        if self.state is not State.GRANTED:
            return self
        back = self.reward.unused_returns
        return replace(self, reason=because("not_used_in_time"), gives_back=back)

    @property
    def cancel_until(self) -> datetime | None:
        """Until when its member can cancel it, None where no date says so."""
        if self.slot and self.valid_until and isinstance(self.reward, Goods):
            return self.valid_until - timedelta(hours=self.reward.cancel_hours)
        return None

    def benefit(self, currency: str) -> Benefit | None:
        """Return what the store makes for it, None for nothing."""
        return Offer.of(self.reward, self.points, currency).benefit

    def accepted(self, offer: Offer, at: datetime, timezone: str) -> Redemption:
        """Return it as it begins once it was accepted at `at`, by a store's clocks."""
        days = self.reward.valid_days
        ends_at = at + timedelta(days=days) if days else None
        if self.slot:
            ends_at = self.slot.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
        return replace(
            self,
            points=offer.points,
            state=_BEGINS[self.reward.handling],
            valid_until=ends_at,
            order_amount_min_minor=offer.order_amount_min_minor,
        )

    def returns(self, facts: OrderFacts | None) -> tuple[Reversal, ...]:
        """Return what came back of its points, by the order that used it or its end."""
        if self.state == State.ENDED and self.gives_back:
            assert self.ended_at
            cause = f"end@redemption/{self.id}"
            back = self.points if self.points_back is None else self.points_back
            return (Reversal(cause, self.ended_at, back, str(self.reason)),)
        if self.used_order_id is None or facts is None:
            return ()
        return _given_back(self, facts)

    def noted(self, facts: OrderFacts) -> Redemption:
        """Return it as the order that used it leaves it, by all that is known of it."""
        back = sum(each.points for each in self.returns(facts))
        return replace(self, is_given_back=0 < self.points == back)


def ended_in_part(
    redemption: Redemption, left: int, whole: int, at: datetime
) -> Redemption:
    """Return it as it ends with so much of it unused, of which the points come back.

    What was used stays spent, rounded down: nobody loses by its having been so near.

    >>> from app.domain.rewards import StoreCredit
    >>> from decimal import Decimal
    >>> reward = StoreCredit(points_cost=200, amount=Decimal(10), key="card")
    >>> now = datetime(2026, 11, 1, tzinfo=UTC)
    >>> wish = Redemption("w", 1, "7", reward, 200, State.ENDING, now, gives_back=True)
    >>> ended_in_part(wish, 333, 1000, now).points_back
    67
    """
    back = redemption.points - redemption.points * (whole - left) // whole
    return replace(
        redemption,
        state=State.ENDED,
        ended_at=at,
        points_back=back,
        gives_back=redemption.gives_back and back > 0,
    )


def _given_back(wish: Redemption, facts: OrderFacts) -> tuple[Reversal, ...]:
    """Return which points come back for each return of the order that used them.

    What stays spent is the share of the reward's worth that is kept, rounded up once,
    so that returns which add up to all of it give back every point.
    """
    policy, order = wish.reward.given_back, facts.counted_snapshot
    if policy is GivenBack.NEVER or order is None:
        return ()
    found, spent = [], wish.points
    for each in kept(wish.benefit(order.currency), facts):
        share = each.of_worth
        if policy is GivenBack.WHOLE and (share or each.of_order):
            share = ALL
        stays = min(ceil(wish.points * share), spent)
        cause = f"{each.cause}@redemption/{wish.id}"
        if stays < spent:
            found.append(Reversal(cause, each.at, spent - stays, each.reason))
        spent = stays
    return tuple(found)


# Capitals and digits that nobody mixes up. Ten of them, each as likely: 49 bits.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LETTERS = 10


def code_of(secret_key: str, program_id: int, redemption_id: str) -> str:
    """Return the code of a redemption: letters and digits that nobody mixes up.

    It follows from the redemption, so that making it again makes the same.
    """
    return _letters(secret_key, f"code/{program_id}/{redemption_id}", _CODE_LETTERS)


def common_code(secret_key: str, store_id: int, terms: str) -> str:
    """Return the code by which a store knows what many codes of these terms hang on.

    It could be used as any of them could, so it is longer, and nobody is ever told it.
    """
    return _letters(secret_key, f"terms/{store_id}/{terms}", 2 * _CODE_LETTERS)


def _letters(secret_key: str, told: str, count: int) -> str:
    digest = hmac.digest(secret_key.encode(), told.encode(), "sha256")
    rest, letters = int.from_bytes(digest), "TM"
    for _ in range(count):
        rest, place = divmod(rest, len(_LETTERS))
        letters += _LETTERS[place]
    return letters


def code_key(secret_key: str, code: str) -> str:
    """Return what a code is kept as, by which it is found and not read."""
    told = f"used/{code.strip().upper()}".encode()
    return hmac.digest(secret_key.encode(), told, "sha256").hex()

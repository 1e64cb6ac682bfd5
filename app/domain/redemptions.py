"""The life of a redemption: from points set aside to a reward used, or points back."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain.eligible import count
from app.domain.ledger import Reversal
from app.domain.orders import OrderFacts
from app.domain.program import Counting
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


# States in which a reward is out with a member, and counts against its limits.
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
    came back when it ended. `prize` names what won it, where it was won and costs none.
    `decided_by` is who of the store agreed to it or refused it.
    """

    id: str
    store_id: int
    customer_id: str | None
    reward: Reward
    points: int
    state: State
    requested_at: datetime
    reason: str = ""
    valid_until: datetime | None = None
    order_amount_min_minor: int = 0
    used_order_id: str | None = None
    used_at: datetime | None = None
    ended_at: datetime | None = None
    gives_back: bool = False
    slot: datetime | None = None
    prize: str | None = None
    decided_by: str | None = None

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
    def cancel_until(self) -> datetime | None:
        """Until when its member can cancel it, None where no date says so."""
        if self.slot and self.valid_until and isinstance(self.reward, Goods):
            return self.reward.cancel_until(self.valid_until)
        return None

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
            return (Reversal(cause, self.ended_at, self.points, self.reason),)
        if self.used_order_id is None or facts is None:
            return ()
        return given_back(self.id, self.points, self.reward.given_back, facts)


# Of what an order was for, all goods count: also those that earn nothing.
_ALL_GOODS = Counting(includes_gift_cards=True)


def given_back(
    redemption_id: str, points: int, policy: GivenBack, facts: OrderFacts
) -> tuple[Reversal, ...]:
    """Return which points come back for each return of the order that used them.

    What stays spent is the share of the goods that stay bought, rounded up once on what
    is left, so that returns which add up to the order give back every point. A
    chargeback gives nothing back: who takes the money keeps no discount.
    """
    if policy is GivenBack.NEVER or facts.counted_snapshot is None:
        return ()
    counted = count(replace(facts, disputes={}), _ALL_GOODS)
    found, spent = [], points
    for back in counted.returns:
        stays = _share_up(points, back.remaining_minor, counted.base_minor)
        if policy is GivenBack.WHOLE and back.remaining_minor:
            stays = points
        stays = min(stays, spent)
        cause = f"{back.cause}@redemption/{redemption_id}"
        if stays < spent:
            found.append(Reversal(cause, back.at, spent - stays, back.reason))
        spent = stays
    return tuple(found)


def _share_up(points: int, part: int, whole: int) -> int:
    return -(-points * part // whole) if whole else 0


# Ten characters of 32 are fifty bits: nobody guesses one.
_CODE_LETTERS = 10
_ALIKE = str.maketrans("OIL", "789")


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
    letters = base64.b32encode(digest).decode()[:count]
    return "TM" + letters.translate(_ALIKE)


def code_key(secret_key: str, code: str) -> str:
    """Return what a code is kept as, by which it is found and not read."""
    told = f"used/{code.strip().upper()}".encode()
    return hmac.digest(secret_key.encode(), told, "sha256").hex()

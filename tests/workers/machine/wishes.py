"""What ought to become of wishes for rewards, by a bookkeeping of our own.

It knows a wish by what people and the store did about it, one thing after the other.
When points were taken, kept or let go it is told, since a decision keeps its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor

from app.domain.events import RedemptionStep, RedemptionTaken
from app.domain.ledger import Redemption, Reversal
from app.domain.orders import OrderFacts
from app.domain.returned_goods import kept
from app.domain.rewards import GivenBack, Goods, Handling, Offer, Reward, StoreCredit
from tests.workers.machine.answering_store import AnsweringStore, Mood

Person = tuple[str, str]

_BEGINS = {
    Handling.STORE: "granting",
    Handling.STAFF: "asked",
    Handling.COUNTER: "granted",
    Handling.AT_ONCE: "used",
}
SPENT = {"granted", "used", "ending", "ended"}
OUT = {"asked", "granting", "granted", "used", "ending"}
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Decided:
    """When a wish was accepted, and its points kept or let go."""

    accepted_at: datetime
    captured_at: datetime | None = None
    voided_at: datetime | None = None


@dataclass
class Wish:
    """A wish, whose it is, and what became of it."""

    id: str
    person: Person
    customer: str | None
    reward: Reward
    points: int
    asked_at: datetime
    state: str = "refused"
    decided: Decided | None = None
    valid_until: datetime | None = None
    used_by: tuple[datetime, str] | None = None
    ended_at: datetime | None = None
    gives_back: bool = False
    slot: datetime | None = None
    prize: str | None = None
    is_too_late: bool = False

    def accept(self, decided: Decided) -> None:
        """Begin, once the points are set aside."""
        self.state, self.decided = _BEGINS[self.reward.handling], decided
        days = self.reward.valid_days
        self.valid_until = decided.accepted_at + timedelta(days=days) if days else None
        if self.slot:
            self.valid_until = self.slot.replace(tzinfo=UTC)

    @property
    def is_taken(self) -> bool:
        """Whether it uses up what was won: it did not come to nothing, nor back."""
        return self.state in OUT or (self.state == "ended" and not self.gives_back)

    @property
    def is_made_by_store(self) -> bool:
        """Whether the store makes it."""
        return self.reward.handling is Handling.STORE

    def step(self, taken: RedemptionTaken) -> None:
        """Have somebody do something about it, where it is such that they can."""
        step = taken.step
        if step in (RedemptionStep.MADE, RedemptionStep.NOT_MADE):
            return  # This store may always be asked, and knows better.
        if step == RedemptionStep.CANCEL and self._is_too_near(taken):
            self.is_too_late = True
        elif self.state == "asked" and step == RedemptionStep.APPROVE:
            self.state = "granted" if self.slot else "used"
        elif self.state == "asked" and step != RedemptionStep.TAKE_IN:
            self.state = "refused"
        elif step == RedemptionStep.TAKE_IN:
            is_voucher = self.reward.handling is Handling.COUNTER
            if is_voucher and self.state == "granted":
                self.state = "used"
        elif step == RedemptionStep.CANCEL and self._can_end(taken.customer_id):
            self.state, self.gives_back = "ending", True

    def _is_too_near(self, taken: RedemptionTaken) -> bool:
        """Whether its date is too near for its member to think better of it."""
        if self.slot is None or taken.customer_id is None:
            return False
        assert isinstance(self.reward, Goods)
        until = self.slot - timedelta(hours=self.reward.cancel_hours)
        return taken.at >= until.replace(tzinfo=UTC)

    def _can_end(self, by: str | None) -> bool:
        is_on_an_account = isinstance(self.reward, StoreCredit)
        comes_back = self.reward.unused_returns and not is_on_an_account
        return self.state == "granted" and (by is None or comes_back)

    def meet(self, store: AnsweringStore, code: str, now: datetime) -> None:
        """Have the store be asked about it, if it is time to."""
        mood, is_used = store.mood, store.is_used(code)
        if self.state == "granting":
            self._be_made(store, code, now)
            return
        is_late = self.valid_until is not None and self.valid_until <= now
        if self.slot and is_late and self.state in ("asked", "granted"):
            # Its date has come: it was had, or nobody of the store agreed in time.
            self.state = "used" if self.state == "granted" else "refused"
            return
        if self.state != "ending" and not (self.state == "granted" and is_late):
            return
        if self.is_made_by_store and mood in (Mood.AWAY, Mood.LOST):
            # The store says that it was used, or is not heard.
            return
        if self.state == "granted":
            self.gives_back = self.reward.unused_returns
        if is_used:
            self.state, self.gives_back = "used", False
        else:
            self.state, self.ended_at = "ended", now

    def _be_made(self, store: AnsweringStore, code: str, now: datetime) -> None:
        if store.mood in (Mood.AWAY, Mood.LOST):
            return
        if self.customer is None or now - self.asked_at > A_DAY:
            self.state = "used" if store.is_used(code) else "refused"
        elif store.mood is Mood.REFUSING and code not in store.made:
            self.state = "refused"
        else:
            self.state = "granted"

    def be_used(self, placed_at: datetime, order_id: str) -> None:
        """Have an order come that used it; of several, the first did.

        It may have come back by then, since the store did not know of the use yet.
        """
        has_come_back = self.state == "refused" and self.decided is not None
        if self.state not in SPENT | {"granting"} and not has_come_back:
            return
        by = placed_at, order_id
        self.used_by = min(by, self.used_by or by)
        self.state, self.ended_at, self.gives_back = "used", None, False

    def returns(self, orders: dict[str, OrderFacts]) -> tuple[Reversal, ...]:
        """What of its points came back, and when."""
        if self.state == "ended" and self.gives_back:
            assert self.ended_at
            cause = f"end@redemption/{self.id}"
            return (Reversal(cause, self.ended_at, self.points),)
        if self.used_by is None:
            return ()
        return tuple(self._given_back(orders[self.used_by[1]]))

    def _given_back(self, facts: OrderFacts) -> Iterable[Reversal]:
        policy, back = self.reward.given_back, 0
        order = facts.counted_snapshot
        if policy is GivenBack.NEVER or order is None:
            return
        taken = Offer.of(self.reward, self.points, order.currency)
        for each in kept(taken.benefit, facts):
            due = floor(self.points * (1 - each.of_worth))
            if policy is GivenBack.WHOLE:
                due = 0 if each.of_order else self.points
            if due > back:
                cause = f"{each.cause}@redemption/{self.id}"
                yield Reversal(cause, each.at, due - back)
                back = due

    def command(self, orders: dict[str, OrderFacts]) -> Redemption | None:
        """What it is to the fold; None where it never took points."""
        if self.decided is None:
            return None
        return Redemption(
            f"redemption/{self.id}",
            self.decided.accepted_at,
            self.points,
            self.decided.captured_at,
            self.decided.voided_at,
            self.reward.id,
            self.returns(orders),
        )

    def costs(self, orders: dict[str, OrderFacts]) -> int:
        """How many points are gone for it, or set aside."""
        if self.state == "refused":
            return 0
        return self.points - sum(each.points for each in self.returns(orders))

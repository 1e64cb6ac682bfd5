"""Which rewards a member can have now, and the honest way to the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.customer import Customer
from app.domain.languages.translator import Translator
from app.domain.reasons import NO_REASON, Reason
from app.domain.rewards import (
    Asked,
    NotOffered,
    PointsAsMoney,
    Reward,
    RewardTerms,
    SlotLeft,
    name_of,
    slots_left,
    terms_of,
)


@dataclass(frozen=True)
class Offered:
    """A reward as a member sees it; `progress` runs from 0 to 1.

    `reason` says why it cannot be had now, where it cannot; `lacks_only_points` whether
    nothing but points is missing. `step` and `points_max` are of rewards of which the
    member chooses how much, `slots` of those for which they choose a date; `terms` what
    holds for it once it is taken, None where there is nothing to be told.
    """

    reward: Reward
    id: str
    kind: str
    name: str
    points_cost: int
    points_needed: int
    progress: float
    is_available: bool
    lacks_only_points: bool
    reason: Reason = NO_REASON
    step: int | None = None
    points_max: int | None = None
    slots: tuple[SlotLeft, ...] = ()
    details: str = ""
    terms: RewardTerms | None = None

    def told(self, say: Translator) -> Offered:
        """Return the same in a language."""
        name = name_of(self.reward, say)
        return replace(self, name=name, reason=self.reason.told_in(say.language))


def offered(
    rewards: Iterable[Reward],
    customer: Customer,
    asked: Asked,
    taken: Mapping[str, int],
    places_taken: Mapping[str, Mapping[datetime, int]],
) -> list[Offered]:
    """Return every reward as a member sees it, cheapest first."""
    by_price = sorted(rewards, key=lambda reward: reward.least_points)
    return [
        _offered(
            each,
            customer,
            replace(
                asked,
                taken=taken.get(each.id, 0),
                places_taken=places_taken.get(each.id, {}),
            ),
        )
        for each in by_price
    ]


def _offered(reward: Reward, customer: Customer, asked: Asked) -> Offered:
    cost, balance = reward.least_points, max(0, customer.balance)
    slots = slots_left(reward.slots, asked)
    # Which date does not matter yet, as long as there is one.
    asked = replace(asked, slot=slots[0].starts_at if slots else None)
    offer = reward.offer(customer, asked)
    slider = reward if isinstance(reward, PointsAsMoney) else None
    return Offered(
        reward=reward,
        id=reward.id,
        kind=reward.kind,
        name=name_of(reward, Translator(asked.currency)),
        points_cost=cost,
        points_needed=max(0, cost - balance),
        progress=round(min(1, balance / cost), 4),
        is_available=bool(offer),
        lacks_only_points=isinstance(offer, NotOffered) and offer.points_lacking > 0,
        reason=offer.reason if isinstance(offer, NotOffered) else NO_REASON,
        step=slider.step if slider else None,
        points_max=slider.points_max if slider else None,
        slots=slots,
        details=reward.details,
        terms=terms_of(reward, asked.currency) or None,
    )


def next_reward(
    offers: Iterable[Offered], balance: int, expiring: int
) -> Offered | None:
    """Return the cheapest reward that points are still lacking for, None without one.

    What is about to expire does not count on the way there, since it will be gone
    before more is earned; and only what this member may really have is a goal.
    """
    lasting = max(0, balance - expiring)
    goals = [each for each in offers if each.lacks_only_points]
    if not goals:
        return None
    goal = min(goals, key=lambda each: each.points_cost)
    return replace(
        goal,
        points_needed=goal.points_cost - lasting,
        progress=round(lasting / goal.points_cost, 4),
    )

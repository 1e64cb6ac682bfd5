"""What a member won and may take for nothing, as they see it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from app.domain.prizes import Waiting, Won, left, shown, taken, waiting
from app.domain.redemptions import Redemption
from app.domain.rewards import Asked, Reward
from app.storage import redemptions
from app.storage.reward_terms import known_of
from app.storage.rewards_seen import Look, Purse, as_customer
from app.storage.stores import ProgramHistory


def prizes_left(
    history: ProgramHistory, won: Iterable[Won], wishes: Iterable[Redemption]
) -> list[tuple[Won, Reward]]:
    """Return what can still be taken, each as the version has it that it was won under.

    What no version has, nobody can take.
    """
    found = (
        (each, history.version(each.version).reward(each.reward_id))
        for each in waiting(left(won, taken(wishes)))
    )
    return [(each, reward) for each, reward in found if reward]


def prizes_seen(
    connection: Connection,
    look: Look,
    member: tuple[int, Purse],
    prizes: list[tuple[Won, Reward]],
    wishes: Iterable[Redemption],
) -> list[Waiting]:
    """Return what is left of what a member won, and what keeps it from them."""
    if not prizes:
        return []
    (member_id, purse), program_id = member, look.store.program_id
    rewards = [reward for _, reward in prizes]
    ids = [reward.id for reward in rewards]
    known = known_of(connection, program_id, [member_id], rewards)[member_id]
    counts = redemptions.taken(connection, program_id, ids)
    places = redemptions.places_taken(connection, program_id, ids)
    customer = as_customer(purse, wishes, known)
    return [
        shown(
            won,
            reward,
            customer,
            Asked(
                look.on_the_wall,
                look.store.currency,
                taken=counts.get(reward.id, 0),
                places_taken=places.get(reward.id, {}),
            ),
        )
        for won, reward in prizes
    ]

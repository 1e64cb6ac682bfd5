"""Who brought whom, and what that comes to, by a bookkeeping of our own.

What was decided on a claim is taken over; what it earns is worked out from the facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.credits import MemberOrder
from app.domain.ledger import Credit
from app.domain.referral import Referral, State
from tests.workers.machine.plain_referral import Brought, brought_by
from tests.workers.machine.timeline import Timeline

Person = tuple[str, str]


@dataclass
class Claim:
    """Who says that they were brought by whom, and what was decided."""

    advocate: Person
    friend: Person
    referral: Referral


class Friends:
    """The claims of one store's friends."""

    def __init__(self, timeline: Timeline) -> None:
        """Begin with nobody brought."""
        self._timeline = timeline
        self.said: dict[str, tuple[Person, Person]] = {}
        self.claims: dict[str, Claim] = {}

    def learn(self, decided: Iterable[Referral]) -> None:
        """Take over claims as they were decided."""
        for referral in decided:
            known = self.claims.get(referral.id)
            if known:
                known.referral = referral
            else:
                people = self.said[referral.id]
                self.claims[referral.id] = Claim(*people, referral)

    def given(self) -> set[str]:
        """The claims that bring their friends a gift."""
        return {
            id_
            for id_, each in self.claims.items()
            if each.referral.state == State.ACCEPTED
        }

    def people(self) -> set[Person]:
        """Everybody who brought somebody, or was brought."""
        both = ((each.advocate, each.friend) for each in self.claims.values())
        return {person for pair in both for person in pair}

    def settle_on(self, following: Callable[[Person], Person]) -> None:
        """Have every claim be of who somebody is by now."""
        for each in self.claims.values():
            each.advocate = following(each.advocate)
            each.friend = following(each.friend)

    def earned(
        self,
        orders: Mapping[Person, list[MemberOrder]],
        following: Callable[[Person], Person],
    ) -> dict[Person, list[Credit]]:
        """What bringing friends earned each advocate."""
        brought: dict[Person, list[Brought]] = defaultdict(list)
        for claim in self.claims.values():
            terms = self._timeline.version(claim.referral.version).referral
            assert terms
            advocate, friend = following(claim.advocate), following(claim.friend)
            is_later = any(
                following(each.friend) == friend and _is_before(each, claim)
                for each in self.claims.values()
            )
            theirs, own = orders.get(friend, []), orders.get(advocate, [])
            is_barred = is_later or advocate == friend
            case = Brought(claim.referral, terms, theirs, own, is_barred)
            brought[advocate].append(case)
        return {advocate: brought_by(claims) for advocate, claims in brought.items()}


def _is_before(one: Claim, other: Claim) -> bool:
    """Whether a claim stood, and came before another."""
    mine, yours = one.referral, other.referral
    stood = mine.state != State.REFUSED or mine.refused_at is not None
    return stood and (mine.claimed_at, mine.id) < (yours.claimed_at, yours.id)

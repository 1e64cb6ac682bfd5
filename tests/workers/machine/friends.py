"""Who brought whom, and what that comes to, by a bookkeeping of our own.

What was decided on a claim is taken over; what it earns is worked out from the facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from app.domain.credits import MemberOrder
from app.domain.ledger import Credit
from app.domain.program import Program
from app.domain.referral import Case, Outcome, Referral, State, outcomes

Person = tuple[str, str]


@dataclass
class Claim:
    """Who says that they were brought by whom, and what was decided."""

    advocate: Person
    friend: Person
    referral: Referral


class Friends:
    """The claims of one store's friends."""

    def __init__(self, program: Program) -> None:
        """Begin with nobody brought."""
        self._program = program
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

    def outcomes(
        self,
        orders: Mapping[Person, list[MemberOrder]],
        following: Callable[[Person], Person],
    ) -> dict[Person, list[Credit]]:
        """What bringing friends earned each advocate."""
        found: dict[Person, list[Credit]] = defaultdict(list)
        for advocate, told in self.told(orders, following).items():
            found[advocate] = [each.credit for each in told if each.credit]
        return found

    def told(
        self,
        orders: Mapping[Person, list[MemberOrder]],
        following: Callable[[Person], Person],
    ) -> dict[Person, list[Outcome]]:
        """What each claim comes to, by advocate."""
        cases: dict[Person, list[Case]] = defaultdict(list)
        terms = self._program.referral
        for claim in self.claims.values():
            assert terms
            advocate, friend = following(claim.advocate), following(claim.friend)
            is_own = advocate == friend
            referral = replace(
                claim.referral, advocate_id=1, friend_id=1 if is_own else 2
            )
            is_later = any(
                following(each.friend) == friend and _is_before(each, claim)
                for each in self.claims.values()
            )
            theirs = orders.get(friend, [])
            cases[advocate].append(Case(referral, terms, theirs, is_later))
        return {
            advocate: outcomes(theirs, orders.get(advocate, []))
            for advocate, theirs in cases.items()
        }


def _is_before(one: Claim, other: Claim) -> bool:
    """Whether a claim stood, and came before another."""
    mine, yours = one.referral, other.referral
    stood = mine.state != State.REFUSED or mine.refused_at is not None
    return stood and (mine.claimed_at, mine.id) < (yours.claimed_at, yours.id)

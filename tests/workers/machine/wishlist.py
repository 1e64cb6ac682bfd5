"""All wishes of one store's members, and what was decided on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from app.domain import events
from app.domain.ledger import Account
from app.domain.orders import OrderFacts
from app.domain.redemptions import code_of
from app.domain.rewards import Goods
from tests.workers.machine.answering_store import AnsweringStore
from tests.workers.machine.expecting import Expected
from tests.workers.machine.friends import Claim
from tests.workers.machine.people import People, Person
from tests.workers.machine.plain_prizes import Name, Prize, untaken
from tests.workers.machine.timeline import Timeline
from tests.workers.machine.wishes import OUT, Decided, Wish


class Wishlist:
    """What was asked for, what was decided, and what became of it since."""

    def __init__(self, program_id: int, timeline: Timeline, people: People) -> None:
        """Begin with nothing wished for."""
        self._program_id, self._timeline, self._people = program_id, timeline, people
        self.asked: dict[str, events.RewardRequested] = {}
        self.wishes: dict[str, Wish] = {}

    def code(self, wish_id: str) -> str:
        """The code of a wish."""
        return code_of("secret", self._program_id, wish_id)

    def meet(self, store: AnsweringStore, now: datetime) -> None:
        """Have the store be asked about every wish for which it is time."""
        for wish in self.wishes.values():
            wish.meet(store, self.code(wish.id), now)

    def ask(self, event: events.RewardRequested) -> None:
        """Learn that somebody asks for a reward."""
        is_known = self._people.is_known(event.customer_id)
        if is_known and event.redemption_id not in self.wishes:
            self.asked[event.redemption_id] = event

    def take_step(self, event: events.RedemptionTaken) -> None:
        """Have staff take a step, or the member."""
        wish, following = self.wishes.get(event.redemption_id), self._people.following
        by = event.customer_id and following(("customer", event.customer_id))
        if wish and by in (None, following(wish.person)):
            wish.step(event)

    def judge(self, event: events.ReferralDecided) -> None:
        """End a friend's gifts where the owner refuses them."""
        for wish in self.wishes.values():
            is_theirs = wish.id.partition(".")[0] == event.referral_id
            is_out = wish.state in ("granting", "granted")
            if is_theirs and is_out and not event.approved:
                wish.state = "ending"

    def note_codes(self, facts: OrderFacts) -> None:
        """Learn which codes an order used."""
        if facts.snapshot and facts.snapshot.discount_codes:
            for wish in self.wishes.values():
                if self.code(wish.id) in facts.snapshot.discount_codes:
                    wish.be_used(facts.snapshot.processed_at, facts.order_id)

    def learn(
        self,
        times: Mapping[str, Decided],
        rows: Mapping[str, object],
        now: datetime,
        expected: Callable[[Person], Expected | None],
        *,
        is_certain: bool,
    ) -> None:
        """Take over what was decided; where `is_certain`, raise where wrongly.

        What somebody was `expected` to have until then says so.
        """
        for wish in self.wishes.values():
            wish.decided = times.get(wish.id)
        for event in sorted(self.asked.values(), key=lambda each: each.at):
            if event.redemption_id in rows:
                decided = times.get(event.redemption_id)
                person = self._people.following(("customer", event.customer_id))
                wish, is_there = self._wish(event, person, now, expected(person))
                if is_certain:
                    assert (decided is not None) == is_there
                if decided:
                    wish.accept(decided)
                self.wishes[wish.id] = wish
        self.asked.clear()

    def _wish(
        self,
        event: events.RewardRequested,
        person: Person,
        now: datetime,
        expected: Expected | None,
    ) -> tuple[Wish, bool]:
        """What is wished for, and whether it is there for whoever wishes."""
        prize = self._prize(event, person, expected)
        program = self._timeline.version(prize.version) if prize else None
        reward = (program or self._timeline.at(now)).reward(event.reward_id)
        if event.prize and reward is None:
            reward = self._timeline.last(event.reward_id)
        assert reward
        points = 0 if event.prize else event.points or reward.points_cost
        wish = Wish(event.redemption_id, person, event.customer_id, reward, points, now)
        wish.slot, wish.prize = event.slot, event.prize
        available = expected.fold.balance(Account.AVAILABLE) if expected else 0
        has_it = prize is not None if event.prize else points <= available
        return wish, has_it and self._is_left(wish, now)

    def _prize(
        self, event: events.RewardRequested, person: Person, expected: Expected | None
    ) -> Prize | None:
        """What a wish for something won takes, None where nothing is left of it."""
        won = expected.engaged.prizes if expected else []
        name = event.prize, event.reward_id
        left = untaken(won, self.taken(person))
        return next((each for each in left if each.name == name), None)

    def taken(self, person: Person) -> list[Name]:
        """What somebody took of what they won, and still has, or had for good."""
        return [
            (wish.prize, wish.reward.id)
            for wish in self.wishes.values()
            if wish.prize
            and wish.is_taken
            and self._people.following(wish.person) == person
        ]

    def _is_left(self, wish: Wish, now: datetime) -> bool:
        """Whether there is one left, for this member, and on that date."""
        reward = wish.reward
        out = [
            each
            for each in self.wishes.values()
            if each.reward.id == reward.id and each.state in OUT
        ]
        following = self._people.following
        theirs = [each for each in out if following(each.person) == wish.person]
        slots = reward.slots if isinstance(reward, Goods) else ()
        if slots or wish.slot:
            wall = now.astimezone(UTC).replace(tzinfo=None)
            places = {each.starts_at: each.places for each in slots}
            taken = sum(each.slot == wish.slot for each in out)
            if wish.slot is None or taken >= places.get(wish.slot, 0):
                return False
            if wish.slot <= wall:
                return False
        return (reward.stock is None or len(out) < reward.stock) and (
            reward.per_member_max is None or len(theirs) < reward.per_member_max
        )

    def give(self, claim: Claim, gift_id: str, decided: Decided) -> None:
        """Keep a friend's gift: a wish that costs nothing."""
        terms = self._timeline.version(claim.referral.version).referral
        assert terms and terms.gift
        gift = terms.gift
        whose = claim.friend, claim.friend[1]
        wish = Wish(gift_id, *whose, gift, 0, decided.accepted_at)
        wish.accept(decided)
        self.wishes[gift_id] = wish

    def forget(self, customers: set[str]) -> None:
        """Forget by whom these wishes were made."""
        for wish in self.wishes.values():
            wish.person = self._people.following(wish.person)
            wish.customer = None if wish.customer in customers else wish.customer

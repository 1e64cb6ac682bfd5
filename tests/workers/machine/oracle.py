"""What should be: facts folded in memory, and our own bookkeeping of whose they are.

Knows no database. It takes what was said in the order in which it was worked on, and
only whom to forget, and what people decided, depends on that order.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import events
from app.domain.beside import Beside
from app.domain.climbing import BEGINNING, Climbed, Era, climbed
from app.domain.credits import MemberOrder, assess_all, credits
from app.domain.engagement.engaged import Engagement, engagement
from app.domain.engagement.versions import Versions
from app.domain.fold import Fold, fold
from app.domain.ledger import Account, Credit, Debit, Redemption
from app.domain.orders import Buyer, OrderFacts
from app.domain.program import Program
from app.domain.redemptions import code_of
from app.platforms.base import Message
from app.platforms.own import Own
from app.platforms.shopify import Shopify
from app.storage.stores import Store
from tests.workers.machine.answering_store import AnsweringStore
from tests.workers.machine.contents import Contents
from tests.workers.machine.deeds import Deeds
from tests.workers.machine.friends import Friends
from tests.workers.machine.shop import Said
from tests.workers.machine.wishes import OUT, Decided, Wish

# Who somebody is: a customer by id, or a guest by address.
Person = tuple[str, str]
Command = Credit | Debit | Redemption


@dataclass(frozen=True)
class Expected:
    """What a member's history comes to, and the credits that it was folded from."""

    fold: Fold
    credits: dict[str, Credit]
    climbed: Climbed
    engaged: Engagement


class Oracle:
    """One store's facts and people."""

    def __init__(
        self, store: Store, program: Program, conceal: Callable[[str], str]
    ) -> None:
        """Begin with nothing known."""
        self._store, self.program, self._conceal = store, program, conceal
        self.facts: dict[str, OrderFacts] = {}
        self.commands: dict[str, tuple[Person, Command]] = {}
        self.asked: dict[str, events.RewardRequested] = {}
        self.wishes: dict[str, Wish] = {}
        self.deeds = Deeds(store.store_id, program)
        self.friends = Friends(program)
        self.seen: set[str] = set()
        self._kept_as: dict[str, Person | None] = {}
        self._claims: dict[str, tuple[datetime, str]] = {}
        self._emails: dict[str, tuple[datetime, str]] = {}
        self._merged: dict[str, str] = {}
        self.forgotten: set[str] = set()

    def hear(self, said: Said) -> None:
        """Learn what a message says."""
        event = self._event(said)
        if not isinstance(event, events.Ignored):
            self._HEARD[type(event)](self, event)

    def _event(self, said: Said) -> events.Event:
        body = json.dumps(said.body).encode()
        message = Message("", said.topic, body, said.at, self._conceal)
        platform = Own() if said.is_own else Shopify()
        return platform.translate(message).event

    def owner(self, order_id: str) -> Person | None:
        """Whose an order is."""
        if order_id in self._kept_as:
            kept_as = self._kept_as[order_id]
            return kept_as and self.following(kept_as)
        buyer = self.facts[order_id].buyer
        if buyer is None:
            return None
        if buyer.customer_id:
            return self.following(("customer", buyer.customer_id))
        claim = self._claims.get(buyer.email_key or "")
        guest = ("guest", buyer.email_key or "")
        return self.following(("customer", claim[1])) if claim else guest

    def following(self, person: Person) -> Person:
        """Who somebody became by merges."""
        kind, name = person
        while kind == "customer" and name in self._merged:
            name = self._merged[name]
        return kind, name

    def waiting_refunds(self) -> int:
        """How many orders have refunds and have not come themselves."""
        return sum(
            1 for each in self.facts.values() if each.refunds and not each.snapshot
        )

    def claimed_guests(self) -> int:
        """How many orders of guests are a customer's."""
        return sum(
            1
            for order_id, each in self.facts.items()
            if each.buyer
            and each.buyer.customer_id is None
            and (self.owner(order_id) or ("", ""))[0] == "customer"
        )

    def code(self, wish_id: str) -> str:
        """The code of a wish."""
        return code_of("secret", self._store.program_id, wish_id)

    def meet_store(self, store: AnsweringStore, now: datetime) -> None:
        """Have the store be asked about every wish for which it is time."""
        for wish in self.wishes.values():
            wish.meet(store, self.code(wish.id), now)

    def learn(self, found: Contents, now: datetime, *, is_certain: bool) -> None:
        """Take over what was decided, and when; where `is_certain`, say if wrongly."""
        rows = {id_: row for kept in found.members.values() for id_, row in kept.wishes}
        times = found.decided()
        self.friends.learn(found.referrals)
        for wish in self.wishes.values():
            wish.decided = times.get(wish.id)
        for claim_id in self.friends.given() & rows.keys() - self.wishes.keys():
            self._give(claim_id, times[claim_id])
        for event in sorted(self.asked.values(), key=lambda each: each.at):
            if event.redemption_id in rows:
                self._decide(event, times.get(event.redemption_id), now, is_certain)
        self.asked.clear()

    def _decide(
        self,
        event: events.RewardRequested,
        decided: Decided | None,
        now: datetime,
        is_certain: bool,
    ) -> None:
        reward = self.program.reward(event.reward_id)
        assert reward
        person = self.following(("customer", event.customer_id))
        points = event.points or reward.points_cost
        wish = Wish(event.redemption_id, person, event.customer_id, reward, points, now)
        if is_certain:
            assert (decided is not None) == self._can_have(wish, now)
        if decided:
            wish.accept(decided)
        self.wishes[wish.id] = wish

    def _can_have(self, wish: Wish, now: datetime) -> bool:
        """Whether the points are there, and the reward."""
        known = self.expected(now).get(wish.person)
        available = known.fold.balance(Account.AVAILABLE) if known else 0
        out = [
            each
            for each in self.wishes.values()
            if each.reward == wish.reward and each.state in OUT
        ]
        theirs = [each for each in out if self.following(each.person) == wish.person]
        reward = wish.reward
        return (
            wish.points <= available
            and (reward.stock is None or len(out) < reward.stock)
            and (reward.per_member_max is None or len(theirs) < reward.per_member_max)
        )

    def _give(self, claim_id: str, decided: Decided) -> None:
        """A friend's gift is a wish that costs nothing."""
        assert self.program.referral and self.program.referral.gift
        claim = self.friends.claims[claim_id]
        wish = Wish(
            claim_id,
            claim.friend,
            claim.friend[1],
            self.program.referral.gift,
            0,
            decided.accepted_at,
        )
        wish.accept(decided)
        self.wishes[claim_id] = wish

    def expected(self, now: datetime) -> dict[Person, Expected]:
        """What every member should have."""
        orders: dict[Person, list[OrderFacts]] = defaultdict(list)
        for order_id, facts in self.facts.items():
            owner = self.owner(order_id)
            if owner:
                orders[owner].append(facts)
        commands: dict[Person, list[Command]] = defaultdict(list)
        for person, command in self.commands.values():
            commands[self.following(person)].append(command)
        for wish in self.wishes.values():
            taken = wish.command(self.facts)
            commands[self.following(wish.person)] += [taken] if taken else []
        beside = self.deeds.people() | self.friends.people()
        people = orders.keys() | commands.keys() | set(map(self.following, beside))
        brought = self.friends.outcomes(
            {whose: self._applied(theirs) for whose, theirs in orders.items()},
            self.following,
        )
        return {
            person: self._folded(
                person, orders[person], [*commands[person], *brought[person]], now
            )
            for person in people
        }

    def _applied(self, facts: Iterable[OrderFacts]) -> list[MemberOrder]:
        store_id = self._store.store_id
        return [MemberOrder(store_id, each, self.program, "UTC") for each in facts]

    def _folded(
        self,
        person: Person,
        facts: Iterable[OrderFacts],
        commands: Iterable[Command],
        now: datetime,
    ) -> Expected:
        assessed = assess_all(self._applied(facts))
        eras = [Era(BEGINNING, self.program)]
        climb = climbed(assessed, Beside(), eras, now, "EUR")
        versions = Versions(lambda _: self.program, lambda _: self.program)
        acts = self.deeds.of(person, self.following)
        engaged = Engagement()
        if self.program.has_engagement:
            engaged = engagement(assessed, acts, versions, now)
        found = [*credits(assessed), *climb.gifts, *engaged.credits]
        found += [each for each in commands if isinstance(each, Credit)]
        taken = [each for each in commands if not isinstance(each, Credit)]
        given = {each.lot: each for each in found}
        return Expected(fold(found, taken, now), given, climb, engaged)

    def _meet(self, change: events.CustomerChanged) -> None:
        if change.customer_id in self.forgotten:
            return
        self.seen.add(change.customer_id)
        self.deeds.joined(change, ("customer", change.customer_id))
        if change.email_key and change.email_key not in self.forgotten:
            claim = change.at, change.customer_id
            known = self._claims.get(change.email_key, claim)
            self._claims[change.email_key] = min(claim, known)
            email = change.at, change.email_key
            self._emails[change.customer_id] = max(
                email, self._emails.get(change.customer_id, email)
            )

    def _order(self, event: events.OrderChanged) -> None:
        if event.customer:
            self._meet(event.customer)
        facts = self._without_forgotten(event.facts)
        known = self.facts.get(facts.order_id)
        merged = known.merged(facts) if known else facts
        if facts.order_id in self._kept_as:
            merged = replace(merged, buyer=None, marks=())
        self.facts[facts.order_id] = merged
        if merged.buyer and merged.buyer.customer_id:
            self.seen.add(merged.buyer.customer_id)
        self._note_codes(merged)

    def _note_codes(self, facts: OrderFacts) -> None:
        if facts.snapshot and facts.snapshot.discount_codes:
            for wish in self.wishes.values():
                if self.code(wish.id) in facts.snapshot.discount_codes:
                    wish.be_used(facts.snapshot.processed_at, facts.order_id)

    def _without_forgotten(self, facts: OrderFacts) -> OrderFacts:
        buyer = facts.buyer
        if buyer is None or not {buyer.customer_id, buyer.email_key} & self.forgotten:
            return facts
        left: Buyer | None = None
        if buyer.customer_id and buyer.customer_id not in self.forgotten:
            left = replace(buyer, email_key=None)
        return replace(facts, buyer=left, marks=())

    def _merge(self, event: events.CustomersMerged) -> None:
        kept, deleted = event.kept_id, event.deleted_id
        if not {kept, deleted} & self.forgotten:
            self.seen |= {kept, deleted}
            self._merged[deleted] = kept

    def _ask(self, event: events.RewardRequested) -> None:
        if event.customer_id not in self.forgotten:
            self.seen.add(event.customer_id)
            if event.redemption_id not in self.wishes:
                self.asked[event.redemption_id] = event

    def _step(self, event: events.RedemptionTaken) -> None:
        wish = self.wishes.get(event.redemption_id)
        by = event.customer_id and self.following(("customer", event.customer_id))
        if wish and by in (None, self.following(wish.person)):
            wish.step(event)

    def _act(self, event: events.ActionReported | events.BirthdayTold) -> None:
        if event.customer_id in self.forgotten:
            return
        self.seen.add(event.customer_id)
        person = self.following(("customer", event.customer_id))
        if isinstance(event, events.ActionReported):
            self.deeds.report(event, person)
        else:
            self.deeds.born(event, person)

    def _claim(self, event: events.ReferralClaimed) -> None:
        if event.customer_id not in self.forgotten:
            self.seen.add(event.customer_id)

    def _judge(self, event: events.ReferralDecided) -> None:
        wish = self.wishes.get(event.referral_id)
        if wish and not event.approved and wish.state in ("granting", "granted"):
            wish.state = "ending"

    def all_of(self, customer: str, email: str) -> tuple[set[str], set[str]]:
        """The customers and addresses that are forgotten together with this one."""
        ids = {customer} | {x for x, (_, key) in self._emails.items() if key == email}
        ids |= {self._claims[email][1]} if email in self._claims else set()
        return ids, {email} | {self._emails[x][1] for x in ids if x in self._emails}

    def forget(self, said: Said, now: datetime) -> None:
        """Forget people; what they have stays whose it is."""
        event = self._event(said)
        assert isinstance(event, events.CustomerRedacted)
        assert event.customer_id and event.email_key
        ids, keys = self.all_of(event.customer_id, event.email_key)
        ids &= self.seen | {event.customer_id}
        people = {self.following(("customer", each)) for each in ids}
        expected = self.expected(now)
        self.deeds.settle_on(self.following)
        for person in people & expected.keys():
            earned = expected[person].engaged.credits
            acted = [each for each in earned if each.lot.startswith("action/")]
            self.deeds.forget_birthdays(person, acted)
        for order_id, facts in self.facts.items():
            buyer = facts.buyer
            named = buyer and (buyer.customer_id in ids or buyer.email_key in keys)
            if named or order_id in event.order_ids:
                self._kept_as[order_id] = self.owner(order_id)
                self.facts[order_id] = replace(facts, buyer=None, marks=())
        self.commands = {
            key: (self.following(person), command)
            for key, (person, command) in self.commands.items()
        }
        for wish in self.wishes.values():
            wish.person = self.following(wish.person)
            wish.customer = None if wish.customer in ids else wish.customer
        self.friends.settle_on(self.following)
        self._forget_names(ids, keys)

    def _forget_names(self, ids: set[str], keys: set[str]) -> None:
        self.forgotten |= ids | keys
        self.seen -= ids
        self._merged = {a: b for a, b in self._merged.items() if b not in ids}
        self._claims = {
            key: claim
            for key, claim in self._claims.items()
            if key not in keys and claim[1] not in ids
        }
        for each in ids:
            self._emails.pop(each, None)

    _HEARD = {
        events.OrderChanged: _order,
        events.CustomerChanged: _meet,
        events.CustomersMerged: _merge,
        events.RewardRequested: _ask,
        events.RedemptionTaken: _step,
        events.ActionReported: _act,
        events.ActionDecided: lambda self, event: self.deeds.decide(event),
        events.BirthdayTold: _act,
        events.ReferralClaimed: _claim,
        events.ReferralDecided: _judge,
    }


def adjustment(key: str, points: int, at: datetime) -> Command:
    """What an owner's adjustment is to the fold."""
    cause = f"adjustment/{key}"
    if points < 0:
        return Debit(cause, at, -points, "test")
    source = Account.ADJUSTED
    return Credit(cause, cause, at, points, source=source, reason="test")

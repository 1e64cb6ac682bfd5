"""What should be: facts kept in memory, and our own bookkeeping of whose they are.

Knows no database. It takes what was said in the order in which it was worked on, and
only whom to forget, and what people decided, depends on that order.

What it takes from the app's own domain, since that is held against plain code of its
own: messages read as facts, what counts of an order and what went back of it, and the
fold of credits into movements. Credits of orders and tiers come with their words from
there too; plainness.py reckons once more how many points they are, and when those of
orders end. All that is earned beside orders and tiers, friends, lapses, wishes and
prizes is reckoned here alone. What is left out: gifts of tiers on birthdays, whose
points are taken over. Of stores in plain programmes all that is taken over is counted
once more, by counted.py, from the raw messages that are kept beside.
What one member gets depends on others only in budgets and stocks: what was allotted is
taken as a fact that has to keep the rules of allotted.py.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.domain import events
from app.domain.credits import MemberOrder
from app.domain.ledger import Account, Credit, Debit
from app.domain.orders import OrderFacts
from app.domain.program import Program
from app.domain.tiers.deeds import Held
from app.domain.tiers.standing import TierStanding
from app.platforms.base import Message
from app.platforms.own import Own
from app.platforms.shopify import Shopify
from app.storage.stores import Store
from tests.reckoning.orders import Orders
from tests.workers.machine.allotted import Budgets
from tests.workers.machine.contents import Contents
from tests.workers.machine.counted import plain_credits
from tests.workers.machine.deeds import Deeds
from tests.workers.machine.expecting import Command, Expected, Known, applied, expect
from tests.workers.machine.friends import Friends
from tests.workers.machine.held import Hand, held
from tests.workers.machine.labelling import Called
from tests.workers.machine.people import People, Person
from tests.workers.machine.shop import Said
from tests.workers.machine.timeline import Timeline
from tests.workers.machine.wishlist import Wishlist


class Oracle:
    """One store's facts and people."""

    def __init__(
        self, store: Store, program: Program, conceal: Callable[[str], str]
    ) -> None:
        """Begin with nothing known."""
        self._store, self._conceal = store, conceal
        self.timeline = Timeline(program)
        self.program = self.timeline.eras[0].program
        self.people = People()
        self.facts: dict[str, OrderFacts] = {}
        self.commands: dict[str, tuple[Person, Command]] = {}
        self.wishlist = Wishlist(store.program_id, self.timeline, self.people)
        self.wishes = self.wishlist.wishes
        self.deeds = Deeds(store.domain, program)
        self.friends = Friends(self.timeline)
        self.called = Called(program, self.following)
        self.budgets = Budgets(program)
        self.hands: dict[str, Hand] = {}
        self.heard = Orders()
        self.tiers_before: dict[Person, TierStanding | None] = {}
        self._kept_as: dict[str, Person | None] = {}

    def hear(self, said: Said) -> None:
        """Learn what a message says."""
        if not said.is_own:
            self.heard.hear(said.topic, said.body, said.at)
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
        return self.people.buyer_of(self.facts[order_id].buyer)

    def plain_credits(self, person: Person) -> list[Credit] | None:
        """What somebody's orders earn, counted plainly; None where that cannot be."""
        theirs = (
            order
            for order_id, order in self.heard.by_id.items()
            if self.owner(order_id) == person
        )
        return plain_credits(theirs, self._store.store_id, self.timeline)

    def following(self, person: Person) -> Person:
        """Who somebody became by merges."""
        return self.people.following(person)

    def has_ordered(self, customer: str) -> bool:
        """Whether somebody has ordered as this very customer."""
        buyers = (facts.buyer for facts in self.facts.values())
        return any(buyer and buyer.customer_id == customer for buyer in buyers)

    def learn(self, found: Contents, now: datetime, *, is_certain: bool) -> None:
        """Take over what was decided, and when; where `is_certain`, say if wrongly."""
        rows = {id_: row for kept in found.members.values() for id_, row in kept.wishes}
        times = found.decided()
        self.budgets.learn(found.allotments)
        self.friends.learn(found.referrals)
        for gift_id in rows.keys() - self.wishes.keys():
            claim_id = gift_id.partition(".")[0]
            if claim_id in self.friends.given():
                claim = self.friends.claims[claim_id]
                self.wishlist.give(claim, gift_id, times[gift_id])

        def theirs(person: Person) -> Expected | None:
            return self.expected(now).get(person)

        self.wishlist.learn(times, rows, now, theirs, is_certain=is_certain)

    def expected(self, now: datetime) -> dict[Person, Expected]:
        """What every member should have."""
        orders = self._orders()
        commands: dict[Person, list[Command]] = defaultdict(list)
        for person, command in self.commands.values():
            commands[self.following(person)].append(command)
        for wish in self.wishes.values():
            taken = wish.command(self.facts)
            commands[self.following(wish.person)] += [taken] if taken else []
        for person, brought in self.friends.earned(orders, self.following).items():
            commands[person] += brought
        beside = self.deeds.people() | self.friends.people()
        beside |= {each.person for each in self.hands.values()}
        return {
            person: expect(
                Known(
                    orders.get(person, []),
                    commands[person],
                    self.deeds.of(person, self.following),
                    self.called.of(person),
                    self._held_by(person),
                ),
                self.timeline,
                now,
                self.budgets.is_allotted,
            )
            for person in {*orders, *commands, *map(self.following, beside)}
        }

    def _held_by(self, person: Person) -> tuple[Held, ...]:
        words = self.hands.values()
        about = (each for each in words if self.following(each.person) == person)
        return tuple(held(about))

    def _orders(self) -> dict[Person, list[MemberOrder]]:
        theirs: dict[Person, list[OrderFacts]] = defaultdict(list)
        for order_id, facts in self.facts.items():
            owner = self.owner(order_id)
            if owner:
                theirs[owner].append(facts)
        return {
            person: [
                replace(each, allotted=self.budgets.told(each.lot))
                for each in applied(self._store.store_id, facts, self.timeline)
            ]
            for person, facts in theirs.items()
        }

    def _meet(self, change: events.CustomerChanged) -> None:
        if self.people.is_known(change.customer_id):
            self.deeds.joined(change, ("customer", change.customer_id))
            self.people.meet(change)

    def _order(self, event: events.OrderChanged) -> None:
        if event.customer:
            self._meet(event.customer)
        facts = self.people.without_forgotten(event.facts)
        known = self.facts.get(facts.order_id)
        merged = known.merged(facts) if known else facts
        if facts.order_id in self._kept_as:
            merged = replace(merged, buyer=None, marks=())
        self.facts[facts.order_id] = merged
        if merged.buyer and merged.buyer.customer_id:
            self.people.seen.add(merged.buyer.customer_id)
        self.wishlist.note_codes(merged)

    def _act(self, event: events.ActionReported | events.BirthdayTold) -> None:
        if self.people.is_known(event.customer_id):
            person = self.following(("customer", event.customer_id))
            if isinstance(event, events.ActionReported):
                self.deeds.report(event, person)
            else:
                self.deeds.born(event, person)

    def _subscribe(self, event: events.MailSubscribed) -> None:
        # Where nothing but orders earns, nobody needs to know.
        is_asked_for = self.timeline.at(event.at).has_engagement
        if is_asked_for and self.people.is_known(event.customer_id):
            person = self.following(("customer", event.customer_id))
            self.deeds.subscribed(event, person)

    def _label(self, event: events.LabelsChanged) -> None:
        if self.people.is_known(event.customer_id):
            self.called.hear(event)

    def forget(self, said: Said, now: datetime) -> None:
        """Forget people; what they have stays whose it is."""
        event = self._event(said)
        assert isinstance(event, events.CustomerRedacted)
        assert event.customer_id and event.email_key
        ids, keys = self.people.all_of(event.customer_id, event.email_key)
        ids &= self.people.seen | {event.customer_id}
        whose = {self.following(("customer", each)) for each in ids}
        expected = self.expected(now)
        self.deeds.settle_on(self.following)
        for person in whose & expected.keys():
            earned = expected[person].credits.values()
            self.deeds.forget_birthdays(person, earned)
        self.called.forget(whose, ids)
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
        self.hands = {
            key: replace(each, person=self.following(each.person))
            for key, each in self.hands.items()
        }
        self.wishlist.forget(ids)
        self.friends.settle_on(self.following)
        self.people.forget(ids, keys)

    _HEARD = {
        events.OrderChanged: _order,
        events.CustomerChanged: _meet,
        events.CustomersMerged: lambda self, event: self.people.merge(event),
        events.LabelsChanged: _label,
        events.RewardRequested: lambda self, event: self.wishlist.ask(event),
        events.RedemptionTaken: lambda self, event: self.wishlist.take_step(event),
        events.ActionReported: _act,
        events.MailSubscribed: _subscribe,
        events.ActionDecided: lambda self, event: self.deeds.decide(event),
        events.BirthdayTold: _act,
        events.ReferralClaimed: lambda self, event: self.people.is_known(
            event.customer_id
        ),
        events.ReferralDecided: lambda self, event: self.wishlist.judge(event),
    }


def adjustment(key: str, points: int, at: datetime) -> Command:
    """What an owner's adjustment is to the fold."""
    cause = f"adjustment/{key}"
    if points < 0:
        return Debit(cause, at, -points, "test")
    source = Account.ADJUSTED
    return Credit(cause, cause, at, points, source=source, reason="test")

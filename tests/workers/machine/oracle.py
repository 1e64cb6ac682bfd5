"""What should be: facts folded in memory, and our own bookkeeping of whose they are.

Knows no database. It takes what was said in the order in which it was worked on, and
only whom to forget depends on that order.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import events
from app.domain.beside import Beside
from app.domain.climbing import BEGINNING, Climbed, Era, climbed
from app.domain.credits import MemberOrder, assess_all, credits
from app.domain.fold import Fold, fold
from app.domain.ledger import Account, Credit, Debit, Redemption
from app.domain.orders import Buyer, OrderFacts
from app.domain.program import Program
from app.platforms.base import Message
from app.platforms.shopify import Shopify
from tests.workers.machine.shop import Said

# Who somebody is: a customer by id, or a guest by address.
Person = tuple[str, str]
Command = Credit | Debit | Redemption


@dataclass(frozen=True)
class Expected:
    """What a member's history comes to, and the credits that it was folded from."""

    fold: Fold
    credits: dict[str, Credit]
    climbed: Climbed


class Oracle:
    """One store's facts and people."""

    def __init__(self, store_id: int, program: Program) -> None:
        """Begin with nothing known."""
        self._store_id, self._program = store_id, program
        self.facts: dict[str, OrderFacts] = {}
        self.commands: dict[str, tuple[Person, Command]] = {}
        self.seen: set[str] = set()
        self._kept_as: dict[str, Person | None] = {}
        self._claims: dict[str, tuple[datetime, str]] = {}
        self._emails: dict[str, tuple[datetime, str]] = {}
        self._merged: dict[str, str] = {}
        self._forgotten: set[str] = set()

    def hear(self, said: Said) -> None:
        """Learn what a message says."""
        body = json.dumps(said.body).encode()
        message = Message("", said.topic, body, said.at, str.lower)
        event = Shopify().translate(message).event
        if isinstance(event, events.OrderChanged):
            if event.customer:
                self._meet(event.customer)
            self._learn(event.facts)
        elif isinstance(event, events.CustomerChanged):
            self._meet(event)
        elif isinstance(event, events.CustomersMerged):
            self._merge(event.kept_id, event.deleted_id)
        elif isinstance(event, events.CustomerRedacted):
            self._forget(event)
        else:
            assert isinstance(event, events.Ignored), event

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
        return {
            person: self._folded(orders[person], commands[person], now)
            for person in orders.keys() | commands.keys()
        }

    def _folded(
        self, facts: Iterable[OrderFacts], commands: Iterable[Command], now: datetime
    ) -> Expected:
        orders = [
            MemberOrder(self._store_id, each, self._program, "UTC") for each in facts
        ]
        assessed = assess_all(orders)
        eras = [Era(BEGINNING, self._program)]
        climb = climbed(assessed, Beside(), eras, now, "EUR")
        found = [*credits(assessed), *climb.gifts]
        found += [each for each in commands if isinstance(each, Credit)]
        taken = [each for each in commands if not isinstance(each, Credit)]
        given = {each.lot: each for each in found}
        return Expected(fold(found, taken, now), given, climb)

    def _meet(self, change: events.CustomerChanged) -> None:
        if change.customer_id in self._forgotten:
            return
        self.seen.add(change.customer_id)
        if change.email_key and change.email_key not in self._forgotten:
            claim = change.at, change.customer_id
            known = self._claims.get(change.email_key, claim)
            self._claims[change.email_key] = min(claim, known)
            email = change.at, change.email_key
            self._emails[change.customer_id] = max(
                email, self._emails.get(change.customer_id, email)
            )

    def _learn(self, facts: OrderFacts) -> None:
        facts = replace(facts, buyer=self._without_forgotten(facts.buyer))
        known = self.facts.get(facts.order_id)
        merged = known.merged(facts) if known else facts
        if facts.order_id in self._kept_as:
            merged = replace(merged, buyer=None)
        self.facts[facts.order_id] = merged
        if merged.buyer and merged.buyer.customer_id:
            self.seen.add(merged.buyer.customer_id)

    def _without_forgotten(self, buyer: Buyer | None) -> Buyer | None:
        if buyer is None or not {buyer.customer_id, buyer.email_key} & self._forgotten:
            return buyer
        if buyer.customer_id and buyer.customer_id not in self._forgotten:
            return replace(buyer, email_key=None)
        return None

    def _merge(self, kept: str, deleted: str) -> None:
        if not {kept, deleted} & self._forgotten:
            self.seen |= {kept, deleted}
            self._merged[deleted] = kept

    def all_of(self, customer: str, email: str) -> tuple[set[str], set[str]]:
        """The customers and addresses that are forgotten together with this one."""
        ids = {customer} | {x for x, (_, key) in self._emails.items() if key == email}
        ids |= {self._claims[email][1]} if email in self._claims else set()
        return ids, {email} | {self._emails[x][1] for x in ids if x in self._emails}

    def _forget(self, event: events.CustomerRedacted) -> None:
        assert event.customer_id and event.email_key
        ids, keys = self.all_of(event.customer_id, event.email_key)
        ids &= self.seen | {event.customer_id}
        for order_id, facts in self.facts.items():
            buyer = facts.buyer
            named = buyer and (buyer.customer_id in ids or buyer.email_key in keys)
            if named or order_id in event.order_ids:
                self._kept_as[order_id] = self.owner(order_id)
                self.facts[order_id] = replace(facts, buyer=None)
        self.commands = {
            key: (self.following(person), command)
            for key, (person, command) in self.commands.items()
        }
        self._forgotten |= ids | keys
        self.seen -= ids
        self._merged = {a: b for a, b in self._merged.items() if b not in ids}
        self._claims = {
            key: claim
            for key, claim in self._claims.items()
            if key not in keys and claim[1] not in ids
        }
        for each in ids:
            self._emails.pop(each, None)


def adjustment(key: str, points: int, at: datetime) -> Command:
    """What an owner's adjustment is to the fold."""
    cause = f"adjustment/{key}"
    if points < 0:
        return Debit(cause, at, -points, "test")
    source = Account.ADJUSTED
    return Credit(cause, cause, at, points, source=source, reason="test")

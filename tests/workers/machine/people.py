"""Who is who in one store, by a bookkeeping of our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain import events
from app.domain.orders import Buyer, OrderFacts

# Who somebody is: a customer by id, or a guest by address.
Person = tuple[str, str]


class People:
    """Customers and guests: whose address is whose, who became whom, who is forgotten.

    `seen` are the customers that anything was heard of.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self.seen: set[str] = set()
        self.forgotten: set[str] = set()
        self._claims: dict[str, tuple[datetime, str]] = {}
        self._emails: dict[str, tuple[datetime, str]] = {}
        self._merged: dict[str, str] = {}

    def following(self, person: Person) -> Person:
        """Who somebody became by merges."""
        kind, name = person
        while kind == "customer" and name in self._merged:
            name = self._merged[name]
        return kind, name

    def is_known(self, customer: str) -> bool:
        """See a customer, unless they are to stay forgotten."""
        if customer in self.forgotten:
            return False
        self.seen.add(customer)
        return True

    def buyer_of(self, buyer: Buyer | None) -> Person | None:
        """Whose an order is by who bought it."""
        if buyer is None:
            return None
        if buyer.customer_id:
            return self.following(("customer", buyer.customer_id))
        claim = self._claims.get(buyer.email_key or "")
        guest = ("guest", buyer.email_key or "")
        return self.following(("customer", claim[1])) if claim else guest

    def meet(self, change: events.CustomerChanged) -> None:
        """Learn which address a customer has proved; the first to do so claims it."""
        if change.email_key and change.email_key not in self.forgotten:
            claim = change.at, change.customer_id
            known = self._claims.get(change.email_key, claim)
            self._claims[change.email_key] = min(claim, known)
            email = change.at, change.email_key
            self._emails[change.customer_id] = max(
                email, self._emails.get(change.customer_id, email)
            )

    def merge(self, event: events.CustomersMerged) -> None:
        """Make one of two."""
        kept, deleted = event.kept_id, event.deleted_id
        if not {kept, deleted} & self.forgotten:
            self.seen |= {kept, deleted}
            self._merged[deleted] = kept

    def without_forgotten(self, facts: OrderFacts) -> OrderFacts:
        """What may be known of an order whose buyer is to stay forgotten."""
        buyer = facts.buyer
        if buyer is None or not {buyer.customer_id, buyer.email_key} & self.forgotten:
            return facts
        left: Buyer | None = None
        if buyer.customer_id and buyer.customer_id not in self.forgotten:
            left = replace(buyer, email_key=None)
        return replace(facts, buyer=left, marks=())

    def all_of(self, customer: str, email: str) -> tuple[set[str], set[str]]:
        """The customers and addresses that are forgotten together with this one."""
        ids = {customer} | {x for x, (_, key) in self._emails.items() if key == email}
        ids |= {self._claims[email][1]} if email in self._claims else set()
        ids |= {x for x in self._merged if self.following(("customer", x))[1] in ids}
        return ids, {email} | {self._emails[x][1] for x in ids if x in self._emails}

    def forget(self, ids: set[str], keys: set[str]) -> None:
        """Forget customers and addresses."""
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

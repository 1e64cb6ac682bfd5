"""Two stores that live on the real line, and what is watched while they do."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from app.domain.program import Program
from app.domain.referral import Referral
from tests.workers.machine.agreement import must_agree
from tests.workers.machine.answering_store import AnsweringStore, Mood
from tests.workers.machine.contents import contents
from tests.workers.machine.fairness import must_be_at_rest, must_be_fair
from tests.workers.machine.friends import Claim
from tests.workers.machine.held import Hand
from tests.workers.machine.installation import DOMAINS, Installation
from tests.workers.machine.oracle import Oracle
from tests.workers.machine.reached import reached
from tests.workers.machine.shop import Said, Shop, ticked

# In about so many batches, at most, a life is told again: a long one in longer ones.
BATCHES = 20
# How often a delivery comes that comes again and again, and how likely that is where a
# life is told again: about twice, so that it takes no longer.
COPIES = range(1, 6)
COPIES_SHARES = (8, 4, 2, 1, 1)
Adjusted = tuple[str, str, int, str, datetime]


@dataclass
class Epoch:
    """What was worked on between two requests to forget somebody."""

    said: list[Said] = field(default_factory=list)
    adjusted: list[Adjusted] = field(default_factory=list)
    hands: list[tuple[str, Hand]] = field(default_factory=list)
    wishes: list[tuple[str, str]] = field(default_factory=list)
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    redaction: Said | None = None
    ended_at: datetime | None = None


class Living(RuleBasedStateMachine):
    """What the rules of two stores' lives have in common."""

    def __init__(self, line: Installation, seen: Counter[str]) -> None:
        """Begin on an empty installation."""
        super().__init__()
        self.line, self.seen = line, seen
        self.shops = {domain: Shop(domain) for domain in DOMAINS}
        self.said: list[Said] = []
        self.unworked: list[Said] = []
        self.worked: set[int] = set()
        self.epochs = [Epoch()]
        self.cancelled: set[tuple[str, str]] = set()
        self.deaths = 0
        self.keys: set[tuple[str, ...]] = set()
        self.by_tools: dict[tuple[str, str], tuple[str, str]] = {}
        self.customers: dict[str, str] = {}
        self.decided: dict[tuple[str, str], Referral] = {}
        self.number = 0
        self.is_new, self.is_split = True, False
        self.held_after: set[str] = set()

    def start(self, programs: tuple[Program, Program], seed: int) -> None:
        """Begin on an empty installation, with arrangements drawn from a seed."""
        self.programs, self.random = programs, random.Random(seed)
        self.line.begin(programs)
        self.oracles = {
            domain: Oracle(self.line.stores[domain], program, self.line.worker.conceal)
            for domain, program in zip(DOMAINS, programs, strict=True)
        }

    def teardown(self) -> None:
        """At the end of a life that held so far: tell it all again, in another way."""
        if sys.exc_info()[0] or not hasattr(self, "oracles"):
            return
        for said in self.said:
            if id(said) not in self.worked:
                self.send(said)
        self.work()
        self._come_to_rest()
        kept = self.tables()
        self._must_rebuild()
        assert self.line.settle_everybody() == 0
        _must_be_same(kept, self.tables())
        assert self.line.violations() == []
        self.kept = {each: self.line.redemptions(each) for each in DOMAINS}
        self.allotted = {each: self.line.allotments(each) for each in DOMAINS}
        self._live_again(DOMAINS, self._shuffled)
        _must_be_same(kept, self.tables())
        self._live_again(DOMAINS[:1], list)
        _must_be_same(kept[:1], self.tables()[:1])
        self.seen["life lived to its end"] += 1

    def _come_to_rest(self) -> None:
        """Let all be done that waits for nothing but a store that answers."""
        self.line.settle_all_due()
        self.check()
        self.ask_stores(Mood.WELL)
        self.line.stirred = set(DOMAINS)
        self.check()
        for domain, oracle in self.oracles.items():
            must_be_at_rest(oracle, self.maker(domain))

    def check(self) -> None:
        """Hold what is kept against what should be.

        The invariants are asked after whatever happens for the first time in this life:
        each sort of message, each way in which stores answer, time that passes. Where
        nothing happened in a store since, it is left out.
        """
        if self.line.happened - self.held_after:
            self.held_after |= self.line.happened
            self.line.must_hold()
            self.seen["invariants asked"] += 1
        stirred, self.line.stirred = self.line.stirred, set()
        for domain in sorted(stirred):
            oracle = self.oracles[domain]
            found = contents(
                self.line.database, self.line.keys, self.line.stores[domain].program_id
            )
            oracle.learn(found, self.line.now, is_certain=False)
            expected = oracle.expected(self.line.now)
            self.seen.update(must_agree(found, oracle, expected, self.line.now))
            must_be_fair(found, oracle, self.maker(domain))
            self.seen.update(reached(oracle, expected, found, self.line.now))
            self._watch_cancelled(domain, oracle)
        if stirred:
            assert self.line.audit() is None
        assert self.line.waiting() == 0

    def _watch_cancelled(self, domain: str, oracle: Oracle) -> None:
        for order_id, facts in oracle.facts.items():
            order = domain, order_id
            if facts.snapshot and facts.snapshot.cancelled_at:
                self.cancelled.add(order)
            elif order in self.cancelled and facts.paid_at:
                self.seen["cancelled, then paid again"] += 1

    def _must_rebuild(self) -> None:
        """All that is made from the ledger can be made from it again."""
        assert self.line.audit() is None
        before = self._derived()
        self.line.rebuild()
        assert before == self._derived()

    def _derived(self) -> list[Any]:
        return [
            (
                kept.balances,
                sorted(
                    (lot.name, lot.expires_at, lot.pending, lot.available, lot.reserved)
                    for lot in kept.lots.values()
                ),
            )
            for store in self.line.stores.values()
            for kept in contents(
                self.line.database, self.line.keys, store.program_id
            ).members.values()
        ]

    def _live_again(
        self, domains: Iterable[str], arranged: Callable[[list[Said]], list[Said]]
    ) -> None:
        """Tell the same to an empty installation, arranged in another way."""
        ends = [each.ended_at or self.line.now for each in self.epochs]
        self.line.begin(self.programs, ends[0])
        for domain, oracle in self.oracles.items():
            for era in oracle.timeline.eras[1:]:
                self.line.change_program(domain, era)
        for domain in domains:
            self.line.keep_allotments(domain, self.allotted[domain])
        for epoch, ended_at in zip(self.epochs, ends, strict=True):
            self.line.now = ended_at
            self._decide_again(epoch, domains)
            said = [each for each in epoch.said if each.domain in domains]
            facts = arranged([each for each in said if _is_fact(each)])
            share = min(0.15, BATCHES / max(1, len(facts)))
            for each in facts:
                self.line.send(each)
                if self.random.random() < share:
                    self.line.worker.drain()
            self.line.worker.drain()
            for domain, named, points, key, at in epoch.adjusted:
                if domain in domains:
                    self.line.adjust_at(at, domain, named, points, key)
            for domain, hand in epoch.hands:
                if domain in domains:
                    self.line.give_tier(domain, hand)
            if epoch.redaction and epoch.redaction.domain in domains:
                self.line.settle_all_due()
                self.line.send(epoch.redaction)
                self.line.worker.drain()
        self.line.settle_all_due()

    def _decide_again(self, epoch: Epoch, domains: Iterable[str]) -> None:
        """Keep what was decided as it was: decisions go by what was known then."""
        for domain, wish_id in epoch.wishes:
            if domain in domains:
                [kept] = [each for each in self.kept[domain] if each[0].id == wish_id]
                self.line.keep_redemption(domain, self.customers[wish_id], kept)
        for (domain, _), claim in epoch.claims.items():
            if domain in domains:
                people = claim.advocate[1], claim.friend[1]
                self.line.keep_referral(domain, *people, claim.referral)

    def _shuffled(self, said: list[Said]) -> list[Said]:
        """Arrange messages in any order, but what people say of us in theirs."""
        counts = self.random.choices(COPIES, COPIES_SHARES, k=len(said))
        copies = [
            each
            for number in COPIES
            for each, count in zip(said, counts, strict=True)
            if number <= count
        ]
        ours = [each for each in copies if each.is_own]
        self.random.shuffle(copies)
        return [ours.pop(0) if each.is_own else each for each in copies]

    def held(self, domain: str) -> timedelta:
        """For how long points wait here before they can be spent."""
        return timedelta(days=self.oracles[domain].timeline.held_days_max)

    def check_if_worked(self) -> None:
        """Hold what is kept against what should be, unless something waits."""
        if not self.unworked:
            self.check()

    def maker(self, domain: str) -> AnsweringStore:
        """The store that makes rewards."""
        return self.line.makers[self.line.stores[domain].store_id]

    def ask_stores(self, mood: Mood) -> None:
        """Have both stores be asked about all that is due, and answer in some way."""
        for domain, oracle in self.oracles.items():
            self.maker(domain).mood = mood
            self.line.stirred |= {domain} if oracle.wishes else set()
            oracle.wishlist.meet(self.maker(domain), self.line.now)
        self.line.fulfil()
        self.is_new = True

    def tick(self, minutes: int) -> None:
        """Let minutes pass, or none: much happens at the same time."""
        self.line.now = ticked(self.line.now, minutes)

    def tables(self) -> list[list[str]]:
        """All that is kept, store by store."""
        programs = [store.program_id for store in self.line.stores.values()]
        return [
            contents(self.line.database, self.line.keys, each).in_words()
            for each in programs
        ]

    def say(self, said: list[Said], how: str) -> None:
        """Have a store say something, and the line hear of it in some way or later."""
        self.said += said
        if how == "kept back":
            return
        if how == "reversed":
            said = said[::-1]
        if how == "first only":
            said = said[:1]
        copies = self.random.choice(COPIES[1:]) if how == "repeated" else 1
        for each in said * copies:
            self.send(each)
        if how != "sent":
            self.work()

    def send(self, said: Said) -> None:
        """Deliver a message, for the first time or again."""
        self.seen["duplicate after success"] += id(said) in self.worked
        self.line.send(said)
        self.unworked.append(said)

    def was_sent(self, said: list[Said]) -> None:
        """Note what the line has kept already, by a door of its own."""
        self.said += said
        self.unworked += said

    def work(self) -> None:
        """Have a worker take all that waits, and the oracle hear of it."""
        self.line.make_due()
        self.line.worker.drain()
        for said in self.unworked:
            self.oracles[said.domain].hear(said)
            self.worked.add(id(said))
        epoch = self.epochs[-1]
        known = {id(each) for each in epoch.said}
        epoch.said += [
            said
            for said in {id(each): each for each in self.unworked}.values()
            if id(said) not in known
        ]
        heard = {said.domain for said in self.unworked}
        self.is_new = self.is_new or bool(heard)
        self.unworked, self.deaths = [], 0
        for domain in sorted(heard):
            oracle = self.oracles[domain]
            if oracle.wishlist.asked or oracle.program.referral:
                self._learn(domain, oracle, is_certain=not self.is_split)
        self.is_split = False

    def _learn(self, domain: str, oracle: Oracle, *, is_certain: bool) -> None:
        """Take over what was decided, and note when."""
        known = oracle.wishes.keys() | set()
        found = contents(
            self.line.database, self.line.keys, self.line.stores[domain].program_id
        )
        oracle.learn(found, self.line.now, is_certain=is_certain)
        epoch = self.epochs[-1]
        for wish_id in oracle.wishes.keys() - known:
            epoch.wishes.append((domain, wish_id))
            customer = oracle.wishes[wish_id].customer
            assert customer
            self.customers[wish_id] = customer
        for id_, claim in oracle.friends.claims.items():
            if self.decided.get((domain, id_)) != claim.referral:
                self.decided[domain, id_] = claim.referral
                epoch.claims[domain, id_] = replace(claim)


def _is_fact(said: Said) -> bool:
    return not said.topic.startswith(("redemptions/", "referrals/"))


def _must_be_same(ours: list[list[str]], theirs: list[list[str]]) -> None:
    """Raise where two installations do not keep the same, with what only one has."""
    for mine, yours in zip(ours, theirs, strict=True):
        before, after = Counter(mine), Counter(yours)
        gone, more = list(before - after), list(after - before)
        assert not (gone or more), f"only before: {gone}; only after: {more}"

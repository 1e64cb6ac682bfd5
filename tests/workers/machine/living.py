"""Two stores that live on the real line, and what is watched while they do."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from app.domain.ledger import Redemption
from app.domain.program import Program
from tests.workers.machine.agreement import must_agree, reached
from tests.workers.machine.contents import contents
from tests.workers.machine.installation import DOMAINS, Installation
from tests.workers.machine.oracle import Oracle
from tests.workers.machine.shop import Said, Shop, ticked

Adjusted = tuple[str, str, int, str, datetime]


@dataclass
class Epoch:
    """What was worked on between two requests to forget somebody."""

    said: list[Said] = field(default_factory=list)
    adjusted: list[Adjusted] = field(default_factory=list)
    redeemed: dict[str, tuple[str, str, Redemption]] = field(default_factory=dict)
    redaction: Said | None = None


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
        self.keys: set[tuple[str, str]] = set()
        self.redeemed: dict[str, tuple[str, str, Redemption]] = {}
        self.is_new = True

    def start(self, programs: tuple[Program, Program], seed: int) -> None:
        """Begin on an empty installation, with arrangements drawn from a seed."""
        self.programs, self.random = programs, random.Random(seed)
        self.line.begin(programs)
        self.oracles = {
            domain: Oracle(self.line.stores[domain].store_id, program)
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
        self.line.settle_all_due()
        self.check()
        kept = self.tables()
        self._must_rebuild()
        assert self.line.settle_everybody() == 0
        assert kept == self.tables()
        self._live_again(DOMAINS, self._shuffled)
        assert kept == self.tables()
        self._live_again(DOMAINS[:1], list)
        assert kept[0] == self.tables()[0]
        self.seen["life lived to its end"] += 1

    def check(self) -> None:
        """Hold what is kept against what should be."""
        for domain, oracle in self.oracles.items():
            found = contents(self.line.database, self.line.stores[domain].program_id)
            must_agree(found, oracle, self.line.now)
            self.seen.update(reached(oracle, self.line.now))
            self._watch_cancelled(domain, oracle)
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
            for kept in contents(self.line.database, store.program_id).members.values()
        ]

    def _live_again(
        self, domains: Iterable[str], arranged: Callable[[list[Said]], list[Said]]
    ) -> None:
        """Tell the same to an empty installation, arranged in another way."""
        self.line.begin(self.programs, self.line.now)
        for epoch in self.epochs:
            said = [each for each in epoch.said if each.domain in domains]
            for each in arranged(said):
                self.line.send(each)
                if self.random.random() < 0.15:
                    self.line.worker.drain()
            self.line.worker.drain()
            self._command_again(epoch, domains)
            if epoch.redaction and epoch.redaction.domain in domains:
                self.line.send(epoch.redaction)
                self.line.worker.drain()
        self.line.settle_all_due()

    def _command_again(self, epoch: Epoch, domains: Iterable[str]) -> None:
        for domain, named, points, key, at in epoch.adjusted:
            if domain in domains:
                self.line.adjust_at(at, domain, named, points, key)
        for domain, named, redeemed in epoch.redeemed.values():
            if domain in domains:
                member_id = self.line.member_of(domain, named)
                self.line.keep_redemption(domain, member_id, redeemed)

    def _shuffled(self, said: list[Said]) -> list[Said]:
        twice = [*said, *said]
        self.random.shuffle(twice)
        return twice

    def tick(self, minutes: int) -> None:
        """Let minutes pass, or none: much happens at the same time."""
        self.line.now = ticked(self.line.now, minutes)

    def tables(self) -> list[list[str]]:
        """All that is kept, store by store."""
        programs = [store.program_id for store in self.line.stores.values()]
        return [contents(self.line.database, each).in_words() for each in programs]

    def say(self, said: list[Said], how: str) -> None:
        """Have a store say something, and the line hear of it in some way or later."""
        self.said += said
        if how == "kept back":
            return
        if how == "reversed":
            said = said[::-1]
        if how == "first only":
            said = said[:1]
        for each in said * (2 if how == "twice" else 1):
            self.send(each)
        if how != "sent":
            self.work()

    def send(self, said: Said) -> None:
        """Deliver a message, for the first time or again."""
        self.seen["duplicate after success"] += id(said) in self.worked
        self.line.send(said)
        self.unworked.append(said)

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
        self.is_new = self.is_new or bool(self.unworked)
        self.unworked, self.deaths = [], 0

    def keep_redemption(
        self, domain: str, named: str, key: str, redeemed: Redemption
    ) -> None:
        """Accept a redemption, or end it."""
        oracle = self.oracles[domain]
        self.line.keep_redemption(domain, self.line.member_of(domain, named), redeemed)
        known = oracle.commands.get(key)
        oracle.commands[key] = known[0] if known else ("customer", named), redeemed
        self.redeemed[key] = domain, named, redeemed
        began = next((each for each in self.epochs if key in each.redeemed), None)
        (began or self.epochs[-1]).redeemed[key] = self.redeemed[key]
        self.is_new = True

"""One long run: a store that goes on selling while one thing after another fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice, zip_longest
from pathlib import Path
from random import Random

from app.domain.program import Limits, Program
from app.sandbox_token import SANDBOX_DOMAIN
from tests.faults.deck import HOLDS_UP, Fault, for_an_hour, shuffled, words
from tests.faults.history import Webhook, buyers, deal
from tests.faults.journal import Journal
from tests.faults.oracle import Terms
from tests.faults.rewards import wrong_codes
from tests.faults.sender import Sender
from tests.faults.shoppers import PROGRAM, Shoppers
from tests.faults.site import Outage, Site, Sizes
from tests.faults.verifier import findings, settle

# Deliveries, of which a fault in the middle has its share.
WHOLE = 10_000
_SALES_AT_ONCE = 100
_PER_SECOND = 30.0
# The next round begins though so many of the last are still being tried again.
_LEFT_OVER = 30
_AT_A_TIME = 10
AN_HOUR = 60
_HANDS = 24

# Beside the sandbox store, whose shoppers turn points into codes.
DOMAINS = {
    "plain.myshopify.com": Program(),
    "limited.myshopify.com": Program(version=2, limits=Limits(points_per_day_max=2000)),
}


@dataclass(frozen=True)
class Round:
    """A fault, what was sent meanwhile, and when something was gone by it.

    `swept` messages were settled without a bell.
    """

    fault: Fault
    sent: list[Webhook]
    outages: list[Outage]
    swept: int


@dataclass
class Run:
    """What was done in a run, and what was found after it."""

    seed: int
    share: float
    sent: list[Webhook] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    shoppers: Shoppers | None = None
    broken: dict[str, object] = field(default_factory=dict)
    sizes: list[Sizes] = field(default_factory=list)
    minutes: float = 0
    seconds: float = 0
    settled_after_s: float = 0


def for_minutes(minutes: float, seed: int) -> Iterator[Fault]:
    """Yield faults, in another order again and again, until the time is over.

    An hour begins with a deck of its own, which is gone through however long it takes.
    """
    until = time.monotonic() + minutes * 60
    if minutes >= AN_HOUR:
        yield from for_an_hour(seed)
    for number in count():
        for fault in shuffled(seed + number):
            if time.monotonic() > until:
                return
            yield fault


def run(
    site: Site,
    journal: Journal,
    plan: Run,
    faults: Iterable[Fault],
    *,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Send and strike, round by round; then heal, wait for quiet, and verify."""
    terms = {
        domain: Terms(site.add_store(domain, program).store_id, program)
        for domain, program in DOMAINS.items()
    }
    terms[SANDBOX_DOMAIN] = Terms(site.give_terms(PROGRAM).store_id, PROGRAM)
    chance, history = Random(plan.seed), _history(plan.seed, site)
    is_long = plan.minutes >= AN_HOUR
    deck = for_an_hour(0) if is_long else shuffled(plan.seed, plan.share)
    least = -(-WHOLE * plan.share // len(deck))
    began = time.monotonic()
    with (
        Sender(site.url, journal, seed=plan.seed, hands=_HANDS) as sender,
        Shoppers(site.url, sender.feed, plan.seed) as shoppers,
    ):
        street = _Street(site, sender, shoppers, history, chance)
        plan.shoppers = shoppers
        for fault in faults:
            say(words(fault))
            if fault in HOLDS_UP:
                # What came before is not to wait for as long as these last.
                sender.wait()
                settle(site)
            seen, swept = len(site.outages), site.swept()
            part = street.sell_during(fault, int(least))
            plan.sent += part
            outages, swept = site.outages[seen:], site.swept() - swept
            plan.rounds.append(Round(fault, part, outages, swept))
            plan.sizes.append(site.sizes())
        say("waiting for quiet")
        sender.wait()
        plan.seconds = time.monotonic() - began
        plan.settled_after_s = settle(site)
        shoppers.wait()
        sender.wait()
        settle(site)
        plan.sent += shoppers.sent
    plan.broken = findings(site, journal, plan.sent, terms, audits=True)
    plan.broken |= wrong_codes(site, shoppers)
    if sender.given_up:
        plan.broken["given up by the store"] = len(sender.given_up)


@dataclass(frozen=True)
class _Street:
    """The stores, and who goes by."""

    site: Site
    sender: Sender
    shoppers: Shoppers
    history: Iterator[Webhook]
    chance: Random

    def sell_during(self, fault: Fault, least: int) -> list[Webhook]:
        """Send at least so much while something fails, and more until it is over."""
        sent: list[Webhook] = []
        with ThreadPoolExecutor(1) as other:
            failing = other.submit(self._strike, fault)
            while len(sent) < least or not failing.done():
                part = list(islice(self.history, _AT_A_TIME))
                sent += part
                self.sender.feed(part)
                self.shoppers.hear(part)
                time.sleep(len(part) / _PER_SECOND)
                self.sender.wait(left=_LEFT_OVER)
            failing.result()
        return sent

    def _strike(self, fault: Fault) -> None:
        time.sleep(self.chance.uniform(0, 1))
        fault(self.site, self.chance)


def _history(seed: int, site: Site) -> Iterator[Webhook]:
    """Yield the messages of all stores for ever, in turns."""
    assert site.store
    for first in count(step=_SALES_AT_ONCE):
        site.store.know(buyers(first, _SALES_AT_ONCE))
        parts = [
            deal(seed, domain, _SALES_AT_ONCE, first=first)
            for domain in (*DOMAINS, SANDBOX_DOMAIN)
        ]
        for pair in zip_longest(*parts):
            yield from (webhook for webhook in pair if webhook)


def open_site(folder: Path) -> tuple[Site, Journal]:
    """Return a site and the store's journal in a folder."""
    site = Site(folder / "site", has_cable=True, has_store=True)
    return site, Journal(folder / "journal.jsonl")

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
from tests.faults.deck import Fault, shuffled, words
from tests.faults.history import Webhook, deal
from tests.faults.journal import Journal
from tests.faults.oracle import Terms
from tests.faults.sender import Sender
from tests.faults.site import Site, Sizes
from tests.faults.verifier import findings, settle

# Deliveries, of which a fault in the middle has its share.
WHOLE = 10_000
_SALES_AT_ONCE = 100
_PER_SECOND = 30.0
# The next round begins though so many of the last are still being tried again.
_LEFT_OVER = 30
_AT_A_TIME = 10

DOMAINS = {
    "plain.myshopify.com": Program(),
    "limited.myshopify.com": Program(version=2, limits=Limits(points_per_day_max=2000)),
}


@dataclass
class Run:
    """What was done in a run, and what was found after it."""

    seed: int
    share: float
    kills: int = 0
    sent: list[Webhook] = field(default_factory=list)
    rounds: list[tuple[Fault, list[Webhook]]] = field(default_factory=list)
    broken: dict[str, object] = field(default_factory=dict)
    sizes: list[Sizes] = field(default_factory=list)
    seconds: float = 0
    settled_after_s: float = 0

    @property
    def faults(self) -> list[Fault]:
        """What is to happen, in its order."""
        return shuffled(self.seed, self.share, self.kills)


def for_minutes(minutes: float, seed: int) -> Iterator[Fault]:
    """Yield faults, in another order again and again, until the time is over."""
    until = time.monotonic() + minutes * 60
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
    chance, history = Random(plan.seed), _history(plan.seed)
    least = -(-WHOLE * plan.share // len(plan.faults))
    began = time.monotonic()
    with Sender(site.url, journal, seed=plan.seed) as sender:
        for fault in faults:
            say(words(fault))
            part = _sell_during(sender, history, int(least), fault, site, chance)
            plan.sent += part
            plan.rounds.append((fault, part))
            plan.sizes.append(site.sizes())
        say("waiting for quiet")
        sender.wait()
    plan.seconds = time.monotonic() - began
    plan.settled_after_s = settle(site)
    plan.broken = findings(site, journal, plan.sent, terms, audits=True)
    if sender.given_up:
        plan.broken["given up by the store"] = len(sender.given_up)


def _sell_during(
    sender: Sender,
    history: Iterator[Webhook],
    least: int,
    fault: Fault,
    site: Site,
    chance: Random,
) -> list[Webhook]:
    """Send at least so much while something fails, and more until it is over."""
    sent: list[Webhook] = []
    with ThreadPoolExecutor(1) as other:
        failing = other.submit(_strike, fault, site, chance)
        while len(sent) < least or not failing.done():
            part = list(islice(history, _AT_A_TIME))
            sent += part
            sender.feed(part)
            time.sleep(len(part) / _PER_SECOND)
            sender.wait(left=_LEFT_OVER)
        failing.result()
    return sent


def _strike(fault: Fault, site: Site, chance: Random) -> None:
    time.sleep(chance.uniform(0, 1))
    fault(site, chance)


def _history(seed: int) -> Iterator[Webhook]:
    """Yield the messages of both stores for ever, in turns."""
    for part in count():
        parts = [
            deal(seed, domain, _SALES_AT_ONCE, first=part * _SALES_AT_ONCE)
            for domain in DOMAINS
        ]
        for pair in zip_longest(*parts):
            yield from (webhook for webhook in pair if webhook)


def open_site(folder: Path) -> tuple[Site, Journal]:
    """Return a site and the store's journal in a folder."""
    return Site(folder / "site", has_cable=True), Journal(folder / "journal.jsonl")

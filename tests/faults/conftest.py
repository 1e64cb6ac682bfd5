"""One site for all faults that heal, and a store of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.domain.program import Program
from tests.faults.history import Webhook, deal
from tests.faults.journal import Journal
from tests.faults.oracle import Terms
from tests.faults.sender import send
from tests.faults.site import Site
from tests.faults.verifier import findings, lies, settle, violated

# In so many seconds anything comes back here, even on a busy machine.
PATIENCE_S = 60


class Shop:
    """A store of a site: what it sent, and whether all of that came to what it must."""

    def __init__(self, site: Site, domain: str, journal: Journal) -> None:
        self.site = site
        self.domain = domain
        self.journal = journal
        self.sent: list[Webhook] = []
        store = site.add_store(domain)
        self.terms = {domain: Terms(store.store_id, Program())}
        self._history_at = 0

    def sells(self, sales: int) -> list[Webhook]:
        """The messages of so many orders more."""
        first, self._history_at = self._history_at, self._history_at + sales
        return deal(1, self.domain, sales, first=first)

    def send(
        self, webhooks: Iterable[Webhook], per_second: float = 1000, hands: int = 8
    ) -> None:
        """Deliver messages until each is answered right, so many at a time."""
        webhooks = list(webhooks)
        self.sent += webhooks
        send(self.site.url, self.journal, webhooks, per_second, hands)

    def sell_during(self, fault: Callable[[], Any], sales: int = 10) -> None:
        """Go on selling until a fault is over."""
        with ThreadPoolExecutor(1) as other:
            failing = other.submit(fault)
            while not failing.done():
                self.send(self.sells(sales), per_second=60)
            failing.result()

    def answers(self) -> set[int | str]:
        """Every sort of answer there has been."""
        return {each.answer for each in self.journal.read()}

    def wrong(self) -> dict[str, object]:
        """All that is wrong once everything is quiet; empty where it holds."""
        settle(self.site)
        return findings(self.site, self.journal, self.sent, self.terms)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A whole installation; after all that it went through, its ledger holds."""
    opened = Site(
        tmp_path_factory.mktemp("faults") / "site",
        has_cable=True,
        has_store=True,
        # A web process that died is back sooner than usual, to save the tests' time.
        GRANIAN_RESPAWN_INTERVAL="0.2",
    )
    opened.start()
    try:
        yield opened
        assert "" == lies(opened)
        assert [] == violated(opened)
    finally:
        opened.stop()


@pytest.fixture
def shop(site: Site, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A store that nothing has happened to yet."""
    number = sha256(request.node.name.encode()).hexdigest()[:12]
    journal = Journal(tmp_path / "journal.jsonl")
    yield Shop(site, f"shop{number}.myshopify.com", journal)
    journal.close()


@pytest.fixture
def chance() -> Random:
    """The same chance every time."""
    return Random(1)

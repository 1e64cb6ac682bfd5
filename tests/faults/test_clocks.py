"""Processes whose clocks are wrong: leases and points go by the database's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from app.domain.program import Program
from tests.builders.shopify import an_order
from tests.faults.conftest import Shop
from tests.faults.history import stamp, webhook
from tests.faults.journal import Journal
from tests.faults.oracle import Terms
from tests.faults.site import Site

_HELD = Program(version=2, credit_after_days=1)
_DAYS = timedelta(days=2)


@pytest.fixture
def skewed(tmp_path: Path) -> Iterator[Site]:
    """A site each of whose parts takes it to be another day."""
    clocks = {"web": -timedelta(minutes=10), "clock": _DAYS}
    clocks |= {"worker.1": _DAYS, "worker.2": -_DAYS}
    opened = Site(tmp_path / "site", clocks=clocks)
    opened.start()
    yield opened
    opened.stop()


def test_clocks_that_are_days_apart_release_nothing_early(skewed: Site, tmp_path: Path):
    shop = Shop(skewed, "skewed.myshopify.com", Journal(tmp_path / "journal.jsonl"))
    held = skewed.add_store("held.myshopify.com", _HELD)
    shop.terms[held.domain] = Terms(held.store_id, _HELD)
    today = datetime.now(UTC)
    paid_at = stamp(today - timedelta(minutes=1))
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), paid_at)
    order = an_order(**times)

    for day in (today + _DAYS, today - _DAYS):
        assert skewed.said(f"it is {day:%Y-%m-%d} here")
    shop.send(shop.sells(30))
    shop.send([webhook(Random(1), held.domain, "orders/paid", order)])

    assert {} == shop.wrong()
    # On a busy machine a store may have been asked to come again.
    assert {200} == shop.answers() - {503}
    assert 0 == skewed.said("lease lost")
    [(pending,)] = skewed.rows(
        "select sum(amount)::int from ledger_entry"
        " where program_id = %(program)s and account = 'pending'",
        program=held.program_id,
    )
    assert 100 == pending

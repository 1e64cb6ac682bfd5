"""Processes whose clocks are wrong: leases and points go by the database's clock."""

from __future__ import annotations

import shutil
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
_DAYS_AHEAD = "faketime -m -f +2d"
_DAYS_BEHIND = "faketime -m -f -2d"


@pytest.fixture
def skewed(tmp_path: Path) -> Iterator[Site]:
    """A site each of whose parts takes it to be another day."""
    if not shutil.which("faketime"):
        pytest.skip("faketime is not here: install your system's package of that name")
    opened = Site(
        tmp_path / "site",
        before={
            "web": "faketime -m -f -10m",
            "worker.1": _DAYS_AHEAD,
            "worker.2": _DAYS_BEHIND,
            "clock": _DAYS_AHEAD,
        },
        # Waiting and timing out are not to be meddled with.
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    opened.start()
    yield opened
    opened.stop()


def test_clocks_that_are_days_apart_release_nothing_early(skewed: Site, tmp_path: Path):
    shop = Shop(skewed, "skewed.myshopify.com", Journal(tmp_path / "journal.jsonl"))
    held = skewed.add_store("held.myshopify.com", _HELD)
    shop.terms[held.domain] = Terms(held.store_id, _HELD)
    paid_at = stamp(datetime.now(UTC) - timedelta(minutes=1))
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), paid_at)
    order = an_order(**times)

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

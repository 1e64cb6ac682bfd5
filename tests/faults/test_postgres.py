"""PostgreSQL crashes, or the cable to it fails: 503, and never a 200 without a row."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults import postgres_faults as postgres
from tests.faults.cable import INGEST, LEDGER, Cable
from tests.faults.conftest import Shop
from tests.faults.deck import Fault


@pytest.mark.parametrize(
    "fault",
    [
        postgres.kill_postgres,
        postgres.stop_postgres_at_once,
        postgres.cut_connections,
    ],
)
def test_a_crash_of_the_database_loses_and_doubles_nothing(
    shop: Shop, chance: Random, fault: Fault
):
    shop.sell_during(lambda: fault(shop.site, chance))
    shop.site.let_leases_end()

    assert shop.answers() <= {200, 503}
    assert {} == shop.wrong()


def test_commits_whose_answer_is_lost_are_not_done_again(shop: Shop, chance: Random):
    assert shop.site.cable
    before = shop.site.cable.commits_cut.copy()
    sorts = INGEST, LEDGER
    shop.sell_during(lambda: postgres.cut_commits_of(shop.site, sorts, 10))
    shop.site.let_leases_end()

    assert {} == shop.wrong()
    cut = shop.site.cable.commits_cut - before
    assert cut[INGEST, "web"] == 10 == cut[LEDGER, "worker"] + cut[LEDGER, "clock"]


def test_connections_that_are_reset_again_and_again_lose_nothing(
    shop: Shop, chance: Random
):
    shop.sell_during(lambda: postgres.reset_connections(shop.site, chance))
    shop.site.let_leases_end()

    assert {} == shop.wrong()


def test_a_slow_cable_costs_only_time(shop: Shop, cable: Cable):
    cable.latency_s = 0.02
    shop.send(shop.sells(10))
    cable.heal()

    assert {200} == shop.answers()
    assert {} == shop.wrong()


def test_a_database_that_falls_silent_does_not_hold_up_the_answer(
    shop: Shop, chance: Random
):
    shop.send(shop.sells(5))
    shop.sell_during(lambda: postgres.fall_silent(shop.site, chance))
    shop.site.let_leases_end()

    assert {} == shop.wrong()
    assert 503 in shop.answers()
    # Shopify waits for five seconds; `make chaos` allows three on a machine at rest.
    assert "timeout" not in shop.answers()


@pytest.fixture
def cable(shop: Shop) -> Cable:
    """The cable between the app and the database, whole at the beginning."""
    assert shop.site.cable
    return shop.site.cable

"""Workers that die or freeze: points are posted once, whoever posts them."""

from __future__ import annotations

import signal
import time
from random import Random

import psutil
import pytest

from app.config import read_settings
from app.storage.access import WAIT_S
from app.storage.inbox import LEASE_S
from tests.faults import process_faults as process
from tests.faults.conftest import PATIENCE_S, Shop
from tests.faults.deck import Fault
from workers.runtime import make_line


@pytest.mark.parametrize(
    "fault",
    [
        process.kill_worker_with_a_claim,
        process.kill_worker_before_commit,
        process.kill_worker_after_commit,
        process.kill_clock,
    ],
)
def test_a_worker_that_dies_leaves_its_work_to_another(
    shop: Shop, chance: Random, fault: Fault
):
    shop.sell_during(lambda: fault(shop.site, chance))
    shop.site.let_leases_end()

    assert {} == shop.wrong()


def test_a_worker_that_slept_past_its_lease_changes_nothing(shop: Shop):
    pids: list[int] = []
    point = "worker after a message is committed"
    shop.sell_during(lambda: pids.append(process.freeze(shop.site, point)))
    shop.site.let_leases_end()
    before = shop.site.said("lease lost")
    assert {} == shop.wrong()

    shop.site.tell(pids[0], signal.SIGCONT)

    # Where it slept very long, its own watchdog ends it before it notices.
    shop.site.wait_until(
        lambda: shop.site.said("lease lost") > before or not psutil.pid_exists(pids[0]),
        PATIENCE_S,
    )
    assert {} == shop.wrong()


def test_a_worker_that_slept_amid_its_transaction_finishes_it_once(shop: Shop):
    pids: list[int] = []
    point = "worker before points is committed"
    shop.sell_during(lambda: pids.append(process.freeze(shop.site, point)))
    shop.sell_during(lambda: time.sleep(1))
    shop.site.tell(pids[0], signal.SIGCONT)

    assert {} == shop.wrong()


def test_the_server_ends_a_transaction_that_nobody_tends(shop: Shop):
    line = make_line(read_settings(shop.site.environment))
    with line.database.sweeper() as connection:
        told = connection.exec_driver_sql(
            "select setting::int from pg_settings"
            " where name = 'idle_in_transaction_session_timeout'"
        ).scalar_one()
    line.database.close()

    # Who has a store renew its tokens in one is still awaited, and is not cut off.
    assert WAIT_S * 1000 < told < LEASE_S * 1000

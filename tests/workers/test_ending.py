"""A worker process that is asked to end is soon gone, however much waits."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from app.storage.inbox import Arrival
from app.storage.keeping import keep_each
from tests.builders.environments import environment_of
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order
from tests.faults.waiting import wait_until
from workers.process import BATCH

_WAITING = 5 * BATCH
# Half of what the supervisor gives it before it kills.
_GONE_AFTER_S = 5.0


def _an_arrival(number: int) -> Arrival:
    body = json.dumps(an_order(id=number, name=f"#{number}")).encode()
    return Arrival("shopify", DOMAIN, "orders/paid", f"order-{number}", body)


def test_a_worker_process_that_is_asked_to_end_is_gone_after_the_batch_at_hand(
    line: TestLine, tmp_path: Path
):
    line.settle(("orders/paid", an_order(id=1)))
    arrivals = [_an_arrival(number) for number in range(1000, 1000 + _WAITING)]
    keep_each(line.database, line.keys, arrivals)
    worker = subprocess.Popen(
        [sys.executable, "-m", "workers"],
        env=environment_of(line.settings, tmp_path / "worker"),
    )
    try:
        with line.as_superuser() as connection:
            # It cannot finish its first batch before it was asked to end.
            connection.exec_driver_sql("select from member for update")
            wait_until(lambda: _leased(line) == BATCH, 60)
            worker.send_signal(signal.SIGTERM)
        assert 0 == worker.wait(_GONE_AFTER_S)
    finally:
        worker.kill()
        worker.wait()

    states = Counter(row.state for row in line.inbox())
    assert {"settled": 1 + BATCH, "waiting": _WAITING - BATCH} == states
    assert 0 == _leased(line)
    line.worker.drain()
    assert 100 * (1 + _WAITING) == line.standing(7001).available
    assert line.violations() == []


def _leased(line: TestLine) -> int:
    return sum(row.lease_until is not None for row in line.inbox())

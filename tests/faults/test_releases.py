"""Two releases at once: one takes the other's place under load, and gives it back."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product

import pytest
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from app.jobs import QUEUE
from tests.faults.bounds import ANSWERED_S_MAX, EFFECT_P50_S_MAX, EFFECT_S_MAX
from tests.faults.conftest import Shop
from tests.faults.journal import Answer
from tests.faults.releases import (
    LATER,
    THIS,
    Deployed,
    deploy_again_and_again,
    deploy_and_roll_back,
)
from tests.faults.sender import Sender

# Of connections that an old web process had not taken when it ended, the system tells
# the store that they are broken; it delivers again.
BROKEN_MAX = 10
BROKEN = {"ConnectionResetError", "RemoteDisconnected"}

# Two minutes of restarts, one begun every ten seconds, amid so many requests a second;
# so long may nothing be answered.
TIMES, EVERY_S, PER_SECOND = 12, 10.0, 100
GAP_S_MAX = 3.0
_IS_LONG = bool(os.environ.get("TALLYMARK_LONG_TESTS"))

_EFFECTS = """
    select extract(epoch from finished_at - received_at)::float8 from inbox
    where domain = %(domain)s order by 1
"""


def test_two_releases_side_by_side_lose_nothing_and_nobody_waits(shop: Shop):
    deployed: list[Deployed] = []
    failed = _failed(shop)

    shop.sell_during(lambda: deployed.append(deploy_and_roll_back(shop.site)))

    assert {} == shop.wrong()
    # Each worked on what the other had kept.
    assert set(product((THIS, LATER), repeat=2)) == deployed[0].crossed
    assert all(deployed[0].ended), "some had to be killed"
    assert failed == _failed(shop)
    answers = list(shop.journal.read())
    told = Counter(each.answer for each in answers)
    assert set(told) <= {200, 503, *BROKEN}
    assert sum(told[each] for each in BROKEN) <= BROKEN_MAX
    # A slow machine has stores come again as well, but not most of them.
    assert told[503] < told[200] / 10
    assert _gap_s(answers) < ANSWERED_S_MAX
    _judge_effects(shop)


@pytest.mark.skipif(
    not _IS_LONG, reason="takes minutes: set TALLYMARK_LONG_TESTS=1 to run it"
)
def test_a_restart_every_ten_seconds_refuses_and_loses_nothing(shop: Shop):
    failed = _failed(shop)

    began = time.monotonic()
    deployed = _restarted_under_load(shop)
    took_s = time.monotonic() - began

    answers = list(shop.journal.read())
    told, gap_s = Counter(each.answer for each in answers), _gap_s(answers)
    broken = sum(told[each] for each in BROKEN)
    print(
        f"\n{TIMES} restarts in {took_s:.0f} s, {len(answers) / took_s:.0f} requests a"
        f" second, answers {dict(told)}, at most {gap_s:.2f} s without one of 200"
    )
    assert {} == shop.wrong()
    assert set(product((THIS, LATER), repeat=2)) == deployed.crossed
    assert all(deployed.ended), "some had to be killed"
    assert failed == _failed(shop)
    assert set(told) <= {200, *BROKEN}
    assert broken <= BROKEN_MAX
    assert gap_s < GAP_S_MAX
    _judge_effects(shop)


def _restarted_under_load(shop: Shop) -> Deployed:
    """Send at a steady rate, whatever is answered, until all restarts are over."""
    with (
        ThreadPoolExecutor(1) as other,
        Sender(shop.site.url, shop.journal, hands=32) as sender,
    ):
        restarting = other.submit(deploy_again_and_again, shop.site, TIMES, EVERY_S)
        while not restarting.done():
            part = shop.sells(PER_SECOND // 2)
            shop.sent += part
            next_at = time.monotonic() + len(part) / PER_SECOND
            sender.feed(part, PER_SECOND)
            time.sleep(max(0.0, next_at - time.monotonic()))
        sender.wait()
        assert [] == sender.given_up
        return restarting.result()


def _gap_s(answers: list[Answer]) -> float:
    """The longest time between one answer of 200 and the next, in seconds."""
    kept_at = sorted(each.at for each in answers if each.answer == 200)
    return max(after - before for before, after in pairwise(kept_at))


def _judge_effects(shop: Shop) -> None:
    effects = [took for (took,) in shop.site.rows(_EFFECTS, domain=shop.domain)]
    assert effects[len(effects) // 2] < EFFECT_P50_S_MAX
    assert effects[-1] < EFFECT_S_MAX


def _failed(shop: Shop) -> set[str]:
    """The jobs on which a worker failed."""
    with shop.site.redis_client() as client:
        registry = FailedJobRegistry(QUEUE, client, serializer=JSONSerializer)
        return set(registry.get_job_ids(cleanup=False))

"""Redis emptied, killed, hung or full: a delay, and nothing else."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults import redis_faults as redis
from tests.faults.conftest import Shop
from tests.faults.deck import Fault


@pytest.mark.parametrize(
    "fault",
    [
        redis.flush,
        redis.kill_redis,
        redis.lose_redis,
        redis.hang_redis,
        redis.fill_redis,
        redis.fill_redis_that_evicts,
    ],
)
def test_trouble_with_redis_never_reaches_the_store(
    shop: Shop, chance: Random, fault: Fault
):
    shop.sell_during(lambda: fault(shop.site, chance))

    assert {200} == shop.answers()
    assert {} == shop.wrong()


def test_redis_emptied_again_and_again_costs_only_time(shop: Shop, chance: Random):
    before = shop.site.done[redis.BELLS_FLUSHED]
    shop.sell_during(lambda: redis.flush_times(shop.site, 3))

    assert {200} == shop.answers()
    assert {} == shop.wrong()
    # Else nothing was put to the test.
    assert shop.site.done[redis.BELLS_FLUSHED] > before

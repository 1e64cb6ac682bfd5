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
    def empty_often() -> None:
        for _ in range(20):
            redis.flush(shop.site, chance)

    shop.sell_during(empty_often)

    assert {200} == shop.answers()
    assert {} == shop.wrong()

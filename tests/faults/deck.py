"""The faults of a long run: which, how many of each, and in what order by a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults import postgres_faults as postgres
from tests.faults import process_faults as process
from tests.faults import redis_faults as redis
from tests.faults.site import Site

Fault = Callable[[Site, Random], None]

# How many there are of each in a whole run; together 100 kills of the app's processes,
# 20 crashes of PostgreSQL and 20 losses of Redis, and a few more of other kinds.
PROCESS_KILLS: dict[Fault, int] = {
    process.kill_web: 14,
    process.kill_web_and_its_parent: 6,
    process.kill_web_before_commit: 10,
    process.kill_web_after_commit: 10,
    process.kill_web_before_bell: 5,
    process.kill_web_before_answer: 10,
    process.kill_worker: 14,
    process.kill_worker_with_a_claim: 6,
    process.kill_worker_before_commit: 10,
    process.kill_worker_after_commit: 10,
    process.kill_clock: 5,
}
POSTGRES_CRASHES: dict[Fault, int] = {
    postgres.kill_postgres: 10,
    postgres.stop_postgres_at_once: 10,
}
REDIS_LOSSES: dict[Fault, int] = {
    redis.flush: 7,
    redis.kill_redis: 6,
    redis.lose_redis: 7,
}
OTHERS: dict[Fault, int] = {
    redis.hang_redis: 3,
    redis.fill_redis: 2,
    redis.fill_redis_that_evicts: 2,
    process.freeze_worker: 2,
    process.terminate_worker: 20,
    process.restart_every_part: 1,
    process.deploy_and_roll_back: 1,
    postgres.cut_connections: 3,
    postgres.cut_commits: 3,
    postgres.reset_connections: 3,
    postgres.fall_silent: 3,
}
# What a run of an hour has more of, so that each point is come to 200 times, and what
# takes minutes.
OFTEN: dict[Fault, int] = {
    process.kill_web_before_commit: 200,
    process.kill_web_after_commit: 100,
    process.kill_web_before_bell: 100,
    process.kill_web_before_answer: 200,
    process.terminate_worker: 210,
}
LONG: dict[Fault, int] = {
    redis.stay_without_redis: 1,
    redis.stay_with_a_hung_redis: 1,
    redis.flush_often: 1,
    redis.lose_redis_over_a_backlog: 1,
}
# What keeps everything from its effect for longer than the fault before may.
HOLDS_UP = {*LONG, postgres.fall_silent}
GROUPS = {
    "process kills": PROCESS_KILLS,
    "PostgreSQL crashes": POSTGRES_CRASHES,
    "Redis losses": REDIS_LOSSES,
    "others": OTHERS,
}


def shuffled(seed: int, share: float = 1.0) -> list[Fault]:
    """Return so large a share of all faults, at least one of each, in some order."""
    faults = [
        fault
        for group in GROUPS.values()
        for fault, count in group.items()
        for _ in range(max(1, round(count * share)))
    ]
    Random(seed).shuffle(faults)
    return faults


def for_an_hour(seed: int) -> list[Fault]:
    """Return all faults, some often, and those that take long, in some order."""
    whole = {
        fault: count for group in GROUPS.values() for fault, count in group.items()
    }
    counts = (whole | OFTEN | LONG).items()
    faults = [fault for fault, count in counts for _ in range(count)]
    Random(seed).shuffle(faults)
    return faults


def words(fault: Fault) -> str:
    """Return a fault's name in words."""
    return fault.__name__.replace("_", " ")

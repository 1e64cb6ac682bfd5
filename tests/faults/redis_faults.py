"""What can happen to Redis: emptied, killed, hung, full, or back without its data."""

from __future__ import annotations

import shutil
import signal
import time
from random import Random

from redis import RedisError

from app.jobs import QUEUE
from tests.faults.site import Site

FLUSHED_EVERY_S = 2.0
BACKLOG = 5000
_LEFT_OVER = 100
# How often it was emptied, and how often a bell that nobody had heard was in it.
FLUSHES, BELLS_FLUSHED = "flushes of Redis", "flushes that took a bell"

_FLUSH_A_BELL = """
    if redis.call('llen', KEYS[1]) == 0 then return 0 end
    redis.call('flushall')
    return 1
"""
_WAITING = "select count(*) from inbox where state = 'waiting'"


def flush(site: Site, chance: Random) -> None:
    """Everything in Redis gone at once."""
    with site.redis_client() as client:
        client.flushall()


def flush_often(site: Site, chance: Random) -> None:
    """Everything gone at once every two seconds for a minute, bells with it."""
    flush_times(site, 30)


def flush_times(site: Site, times: int) -> None:
    """Empty it so often, two seconds apart, and best when a bell waits in it."""
    with site.redis_client() as client:
        for _ in range(times):
            until = time.monotonic() + FLUSHED_EVERY_S
            while not client.eval(_FLUSH_A_BELL, 1, f"rq:queue:{QUEUE}"):
                if time.monotonic() > until:
                    client.flushall()
                    break
            else:
                site.done[BELLS_FLUSHED] += 1
            site.done[FLUSHES] += 1
            time.sleep(max(0, until - time.monotonic()))


def kill_redis(site: Site, chance: Random) -> None:
    """`kill -9`, down for a moment, back with what its log holds."""
    _down(site, chance.uniform(0.2, 2))


def stay_without_redis(site: Site, chance: Random) -> None:
    """`kill -9`, down for a minute, back with what its log holds."""
    _down(site, 60)


def lose_redis(site: Site, chance: Random) -> None:
    """`kill -9`, down for a moment, back with nothing."""
    _down(site, chance.uniform(0.2, 2), is_lost=True)


def lose_redis_over_a_backlog(site: Site, chance: Random) -> None:
    """`kill -9` over 5,000 messages that wait for workers, back with nothing."""
    with site.without("worker", "clock"):
        site.wait_until(lambda: site.rows(_WAITING)[0][0] >= BACKLOG, 600)
        _down(site, 1, is_lost=True)
    # What comes after is not to wait behind all of that.
    site.wait_until(lambda: site.rows(_WAITING)[0][0] < _LEFT_OVER, 300)


def hang_redis(site: Site, chance: Random) -> None:
    """Redis takes connections and does not answer."""
    _hung(site, chance.uniform(1, 4))


def stay_with_a_hung_redis(site: Site, chance: Random) -> None:
    """Redis takes connections and does not answer, for a minute."""
    _hung(site, 60)


def fill_redis(site: Site, chance: Random) -> None:
    """Redis refuses every write, as when its memory is full."""
    _with_full_memory(site, "noeviction", chance.uniform(1, 3))


def fill_redis_that_evicts(site: Site, chance: Random) -> None:
    """Redis throws keys away, as when its memory is full and it may."""
    _with_full_memory(site, "allkeys-lru", chance.uniform(1, 3))


def _down(site: Site, seconds: float, *, is_lost: bool = False) -> None:
    # Web must be up: how it answers without a Redis is looked at.
    site.wait_until(site.is_ready, 60)
    with site.outage():
        site.redis.kill()
        if is_lost:
            shutil.rmtree(site.home / "redis" / "appendonlydir", ignore_errors=True)
        time.sleep(seconds)
        site.redis.start()


def _hung(site: Site, seconds: float) -> None:
    site.wait_until(site.is_ready, 60)
    pid = int((site.home / "redis" / "redis.pid").read_text())
    with site.outage():
        site.tell(pid, signal.SIGSTOP)
        time.sleep(seconds)
        site.tell(pid, signal.SIGCONT)


def _with_full_memory(site: Site, policy: str, seconds: float) -> None:
    with site.redis_client() as client:
        client.config_set("maxmemory-policy", policy)
        client.config_set("maxmemory", "1mb")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                client.set("ballast", b"x" * 4096)
            except RedisError:
                time.sleep(0.1)
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")
        client.delete("ballast")

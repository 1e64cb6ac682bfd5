"""What can happen to Redis: emptied, killed, hung, full, or back without its data."""

from __future__ import annotations

import shutil
import signal
import time
from random import Random

from redis import RedisError

from tests.faults.site import Site


def flush(site: Site, chance: Random) -> None:
    """Everything in Redis gone at once."""
    with site.redis_client() as client:
        client.flushall()


def kill_redis(site: Site, chance: Random) -> None:
    """`kill -9`, down for a moment, back with what its log holds."""
    site.redis.kill()
    time.sleep(chance.uniform(0.2, 2))
    site.redis.start()


def lose_redis(site: Site, chance: Random) -> None:
    """`kill -9`, down for a moment, back with nothing."""
    site.redis.kill()
    shutil.rmtree(site.home / "redis" / "appendonlydir", ignore_errors=True)
    time.sleep(chance.uniform(0.2, 2))
    site.redis.start()


def hang_redis(site: Site, chance: Random) -> None:
    """Redis takes connections and does not answer."""
    pid = int((site.home / "redis" / "redis.pid").read_text())
    site.tell(pid, signal.SIGSTOP)
    time.sleep(chance.uniform(1, 4))
    site.tell(pid, signal.SIGCONT)


def fill_redis(site: Site, chance: Random) -> None:
    """Redis refuses every write, as when its memory is full."""
    _with_full_memory(site, "noeviction", chance.uniform(1, 3))


def fill_redis_that_evicts(site: Site, chance: Random) -> None:
    """Redis throws keys away, as when its memory is full and it may."""
    _with_full_memory(site, "allkeys-lru", chance.uniform(1, 3))


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

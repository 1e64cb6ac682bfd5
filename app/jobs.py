"""The doorbell: wakes a worker, carries no work, and may be lost at no cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUE = "tallymark"
JOB = "workers.bell.answer"

# A bell that was rung and not yet answered; it must outlive a worker's start.
_RUNG = "tallymark:rung"
_RUNG_S = 5
# After a failure Redis is left alone for so long, so that no request waits in vain.
_REST_S = 2.0

_log = structlog.get_logger()


def connect(url: str, *, timeout_s: float = 0.5) -> Redis:
    """Return a connection to Redis that gives up at once rather than hanging."""
    return Redis.from_url(
        url,
        socket_connect_timeout=0.3,
        socket_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


# Where RQ would import and call what a job names, or send a request to where it says.
_REACHES_OUT = {
    b"success_callback_name",
    b"failure_callback_name",
    b"stopped_callback_name",
    b"webhooks",
}


class BellJob(Job):
    """The only job that is answered.

    RQ calls whatever function a job names, with any serializer, so whoever could write
    to Redis could run anything.
    """

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Read a job from Redis, without what it would call besides."""
        kept = {name: raw_data[name] for name in raw_data if name not in _REACHES_OUT}
        super().restore(kept)

    @property
    def func(self) -> Callable[[], Any] | None:
        """What to call; raises PermissionError for anything but the bell."""
        if self.func_name != JOB or self.instance or self.args or self.kwargs:
            raise PermissionError("the queue holds a job that is not the bell")
        found: Callable[[], Any] | None = super().func
        return found


class Bell:
    """Rings for the workers; many messages ring once."""

    def __init__(self, redis: Redis) -> None:
        """Ring by way of this Redis."""
        self.redis = redis
        self._queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
        self._resting_until = 0.0

    def ring(self) -> bool:
        """Ask for one drain of the inbox, unless one is asked for; False if in vain."""
        if time.monotonic() < self._resting_until:
            return False
        try:
            if self.redis.set(_RUNG, b"1", nx=True, ex=_RUNG_S):
                self._queue.enqueue(
                    JOB, job_timeout=60, result_ttl=0, failure_ttl=86400
                )
        except RedisError as error:
            self._resting_until = time.monotonic() + _REST_S
            _log.warning("bell not heard", error=type(error).__name__)
            return False
        return True

    def answered(self) -> None:
        """Let the bell be rung again: call before looking for work, not after."""
        try:
            self.redis.delete(_RUNG)
        except RedisError as error:
            _log.warning("bell not answered", error=type(error).__name__)

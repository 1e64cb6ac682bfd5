"""The doorbell: wakes a worker, carries no work, and may be lost at no cost."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

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


def connect(url: str, *, timeout_s: float = 0.3) -> Redis:
    """Return a connection to Redis that gives up at once rather than hanging."""
    return Redis.from_url(
        url,
        socket_connect_timeout=0.3,
        socket_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


# How long answering may take, which is more than the longest work takes that it may
# begin, and what is kept of it: nothing, but failures for a day.
ANSWERING_S = 660
_TIMES_S = {"job_timeout": ANSWERING_S, "result_ttl": 0, "failure_ttl": 86400}

# A bell as RQ reads it.
_BELL = {
    b"data": json.dumps([JOB, None, [], {}]).encode(),
    b"origin": QUEUE.encode(),
    **{name.removeprefix("job_").encode(): b"%d" % s for name, s in _TIMES_S.items()},
}


class BellJob(Job):
    """Any job at all, taken for the bell: nothing that it says is read.

    RQ calls whatever function a job names, with any serializer, so whoever could write
    to Redis could run anything. And other releases of this app, which may run at the
    same time, may call their bell something else: it asks for the same.
    """

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:  # noqa: ARG002
        """Take a job from Redis for a bell of this release."""
        super().restore(_BELL)


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
                self._queue.enqueue(JOB, **_TIMES_S)
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

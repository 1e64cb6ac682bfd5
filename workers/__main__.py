"""Runs a worker process: `python -m workers` drains, `… clock` ticks."""

from __future__ import annotations

import signal
import sys

import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from app.config import read_settings
from app.domain.errors import TallymarkError
from app.jobs import QUEUE, BellJob, connect
from app.logs import set_up_logs
from app.unguarded import refuse_unguarded
from workers import bell
from workers.clock import LAST_CALLS_S, Clock
from workers.garbage import search_seldom
from workers.runtime import (
    ASIDES,
    ERRANDS,
    make_asides,
    make_errands,
    make_fulfilling,
    make_line,
    make_way,
)

_log = structlog.get_logger()

# RQ's upkeep and blocking wait: an idle worker notices a lost Redis within this.
_WORKER_TTL_S = 60


def main() -> int:
    """Run until told to stop."""
    set_up_logs()
    try:
        settings = read_settings()
        refuse_unguarded(settings)
        line = make_line(settings)
        ticks = sys.argv[1:] == ["clock"]
        way = make_way(settings, ERRANDS if ticks else ASIDES)
        fulfilling = make_fulfilling(settings, way)
    except TallymarkError as error:
        print(f"tallymark: {error}", file=sys.stderr)  # noqa: T201
        return 2
    assert settings.redis_url
    if ticks:
        clock = Clock(line, settings.home, make_errands(settings, way, fulfilling))
        signal.signal(signal.SIGTERM, lambda *_: clock.stop())
        signal.signal(signal.SIGINT, lambda *_: clock.stop())
        clock.run()
        return 0
    asides = make_asides(settings, way, fulfilling)
    bell.install(line, asides)
    # The wait for the next bell blocks, so this connection may be silent for long.
    redis = connect(settings.redis_url, timeout_s=_WORKER_TTL_S + 15)
    queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
    worker = bell.BellWorker(
        [queue],
        connection=redis,
        serializer=JSONSerializer,
        job_class=BellJob,
        worker_ttl=_WORKER_TTL_S,
    )
    search_seldom()
    # Whatever waits; before RQ works, whoever ends this process ends it at once.
    assert line.bell
    line.bell.ring()
    worker.work(logging_level="WARNING", with_scheduler=False)
    for each in asides:
        each.wait(LAST_CALLS_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())

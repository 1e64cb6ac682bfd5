"""Runs the bare worker: `python -m tests.benchmarks.bare`."""

from __future__ import annotations

from rq import Queue, SimpleWorker

from tests.benchmarks.bare import drain
from tests.benchmarks.bare.web import QUEUE

redis = drain.connect()
SimpleWorker([Queue(QUEUE, connection=redis)], connection=redis).work(
    logging_level="WARNING"
)

"""The queue carries no work: what a stranger puts into Redis runs nothing."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer, PickleSerializer
from rq.webhook import Webhook

from app.jobs import QUEUE, BellJob
from tests.builders.line import TestLine, sign
from tests.builders.shopify import an_order
from tests.security.counting import CountingServer
from tests.security.running import Running, running, wait_for
from workers import bell

BELL = json.dumps(["workers.bell.answer", None, [], {}]).encode()


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        """What unpickling calls."""
        return os.system, (f"touch {self.path}",)


def _data(serializer: Any, path: Path, name: str) -> bytes:
    """The body of a job that makes a file if it is run."""
    touch = f"touch {path}"
    if serializer is PickleSerializer:
        return pickle.dumps(("workers.bell.answer", None, (Bomb(path),), {}))
    return json.dumps([name, None, [touch], {}]).encode()


def _put(redis: Redis, job_id: str, data: bytes, **fields: str) -> None:
    """Put a job into the queue by hand, as somebody could who reaches Redis."""
    job = Job.create(
        "workers.bell.answer",
        id=job_id,
        connection=redis,
        serializer=JSONSerializer,
        origin=QUEUE,
    )
    job.save()
    redis.hset(f"rq:job:{job_id}", mapping={"data": data} | fields)
    redis.sadd("rq:queues", f"rq:queue:{QUEUE}")
    redis.rpush(f"rq:queue:{QUEUE}", job_id)


@pytest.fixture
def live(line: TestLine, tmp_path: Path) -> Iterator[Running]:
    """The app with its real worker."""
    with running(line.settings, tmp_path) as found:
        yield found


def test_any_job_is_taken_for_the_bell_and_runs_nothing_else(
    line: TestLine, live: Running, redis: Redis, tmp_path: Path
):
    touched = {name: tmp_path / name for name in ("pickled", "named")}
    _put(redis, "pickled", _data(PickleSerializer, touched["pickled"], ""))
    _put(redis, "named", _data(JSONSerializer, touched["named"], "os.system"))
    _put(redis, "missing", _data(JSONSerializer, touched["named"], "no.such"))
    _put(redis, "nothing", b"\x00\xff")
    hooks = {
        f"{when}_callback_name": "antigravity.geohash"
        for when in ("success", "failure")
    }
    _put(redis, "called", BELL, **hooks)
    _put(redis, "garbled", BELL, created_at="then", timeout="long", status="odd")

    wait_for(
        lambda: not list(redis.scan_iter("rq:job:*")), "some jobs are kept for ever"
    )
    failed = FailedJobRegistry(QUEUE, connection=redis, serializer=JSONSerializer)
    assert [] == failed.get_job_ids(cleanup=False)
    assert line.deliver("orders/paid", an_order()).status_code == 200
    wait_for(
        lambda: [row.state for row in line.inbox()] == ["settled"],
        "the worker does not go on after what it was told",
    )

    assert [] == [name for name, path in touched.items() if path.exists()]
    assert 100 == line.standing(7001).available


def test_the_bell_of_another_release_is_answered_too(line: TestLine, redis: Redis):
    bell.install(line.worker)
    assert line.deliver("orders/paid", an_order()).status_code == 200
    redis.flushdb()
    told = ["workers.doorbell.look", None, ["inbox"], {"oldest_first": True}]
    _put(redis, "another", json.dumps(told).encode())
    _answer_all(redis, BellJob)

    assert ["settled"] == [row.state for row in line.inbox()]
    assert [] == list(redis.scan_iter("rq:job:*"))


@pytest.mark.parametrize(("job_class", "asked"), [(Job, True), (BellJob, False)])
def test_a_job_calls_nobody_back(
    line: TestLine, redis: Redis, job_class: type[Job], asked: bool
):
    """RQ by itself would send a request to any address that a job names."""
    bell.install(line.worker)
    with CountingServer() as server:
        ends = (JobStatus.FINISHED, JobStatus.FAILED)
        hooks = {
            "webhooks": json.dumps(
                [Webhook(f"http://{server.address}/", end).to_dict() for end in ends]
            ),
            "success_callback_name": "os.getpid",
            "failure_callback_name": "os.getpid",
        }
        _put(redis, "called", BELL, **hooks)
        fetched = job_class.fetch("called", connection=redis, serializer=JSONSerializer)
        callbacks = [fetched.success_callback, fetched.failure_callback]
        assert [os.getpid if asked else None] * 2 == callbacks
        _answer_all(redis, job_class)

        assert asked == bool(server.connections)


def test_the_bombs_are_live(redis: Redis, tmp_path: Path):
    """A worker as RQ has it by default runs both, so that the above means something."""
    pickled, named = tmp_path / "pickled", tmp_path / "named"
    _put(redis, "pickled", _data(PickleSerializer, pickled, ""))
    _answer_all(redis, Job, PickleSerializer)
    _put(redis, "named", _data(JSONSerializer, named, "os.system"))
    _answer_all(redis, Job)

    assert pickled.exists()
    assert named.exists()


def _answer_all(
    redis: Redis, job_class: type[Job], serializer: Any = JSONSerializer
) -> None:
    queue = Queue(QUEUE, connection=redis, serializer=serializer)
    worker = SimpleWorker(
        [queue], connection=redis, serializer=serializer, job_class=job_class
    )
    worker.work(burst=True, logging_level="CRITICAL")


def test_a_message_of_a_stranger_rings_no_bell(line: TestLine, redis: Redis):
    for signature in ("", "AAAA", sign(b"{}", "other")):
        line.deliver("orders/paid", b"{}", **{"X-Shopify-Hmac-Sha256": signature})

    assert 0 == len(Queue(QUEUE, connection=redis))
    assert not redis.exists("tallymark:rung")

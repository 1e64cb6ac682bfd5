"""The least a web door can do, on the same server: what ours is measured against."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import threading
from pathlib import Path

import lz4.frame
import psycopg
from flask import Flask, Response, request
from redis import Redis
from rq import Queue

from app.config import read_settings
from app.rsgi import Limits, WholeRequests

QUEUE = "bare"
JOB = "tests.benchmarks.bare.drain.drain"
_RUNG = "bare:rung"

_KEEP = """
    insert into inbox (program_id, store_id, platform, domain, topic, delivery_id,
                       event_id, triggered_at, body, state)
    values (1, 1, 'shopify', %s, %s, %s, null, null, %s, 'waiting')
    on conflict do nothing
"""


def create_receiver() -> WholeRequests:
    """Check the signature, commit one row, answer."""
    return _served(_receiver(rings=False))


def create_line() -> WholeRequests:
    """The same, and wake a worker: many messages ring once."""
    return _served(_receiver(rings=True))


def create_constant() -> WholeRequests:
    """Answer every question with the same JSON."""
    app = Flask(__name__, static_folder=None)
    answer = Path(os.environ["BARE_ANSWER"]).read_bytes()

    @app.get("/proxy/standing")
    def constant() -> Response:
        return Response(answer, content_type="application/json")

    return _served(app, waits=False)


def _served(app: Flask, *, waits: bool = True) -> WholeRequests:
    """Serve with the limits that ours has, which the Procfile's server asks for."""
    limits = Limits(
        read_settings().web_threads, 10, lambda _path: 2**20, lambda *_: not waits
    )
    return WholeRequests(app, limits)


def _receiver(*, rings: bool) -> Flask:
    app = Flask(__name__, static_folder=None)
    secret = os.environ["SHOPIFY_API_SECRET"].encode()
    redis = Redis.from_url(os.environ["REDIS_URL"])
    queue = Queue(QUEUE, connection=redis)
    local = threading.local()

    @app.post("/webhooks/shopify")
    def receive() -> Response:
        body = request.get_data(cache=False)
        digest = hmac.new(secret, body, hashlib.sha256).digest()
        claimed = base64.b64decode(request.headers["X-Shopify-Hmac-Sha256"])
        if not hmac.compare_digest(digest, claimed):
            return Response(status=401)
        if not hasattr(local, "connection"):
            # One statement is its own transaction: a single round trip, then durable.
            local.connection = psycopg.connect(
                os.environ["DATABASE_URL"], autocommit=True
            )
        values = (
            request.headers["X-Shopify-Shop-Domain"],
            request.headers["X-Shopify-Topic"],
            request.headers["X-Shopify-Webhook-Id"],
            lz4.frame.compress(body),
        )
        local.connection.execute(_KEEP, values, prepare=True)
        if rings and redis.set(_RUNG, b"1", nx=True, ex=5):
            queue.enqueue(JOB, result_ttl=0)
        return Response(status=200)

    return app

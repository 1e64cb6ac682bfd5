"""For whoever runs it: is it up, is it ready, how is it going."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.doors import Doors
from app.storage import kept_messages, statements
from app.storage.database import Database

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Say that the process is up."""
    return jsonify({"status": "up"})


@health.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether the database, its tables and Redis are there; 503 if one is not."""
    doors: Doors = current_app.extensions["tallymark"]
    checks = {"database": False, "migrations": False, "redis": False}
    with suppress(DBAPIError, PoolTimeout):
        doors.database.ping()
        checks["database"] = True
        checks["migrations"] = doors.database.is_migrated()
    with suppress(RedisError):
        checks["redis"] = bool(doors.bell.redis.ping())
    return jsonify(checks), 200 if all(checks.values()) else 503


@health.get("/metrics")
def metrics() -> Response:
    """Say how it is going, for Prometheus."""
    doors: Doors = current_app.extensions["tallymark"]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(doors.database))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """Figures from the database, so that they are the same from every web process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Read the figures anew."""
        up = GaugeMetricFamily("tallymark_database_up", "Whether the database answers.")
        try:
            with self._database.auditor() as connection:
                backlog = kept_messages.backlog(connection)
                totals = statements.totals(connection)
                lag = kept_messages.lag(connection)
        except (DBAPIError, PoolTimeout):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        messages = GaugeMetricFamily(
            "tallymark_inbox_messages",
            "Messages that wait or were set aside.",
            labels=["state"],
        )
        messages.add_metric(["waiting"], backlog.waiting)
        messages.add_metric(["quarantined"], backlog.quarantined)
        yield messages
        yield GaugeMetricFamily(
            "tallymark_inbox_oldest_waiting_seconds",
            "Age of the oldest message that waits.",
            value=backlog.oldest_waiting_s,
        )
        delay = GaugeMetricFamily(
            "tallymark_settle_delay_seconds",
            "From receiving to settling, over the last five minutes.",
            labels=["quantile"],
        )
        for quantile, seconds in lag.items():
            delay.add_metric([quantile], seconds)
        yield delay
        points = GaugeMetricFamily(
            "tallymark_points",
            "Points in each account of the ledger.",
            labels=["account"],
        )
        for account, total in sorted(totals.items()):
            points.add_metric([account], total)
        yield points

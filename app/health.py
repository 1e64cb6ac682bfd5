"""For whoever runs it: is it up, is it ready, how is it going."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from app.disks import disks, nearly_full
from app.doors import AWAY, Doors, the_doors
from app.inspection import Inspection
from app.storage import kept_messages, statements
from app.storage.database import Database
from app.storage.findings import LastLook
from app.unguarded import evicted, overpowered

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Say that the process is up."""
    return jsonify({"status": "up"})


@health.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether the database, its tables and Redis are there; 503 if one is not.

    With `?deep=1` the invariants are looked at too, and what lies open and which disks
    are nearly full is told, which is for people rather than for whatever balances the
    load: a wrong row is no reason to refuse messages. What the clock's look found is
    told beside it, since that one recomputes ledgers as well, which takes too long to
    wait for.
    """
    doors = the_doors()
    checks = _checks(doors)
    ready = all(checks.values())
    if not ready or request.args.get("deep") != "1":
        return jsonify(checks), 200 if ready else 503
    looked = None
    with suppress(*AWAY):
        looked = doors.inspection.look()
    told = asdict(looked) if looked else None
    holds = looked is not None and not looked.violated
    answer = {
        **checks,
        "invariants": told,
        "by_clock": _by_clock(doors.inspection.by_clock()),
        "unguarded": _unguarded(doors),
        "nearly_full": nearly_full(doors.home),
    }
    return jsonify(answer), 200 if holds else 503


def _unguarded(doors: Doors) -> list[str]:
    """Return what lies open; of a server that has gone since it was ready, nothing."""
    found = [*doors.unguarded]
    with suppress(RedisError):
        found += evicted(doors.bell.redis)
    with suppress(*AWAY):
        found += overpowered(doors.database)
    return found


def _by_clock(last: LastLook | None) -> dict[str, object] | None:
    """Return when the clock looked last, and how many rows it found against what."""
    if last is None:
        return None
    found = {name: rows for name, rows in last.violations.items() if rows}
    return {"at": last.at.isoformat(), "found": found}


def _checks(doors: Doors) -> dict[str, bool]:
    checks = {"database": False, "migrations": False, "redis": False}
    with suppress(*AWAY):
        doors.database.ping()
        checks["database"] = True
        checks["migrations"] = doors.database.is_migrated()
    with suppress(RedisError):
        checks["redis"] = bool(doors.bell.redis.ping())
    return checks


@health.get("/metrics")
def metrics() -> Response:
    """Say how it is going, for Prometheus."""
    doors = the_doors()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(doors.database, doors.inspection, doors.home))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """Figures from the database, the same from every web process, and of its disks."""

    def __init__(self, database: Database, inspection: Inspection, home: Path) -> None:
        self._database = database
        self._inspection = inspection
        self._home = home

    def collect(self) -> Iterator[Metric]:
        """Read the figures anew."""
        yield self._disks()
        up = GaugeMetricFamily("tallymark_database_up", "Whether the database answers.")
        try:
            with self._database.auditor() as connection:
                backlog = kept_messages.backlog(connection)
                totals = statements.totals(connection)
                lag = kept_messages.lag(connection)
        except AWAY:
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
        yield from self._invariants()

    def _disks(self) -> Metric:
        """Tell how full the disks are, most of all where the database has no room."""
        left = GaugeMetricFamily(
            "tallymark_disk_left_ratio",
            "Which part of the disk is left under what it holds, from 0 to 1.",
            labels=["holds"],
        )
        for disk in disks(self._home):
            left.add_metric([disk.holds], disk.left)
        return left

    def _invariants(self) -> Iterator[Metric]:
        """Tell what the clock found when it last looked at the invariants."""
        last = self._inspection.by_clock()
        if last is None:
            return
        violations = GaugeMetricFamily(
            "tallymark_invariant_violations",
            "Rows against each invariant; NaN where there was no time to look.",
            labels=["invariant"],
        )
        for name, count in last.violations.items():
            violations.add_metric([name], math.nan if count is None else count)
        yield violations
        yield GaugeMetricFamily(
            "tallymark_invariants_looked_at_timestamp_seconds",
            "When the invariants were last looked at.",
            value=last.at.timestamp(),
        )

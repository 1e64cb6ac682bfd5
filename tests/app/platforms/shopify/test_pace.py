"""Our client and a store that counts points, one against the other, on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.platforms.shopify.admin_api import AdminApi, Answer, StoreBusy
from app.platforms.shopify.pace import LEFT_TO_OTHERS, Pace
from app.platforms.shopify.tokens import FixedToken
from app.sandbox.admin import bucket, set_up, trouble
from app.sandbox.settings import Plan
from tests.builders.open_store import TOKEN, OpenStore, served

PLAN = Plan(most=100, each_second=10)
MUTATION = 10


class Clock:
    """A time that only passes where somebody waits."""

    def __init__(self) -> None:
        """Begin on a day of no importance."""
        self.now = datetime(2026, 11, 1, tzinfo=UTC)
        self.waits: list[float] = []

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """The clock of both sides."""
    return Clock()


@pytest.fixture
def small_store(tmp_path: Path, clock: Clock) -> Iterator[OpenStore]:
    """A store that lets little be asked."""
    with served(tmp_path, plan=PLAN, clock=lambda: clock.now) as opened:
        yield opened


def _define(api: AdminApi, key: str) -> None:
    definition = {
        "namespace": "$app",
        "key": key,
        "name": key,
        "type": "number_integer",
        "ownerType": "CUSTOMER",
    }
    api.ask("define_metafield", Answer, definition=definition)


def _left(store: OpenStore, clock: Clock) -> float:
    with store.store.data.reading() as rows:
        return bucket.look(rows, PLAN, "custom app", clock.now).left


def test_a_burst_drains_the_store_and_a_patient_client_loses_nothing(
    small_store: OpenStore, clock: Clock
):
    hasty = AdminApi(small_store.url, FixedToken(TOKEN))
    for number in range(10):
        _define(hasty, f"hasty_{number}")
    with pytest.raises(StoreBusy) as caught:
        _define(hasty, "one_too_many")
    assert caught.value.wait_s == 1.0
    assert 0 == _left(small_store, clock)

    pace = Pace(clock.pause, lambda: clock.now.timestamp())
    patient = AdminApi(small_store.url, FixedToken(TOKEN), pace=pace)
    lowest = []
    for number in range(20):
        _define(patient, f"patient_{number}")
        lowest.append(_left(small_store, clock))

    with small_store.store.data.reading() as rows:
        made = {each["key"] for each in set_up.definitions(rows)}
    assert {f"hasty_{number}" for number in range(10)} <= made
    assert made >= {f"patient_{number}" for number in range(20)}
    assert len(made) == 30
    # It came with an empty bucket, and leaves some to others from then on.
    assert min(lowest) >= PLAN.most * LEFT_TO_OTHERS
    least_s = (20 * MUTATION + PLAN.most * LEFT_TO_OTHERS) / PLAN.each_second
    assert sum(clock.waits) == pytest.approx(least_s, abs=2)


def test_patience_waits_as_told_and_ends(small_store: OpenStore, clock: Clock):
    pace = Pace(clock.pause, lambda: clock.now.timestamp())
    patient = AdminApi(small_store.url, FixedToken(TOKEN), pace=pace)
    small_store.let_happen(trouble.TOO_MANY, trouble.THROTTLED)
    _define(patient, "late")
    assert clock.waits[0] == 2.0

    small_store.let_happen(*[trouble.TOO_MANY] * 100)
    with pytest.raises(StoreBusy):
        _define(patient, "never")
    assert 60 <= sum(clock.waits) <= 180

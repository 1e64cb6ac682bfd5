"""A disk that runs full is told of while there is still time to make room."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from app.disks import disks, nearly_full
from app.main import create_app
from app.storage.findings import keep_look
from tests.builders.line import TestLine

# The kernel's own answer is what it is; here the log's disk is a small one.
_SIZES = {"home": (1000, 500), "data": (1000, 150), "pg_wal": (1000, 149)}


@pytest.fixture
def three_disks(line: TestLine, monkeypatch: pytest.MonkeyPatch) -> TestLine:
    """A home, the data and the log of an embedded PostgreSQL, each on its own disk."""
    (line.home / "postgres" / "data" / "pg_wal").mkdir(parents=True)

    def usage(path: Path) -> SimpleNamespace:
        assert path.exists()
        total, free = _SIZES.get(path.name, _SIZES["home"])
        return SimpleNamespace(total=total, free=free)

    monkeypatch.setattr("app.disks.disk_usage", usage)
    return line


def test_what_is_left_is_what_the_system_says(tmp_path: Path):
    [home] = disks(tmp_path)
    said = os.statvfs(tmp_path)

    assert ("home", tmp_path) == (home.holds, home.path)
    # Others write meanwhile.
    assert home.left == pytest.approx(said.f_bavail / said.f_blocks, abs=0.02)


def test_the_log_is_looked_at_where_it_really_lies(tmp_path: Path):
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "pg_wal").symlink_to("/dev")

    found = {each.holds: each.left for each in disks(tmp_path)}

    said = os.statvfs("/dev")
    assert {"home", "data", "wal"} == found.keys()
    assert found["wal"] == pytest.approx(said.f_bavail / said.f_blocks, abs=0.02)


def test_what_is_not_there_or_no_disk_is_left_out(tmp_path: Path):
    assert [] == disks(tmp_path / "yet to be made")
    assert [] == disks(Path("/proc"))


def test_below_fifteen_percent_it_is_told_and_not_above(three_disks: TestLine):
    log = three_disks.home / "postgres" / "data" / "pg_wal"

    assert [f"wal: 14.9% of the disk under {log} is left"] == nearly_full(
        three_disks.home
    )


def test_the_figures_tell_it_even_where_the_database_is_away(three_disks: TestLine):
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    away = create_app(three_disks.settings_with(database_url=nowhere)).test_client()

    for client in (three_disks.client, away):
        told = client.get("/metrics").get_data(as_text=True)
        assert 'tallymark_disk_left_ratio{holds="home"} 0.5' in told
        assert 'tallymark_disk_left_ratio{holds="data"} 0.15' in told
        assert 'tallymark_disk_left_ratio{holds="wal"} 0.149' in told
    assert "tallymark_database_up 0.0" in told


def test_a_deep_look_tells_it_and_refuses_nothing(three_disks: TestLine):
    told = three_disks.client.get("/readyz?deep=1")

    assert 200 == told.status_code
    assert nearly_full(three_disks.home) == told.get_json()["nearly_full"]


def test_the_clock_warns_every_five_minutes_until_there_is_room(
    three_disks: TestLine, monkeypatch: pytest.MonkeyPatch
):
    # Invariants need not be looked at here.
    keep_look(three_disks.home, datetime.now(UTC), [])
    clock = three_disks.a_clock(three_disks.home)
    [warning] = nearly_full(three_disks.home)

    def said(now: float) -> list[str]:
        with structlog.testing.capture_logs() as logs:
            clock.tick(now)
        return [each["what"] for each in logs if each["event"] == "disk nearly full"]

    assert [[warning], [], [warning]] == [said(now) for now in (0, 299, 300)]
    monkeypatch.setitem(_SIZES, "pg_wal", (1000, 150))
    assert [] == said(600)
    clock.wait()

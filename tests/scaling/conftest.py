"""A Redis for the fleet, and programmes that may be missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.local.redis import EmbeddedRedis
from tests.scaling.fleet import Fleet

# `make scaling` puts Patroni there, so that it is not in our lock file.
_OURS = f"{Path(sys.prefix) / 'patroni' / 'bin'}:/usr/sbin:/usr/bin"


@pytest.fixture
def own_redis_url(tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis that no other test uses."""
    server = EmbeddedRedis(tmp_path / "redis")
    yield server.start()
    server.stop()


@pytest.fixture
def new_fleet(tmp_path: Path, own_redis_url: str) -> Iterator[Callable[..., Fleet]]:
    """A function that starts a fleet on a database; it is ended with the test."""
    fleets: list[Fleet] = []

    def start(database_url: str, **sizes: int) -> Fleet:
        fleets.append(Fleet(tmp_path / "fleet", database_url, own_redis_url, **sizes))
        fleets[-1].wait_until_ready()
        return fleets[-1]

    yield start
    for fleet in fleets:
        fleet.close()


def program(name: str, how_to_get: str) -> str:
    """The path of a program; without it the test is left out."""
    path = shutil.which(name) or shutil.which(name, path=_OURS)
    if path is None:
        pytest.skip(f"{name} is missing: {how_to_get}")
    return path

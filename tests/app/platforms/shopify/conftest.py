"""A sandbox store behind real HTTP, and the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders.open_store import OpenStore, served


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStore]:
    """A store that serves its Admin API; what hangs there ends at once, unanswered."""
    with served(tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture
def slow_store(tmp_path: Path) -> Iterator[OpenStore]:
    """A store where what hangs really does, longer than anybody waits."""
    with served(tmp_path, 5) as opened:
        yield opened


@pytest.fixture
def since() -> datetime:
    """A moment just before the test, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)

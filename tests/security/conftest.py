"""A line that the read-only checks of one file share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.storage.database import Database
from tests.builders.line import TestLine


@pytest.fixture(scope="module")
def module_line(
    new_database_url: Callable[[], str],
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestLine]:
    """The whole line with one store, for the tests of one file."""
    database = Database(new_database_url())
    home: Path = tmp_path_factory.mktemp("home")
    yield TestLine(database, redis_url, home)
    database.close()

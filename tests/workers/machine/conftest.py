"""What random lives live on, and what is counted while they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from app.storage.database import Database
from tests.workers.machine.installation import Installation
from workers import settle as settling


@pytest.fixture
def installation(
    new_database_url: Callable[[], str], redis_url: str, tmp_path: Path
) -> Iterator[Installation]:
    """An installation whose database need not outlive a crash, so waits for no disk."""
    database = Database(new_database_url())
    name = database.url.database
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"alter database {name} set synchronous_commit = off"
        )
    database.close()
    yield Installation(database, redis_url, tmp_path)
    database.close()


@pytest.fixture
def seen() -> Iterator[Counter[str]]:
    """What was reached; both ways of settling are counted where they are taken."""
    counted: Counter[str] = Counter()
    short_ways, whole = settling._short_ways, settling.whole_histories

    def counted_short_ways(*args):
        for settled in short_ways(*args):
            counted["short way taken"] += bool(settled.changes)
            yield settled

    def counted_whole(*args):
        for settled in whole(*args):
            counted["whole history folded"] += 1
            yield settled

    with (
        patch.object(settling, "_short_ways", counted_short_ways),
        patch.object(settling, "whole_histories", counted_whole),
    ):
        yield counted

"""A line that the read-only checks of one file share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.actions import Newsletter
from app.domain.program import Program
from app.storage.database import Database
from app.storage.identities import Identities
from tests.builders.line import TestLine, lift_limits
from tests.security.matrix import WISH


@pytest.fixture(scope="module")
def module_line(
    new_database_url: Callable[[], str],
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestLine]:
    """The whole line with one store, for the tests of one file.

    Its shoppers may report an action; one of them is known, and asked for a reward, so
    that each route has a good answer.
    """
    database = Database(new_database_url())
    home: Path = tmp_path_factory.mktemp("home")
    made = TestLine(database, redis_url, home)
    lift_limits(made.client.application)
    made.set_program(Program(actions=(Newsletter(shoppers_report=True),)))
    with made.in_program() as connection:
        people = Identities(connection, made.store.program_id, made.store.store_id)
        people.ensure_customers(["7001"])
    assert made.post("redemptions", "7001", WISH).status_code == 202
    # Until somebody has decided on it, it cannot be cancelled.
    made.settle()
    yield made
    database.close()

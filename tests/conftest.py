"""Real servers for all tests, and a database of its own for each."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from redis import Redis

from app.local.postgres import EmbeddedPostgres
from app.local.redis import EmbeddedRedis
from app.storage.database import ROLES, Database
from tests.browser import LAUNCH_ARGS, MISSING, find
from tests.builders.databases import Databases
from tests.builders.engines import sharing_statements
from tests.builders.line import TestLine
from workers.garbage import search_seldom

settings.register_profile(
    "suite",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("suite")

# Begun first, so that the processes of a run end at about the same time.
LONGEST = (
    "tests/faults/",
    "tests/stories/",
    "tests/workers/machine/",
    "tests/workers/test_ready_made.py",
    "tests/workers/test_every_effect.py",
    "tests/benchmarks/",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage neither while all tests are read nor, later, among them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        search_seldom()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest before the rest, else as it was."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Let requests take their time inside the tests: a machine may stall for seconds.

    So may the server take its time to let them in. Processes of their own keep the
    limits that they have in earnest.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.main.PATIENCE_S", 60.0)
        patch.setattr("app.storage.database.CONNECT_S", 60)
        yield


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Let logs go after each test where they went before it.

    Whatever sets them up has them go to standard error as it is then, which may be what
    pytest captures and closes with the test.
    """
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL started for this run."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), roles=ROLES)
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis started for this run."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> Iterator[Databases]:
    """What makes migrated, empty databases on the server of this run."""
    made = Databases(postgres_url)
    with sharing_statements(made.engine):
        yield made


@pytest.fixture(scope="session")
def new_database_url(databases: Databases) -> Callable[[], str]:
    """A function that makes a migrated, empty database and returns its URL."""
    return databases.make


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium; without one its tests are left out, but never in CI."""
    path = find()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        yield launched
        launched.close()


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """An empty database with all tables."""
    url = databases.take()
    made = Database(url.render_as_string(hide_password=False))
    yield made
    made.close()
    databases.give_back(url)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """An empty Redis."""
    connection = Redis.from_url(redis_url)
    connection.flushall()
    yield connection
    connection.close()


@pytest.fixture
def line(
    database: Database, redis_url: str, redis: Redis, tmp_path: Path
) -> Iterator[TestLine]:
    """The whole line in one process: doors, inbox and worker, with one store."""
    made = TestLine(database, redis_url, tmp_path)
    yield made
    assert [] == made.against_rules()
    made.close()

"""Running it: what dies comes back, what was there stays, and two do not collide."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import pytest
import requests
from sqlalchemy.engine import make_url

from app.local.postgres import LOGIN
from tests.builders.line import sign
from tests.builders.logins import PLAIN, connected, login_at
from tests.builders.shopify import an_order
from tests.stories.conftest import Running, is_ready, start, stop, wait_until

SHOP = "test.myshopify.com"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The app without the sandbox store, with one store; what is done to it heals."""
    home = tmp_path_factory.mktemp("app") / "home"
    running = start(home, "up", SHOPIFY_API_SECRET="hush")
    added = running.tallymark("store", "add", SHOP, "--platform", "shopify")
    assert 0 == added.returncode, added.stderr
    yield running
    stop(running)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Another copy, with two workers and no store."""
    home = tmp_path_factory.mktemp("other") / "home"
    settings = {"SHOPIFY_API_SECRET": "hush", "WORKER_CONCURRENCY": "2"}
    running = start(home, "up", **settings)
    yield running
    stop(running)


def _deliver(app: Running, order_id: int) -> int:
    body = json.dumps(an_order(id=order_id)).encode()
    headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Hmac-Sha256": sign(body),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Webhook-Id": str(uuid4()),
    }
    url = f"{app.url}/webhooks/shopify"
    return requests.post(url, data=body, headers=headers, timeout=5).status_code


def _member(app: Running) -> dict[str, Any]:
    told = app.tallymark("member", SHOP, "7001", "--json")
    return json.loads(told.stdout) if told.returncode == 0 else {"available": None}


def _settled(app: Running) -> int:
    with psycopg.connect(app.database_url) as connection:
        row = connection.execute("select coalesce(sum(available), 0) from member")
        [(available,)] = row.fetchall()
    return int(available)


def _processes(app: Running, *words: str) -> list[psutil.Process]:
    """The app's own processes whose command line has these words."""
    found = []
    for each in psutil.Process(app.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if all(word in " ".join(each.cmdline()) for word in words):
                found.append(each)
    return found


def test_what_runs_has_a_login_that_owns_nothing(app: Running):
    def ask(query: str) -> list[Any]:
        with psycopg.connect(app.database_url) as connection:
            return connection.execute(query.encode()).fetchall()

    parts = [*_processes(app, "granian"), *_processes(app, "-m", "workers")]
    told = {
        (name, make_url(value).username)
        for part in parts
        for name, value in part.environ().items()
        if name.endswith("DATABASE_URL")
    }

    # The web server and its process, a worker and the clock.
    assert len(parts) >= 4
    assert {("DATABASE_URL", LOGIN)} == told
    assert {LOGIN} == connected(ask)
    assert PLAIN == login_at(app.servers["DATABASE_URL"], ask)
    deep = requests.get(f"{app.url}/readyz?deep=1", timeout=10).json()
    assert [] == deep["unguarded"]


def test_a_part_that_dies_is_started_again(app: Running):
    before = _settled(app)
    for words in (("granian",), ("-m", "workers"), ("workers", "clock")):
        for process in _processes(app, *words):
            process.kill()
    assert app.process.poll() is None
    wait_until(lambda: is_ready(app), 20)

    assert 200 == _deliver(app, 1)
    wait_until(lambda: _settled(app) == before + 100, 20)


def test_losing_redis_or_postgres_loses_nothing(app: Running):
    before = _settled(app)
    assert 200 == _deliver(app, 2)
    for name in ("redis", "valkey", "postgres"):
        for process in psutil.process_iter(["name", "cwd"]):
            mine = str(process.info["cwd"] or "").startswith(str(app.home))
            if mine and name in (process.info["name"] or ""):
                process.send_signal(signal.SIGKILL)

    wait_until(lambda: is_ready(app), 30)
    assert 200 == _deliver(app, 3)
    wait_until(lambda: _settled(app) == before + 200, 30)


def test_a_second_start_finds_everything_again(tmp_path: Path):
    app = start(tmp_path / "home", "up", SHOPIFY_API_SECRET="hush")
    app.tallymark("store", "add", SHOP, "--platform", "shopify")
    _deliver(app, 1)
    wait_until(lambda: _settled(app) == 100, 20)
    with psycopg.connect(app.database_url) as connection:
        # As homes are that were made before there was a login.
        connection.execute(f"drop role {LOGIN}".encode())
    for process in [psutil.Process(app.process.pid), *_processes(app)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    app.process.wait()

    again = start(tmp_path / "home", "up", SHOPIFY_API_SECRET="hush")
    try:
        assert 100 == _member(again)["available"]
    finally:
        stop(again)


def test_as_many_workers_run_as_are_asked_for(other: Running):
    running = _processes(other, "-m", "workers")
    clocks = [each for each in running if "clock" in each.cmdline()]
    assert (3, 1) == (len(running), len(clocks))


def test_two_copies_side_by_side_know_nothing_of_each_other(
    app: Running, other: Running
):
    before = _settled(app)
    _deliver(app, 4)
    wait_until(lambda: _settled(app) == before + 100, 20)
    assert 0 == _settled(other)


def test_a_second_start_in_the_same_home_is_refused_in_a_sentence(app: Running):
    told = app.tallymark("up")

    assert 1 == told.returncode
    assert told.stderr.startswith("tallymark: ")
    assert 1 == len(told.stderr.strip().splitlines())
    assert is_ready(app)


def test_without_its_secret_it_says_what_is_missing(tmp_path: Path, app: Running):
    told = app.tallymark(
        "up", SHOPIFY_API_SECRET="", TALLYMARK_HOME=str(tmp_path / "new")
    )

    assert 1 == told.returncode
    assert "set SHOPIFY_API_SECRET in the environment" in told.stderr

"""What lies open between us, the database and Redis is refused, or told."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
import structlog
from click.testing import CliRunner
from redis import Redis

from app.cli import tallymark
from app.config import Settings, read_settings
from app.domain.errors import SettingsMissing
from app.local.postgres import NAME
from app.main import create_app
from app.storage.database import ROLES, Database
from app.storage.powers import powers
from app.unguarded import (
    TellingUnguarded,
    evicted,
    overpowered,
    refuse_unguarded,
    unguarded,
)
from tests.builders.line import TestLine
from tests.builders.logins import as_login
from workers.__main__ import main as run_process
from workers.runtime import ERRANDS, make_errands, make_fulfilling, make_way

OURS = "postgresql://me:word@127.0.0.1/tallymark"
LOCAL_REDIS = "redis://localhost:6379/0"
SECRETS = {"TALLYMARK_SECRET_KEY": "secret", "TALLYMARK_ENCRYPTION_KEY": "sealing"}
PASSWORD, TLS = "names no password", "without TLS"


def _settings(database_url: str, redis_url: str) -> Settings:
    urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return read_settings(SECRETS | urls)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (OURS, []),
        ("postgresql://me@localhost/tallymark", []),
        ("postgresql://me@[::1]:5432/tallymark", []),
        ("postgresql://me@127.9.9.9/tallymark", []),
        ("postgresql:///tallymark?host=/run/postgresql", []),
        ("postgresql:///tallymark", []),
        ("postgresql://me@db1/tallymark", [PASSWORD, TLS]),
        ("postgresql://me:word@db1/tallymark", [TLS]),
        ("postgresql://me:word@db1/tallymark?sslmode=prefer", [TLS]),
        ("postgresql://me:word@db1/tallymark?sslmode=verify-full", []),
        ("postgresql://me@db1/tallymark?sslmode=require", [PASSWORD]),
        ("postgresql://me@db1/tallymark?sslmode=require&password=word", []),
        ("postgresql://me:word@localhost,db2:5433/tallymark", [TLS]),
        ("postgresql://me:word@/tallymark?host=localhost,db2", [TLS]),
        ("postgresql://me:word@10.0.0.5:6432/tallymark?pooler=transaction", [TLS]),
        ("postgresql+psycopg://me@localhost.example.com/x", [PASSWORD, TLS]),
        # SQLAlchemy takes a password as it is, up to the @ that ends it.
        ("postgresql://me:ab/cd@127.0.0.1/tallymark", []),
        ("postgresql://me:a[b@127.0.0.1/tallymark", []),
        ("postgresql://me:a?b#c@localhost/tallymark", []),
        ("postgresql://me:ab/cd@db1/tallymark", [TLS]),
        ("postgresql://me:word@/tallymark?host=localhost:5432", []),
        ("postgresql://me:word@/tallymark?host=127.0.0.1:1&host=db2:2", [TLS]),
        ("postgresql://me:word@localhost/tallymark?hostaddr=10.0.0.5", [TLS]),
        ("postgresql://me:word@localhost/tallymark?hostaddr=127.0.0.1", []),
        ("postgresql://me@/tallymark?service=shop", [PASSWORD, TLS]),
    ],
)
def test_a_database_elsewhere_has_a_password_and_tls(url: str, told: list[str]):
    _holds(unguarded(_settings(url, LOCAL_REDIS)), told)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (LOCAL_REDIS, []),
        ("redis://127.0.0.1:6379/0", []),
        ("unix:///run/redis.sock?db=0", []),
        ("redis://cache:6379/0", [PASSWORD, TLS]),
        ("redis://:word@cache:6379/0", [TLS]),
        ("rediss://cache:6379/0", [PASSWORD]),
        ("rediss://:word@cache:6379/0", []),
        ("redis://:word@cache:6379/0?host=localhost", [TLS]),
        ("redis://:word@?host=cache", [TLS]),
        ("redis://:a%2Fb@localhost:6379/0", []),
    ],
)
def test_a_redis_elsewhere_has_a_password_and_tls(url: str, told: list[str]):
    _holds(unguarded(_settings(OURS, url)), told)


def _holds(found: tuple[str, ...], told: list[str]) -> None:
    assert len(told) == len(found)
    assert all(words in each for words, each in zip(told, found, strict=True))
    assert not any("word@" in each for each in found)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://me:se@cret@localhost/tallymark"),
        ("DATABASE_URL", "postgresql://me:secret@db1:5432,db2:5432/tallymark"),
        ("DATABASE_URL", "postgresql://me:secret@[::1/tallymark"),
        ("DATABASE_URL", "localhost/secret"),
        ("MIGRATION_DATABASE_URL", "postgresql://me:secret@localhost:port/x"),
        ("REDIS_URL", "redis://:secret/word@localhost:6379/0"),
        ("REDIS_URL", "redis://:secret#word@localhost:6379/0"),
        ("REDIS_URL", "redis://:secret[word@localhost:6379/0"),
        ("REDIS_URL", "localhost:6379"),
    ],
)
def test_a_url_that_cannot_be_read_is_told_without_its_password(name: str, url: str):
    given = {"DATABASE_URL": OURS, "REDIS_URL": LOCAL_REDIS, "ALLOW_UNGUARDED": "1"}
    settings = read_settings(SECRETS | given | {name: url})

    with pytest.raises(SettingsMissing, match=f"^{name} cannot be read: ") as told:
        refuse_unguarded(settings)

    assert "cret" not in str(told.value)


ELSEWHERE = {
    "DATABASE_URL": "postgresql://me:word@db1/tallymark",
    "REDIS_URL": "redis://cache:6379/0",
}
OWNERS = {"MIGRATION_DATABASE_URL": "postgresql://me:word@db1/tallymark"}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_nothing_starts_where_a_url_lies_open(name: str):
    given = SECRETS | {"DATABASE_URL": OURS, "REDIS_URL": LOCAL_REDIS}
    given |= {"SHOPIFY_API_SECRET": "hush", name: ELSEWHERE[name]}
    with pytest.raises(SettingsMissing, match=rf"{name}.* set ALLOW_UNGUARDED=1 "):
        create_app(read_settings(given))

    allowed = read_settings(given | {"ALLOW_UNGUARDED": "1"})
    refuse_unguarded(allowed)
    assert all(name in each for each in unguarded(allowed))


@pytest.mark.parametrize("words", [["workers"], ["workers", "clock"]], ids=str)
def test_neither_worker_nor_clock_starts(
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(sys, "argv", words)
    for name, value in (SECRETS | ELSEWHERE).items():
        monkeypatch.setenv(name, value)

    assert 2 == run_process()
    told = capsys.readouterr().err
    assert "DATABASE_URL leads to another machine without TLS" in told
    assert "word@" not in told


@pytest.mark.parametrize("command", ["up", "migrate"])
def test_no_command_reaches_it_either(command: str):
    given = SECRETS | ELSEWHERE | {"SHOPIFY_API_SECRET": "hush"}
    ended = CliRunner().invoke(tallymark, [command], env=given)

    assert isinstance(ended.exception, SettingsMissing)
    assert str(ended.exception).startswith("DATABASE_URL leads to another machine")


def test_nor_does_the_owner_of_the_tables():
    given = SECRETS | OWNERS | {"DATABASE_URL": OURS, "REDIS_URL": LOCAL_REDIS}
    ended = CliRunner().invoke(tallymark, ["migrate"], env=given)

    assert isinstance(ended.exception, SettingsMissing)
    assert str(ended.exception).startswith("MIGRATION_DATABASE_URL leads to another")


def test_a_url_for_migrations_is_told_and_keeps_no_command_from_running():
    owners = {"MIGRATION_DATABASE_URL": "postgresql://boss@localhost/tallymark"}
    settings = read_settings(
        SECRETS | owners | {"DATABASE_URL": OURS, "REDIS_URL": LOCAL_REDIS}
    )

    refuse_unguarded(settings)
    [told] = unguarded(settings)
    assert told.startswith("MIGRATION_DATABASE_URL is set for what runs")


@pytest.mark.parametrize("written", ["2", "yes", "-1"])
def test_what_is_allowed_is_said_exactly(written: str):
    with pytest.raises(SettingsMissing, match="ALLOW_UNGUARDED must be a number"):
        read_settings(SECRETS | {"ALLOW_UNGUARDED": written})


def test_a_redis_that_may_drop_bells_is_told_in_the_log_and_by_a_deep_look(
    line: TestLine,
):
    settings = line.settings_with(
        database_url=as_login(str(line.settings.database_url))
    )
    database = Database(str(settings.database_url))
    redis = Redis.from_url(str(settings.redis_url))
    assert () == evicted(redis)
    deep = create_app(settings).test_client().get("/readyz?deep=1")
    assert [] == deep.get_json()["unguarded"]

    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        [told] = evicted(redis)
        with structlog.testing.capture_logs() as logs:
            TellingUnguarded(settings, redis, database).work()
        deep = create_app(settings).test_client().get("/readyz?deep=1")
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
        database.close()

    assert "noeviction" in told
    assert [("warning", told)] == [(each["log_level"], each["what"]) for each in logs]
    assert (200, [told]) == (deep.status_code, deep.get_json()["unguarded"])


def test_who_is_away_is_asked_again_until_each_has_answered_once(line: TestLine):
    there = Redis.from_url(str(line.settings.redis_url))
    redis = Redis.from_url("redis://127.0.0.1:1/0")
    database = Database("postgresql://me@127.0.0.1:1/none")
    telling = TellingUnguarded(line.settings, redis, database)
    with structlog.testing.capture_logs() as away:
        telling.work()

    there.config_set("maxmemory-policy", "allkeys-lru")
    try:
        redis.connection_pool = there.connection_pool
        with structlog.testing.capture_logs() as of_redis:
            telling.work()
    finally:
        there.config_set("maxmemory-policy", "noeviction")
    database.engine = line.database.engine
    with structlog.testing.capture_logs() as of_postgres:
        telling.work()
    with structlog.testing.capture_logs() as again:
        telling.work()

    assert [] == away == again
    [bells], [login] = of_redis, of_postgres
    assert bells["what"].startswith("Redis may drop bells")
    assert login["what"].startswith("DATABASE_URL logs in as")


def test_a_deep_look_does_without_who_has_gone_since(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
):
    gone = Database("postgresql://me@127.0.0.1:1/none")
    away = Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr("app.health.evicted", lambda _: evicted(away))
    monkeypatch.setattr("app.health.overpowered", lambda _: overpowered(gone))

    deep = line.client.get("/readyz?deep=1")

    assert (200, []) == (deep.status_code, deep.get_json()["unguarded"])


def test_a_login_that_may_do_anything_is_told_in_the_log_and_by_a_deep_look(
    line: TestLine,
):
    way = make_way(line.settings, ERRANDS)
    errands = make_errands(line.settings, way, make_fulfilling(line.settings, way))
    with structlog.testing.capture_logs() as logs:
        next(each for each in errands if "lies open" in each.name).work()
    way.database.close()

    [told] = line.client.get("/readyz?deep=1").get_json()["unguarded"]

    assert told.startswith("DATABASE_URL logs in as somebody who is, or may become, ")
    assert "a superuser: " in told
    assert "docs/operations.md" in told
    assert [("warning", told)] == [(each["log_level"], each["what"]) for each in logs]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("bypassrls", "a role that row-level security does not bind"),
        ("createrole", "a role that may make others"),
        ("replication", "a role that may copy the whole server"),
        ("in role boss", "the owner of the tables"),
        ("superuser", "a superuser"),
        (f"in role {NAME}", "a superuser"),
        ("in role copier", "a role that may copy the whole server"),
    ],
)
def test_each_power_that_no_process_needs_is_named(
    line: TestLine, made: str, told: str
):
    """`boss` owns a table; the login has this power beside the roles it may take."""
    with line.as_superuser() as connection:
        for statement in (
            "create role boss",
            "create role copier replication",
            "alter table giveaway owner to boss",
            f"create role strong login noinherit {made}",
            f"grant {', '.join(ROLES)} to strong",
        ):
            connection.exec_driver_sql(statement)
    try:
        url = line.database.url.set(username="strong")
        strong = Database(url.render_as_string(hide_password=False))
        found = powers(strong)
        strong.close()
    finally:
        with line.as_superuser() as connection:
            connection.exec_driver_sql("alter table giveaway owner to current_user")
            connection.exec_driver_sql("drop role strong, boss, copier")

    assert (told,) == found


@pytest.mark.parametrize("owned", ["schema public", "database {}"])
def test_whoever_owns_the_database_or_its_schema_is_named(
    new_database_url: Callable[[], str], owned: str
):
    made = Database(new_database_url())
    owner = made.url.set(username="landlord")
    with made.engine.begin() as connection:
        connection.exec_driver_sql("create role landlord login noinherit")
        connection.exec_driver_sql(f"grant {', '.join(ROLES)} to landlord")
        named = owned.format(made.url.database)
        connection.exec_driver_sql(f"alter {named} owner to landlord")
    try:
        landlord = Database(owner.render_as_string(hide_password=False))
        found = powers(landlord)
        landlord.close()
    finally:
        with made.engine.begin() as connection:
            connection.exec_driver_sql("reassign owned by landlord to current_user")
            connection.exec_driver_sql("drop owned by landlord")
            connection.exec_driver_sql("drop role landlord")
        made.close()

    assert ("the owner of the database or its schema",) == found


def test_the_owners_url_is_nothing_for_what_runs():
    owners = {"MIGRATION_DATABASE_URL": OURS}
    settings = read_settings(
        SECRETS | owners | {"DATABASE_URL": OURS, "REDIS_URL": LOCAL_REDIS}
    )

    _holds(unguarded(settings), ["MIGRATION_DATABASE_URL"])

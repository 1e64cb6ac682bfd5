"""What lies open between us, the database and Redis is told, and stops nothing."""

from __future__ import annotations

import pytest
import structlog
from redis import Redis

from app.config import Settings, read_settings
from app.main import create_app
from app.storage.database import ROLES, Database
from app.storage.powers import powers
from app.unguarded import evicted, overpowered, tell_unguarded, unguarded
from tests.builders.line import TestLine
from tests.builders.logins import as_login

OURS = "postgresql://me:word@127.0.0.1/tallymark"
LOCAL_REDIS = "redis://localhost:6379/0"
SECRETS = {"TALLYMARK_SECRET_KEY": "secret", "TALLYMARK_ENCRYPTION_KEY": "sealing"}
PASSWORD, TLS = "has no password", "without TLS"


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
    ],
)
def test_a_redis_elsewhere_has_a_password_and_tls(url: str, told: list[str]):
    _holds(unguarded(_settings(OURS, url)), told)


def _holds(found: tuple[str, ...], told: list[str]) -> None:
    assert len(told) == len(found)
    assert all(words in each for words, each in zip(told, found, strict=True))
    assert not any("word@" in each for each in found)


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
            tell_unguarded(settings, redis, database)
        deep = create_app(settings).test_client().get("/readyz?deep=1")
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
        database.close()

    assert "noeviction" in told
    assert [("warning", told)] == [(each["log_level"], each["what"]) for each in logs]
    assert (200, [told]) == (deep.status_code, deep.get_json()["unguarded"])


def test_what_is_away_says_nothing():
    assert () == evicted(Redis.from_url("redis://127.0.0.1:1/0"))
    assert () == overpowered(Database("postgresql://me@127.0.0.1:1/none"))


def test_a_login_that_may_do_anything_is_told_in_the_log_and_by_a_deep_look(
    line: TestLine,
):
    redis = Redis.from_url(str(line.settings.redis_url))
    with structlog.testing.capture_logs() as logs:
        tell_unguarded(line.settings, redis, line.database)

    [told] = line.client.get("/readyz?deep=1").get_json()["unguarded"]

    assert told.startswith("DATABASE_URL logs in as a superuser: ")
    assert "docs/operations.md" in told
    assert [("warning", told)] == [(each["log_level"], each["what"]) for each in logs]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("bypassrls", "a role that row-level security does not bind"),
        ("createrole", "a role that may make others"),
        ("in role boss", "the owner of the tables"),
        ("superuser", "a superuser"),
    ],
)
def test_each_power_that_no_process_needs_is_named(
    line: TestLine, made: str, told: str
):
    """`boss` owns a table; the login has this power beside the roles it may take."""
    with line.as_superuser() as connection:
        for statement in (
            "create role boss",
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
            connection.exec_driver_sql("drop role strong, boss")

    assert (told,) == found


def test_the_owners_url_is_nothing_for_what_runs():
    owners = {"MIGRATION_DATABASE_URL": OURS}
    settings = read_settings(
        SECRETS | owners | {"DATABASE_URL": OURS, "REDIS_URL": LOCAL_REDIS}
    )

    _holds(unguarded(settings), ["MIGRATION_DATABASE_URL"])

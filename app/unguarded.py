"""What lies open of the database and of Redis, by their URLs and their own word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, TimeoutError

from app.config import Settings
from app.storage.database import Database
from app.storage.powers import powers

# PostgreSQL's other modes go on without TLS where somebody in between says so.
_TLS_MODES = {"require", "verify-ca", "verify-full"}

# Redis then refuses what is new rather than dropping what it has.
_KEEPS = "noeviction"

_log = structlog.get_logger()


def unguarded(settings: Settings) -> tuple[str, ...]:
    """Return a sentence for each thing that the URLs leave open."""
    found: list[str] = []
    if settings.migration_database_url:
        found.append(
            "MIGRATION_DATABASE_URL is set for what runs, and lets it change the "
            "tables: unset it for web, workers and clock"
        )
    for name, url, advice in (
        ("DATABASE_URL", settings.database_url, "end it in ?sslmode=verify-full"),
        ("REDIS_URL", settings.redis_url, "begin it with rediss://"),
    ):
        if not url or all(_is_here(host) for host in _hosts(url)):
            continue
        if not _has_password(url):
            found.append(f"{name} leads to another machine and has no password")
        if not _has_tls(url):
            found.append(f"{name} leads to another machine without TLS: {advice}")
    return tuple(found)


def evicted(redis: Redis) -> tuple[str, ...]:
    """Return a sentence where Redis may drop what it was given; nothing if away."""
    told: Any = {}
    with suppress(RedisError):
        told = redis.info("memory")
    policy = told.get("maxmemory_policy", _KEEPS)
    if policy == _KEEPS:
        return ()
    return (f"Redis may drop bells: its maxmemory-policy is {policy}, not {_KEEPS}",)


def overpowered(database: Database) -> tuple[str, ...]:
    """Return a sentence where the login may do more than is needed; nothing if away."""
    found: tuple[str, ...] = ()
    with suppress(DBAPIError, TimeoutError):
        found = powers(database)
    if not found:
        return ()
    return (
        f"DATABASE_URL logs in as {' and '.join(found)}: make it a login that owns "
        "nothing, as docs/operations.md says, and keep this one for migrations",
    )


def tell_unguarded(settings: Settings, redis: Redis, database: Database) -> None:
    """Warn in the log of all of this, a line each."""
    for each in (*unguarded(settings), *evicted(redis), *overpowered(database)):
        _log.warning("unguarded", what=each)


def _hosts(url: str) -> Iterator[str]:
    """Yield the machines that a URL names; a socket in the file system is a path."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return
    named = parse_qs(parts.query).get("host")
    if named:
        yield from ",".join(named).split(",")
        return
    for each in parts.netloc.rpartition("@")[2].split(","):
        yield urlsplit(f"//{each}").hostname or ""


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith("/"):
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _has_password(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.password or parse_qs(parts.query).get("password"))


def _has_tls(url: str) -> bool:
    parts = urlsplit(url)
    mode = parse_qs(parts.query).get("sslmode", [""])[-1]
    return parts.scheme == "rediss" or mode in _TLS_MODES

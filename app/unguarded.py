"""What lies open of the database and of Redis, by their URLs and their own word."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Any

import structlog
from redis import Redis, SSLConnection
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from app.config import Settings
from app.domain.errors import SettingsMissing
from app.storage.database import Database
from app.storage.powers import powers

# PostgreSQL's other modes go on without TLS where somebody in between says so.
_TLS_MODES = {"require", "verify-ca", "verify-full"}

# Redis then refuses what is new rather than dropping what it has.
_KEEPS = "noeviction"

_log = structlog.get_logger()


def unguarded(settings: Settings) -> tuple[str, ...]:
    """Return a sentence for each thing that the settings of what runs leave open."""
    if not settings.migration_database_url:
        return open_ways(settings)
    return (
        "MIGRATION_DATABASE_URL is set for what runs, and lets it change the tables: "
        "unset it for web, workers and clock",
        *open_ways(settings),
    )


def open_ways(settings: Settings) -> tuple[str, ...]:
    """Return a sentence for each way to a server that others may be on.

    Raises SettingsMissing for a URL that its driver could not read.
    """
    found: list[str] = []
    for name, url, server in (
        ("DATABASE_URL", settings.database_url, _POSTGRES),
        ("MIGRATION_DATABASE_URL", settings.migration_database_url, _POSTGRES),
        ("REDIS_URL", settings.redis_url, _REDIS),
    ):
        if not url:
            continue
        way = _read(name, url, server)
        if way.leads_away and not way.has_password:
            found.append(f"{name} leads to another machine and names no password")
        if way.leads_away and not way.has_tls:
            advice = server.tls_advice
            found.append(f"{name} leads to another machine without TLS: {advice}")
    return tuple(found)


def refuse_unguarded(settings: Settings) -> None:
    """Raise SettingsMissing where URLs leave open what the settings do not allow.

    Also where one cannot be read, whatever is allowed.
    """
    found = open_ways(settings)
    if found and not settings.allows_unguarded:
        raise SettingsMissing(
            f"{'; '.join(found)}; or set ALLOW_UNGUARDED=1 where nobody else is on the "
            "way there (see What lies open in docs/operations.md)"
        )


def evicted(redis: Redis) -> tuple[str, ...]:
    """Return a sentence where Redis may drop what it was given; raises RedisError."""
    told: Any = redis.info("memory")
    policy = told.get("maxmemory_policy", _KEEPS)
    if policy == _KEEPS:
        return ()
    return (f"Redis may drop bells: its maxmemory-policy is {policy}, not {_KEEPS}",)


def overpowered(database: Database) -> tuple[str, ...]:
    """Return a sentence where the login may do more than is needed.

    Raises DBAPIError or TimeoutError where the database is away.
    """
    found = powers(database)
    if not found:
        return ()
    return (
        "DATABASE_URL logs in as somebody who is, or may become, "
        f"{' and '.join(found)}: make it a login that owns nothing, as "
        "docs/operations.md says, and keep this one for migrations",
    )


class TellingUnguarded:
    """Warns in the log of all of this, a line each, once who is asked has answered."""

    def __init__(self, settings: Settings, redis: Redis, database: Database) -> None:
        """Prepare to ask settings, Redis and database; none is asked yet."""
        self._unasked: list[Callable[[], tuple[str, ...]]] = [
            partial(unguarded, settings),
            partial(evicted, redis),
            partial(overpowered, database),
        ]

    def work(self) -> None:
        """Ask whoever has not answered yet; who is away is asked by the next call."""
        for ask in tuple(self._unasked):
            with suppress(RedisError, DBAPIError, TimeoutError):
                for each in ask():
                    _log.warning("unguarded", what=each)
                self._unasked.remove(ask)


@dataclass(frozen=True)
class _Way:
    """Where a URL leads, as its driver reads it."""

    leads_away: bool
    has_password: bool
    has_tls: bool


@dataclass(frozen=True)
class _Server:
    """How the URL of a server is read, what one looks like, and what brings TLS."""

    read: Callable[[str], _Way]
    example: str
    tls_advice: str


def _read(name: str, url: str, server: _Server) -> _Way:
    try:
        return server.read(url)
    except (ValueError, ArgumentError):
        # What the driver says of it may hold a part of the password.
        raise SettingsMissing(
            f"{name} cannot be read: write it like {server.example}, and what its "
            "password has beside letters and digits as %40 and the like"
        ) from None


def _read_postgres(url: str) -> _Way:
    read = make_url(url).set(drivername="postgresql+psycopg")
    if "@" in (read.host or ""):
        raise ValueError("the password ends at an @ of its own")
    _, given = read.get_dialect()().create_connect_args(read)
    hosts = [
        host
        for key in ("host", "hostaddr")
        for host in str(given.get(key, "")).split(",")
    ]
    return _Way(
        # A service is looked up in a file, which may name any machine.
        leads_away="service" in given or not all(map(_is_here, hosts)),
        has_password=bool(given.get("password")),
        has_tls=given.get("sslmode") in _TLS_MODES,
    )


def _read_redis(url: str) -> _Way:
    pool = Redis.from_url(url).connection_pool
    given = pool.connection_kwargs
    return _Way(
        # Without a host it is this machine, or a socket in the file system.
        leads_away=not _is_here(given.get("host", "")),
        has_password=bool(given.get("password")),
        has_tls=issubclass(pool.connection_class, SSLConnection),
    )


_POSTGRES = _Server(
    _read_postgres,
    "postgresql://HOST:5432/DATABASE with LOGIN:PASSWORD and an @ before HOST",
    "end it in ?sslmode=verify-full",
)
_REDIS = _Server(
    _read_redis,
    "rediss://HOST:6379/0 with :PASSWORD and an @ before HOST",
    "begin it with rediss://",
)


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith("/"):
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False

"""The servers in use: those of the environment, else embedded ones under the home."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType

import structlog

from app.config import Settings
from app.local.errors import LocalError
from app.local.postgres import EmbeddedPostgres
from app.local.redis import EmbeddedRedis

_log = structlog.get_logger()

_WATCH_S = 0.5


class Servers:
    """PostgreSQL and Redis for these settings; embedded where no URL is given."""

    def __init__(self, settings: Settings) -> None:
        """Look at what the settings leave to us; nothing is started yet."""
        self._settings = settings
        self._postgres = (
            None
            if settings.database_url
            else EmbeddedPostgres(settings.home / "postgres")
        )
        self._redis = (
            None if settings.redis_url else EmbeddedRedis(settings.home / "redis")
        )

    def running(self) -> Settings | None:
        """Return the settings with both URLs, None where a server is not up."""
        database_url = (
            self._postgres.url if self._postgres else self._settings.database_url
        )
        redis_url = self._redis.url if self._redis else self._settings.redis_url
        if database_url is None or redis_url is None:
            return None
        return replace(self._settings, database_url=database_url, redis_url=redis_url)

    def start(self) -> Settings:
        """Start what is not up, and return the settings with both URLs."""
        for server in (self._postgres, self._redis):
            if server:
                server.start()
        running = self.running()
        assert running
        return running

    def stop(self) -> None:
        """Stop the embedded servers."""
        for server in (self._redis, self._postgres):
            if server:
                server.stop()

    @contextmanager
    def borrowed(self) -> Iterator[Settings]:
        """Have the servers up for a while, and leave them as they were found."""
        was_up = self.running() is not None
        try:
            yield self.start()
        finally:
            if not was_up:
                self.stop()


class Keeper:
    """Starts an embedded server again when it dies; use as a context manager."""

    def __init__(self, servers: Servers) -> None:
        """Watch these servers."""
        self._servers = servers
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Keeper:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Watch no more."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_WATCH_S):
            if self._servers.running() is None:
                _log.warning("an embedded server died and is started again")
                try:
                    self._servers.start()
                except (LocalError, OSError) as error:
                    _log.error("server did not start", error=str(error))

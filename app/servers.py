"""The servers in use: those of the environment, else embedded ones under the home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.config import Settings
from app.local.postgres import EmbeddedPostgres
from app.local.redis import EmbeddedRedis
from app.local.watch import ServerWatch


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

    def watched(self, say: Callable[[str], None]) -> ServerWatch:
        """Return a context in which an embedded server that dies is started again."""
        mine = [server for server in (self._postgres, self._redis) if server]
        return ServerWatch(mine, say)

    @contextmanager
    def borrowed(self) -> Iterator[Settings]:
        """Have the servers up for a while, and leave them as they were found."""
        ours = [each for each in (self._redis, self._postgres) if each]
        started = [server for server in ours if server.url is None]
        try:
            yield self.start()
        finally:
            for server in started:
                server.stop()

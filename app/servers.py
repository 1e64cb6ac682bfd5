"""The servers in use: those of the environment, else embedded ones under the home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.config import Settings
from app.local.postgres import EmbeddedPostgres
from app.local.redis import EmbeddedRedis
from app.local.watch import ServerWatch
from app.storage.database import ROLES


class Servers:
    """PostgreSQL and Redis for these settings; embedded where no URL is given."""

    def __init__(self, settings: Settings) -> None:
        """Look at what the settings leave to us; nothing is started yet."""
        self._settings = settings
        self._postgres = (
            None
            if settings.database_url
            else EmbeddedPostgres(settings.home / "postgres", roles=ROLES)
        )
        self._redis = (
            None if settings.redis_url else EmbeddedRedis(settings.home / "redis")
        )

    def running(self) -> Settings | None:
        """Return the settings with all URLs, None where a server is not up.

        An embedded database is reached by a login that owns nothing, and by its
        superuser to make and change the tables.
        """
        found = self._settings
        if self._postgres:
            found = replace(
                found,
                database_url=self._postgres.login_url,
                migration_database_url=self._postgres.url,
            )
        if self._redis:
            found = replace(found, redis_url=self._redis.url)
        return found if found.database_url and found.redis_url else None

    def start(self) -> Settings:
        """Start what is not up, and return the settings with all URLs."""
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

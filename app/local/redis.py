"""A Redis (or Valkey) of our own in a folder of our own, with its log on disk."""

import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote, unquote

import psutil
import redis
from filelock import FileLock
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.local.account import Account
from app.local.binaries import redis_program
from app.local.errors import ServerDidNotStart, ServerDidNotStop
from app.local.processes import POLL_SECONDS, end, kill, noted_in, working_in
from app.local.sockets import prepare, release, socket_folder

PROGRAMS = frozenset({"redis-server", "valkey-server"})
SOCKET = "redis.sock"
START_SECONDS = 120.0
STOP_SECONDS = 30.0
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
}


class EmbeddedRedis:
    """The Redis of one folder, whoever started it."""

    def __init__(self, folder: Path, *, program: Path | None = None) -> None:
        self._folder = folder.resolve()
        self._pid_file = self._folder / "redis.pid"
        self._url_file = self._folder / "redis.url"
        self._log = self._folder / "redis.log"
        self._lock = FileLock(self._folder / "start.lock")
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str | None:
        """The URL of the running server, else None."""
        if self._server() is None:
            return None
        try:
            return self._url_file.read_text()
        except OSError:
            return None

    def start(self) -> str:
        """Have the server running and return its URL."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            # One that is shutting down does not answer; then another is needed.
            if not self._answers(None):
                self._child = self._launch()
                if not self._answers(self._child):
                    raise ServerDidNotStart("Redis", self._log)
            return self._url_file.read_text()

    def stop(self) -> None:
        """Shut the server down in order, if it runs."""
        if not self._folder.exists():
            return
        with self._lock:
            server, url = self._server(), self.url
            if server is None:
                return
            self._end([server], STOP_SECONDS)
            if url is not None:
                release(Path(unquote(url.removeprefix("unix://"))).parent)

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        kill(working_in(self._folder, PROGRAMS))
        if self._child is not None:
            self._child.wait()

    def _server(self) -> psutil.Process | None:
        return noted_in(self._pid_file, self._folder, PROGRAMS)

    def _answers(self, child: subprocess.Popen[bytes] | None) -> bool:
        """Wait until the server answers a ping; False once it is not running."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            url = self.url
            if url is None and (child is None or child.poll() is not None):
                return False
            if url and _pings(url):
                return True
            time.sleep(POLL_SECONDS)
        raise ServerDidNotStart("Redis", self._log)

    def _launch(self) -> subprocess.Popen[bytes]:
        self._end(working_in(self._folder, PROGRAMS), 5)
        program = self._program or redis_program()
        host = socket_folder(self._folder, SOCKET)
        account = Account()
        prepare(host, account.owner)
        # A pid that still stands here is not a server of ours, or it would be running.
        self._pid_file.unlink(missing_ok=True)
        self._url_file.write_text(f"unix://{quote(str(host / SOCKET))}")
        settings: dict[str, str | Path] = {
            **SETTINGS,
            "dir": self._folder,
            "unixsocket": host / SOCKET,
            "pidfile": self._pid_file,
        }
        command: list[str | Path] = [program]
        for name, value in settings.items():
            command += [f"--{name}", value]
        return account.spawn(command, self._log)

    def _end(self, processes: list[psutil.Process], grace_seconds: float) -> None:
        left = end(processes, signal.SIGTERM, grace_seconds)
        if left:
            raise ServerDidNotStop(self._folder, [each.pid for each in left])


def _pings(url: str) -> bool:
    with redis.Redis.from_url(
        url, socket_timeout=5, retry=Retry(NoBackoff(), 0)
    ) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False

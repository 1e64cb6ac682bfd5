"""Has PostgreSQL's machine vanish while an answer is awaited, in a network of its own.

Says how the wait ended. The network is the process's own, so taking its loopback away
is as if a cable were pulled, and nobody else notices.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.local import postgres
from app.storage.database import Database

WAITED_S = 60


def main(folder: Path) -> None:
    """Ask PostgreSQL in `folder` for something slow, and cut the network meanwhile."""
    _loopback("up")
    postgres.SETTINGS["listen_addresses"] = "127.0.0.1"
    server = postgres.EmbeddedPostgres(folder)
    server.start()
    database = Database(
        f"postgresql://{postgres.NAME}@127.0.0.1:{postgres.PORT}/{postgres.NAME}"
    )
    is_asked, ends = threading.Event(), []
    asking = threading.Thread(target=_ask, args=[database, is_asked, ends], daemon=True)
    asking.start()
    assert is_asked.wait(WAITED_S)
    # The question has gone out once the server is at work on it.
    while not _is_working(server):
        assert asking.is_alive()
    # Nor is anything left to be sent again, or that would end the wait.
    time.sleep(1)
    _loopback("down")
    asking.join(WAITED_S)
    print("still waiting" if asking.is_alive() else ends[0])
    server.kill()


def _ask(database: Database, is_asked: threading.Event, ends: list[str]) -> None:
    try:
        with database.engine.begin() as connection:
            is_asked.set()
            connection.execute(text("select pg_sleep(300)"))
        ends.append("answered")
    except OperationalError:
        ends.append("failed")


def _is_working(server: postgres.EmbeddedPostgres) -> bool:
    database = Database(server.url or "")
    asked = text("select count(*) from pg_stat_activity where wait_event = 'PgSleep'")
    with database.engine.begin() as connection:
        count = int(connection.execute(asked).scalar_one())
    database.close()
    return count == 1


def _loopback(state: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What can happen to PostgreSQL: a power cut, an immediate stop, cut connections."""

from __future__ import annotations

import signal
import time
from random import Random

from tests.faults.site import Site


def kill_postgres(site: Site, chance: Random) -> None:
    """`kill -9` of every process of the server, down for a moment, back again."""
    site.postgres.kill()
    time.sleep(chance.uniform(0, 1.5))
    site.postgres.start()


def stop_postgres_at_once(site: Site, chance: Random) -> None:
    """An immediate stop, which closes nothing in order, and a new start."""
    pid_file = site.home / "postgres" / "data" / "postmaster.pid"
    site.tell(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
    site.wait_until(lambda: site.postgres.url is None, 30)
    time.sleep(chance.uniform(0, 1.5))
    site.postgres.start()


def cut_connections(site: Site, chance: Random) -> None:
    """The server ends every connection of the app."""
    site.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database()"
    )

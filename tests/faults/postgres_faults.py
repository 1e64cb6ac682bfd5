"""What can happen to PostgreSQL: a power cut, an immediate stop, a spoiled cable."""

from __future__ import annotations

import signal
import time
from random import Random

from tests.faults.cable import Cable
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


def cut_commits(site: Site, chance: Random) -> None:
    """Twenty commits are done, and whoever asked for them is never told."""
    cable = _cable(site)
    cable.commits_cut, cable.commits_to_cut = 0, 20
    site.wait_until(lambda: cable.commits_cut >= 20, 120)


def reset_connections(site: Site, chance: Random) -> None:
    """Every connection is reset, ten times in two seconds."""
    for _ in range(10):
        _cable(site).cut()
        time.sleep(0.2)


def fall_silent(site: Site, chance: Random) -> None:
    """The server takes connections and says nothing, for six seconds."""
    _cable(site).is_silent = True
    time.sleep(6)
    _cable(site).heal()


def _cable(site: Site) -> Cable:
    assert site.cable
    return site.cable

"""What can happen to PostgreSQL: a power cut, an immediate stop, a spoiled cable."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterable
from random import Random

from tests.faults import points
from tests.faults.cable import INGEST, LEDGER, OUTBOX, Cable
from tests.faults.site import Site


def kill_postgres(site: Site, chance: Random) -> None:
    """`kill -9` of every process of the server, down for a moment, back again."""
    site.wait_until(site.is_ready, 60)
    with site.outage():
        site.postgres.kill()
        time.sleep(chance.uniform(0, 1.5))
        site.postgres.start()


def stop_postgres_at_once(site: Site, chance: Random) -> None:
    """An immediate stop, which closes nothing in order, and a new start."""
    pid_file = site.home / "postgres" / "data" / "postmaster.pid"
    site.wait_until(site.is_ready, 60)
    with site.outage():
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
    """Commits of all sorts are done, and whoever asked for them is never told."""
    cut_commits_of(site, (INGEST, LEDGER, OUTBOX), 7)


def cut_commits_of(site: Site, sorts: Iterable[str], each: int) -> None:
    """So many commits of each sort are done, and nobody is told of them."""
    cable = _cable(site)
    cut = cable.commits_cut
    wanted = {sort: _cut(cut, sort) + each for sort in sorts}
    points.arm(site.faults, points.NAMES)
    cable.commits_to_cut.update(dict.fromkeys(sorts, each))
    site.wait_until(lambda: all(_cut(cut, one) >= wanted[one] for one in wanted), 300)
    points.disarm(site.faults, points.NAMES)


def _cut(cut: Counter[tuple[str, str]], wanted: str) -> int:
    return sum(times for (sort, _), times in list(cut.items()) if sort == wanted)


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

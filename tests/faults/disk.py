"""A disk that runs full under load, first that of the data, then that of the log.

Run as `unshare --mount python -m tests.faults.disk FOLDER`, so that the small disks are
seen by nobody else and are gone with the last process; writes what it found as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from app.domain.program import Program
from tests.builders.shopify import an_order
from tests.faults.history import Webhook, deal, webhook
from tests.faults.journal import Journal
from tests.faults.oracle import Terms
from tests.faults.sender import Sender
from tests.faults.site import Site
from tests.faults.verifier import findings, settle
from tests.faults.waiting import wait_until

_DOMAIN = "full.myshopify.com"
# Enough for an empty database, and for a few segments of the log.
_DATA_MB, _LOG_MB = 160, 192


def main(folder: Path) -> dict[str, Any]:
    """Fill both disks, one after the other, and say what became of it."""
    site = Site(folder / "site")
    data, log = site.home / "postgres", folder / "log"
    for place, size in ((data, _DATA_MB), (log, _LOG_MB)):
        place.mkdir(parents=True)
        options = f"size={size}m"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", place], check=True
        )
    _move_log(site, log / "pg_wal")
    site.start()
    try:
        return _fill_and_heal(site, folder, data, log)
    finally:
        site.stop()


def _move_log(site: Site, place: Path) -> None:
    site.postgres.start()
    site.postgres.stop()
    log = site.home / "postgres" / "data" / "pg_wal"
    subprocess.run(["cp", "-a", log, place], check=True)
    subprocess.run(["rm", "-r", log], check=True)
    log.symlink_to(place)


def _fill_and_heal(site: Site, folder: Path, data: Path, log: Path) -> dict[str, Any]:
    terms = {_DOMAIN: Terms(site.add_store(_DOMAIN).store_id, Program())}
    journal = Journal(folder / "journal.jsonl")
    sent = deal(1, _DOMAIN, 10)
    with Sender(site.url, journal) as sender:
        sender.feed(sent)
        sender.wait()
        for number, disk in enumerate((data, log)):
            large = _large_orders(number)
            sent += large
            refused = _refused(journal)
            with _full(disk):
                sender.feed(large, per_second=20)
                if disk == log:
                    _use_up_log(site)
                wait_until(lambda r=refused: _refused(journal) > r, 60)  # type: ignore[misc]
            site.postgres.start()
            sender.wait()
    site.let_leases_end()
    settle(site)
    wrong = findings(site, journal, sent, terms)
    return {
        "wrong": {name: str(what) for name, what in wrong.items()},
        "answers": sorted({str(each.answer) for each in journal.read()}),
        "disk full": _said(site, "No space left on device"),
        "panics": _said(site, "PANIC"),
    }


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    """Have a file take up all of a disk but a little."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**18))
    yield
    ballast.unlink()


def _large_orders(number: int) -> list[Webhook]:
    chance = Random(number)
    orders = [
        an_order(
            id=1_000_000 + number * 1000 + place,
            customer={"id": 5_000 + place % 7, "email": None},
            email=None,
            note=chance.randbytes(60_000).hex(),
        )
        for place in range(40)
    ]
    return [webhook(chance, _DOMAIN, "orders/paid", order) for order in orders]


def _refused(journal: Journal) -> int:
    return sum(each.answer != 200 for each in journal.read())


def _use_up_log(site: Site) -> None:
    """Write until the log needs a file for which there is no room."""
    with suppress(psycopg.OperationalError):
        for _ in range(100):
            site.execute("create table if not exists use (); drop table use")
            site.rows("select pg_switch_wal()")


def _said(site: Site, words: str) -> int:
    return (site.home / "postgres" / "postgres.log").read_text().count(words)


if __name__ == "__main__":
    found = main(Path(sys.argv[1]))
    Path(sys.argv[1], "found.json").write_text(json.dumps(found))

"""A disk that runs full under load, first that of the data, then that of the log.

Run as `unshare --mount python -m tests.faults.disk FOLDER`, so that the small disks are
seen by nobody else and are gone with the last process; writes what it found as JSON.
What dies is started again by `tallymark up`, as it is for whoever hosts it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from shutil import disk_usage
from typing import Any

import psycopg
import requests

from app.disks import ROOM_MIN
from app.domain.program import Program
from tests.builders.line import SECRET
from tests.builders.shopify import an_order
from tests.faults.history import Webhook, deal, webhook
from tests.faults.journal import Journal
from tests.faults.oracle import Terms
from tests.faults.sender import Sender
from tests.faults.site import Site
from tests.faults.verifier import findings, settle
from tests.stories.conftest import Running, start, stop

_DOMAIN = "full.myshopify.com"
# Enough for an empty database, and for a few segments of the log, beside the room
# below which somebody is told.
_DATA_MB, _LOG_MB = 160, 192
_PATIENCE_S = 60


class Hosted(Site):
    """A site as hosts have it: `tallymark up` keeps its servers and parts running."""

    running: Running

    def start(self) -> None:
        """Have everything running, and the tables made."""
        self.running = start(self.home, "up", SHOPIFY_API_SECRET=SECRET)
        self.url = self.running.url

    def stop(self) -> None:
        """End everything."""
        stop(self.running)

    def tail(self) -> str:
        """The last that was said."""
        return self.running.output.read_text()[-2000:]

    def has_told(self, words: str) -> bool:
        """Whether the watch, or any part, has said this."""
        return words in self.running.output.read_text()

    def left(self, holds: str) -> float:
        """Which part of a disk is left, as `/metrics` says."""
        told = requests.get(f"{self.url}/metrics", timeout=10).text
        [ratio] = re.findall(rf'disk_left_ratio{{holds="{holds}"}} (\S+)', told)
        return float(ratio)


class Ballast:
    """A file that takes the room on a disk."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        self._file = disk / "ballast"

    def leave(self, part: float) -> None:
        """Write until not more than this part of the disk is left."""
        with suppress(OSError), self._file.open("ab", buffering=0) as file:
            while disk_usage(self._disk).free > part * disk_usage(self._disk).total:
                file.write(bytes(2**18))

    def remove(self) -> None:
        """Have room again."""
        self._file.unlink()


def main(folder: Path) -> dict[str, Any]:
    """Fill both disks, one after the other, and say what became of it."""
    site = Hosted(folder / "site")
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
        return _fill_and_heal(site, folder, {"data": data, "wal": log})
    finally:
        site.stop()


def _move_log(site: Site, place: Path) -> None:
    site.postgres.start()
    site.postgres.stop()
    log = site.home / "postgres" / "data" / "pg_wal"
    subprocess.run(["cp", "-a", log, place], check=True)
    subprocess.run(["rm", "-r", log], check=True)
    log.symlink_to(place)


def _fill_and_heal(
    site: Hosted, folder: Path, disks: dict[str, Path]
) -> dict[str, Any]:
    terms = {_DOMAIN: Terms(site.add_store(_DOMAIN).store_id, Program())}
    journal = Journal(folder / "journal.jsonl")
    sent = deal(1, _DOMAIN, 10)
    told, back_s = {}, {}
    with Sender(site.url, journal) as sender:
        sender.feed(sent)
        sender.wait()
        for number, (holds, disk) in enumerate(disks.items()):
            large = _large_orders(number)
            sent += large
            ballast = Ballast(disk)
            before = site.left(holds)
            ballast.leave(ROOM_MIN - 0.01)
            told[holds] = before, site.left(holds)
            ballast.leave(0)
            full_at = time.time()
            sender.feed(large, per_second=20)
            if holds == "wal":
                _use_up_log(site)
                site.wait_until(lambda: site.has_told("does not start"), _PATIENCE_S)
            _wait_for_answer(site, journal, full_at, is_kept=False)
            ballast.remove()
            back_s[holds] = _wait_for_answer(site, journal, time.time(), is_kept=True)
            sender.wait()
    site.let_leases_end()
    settle(site)
    wrong = findings(site, journal, sent, terms)
    return {
        "wrong": {name: str(what) for name, what in wrong.items()},
        "answers": sorted({str(each.answer) for each in journal.read()}),
        "disk full": _said(site, "No space left on device"),
        "panics": _said(site, "PANIC"),
        "told": told,
        "back_s": back_s,
    }


def _wait_for_answer(
    site: Site, journal: Journal, since: float, *, is_kept: bool
) -> float:
    """Wait until a message is kept, or is not; return how long after `since`."""
    found: list[float] = []

    def is_there() -> bool:
        found[:] = [
            each.at
            for each in journal.read()
            if (each.answer == 200) == is_kept and each.at - each.seconds > since
        ]
        return bool(found)

    site.wait_until(is_there, _PATIENCE_S)
    return round(min(found) - since, 2)


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

"""A later release of the app: its code in a folder of its own, changed as one would be.

Its bell is another function and carries a payload, it expects other tables, and its
writes say that they are its own.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path

from app.storage.database import REVISION, Database
from app.storage.migrating import upgrade
from tests.builders.next_migration import NEXT, config_with_next, undo
from tests.faults.site import ROOT, Site

LATER, THIS = "a later release", "this release"

# By file, what is there now and what a later release has instead.
_CHANGES = {
    "app/jobs.py": {
        'JOB = "workers.bell.answer"': 'JOB = "workers.doorbell.look"',
        "[JOB, None, [], {}]": '[JOB, None, ["inbox"], {"oldest_first": True}]',
        "enqueue(JOB, ": 'enqueue(JOB, "inbox", oldest_first=True, ',
    },
    "workers/bell.py": {
        "def answer() -> int:": "def look(where: str, *, oldest_first: bool) -> int:",
        "    if _line.bell:": "    assert oldest_first and where == 'inbox'\n"
        "    if _line.bell:",
    },
    "workers/__main__.py": {
        "from workers import bell": "from workers import doorbell as bell"
    },
    "app/storage/database.py": {
        f'REVISION = "{REVISION}"': f'REVISION = "{NEXT}"',
        "= frozenset()": f'= frozenset({{"{REVISION}"}})',
    },
    "app/storage/inbox.py": {
        "body_key, state, note, finished_at)": "body_key, state, note, finished_at,"
        " kept_by)",
        "                then clock_timestamp() end\n": "                then"
        f" clock_timestamp() end, '{LATER}'\n",
        "set state = news.state,": f"set finished_by = '{LATER}', state = news.state,",
    },
}
_MOVED = {"workers/bell.py": "workers/doorbell.py"}

# What the later release does to the tables first, so that both can run on them.
_EXPAND = f"""
    alter table inbox
        add column kept_by text default '{THIS}',
        add column finished_by text default '{THIS}'
"""
_TAKE_BACK = "alter table inbox drop column kept_by, drop column finished_by"

_EXCHANGED = ("worker.1", "web")
_ALL = ("web", "worker.1", "worker.2")

_CROSSED = """
    select distinct kept_by, finished_by from inbox
    where state = 'settled' and received_at > %(began)s
"""


def write_later(folder: Path) -> Path:
    """Write the code of a later release; return where it is."""
    for name in ("app", "webhooks", "workers"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy2(ROOT / "Procfile", folder)
    for name, changes in _CHANGES.items():
        text = (folder / name).read_text()
        for before, after in changes.items():
            assert text.count(before) == 1, f"{name} has changed: {before}"
            text = text.replace(before, after)
        (folder / name).write_text(text)
    for before, after in _MOVED.items():
        (folder / before).rename(folder / after)
    return folder


@dataclass(frozen=True)
class Deployed:
    """What became of a release that took another's place and gave it back.

    By which releases messages were kept and finished, and whether each process that was
    asked to end did so in time.
    """

    crossed: set[tuple[str, str]]
    ended: list[bool]


def deploy_and_roll_back(site: Site) -> Deployed:
    """Have a later release take this one's place, part by part, and give it back.

    Each part begins beside the one whose place it takes; one worker and the clock stay
    as they are.
    """
    ended: list[bool] = []
    with _later_release(site) as (later, began):
        try:
            ended += [site.exchange(part, later) for part in _EXCHANGED]
        finally:
            ended += [site.exchange(part) for part in _EXCHANGED]
        return Deployed(set(site.rows(_CROSSED, began=began)), ended)


def deploy_again_and_again(site: Site, times: int, every_s: float) -> Deployed:
    """Restart web and workers so often, by turns as a later release and as this one.

    A restart goes through them one after another, and begins `every_s` seconds after
    the one before, or at its end if that is later. The last is of this release.
    """
    ended: list[bool] = []
    with _later_release(site) as (later, began):
        try:
            for code in islice(cycle((later, ROOT)), times - 1):
                next_at = time.monotonic() + every_s
                ended += [site.exchange(part, code) for part in _ALL]
                time.sleep(max(0.0, next_at - time.monotonic()))
        finally:
            ended += [site.exchange(part) for part in _ALL]
        return Deployed(set(site.rows(_CROSSED, began=began)), ended)


@contextmanager
def _later_release(site: Site) -> Iterator[tuple[Path, datetime]]:
    """Write a later release, and have its tables; gives its folder and this moment."""
    [(began,)] = site.rows("select clock_timestamp()")
    later = site.home / "later"
    shutil.rmtree(later, ignore_errors=True)
    write_later(later)
    with _tables_expanded(site):
        yield later, began


@contextmanager
def _tables_expanded(site: Site) -> Iterator[None]:
    database = Database(site.database_url, wait_s=60)
    folder = site.home / "later-migrations"
    folder.mkdir(exist_ok=True)
    config, head = config_with_next(database, folder, _EXPAND, _TAKE_BACK)
    upgrade(config, NEXT)
    try:
        yield
    finally:
        undo(config, head)
        database.close()

"""A migration while stores deliver and somebody reads: late answers, and no loss."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from app.storage.database import Database
from app.storage.migrating import upgrade
from tests.builders.next_migration import NEXT, config_with_next, undo
from tests.faults.conftest import Shop
from tests.faults.site import Site

_CHANGE = "alter table inbox add column spare text"
_CHANGE_BACK = "alter table inbox drop column spare"


def test_a_migration_behind_a_reader_lets_stores_pass(shop: Shop, tmp_path: Path):
    shop.send(shop.sells(5))
    shop.sell_during(lambda: _migrate_behind_a_reader(shop.site, tmp_path))
    told = [each.answer for each in shop.journal.read()]

    assert {} == shop.wrong()
    # A slow machine has stores come again as well, but not most of them.
    assert told.count(503) < told.count(200) / 10
    assert {200} <= set(told) <= {200, 503}


def _migrate_behind_a_reader(site: Site, folder: Path) -> None:
    database = Database(site.database_url, wait_s=60)
    config, head = config_with_next(database, folder, _CHANGE, _CHANGE_BACK)
    with ThreadPoolExecutor(1) as other, psycopg.connect(site.database_url) as reader:
        reader.execute("select count(*) from inbox")
        migrating = other.submit(upgrade, config, NEXT)
        time.sleep(3)
        assert not migrating.done(), "the reader was in nobody's way"
        reader.commit()
        migrating.result(30)
    undo(config, head)
    database.close()

"""Who the processes of a site are to its database, while they work."""

from __future__ import annotations

import psutil

from app.local.postgres import LOGIN
from tests.builders.logins import PLAIN, as_login, connected, login_at
from tests.faults.conftest import Shop


def test_every_part_works_by_a_login_that_owns_nothing(shop: Shop):
    shop.send(shop.sells(2))
    pids = [pid for part in ("web", "worker", "clock") for pid in shop.site.pids(part)]
    told = [psutil.Process(pid).environ()["DATABASE_URL"] for pid in pids]

    assert {} == shop.wrong()
    assert {LOGIN} == connected(shop.site.rows)
    assert {shop.site.environment["DATABASE_URL"]} == set(told)
    assert f"//{LOGIN}@" in told[0]
    assert PLAIN == login_at(as_login(shop.site.database_url), shop.site.rows)

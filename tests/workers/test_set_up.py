"""A store has what the app needs there after each installation, each thing once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.earning import Bonus, EarningRule, PurchasePoints
from app.domain.program import Program
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.earning_terms import EarningTerms
from app.platforms.shopify.set_up import COMPLIANCE, as_enum
from app.platforms.shopify.topics import TOPICS
from app.sandbox import metafields
from app.sandbox.admin import trouble
from app.sandbox_token import SANDBOX_DOMAIN, sandbox_token
from tests.app.commands.conftest import Run, run
from tests.builders.installation import PUBLIC_URL, Installation
from tests.builders.line import TestLine
from tests.builders.open_store import served

__all__ = ["run"]

KEYS = ["balance", "next_reward", "tier"]


@pytest.fixture
def site(line: TestLine, tmp_path: Path) -> Iterator[Installation]:
    """A sandbox store and the app."""
    with served(tmp_path / "shop") as shop:
        made = Installation(line, shop)
        yield made
        made.close()


def _make_due(site: Installation) -> None:
    site.line.tamper("update store_access set due_at = now(), lease_until = null")


def _defined(site: Installation) -> list[str]:
    found = site.setting("metafield definitions")
    assert {each["namespace"] for each in found} <= {"$app"}
    return [each["key"] for each in found]


def test_metafields_are_defined_once_however_often(site: Installation):
    site.open()
    assert site.setting_up.work() == 1
    assert _defined(site) == KEYS
    assert site.setting_up.work() == 0

    _make_due(site)
    assert site.setting_up.work() == 1

    assert _defined(site) == KEYS
    assert site.setting("webhook subscriptions") == []


@pytest.mark.parametrize("kind", [trouble.HANG_AFTER, trouble.THROTTLED])
def test_trouble_on_the_way_is_tried_again(site: Installation, kind: str):
    site.open()
    site.shop.let_happen(trouble.NONE, kind)
    assert site.setting_up.work() == 1
    assert _defined(site) != KEYS
    assert site.setting_up.work() == 0

    _make_due(site)
    site.setting_up.work()

    assert _defined(site) == KEYS


def test_a_store_that_is_looked_after_keeps_its_tokens_alive(site: Installation):
    """What renews them would end after 90 days without any use."""
    site.open()
    site.setting_up.work()
    site.line.tamper(
        "update store_access set expires_at = now() - interval '30 days',"
        " due_at = due_at - interval '30 days'"
    )

    assert site.setting_up.work() == 1
    assert len(site.shop.grants()) == 2


def test_a_custom_app_asks_for_its_messages(site: Installation, run: Run):
    token = sandbox_token("hush")
    environment = {"SANDBOX_URL": site.shop.url, "SHOPIFY_API_SECRET": "hush"}
    add = ("store", "add", SANDBOX_DOMAIN, "--platform", "shopify", "--token", token)
    run(site.line, *add, **environment)
    assert site.is_open

    site.setting_up.work()
    _make_due(site)
    site.setting_up.work()

    found = site.setting("webhook subscriptions")
    assert {f"{PUBLIC_URL}/webhooks/shopify"} == {each["uri"] for each in found}
    topics = sorted(map(as_enum, TOPICS.keys() - COMPLIANCE))
    assert topics == sorted(each["topic"] for each in found)
    assert _defined(site) == KEYS
    assert site.line.mentions(token) == []


def test_a_token_that_opens_nothing_is_not_kept(site: Installation, run: Run):
    environment = {"SANDBOX_URL": site.shop.url, "SHOPIFY_API_SECRET": "hush"}
    add = ("store", "add", SANDBOX_DOMAIN, "--platform", "shopify", "--token", "no")

    with pytest.raises(Exception, match="opens nothing"):
        run(site.line, *add, **environment)
    assert not site.is_open


def _reckoned(site: Installation) -> dict[str, Any]:
    """What the store's pages reckon points by."""
    with site.shop.store.data.reading() as rows:
        found = metafields.of_app(rows)
    return json.loads(found[0].value) if found else {}


def _save(site: Installation, since: datetime, *earning: EarningRule) -> None:
    assert site.store
    site.line.store = site.store
    site.line.set_program(Program(earning=earning), since)


def test_pages_are_told_what_a_product_earns_and_told_anew(site: Installation):
    site.open()
    site.setting_up.work()
    told = _reckoned(site)
    assert (1, 100) == (
        told["points"] * 100 // told["per"],
        told["per"] // told["points"],
    )
    assert (None, "EUR") == (told["until"], told["currency"])

    soon = site.line.clock() + timedelta(days=2)
    _save(site, soon, PurchasePoints(rate=Decimal(3)))
    assert site.setting_up.note_versions() == 1
    site.setting_up.work()
    assert told | {"until": int(soon.timestamp())} == _reckoned(site)
    with site.line.database.auditor() as connection:
        due_at = connection.execute(text("select due_at from store_access")).scalar()
    assert due_at == soon

    site.line.pass_days(3)
    assert site.setting_up.note_versions() == 1
    site.setting_up.work()
    assert _reckoned(site) == told | {"points": 3 * told["points"]}

    _save(site, site.line.clock(), PurchasePoints(), Bonus(points=9))
    assert site.setting_up.note_versions() == 1
    site.setting_up.work()
    assert _reckoned(site) == {}


def test_an_older_view_of_the_terms_never_covers_a_newer_one(site: Installation):
    """Who comes second sees that somebody wrote, and works it out anew."""
    site.open()
    assert site.store
    opener = site.way.opener(site.store)
    assert opener
    terms = EarningTerms(AdminApi(site.way.url(site.store.domain), opener))
    views = iter([{"points": 1}, {"points": 2}])

    def slow() -> dict[str, int]:
        mine = next(views)
        if mine == {"points": 1}:
            assert terms.tell(lambda: {"points": 2}) == []
        return mine

    assert terms.tell(slow) == []
    assert _reckoned(site) == {"points": 2}
    assert next(views, None) is None

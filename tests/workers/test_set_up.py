"""A store has what the app needs there after each installation, each thing once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platforms.shopify.set_up import COMPLIANCE, as_enum
from app.platforms.shopify.topics import TOPICS
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

"""The app's configuration is what the code needs, and its page says why."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from app.main import create_app
from app.platforms.shopify.admin_api import API_VERSION
from app.platforms.shopify.scopes import SCOPES
from app.platforms.shopify.set_up import COMPLIANCE, NAMESPACE
from app.platforms.shopify.topics import TOPICS
from app.sandbox import grants
from tests.builders.line import TestLine

ROOT = Path(__file__).parent.parent
CONFIGURATION = tomllib.loads((ROOT / "shopify.app.toml").read_text())
DOCUMENTS = ROOT / "app" / "platforms" / "shopify" / "documents"
[SUBSCRIPTION] = CONFIGURATION["webhooks"]["subscriptions"]


def _rows() -> list[list[str]]:
    """The table of scopes: scope, documents, topics."""
    page = (ROOT / "docs" / "shopify.md").read_text()
    table = page.partition("| scope |")[2].partition("\n\n")[0]
    lines = [line.split("|")[1:4] for line in table.splitlines()[2:]]
    return [[cell.strip() for cell in cells] for cells in lines]


def _named(cell: str) -> list[str]:
    return re.findall(r"`([a-z_/.]+)`", cell)


def scopes_table() -> dict[str, tuple[set[str], set[str]]]:
    """Which documents and topics the page names under each scope."""
    return {
        scope: (set(_named(documents)), set(_named(topics)))
        for cell, documents, topics in _rows()
        for scope in _named(cell)
    }


def test_it_has_the_keys_that_the_tool_knows_and_no_other():
    """The tool refuses a file with a section or a key that it does not know."""
    assert CONFIGURATION.keys() == {
        "client_id",
        "name",
        "handle",
        "application_url",
        "embedded",
        "extension_directories",
        "access_scopes",
        "auth",
        "webhooks",
        "app_proxy",
        "pos",
    }
    assert CONFIGURATION["access_scopes"].keys() == {
        "scopes",
        "use_legacy_install_flow",
    }
    assert CONFIGURATION["auth"].keys() == {"redirect_urls"}
    assert CONFIGURATION["webhooks"].keys() == {"api_version", "subscriptions"}
    assert SUBSCRIPTION.keys() == {"uri", "topics", "compliance_topics"}
    proxy = CONFIGURATION["app_proxy"]
    assert (proxy["prefix"], len(proxy["subpath"]) <= 30) == ("apps", True)


def test_it_subscribes_to_what_is_translated():
    assert set(SUBSCRIPTION["compliance_topics"]) == COMPLIANCE
    assert set(SUBSCRIPTION["topics"]) == TOPICS.keys() - COMPLIANCE
    assert CONFIGURATION["webhooks"]["api_version"] == API_VERSION


def test_it_asks_for_the_scopes_that_the_code_asks_for():
    assert CONFIGURATION["access_scopes"]["scopes"] == ",".join(SCOPES)
    assert SCOPES == grants.SCOPES == tuple(sorted(SCOPES))


def test_each_scope_is_needed_by_something_and_explained():
    rows = _rows()
    needed = [scope for cell, *_ in rows for scope in _named(cell)]
    documents = [name for _, cell, _ in rows for name in _named(cell)]
    topics = [name for _, _, cell in rows for name in _named(cell)]

    assert sorted(needed) == sorted(SCOPES)
    assert set(documents) == {path.stem for path in DOCUMENTS.iterdir()}
    assert sorted(topics) == sorted(TOPICS.keys() - COMPLIANCE)


def test_its_addresses_are_doors_of_ours(line: TestLine):
    rules = create_app(line.settings).url_map.bind("tallymark.example.com")
    addresses = [
        (CONFIGURATION["application_url"], "GET"),
        *((url, "GET") for url in CONFIGURATION["auth"]["redirect_urls"]),
        (SUBSCRIPTION["uri"], "POST"),
        (CONFIGURATION["app_proxy"]["url"] + "/standing", "GET"),
    ]

    for url, method in addresses:
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc) == ("https", "tallymark.example.com")
        assert rules.test(parts.path, method), url


def test_the_page_names_the_namespace_of_the_metafields():
    assert f"`{NAMESPACE}`" in (ROOT / "docs" / "shopify.md").read_text()

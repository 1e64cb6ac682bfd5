"""Definitions of metafields are as they should be, also where there are older ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.platforms.shopify.admin_api import AdminApi, Answer
from app.platforms.shopify.set_up import METAFIELDS, define_metafields
from app.platforms.shopify.tokens import FixedToken
from app.sandbox.admin import set_up
from tests.builders.open_store import TOKEN, OpenStore

WANTED = {
    "admin": "MERCHANT_READ",
    "customerAccount": "READ",
    "storefront": "PUBLIC_READ",
}
OLDER = {
    "admin": "MERCHANT_READ_WRITE",
    "customerAccount": "NONE",
    "storefront": "NONE",
}


class WatchedApi(AdminApi):
    """Tells what was asked, and lets something happen right before it is asked."""

    def __init__(self, url: str) -> None:
        super().__init__(url, FixedToken(TOKEN), answer_s=30)
        self.asked: list[str] = []
        self.before: dict[str, Callable[[], object]] = {}

    def ask(self, document: str, *args: Any, **variables: object) -> Any:
        self.before.pop(document, bool)()
        self.asked.append(document)
        return super().ask(document, *args, **variables)


@pytest.fixture
def api(open_store: OpenStore) -> WatchedApi:
    """The way to a store that has no definition yet."""
    with open_store.store.data.transaction() as rows:
        rows.save_setting("metafield definitions", [])
    return WatchedApi(open_store.url)


def _install_earlier(api: AdminApi, name: str, **access: str) -> None:
    """Define all as an earlier version did."""
    for key, _, kind in METAFIELDS:
        definition = {"namespace": "$app", "key": key, "ownerType": "CUSTOMER"}
        definition |= {"name": name, "type": kind, "access": access}
        api.ask("define_metafield", Answer, definition=definition)


def _are_as_wanted(store: OpenStore) -> bool:
    with store.store.data.reading() as rows:
        told = [
            (each["namespace"], each["key"], each["name"], each["type"], each["access"])
            for each in set_up.definitions(rows)
        ]
    return told == [("$app", *each, WANTED) for each in METAFIELDS]


def test_what_lacks_is_defined_and_then_left_alone(
    open_store: OpenStore, api: WatchedApi
):
    assert define_metafields(api) == []
    assert _are_as_wanted(open_store)
    api.asked.clear()

    assert define_metafields(api) == []
    assert {*api.asked} == {"find_definition"}


@pytest.mark.parametrize("key", OLDER)
def test_a_store_that_was_installed_with_other_access_gets_that_of_now(
    open_store: OpenStore, api: WatchedApi, key: str
):
    _install_earlier(api, "Points", **WANTED | {key: OLDER[key]})
    assert not _are_as_wanted(open_store)

    assert define_metafields(api) == []
    assert _are_as_wanted(open_store)


def test_another_name_is_changed_too(open_store: OpenStore, api: WatchedApi):
    _install_earlier(api, "Bonus")

    assert define_metafields(api) == []
    assert _are_as_wanted(open_store)


def test_who_was_quicker_may_be_of_an_earlier_version(
    open_store: OpenStore, api: WatchedApi
):
    quicker = AdminApi(open_store.url, FixedToken(TOKEN), answer_s=30)
    api.before["define_metafield"] = lambda: _install_earlier(quicker, "Points")

    assert define_metafields(api) == []
    assert _are_as_wanted(open_store)


def test_what_the_store_refuses_is_told_with_what_it_is_about(
    open_store: OpenStore, api: WatchedApi
):
    def remove() -> None:
        with open_store.store.data.transaction() as rows:
            rows.save_setting("metafield definitions", [])

    _install_earlier(api, "Points", **OLDER)
    api.before["change_definition"] = remove

    assert define_metafields(api) == ["balance: Definition not found."]

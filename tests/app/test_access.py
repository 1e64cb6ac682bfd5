"""A store stays open: its tokens are renewed once, kept sealed, and never lost."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.access import Access, Closed, StoreOpener, given
from app.domain.grants import Grant, Granted, PercentDiscount
from app.platforms.base import StoreAway
from app.platforms.shopify.admin import ShopifyAdmin
from app.platforms.shopify.tokens import Tokens
from app.sandbox import codes
from app.sandbox.admin import trouble
from app.sandbox.app_home import id_token
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from app.storage import access
from app.storage.sealing import CannotUnseal
from app.storage.stores import Store
from tests.builders import renewals
from tests.builders.line import TestLine
from tests.builders.open_store import OpenStore, RememberedDiscounts, served


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[OpenStore]:
    """A sandbox store, new for each test."""
    with served(tmp_path / "shop") as store:
        yield store


@pytest.fixture
def way(line: TestLine, shop: OpenStore) -> Access:
    """The way into that store, which has given its tokens."""
    settings = line.settings_with(
        sandbox_url=shop.url, shopify_api_key=SANDBOX_CLIENT_ID
    )
    made = Access.of(settings, line.database)
    line.add_store(SANDBOX_DOMAIN)
    tokens = made.endpoint.by_id_token(shop.url, id_token(shop.store.settings))
    _keep(made, tokens)
    return made


def _store(way: Access) -> Store:
    return renewals.find(way.database, SANDBOX_DOMAIN)


def _keep(way: Access, tokens: Tokens) -> None:
    store = _store(way)
    with way.database.program(store.program_id) as connection:
        access.keep(connection, way.keys, store, given(tokens))


def _opener(way: Access) -> StoreOpener:
    opener = way.opener(_store(way))
    assert isinstance(opener, StoreOpener)
    return opener


def _let_pass(line: TestLine, minutes: int) -> None:
    """Let time pass for what is kept of tokens."""
    line.tamper(
        "update store_access set"
        f" expires_at = expires_at - interval '{minutes} minutes',"
        f" refused_at = refused_at - interval '{minutes} minutes'"
    )


def test_a_good_token_is_used_as_it_is(way: Access, shop: OpenStore):
    assert [each.access for each in shop.grants()] == [_opener(way).token()]


def test_a_token_is_renewed_before_it_ends(
    line: TestLine, way: Access, shop: OpenStore
):
    before = _opener(way).token()
    _let_pass(line, 59)

    after = _opener(way).token()

    assert before != after
    assert after == _opener(way).token() == shop.grants()[-1].access
    assert len(shop.grants()) == 2


def test_two_processes_at_once_renew_once(line: TestLine, way: Access, shop: OpenStore):
    _let_pass(line, 60)
    settings = line.settings_with(
        sandbox_url=shop.url, shopify_api_key=SANDBOX_CLIENT_ID
    )
    spawn = multiprocessing.get_context("spawn")
    begin, pipes = spawn.Barrier(2), [spawn.Pipe(duplex=False) for _ in "ab"]
    started = [
        spawn.Process(target=renewals.ask, args=(settings, SANDBOX_DOMAIN, begin, told))
        for _, told in pipes
    ]
    for each in started:
        each.start()
    tokens = {heard.recv() for heard, _ in pipes if heard.poll(60)}
    for each in started:
        each.join(30)

    assert [0, 0] == [each.exitcode for each in started]
    assert {shop.grants()[-1].access} == tokens
    assert len(shop.grants()) == 2


def test_an_answer_that_was_lost_loses_nothing(
    line: TestLine, way: Access, shop: OpenStore
):
    _let_pass(line, 60)
    shop.let_happen(trouble.HANG_AFTER, trouble.HANG_AFTER, where=trouble.TOKENS)
    for _ in range(2):
        with pytest.raises(StoreAway, match="504"):
            _opener(way).token()

    assert _opener(way).token() == shop.grants()[-1].access
    _let_pass(line, 60)
    assert _opener(way).token() == shop.grants()[-1].access


def test_a_token_that_ends_in_the_middle_of_a_reward_makes_it_once(
    way: Access, shop: OpenStore
):
    """Ours looks good, but the store takes it no longer."""
    grant = Grant(
        "TALLY-1", "10 %", PercentDiscount(10), str(shop.ada.id), datetime.now(UTC)
    )
    shop.store.app.expire_tokens()

    known = RememberedDiscounts()
    first = ShopifyAdmin(shop.url, _opener(way), known).grant(grant)
    shop.store.app.expire_tokens()
    again = ShopifyAdmin(shop.url, _opener(way), known).grant(grant)

    assert isinstance(first, Granted)
    assert first == again
    with shop.store.data.reading() as rows:
        assert ["TALLY-1"] == [each.code for each in codes.made(rows)]


def test_a_store_that_renews_nothing_is_left_alone_for_an_hour(
    line: TestLine, way: Access, shop: OpenStore
):
    _let_pass(line, 60)
    shop.store.app.uninstall()
    with pytest.raises(Closed):
        _opener(way).token()
    shop.store.app.install()
    with shop.store.data.transaction() as rows:
        rows.save_setting("app grants", [])
    shop.let_happen(trouble.BROKEN, where=trouble.TOKENS)

    with pytest.raises(Closed):
        _opener(way).token()
    _let_pass(line, 61)
    with pytest.raises(StoreAway, match="500"):
        _opener(way).token()
    tokens = way.endpoint.by_id_token(shop.url, id_token(shop.store.settings))
    _keep(way, tokens)
    assert _opener(way).token() == tokens.access


def test_a_custom_apps_token_is_not_renewed(way: Access, shop: OpenStore):
    _keep(way, Tokens("shpat_custom"))
    opener = _opener(way)

    assert opener.token() == "shpat_custom"
    with pytest.raises(Closed):
        opener.token_after("shpat_custom")
    assert len(shop.grants()) == 1


def test_tokens_that_were_dropped_do_not_come_back_by_a_renewal(way: Access):
    store, opener = _store(way), _opener(way)
    with way.database.program(store.program_id) as connection:
        kept = access.find(connection, way.keys, store)
        assert kept
        access.drop(connection, store)
        late = given(Tokens("shpat_late", "shprt_late", (), 3600))
        assert not access.renew(connection, way.keys, store, kept.version, late)

    assert way.opener(store) is None
    with pytest.raises(Closed):
        opener.token()


def test_a_stolen_copy_opens_no_store(line: TestLine, way: Access, shop: OpenStore):
    other = line.add_store("other.myshopify.com")
    with line.as_superuser() as connection:
        row = connection.exec_driver_sql(
            "select tokens, store_access::text from store_access"
        ).one()
        for secret in (shop.grants()[0].access, shop.grants()[0].refresh, "shp"):
            assert secret.encode() not in bytes(row[0])
            assert secret not in row[1]
        connection.exec_driver_sql(
            "insert into store_access (program_id, store_id, tokens)"
            " values (%s, %s, %s)",
            (other.program_id, other.store_id, row[0]),
        )

    with pytest.raises(CannotUnseal):
        way.opener(other)

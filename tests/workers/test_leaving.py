"""A store that left without a word is found by what it refuses and does not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.sandbox import cart
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox.outbox import due
from app.storage import access
from app.storage.access import Given, Sealed
from tests.builders.installation import Installation
from tests.builders.line import TestLine
from tests.builders.open_store import served
from workers.leaving import REFUSED_FOR
from workers.reconcile import Reconciling
from workers.runtime import make_reconciling


@pytest.fixture
def site(line: TestLine, tmp_path: Path) -> Iterator[Installation]:
    """The app, installed in a sandbox store where somebody has bought."""
    with served(tmp_path / "shop") as shop:
        site = Installation(line, shop)
        site.open()
        assert site.store
        line.store = site.store
        _buys(site)
        site.hear()
        yield site
        site.close()


def _buys(site: Installation) -> None:
    ada, desk = site.shop.ada, site.shop.store
    buyer = Buyer(ada.email, ada.name, ada.id)
    desk.place_order(cart.price({"low-bowl": 1}, None), buyer, CARD)


def _lose_all(site: Installation) -> None:
    """Let nothing that the store sends arrive."""
    with site.shop.store.data.transaction() as rows:
        assert due(rows, 1e12)
        rows.connection.execute("UPDATE deliveries SET state = 'failed'")


TIMES = {
    "store": ("installed_at", "opened_at"),
    "store_access": ("refused_at", "refused_since"),
    "inbox": ("received_at", "triggered_at"),
}


def _look(site: Installation, *, hours: int = 0) -> None:
    """Have the store looked at, so long after all that was before."""
    for table, names in TIMES.items():
        earlier = ", ".join(f"{e} = {e} - interval '{hours} hours'" for e in names)
        site.line.tamper(f"update {table} set {earlier}")
    _reconciling(site).daily()
    site.line.worker.drain()


def _reconciling(site: Installation) -> Reconciling:
    made = make_reconciling(site.settings, site.way)
    return replace(made, clock=site.line.this_moment)


def test_who_refuses_us_for_a_day_and_says_nothing_has_left_and_may_come_back(
    site: Installation,
):
    points = site.line.standing(site.shop.ada.id).available
    site.shop.store.app.uninstall()
    _lose_all(site)
    _look(site)
    # Nobody asked for so long, nor could have heard anything: that counts for nothing.
    for hours in (100, 5, 5, 5, 5):
        _look(site, hours=hours)
        assert site.is_open
    assert site.store
    assert site.store.uninstalled_at is None
    _look(site, hours=5)

    assert site.store.uninstalled_at
    assert not site.is_open
    assert points == site.line.standing(site.shop.ada.id).available > 0
    site.shop.store.app.install()
    site.open()
    assert (True, None) == (site.is_open, site.store.uninstalled_at)
    assert [] == site.line.violations()


def test_who_still_sends_messages_is_there_whatever_became_of_our_tokens(
    site: Installation,
):
    site.shop.store.app.uninstall()
    _lose_all(site)
    site.shop.store.app.install()
    _look(site)
    _buys(site)
    site.hear()
    for _ in range(6):
        _look(site, hours=5)

    with site.line.in_program() as connection:
        [refusal] = access.refusals(connection).values()
    assert refusal.since
    assert refusal.at - refusal.since > REFUSED_FOR
    assert site.store
    assert (True, None) == (site.is_open, site.store.uninstalled_at)


def test_a_mistake_of_our_own_tells_nothing_of_a_store(site: Installation):
    site.line.tamper("update store_access set expires_at = now()")
    site.way = replace(site.way, secret="another")
    for _ in range(2):
        _look(site, hours=5)
        with site.line.in_program() as connection:
            [refusal] = access.refusals(connection).values()
        assert refusal.since is None

    assert site.store
    assert (True, None) == (site.is_open, site.store.uninstalled_at)


def test_a_token_that_nothing_renews_is_refused_as_well(site: Installation):
    """A custom app's, which its owner may have revoked without taking the app out."""
    assert site.store
    with site.line.in_program() as connection:
        revoked = Given(Sealed("revoked"), (), None)
        access.keep(connection, site.line.keys, site.store, revoked)
    _look(site)

    with site.line.in_program() as connection:
        [refusal] = access.refusals(connection).values()
    assert refusal.since


def test_what_the_store_takes_again_was_no_refusal(site: Installation):
    site.line.tamper(
        "update store_access set refused_at = now(), refused_since = now()"
    )
    _look(site)

    with site.line.in_program() as connection:
        assert {} == access.refusals(connection)

"""A store that goes is left alone, one that comes back finds everything as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.platforms.shopify.tokens import TokensRefused
from app.sandbox import cart
from app.sandbox.app_home import id_token
from app.sandbox.order_steps import CARD, Buyer
from tests.builders.installation import Installation


@pytest.fixture
def lived(site: Installation) -> Installation:
    """A store with the app, and a member with points."""
    site.open()
    ada = site.shop.ada
    chosen = cart.price({"low-bowl": 2}, None)
    site.shop.store.place_order(chosen, Buyer(ada.email, ada.name, ada.id), CARD)
    site.hear()
    assert _names_somebody(site)
    site.line.tamper("update store set installed_at = now() - interval '1 day'")
    return site


def _names_somebody(site: Installation) -> bool:
    return bool(site.line.mentions(str(site.shop.ada.id)))


def _state(site: Installation) -> tuple[int, bool, bool]:
    store = site.store
    assert store
    return store.install_count, store.uninstalled_at is None, site.is_open


def test_from_installation_to_redaction(lived: Installation):
    points = lived.line.totals()
    lived.shop.store.app.uninstall()
    lived.hear()

    assert _state(lived) == (1, False, False)
    assert lived.setting_up.work() == 0
    with pytest.raises(TokensRefused):
        lived.way.endpoint.by_id_token(
            lived.shop.url, id_token(lived.shop.store.settings)
        )
    lived.shop.store.app.redact()
    lived.hear()
    assert not _names_somebody(lived)
    assert lived.line.totals() == points
    assert lived.line.violations() == []


def test_a_store_that_comes_back_within_two_days_keeps_everything(
    lived: Installation,
):
    lived.shop.store.app.uninstall()
    lived.hear()
    lived.shop.store.app.install()
    lived.open()
    assert _state(lived) == (2, True, True)

    lived.shop.store.app.redact()
    lived.hear()

    assert _names_somebody(lived)
    assert _state(lived) == (2, True, True)
    assert lived.setting_up.work() == 1


def test_word_of_leaving_that_comes_after_the_return_ends_nothing(
    lived: Installation,
):
    """Nobody told us that it was gone; that it was opened afterwards proves it back."""
    lived.shop.store.app.uninstall()
    lived.shop.store.app.install()
    lived.open()
    lived.hear(ago=timedelta(minutes=5))

    assert _state(lived)[:2] == (2, True)
    lived.shop.store.app.redact()
    lived.hear()
    assert _names_somebody(lived)


def test_a_store_whose_leaving_was_never_told_is_back_once_it_is_opened(
    lived: Installation,
):
    lived.shop.store.app.uninstall()
    with lived.shop.store.data.transaction() as rows:
        rows.connection.execute("DELETE FROM deliveries")
    lived.shop.store.app.install()
    lived.open()
    lived.shop.store.app.redact()
    lived.hear()

    assert _state(lived) == (2, True, True)
    assert _names_somebody(lived)


def test_tokens_of_before_are_not_used_after_the_return(lived: Installation):
    lived.shop.store.app.uninstall()
    lived.shop.store.app.install()
    lived.open()
    lived.hear(ago=timedelta(minutes=5))

    assert _state(lived) == (2, True, True)
    assert lived.way.opener(lived.store).token() == lived.shop.grants()[-1].access


def test_a_store_that_was_redacted_may_come_back_as_new(lived: Installation):
    lived.shop.store.app.uninstall()
    lived.shop.store.app.redact()
    lived.hear()
    lived.shop.store.app.install()
    lived.open()

    assert _state(lived) == (2, True, True)
    assert not _names_somebody(lived)

"""A credit is found on a busy account, and given once, whatever a look is answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from app.domain.grants import AlreadyUsed, Grant, Granted, Revoked, StoreCreditGift
from app.platforms.base import StoreAway
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.scopes import SCOPES
from app.sandbox import balances
from app.sandbox.admin import store_credit, trouble
from app.sandbox.admin.words import written
from tests.builders.open_store import OpenStore

WORTH = 700
OTHERS = (
    "AED AUD BGN BRL CAD CHF CNY CZK DKK GBP HKD HRK"
    " ILS INR MXN MYR NOK NZD PHP PLN RON SEK SGD THB"
).split()


@pytest.fixture(autouse=True)
def _fresh_account(open_store: OpenStore) -> None:
    with open_store.store.data.transaction() as rows:
        rows.connection.execute("DELETE FROM credits")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The documents that were sent."""
    sent, send = [], AdminApi._sent

    def noting(self: AdminApi, document: str, *rest: object) -> object:
        sent.append(document)
        return send(self, document, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(AdminApi, "_sent", noting)
    return sent


def _a_grant(store: OpenStore, since: datetime, code: str = "TALLY-1") -> Grant:
    gift, ada = StoreCreditGift(WORTH, "EUR"), str(store.ada.id)
    return Grant(code, "A reward", gift, ada, since, mark=f"wish-{code}")


def _move(
    store: OpenStore,
    times: int,
    at: datetime | None = None,
    currency: str = balances.OWN,
) -> None:
    """Have the people of the store give so many credits of the same worth."""
    written = (at or store.store.clock()).isoformat()
    with store.store.data.transaction() as rows:
        for _ in range(times):
            credit = balances.Credit(
                rows.next_id(), store.ada.id, WORTH, WORTH, written, currency=currency
            )
            balances.save_credit(rows, credit)


def _given(store: OpenStore) -> int:
    """How many credits are on the account that end, as ours alone do."""
    with store.store.data.reading() as rows:
        credits = balances.credits_of(rows, store.ada.id)
    return sum(each.expires_at is not None for each in credits)


@pytest.mark.parametrize("newer", [41, 250])
def test_a_credit_whose_answer_was_lost_is_found_below_newer_movements(
    open_store: OpenStore, since: datetime, newer: int
):
    grant, admin = _a_grant(open_store, since), open_store.admin()
    # The look is answered; the gift is done, and its answer is lost.
    open_store.let_happen(trouble.NONE, trouble.HANG_AFTER)
    with pytest.raises(StoreAway):
        admin.grant(grant)
    assert _given(open_store) == 1
    _move(open_store, newer)

    assert admin.revoke(grant) == AlreadyUsed()
    assert admin.withdraw(grant) == AlreadyUsed()
    assert admin.grant(grant) == admin.grant(grant)
    assert _given(open_store) == 1


def test_no_more_is_read_than_since_the_reward_was_asked_for(
    open_store: OpenStore, since: datetime, asked: list[str]
):
    _move(open_store, 200, since - timedelta(days=2))
    _move(open_store, 39)
    admin = open_store.admin()

    assert admin.revoke(_a_grant(open_store, since)) == Revoked()
    assert asked == ["find_store_credit"]
    _move(open_store, 1)
    assert admin.revoke(_a_grant(open_store, since)) == Revoked()
    assert asked[1:] == ["find_store_credit", "find_older_store_credit"]


def test_a_store_whose_clock_is_hours_behind_is_read_far_enough(
    open_store: OpenStore, since: datetime
):
    grant = _a_grant(open_store, since + timedelta(hours=20))
    first = open_store.admin().grant(grant)
    _move(open_store, 60)

    assert open_store.admin().grant(grant) == first
    assert _given(open_store) == 1


def test_nothing_is_given_while_a_page_of_the_account_is_not_answered(
    open_store: OpenStore, since: datetime
):
    _move(open_store, 60)
    open_store.let_happen(trouble.NONE, trouble.BROKEN)
    with pytest.raises(StoreAway):
        open_store.admin().grant(_a_grant(open_store, since))

    assert _given(open_store) == 0


@pytest.mark.parametrize(("older", "looks"), [(9, 1), (10, 2), (20, 3)])
def test_the_account_of_a_currency_is_found_among_many(
    open_store: OpenStore, since: datetime, asked: list[str], older: int, looks: int
):
    """Ten at a time are read; in another currency the same credit is not ours."""
    for currency in OTHERS[:older]:
        _move(open_store, 50, currency=currency)
    grant, admin = _a_grant(open_store, since), open_store.admin()
    first = admin.grant(grant)
    _move(open_store, 40)
    for currency in OTHERS[older:]:
        _move(open_store, 1, currency=currency)
    asked.clear()

    assert admin.grant(grant) == first
    assert asked == ["find_store_credit"] * looks + ["find_older_store_credit"]
    assert _given(open_store) == 1


def test_a_customer_without_an_account_of_the_currency_is_read_to_the_end(
    open_store: OpenStore, since: datetime, asked: list[str]
):
    for currency in OTHERS:
        _move(open_store, 1, currency=currency)

    assert open_store.admin().revoke(_a_grant(open_store, since)) == Revoked()
    assert asked == ["find_store_credit"] * 3


def test_nothing_is_given_while_a_page_of_accounts_is_not_answered(
    open_store: OpenStore, since: datetime
):
    for currency in OTHERS:
        _move(open_store, 1, currency=currency)
    open_store.let_happen(trouble.NONE, trouble.BROKEN)
    with pytest.raises(StoreAway):
        open_store.admin().grant(_a_grant(open_store, since))

    assert _given(open_store) == 0


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_store_that_changes_when_credit_expires_is_told_of(
    open_store: OpenStore,
    since: datetime,
    monkeypatch: pytest.MonkeyPatch,
    is_kept: bool,
):
    """By that second alone it is known again, should an answer be lost."""

    def at_noon(expires_at: datetime) -> str:
        return written(expires_at.replace(hour=12, minute=0, second=0))

    if not is_kept:
        monkeypatch.setattr(store_credit, "written", at_noon)
    with capture_logs() as logs:
        granted = open_store.admin().grant(_a_grant(open_store, since))

    assert isinstance(granted, Granted)
    trouble_told = [{
        "event": "store credit came back with another expiry",
        "log_level": "error",
        "id": granted.store_ref,
    }]  # fmt: skip
    assert logs == ([] if is_kept else trouble_told)


def test_a_credit_that_cannot_be_looked_at_again_is_given_all_the_same(
    open_store: OpenStore, since: datetime, monkeypatch: pytest.MonkeyPatch
):
    """Whatever that look is answered, what was given is known."""
    send = AdminApi._sent

    def taking_away(self: AdminApi, document: str, *rest: object) -> object:
        answer = send(self, document, *rest)  # type: ignore[arg-type]
        if document == "give_store_credit":
            open_store.store.app.set_scopes([])
        return answer

    monkeypatch.setattr(AdminApi, "_sent", taking_away)
    grant = _a_grant(open_store, since)
    try:
        with capture_logs() as logs:
            granted = open_store.admin().grant(grant)
    finally:
        open_store.store.app.set_scopes(SCOPES)

    assert isinstance(granted, Granted)
    assert [("store credit could not be looked at again", "error")] == [
        (log["event"], log["log_level"]) for log in logs
    ]
    assert open_store.admin().grant(grant) == granted
    assert _given(open_store) == 1


def test_a_credit_of_which_nothing_tells_is_not_given_again_after_a_lost_look(
    open_store: OpenStore, since: datetime, monkeypatch: pytest.MonkeyPatch
):
    """Here the store changes when it expires, so no later look could find it."""
    monkeypatch.setattr(store_credit, "written", lambda at: written(at.replace(hour=0)))
    open_store.let_happen(trouble.NONE, trouble.NONE, trouble.BROKEN)

    assert isinstance(open_store.admin().grant(_a_grant(open_store, since)), Granted)
    assert _given(open_store) == 1

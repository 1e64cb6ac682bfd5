"""What a strange answer of the Admin API means, and that nothing of it is told on."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests
import responses

from app.platforms.base import AccessDenied, StoreAway
from app.platforms.shopify.admin_api import AdminApi, Answer, StoreBusy, UserError
from app.platforms.shopify.tokens import FixedToken

STORE = "https://ada.myshopify.com"
URL = f"{STORE}/admin/api/2026-10/graphql.json"
TOKEN = "shpat_very-secret"


class Shop(Answer):
    """A store, in so far as this test reads it."""

    currency_code: str


class Told(Answer):
    """An answer about a store."""

    shop: Shop


def _api() -> AdminApi:
    return AdminApi(STORE, FixedToken(TOKEN))


def _ask() -> Told:
    return _api().ask("find_currency", Told)


@responses.activate
def test_a_plain_answer_is_read():
    responses.post(URL, json={"data": {"shop": {"currencyCode": "EUR"}}})

    assert _ask().shop.currency_code == "EUR"
    sent = responses.calls[0].request
    assert sent.headers["X-Shopify-Access-Token"] == TOKEN


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 423, 500, 502, 503])
@responses.activate
def test_any_other_status_leaves_open_what_was_done(status: int):
    responses.post(URL, status=status, json={"errors": "No."})

    with pytest.raises(StoreAway, match=str(status)):
        _ask()


class WornToken(FixedToken):
    """A token that is over, and that can be renewed."""

    def token_after(self, _worn: str) -> str:
        return "fresh"


@responses.activate
def test_what_keeps_a_call_back_is_looked_for_again_before_it_is_repeated():
    responses.post(URL, status=401)
    looks = iter([None, LookupError("overtaken")])

    def check() -> None:
        if error := next(looks):
            raise error

    api = AdminApi(STORE, WornToken(TOKEN))
    with pytest.raises(LookupError, match="overtaken"):
        api.ask_after(check, "end_gift_card", Told, id="gid://shopify/GiftCard/1")

    assert len(responses.calls) == 1


@responses.activate
def test_what_the_owner_does_not_allow_did_nothing():
    denied = {"message": "Access denied.", "extensions": {"code": "ACCESS_DENIED"}}
    responses.post(URL, json={"data": {"shop": None}, "errors": [denied]})

    with pytest.raises(AccessDenied):
        _ask()


class Payload(Answer):
    """What a change is answered with, in so far as this test reads it."""

    user_errors: tuple[UserError, ...]


class Gave(Answer):
    """An answer to giving credit."""

    given: Payload


PAYLOAD = {"storeCreditAccountTransaction": None, "userErrors": []}
BELOW = ["given", "storeCreditAccountTransaction"]


@pytest.mark.parametrize(
    ("data", "paths", "is_undone"),
    [
        ({"given": None}, [["given"]], True),
        ({"given": None}, [None], True),
        (None, [["given"]], True),
        ({"given": PAYLOAD}, [BELOW], False),
        ({"given": PAYLOAD}, [None], False),
        # What may not be null takes all that is above it along.
        ({"given": None}, [["given", "userErrors"]], False),
        ({"given": None, "also": PAYLOAD}, [["given"]], False),
        ({"given": None, "also": None}, [["given"], ["also", "userErrors"]], False),
    ],
)
@responses.activate
def test_what_is_denied_within_the_answer_to_a_change_was_done_before(
    data: dict[str, Any] | None, paths: list[list[str] | None], is_undone: bool
):
    errors = [
        {"message": "No.", "path": path, "extensions": {"code": "ACCESS_DENIED"}}
        for path in paths
    ]
    responses.post(URL, json={"data": data, "errors": errors})

    with pytest.raises(StoreAway, match=r"^give_store_credit.*ACCESS_DENIED") as caught:
        _api().ask("give_store_credit", Gave)
    assert (isinstance(caught.value, AccessDenied), caught.value.is_shut) == (
        (is_undone, is_undone)
    )


@responses.activate
def test_what_is_denied_within_a_reading_did_nothing_either():
    denied = {
        "message": "No.",
        "path": ["customer", "storeCreditAccounts"],
        "extensions": {"code": "ACCESS_DENIED"},
    }
    told = {"shop": {"currencyCode": None}}
    responses.post(URL, json={"data": told, "errors": [denied]})

    with pytest.raises(AccessDenied):
        _ask()


@pytest.mark.parametrize("error", [requests.ConnectionError, requests.ReadTimeout])
@responses.activate
def test_no_answer_leaves_open_what_was_done(error: type[Exception]):
    responses.post(URL, body=error(f"about {TOKEN}"))

    with pytest.raises(StoreAway) as caught:
        _ask()
    assert TOKEN not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"data": null}',
        b'{"data": {"shop": null}}',
        b'{"errors": "[API] Invalid"}',
    ],
)
@responses.activate
def test_an_answer_that_cannot_be_read_leaves_open_what_was_done(body: bytes):
    responses.post(URL, body=body)

    with pytest.raises(StoreAway, match="cannot be read"):
        _ask()


@responses.activate
def test_an_error_is_told_by_its_code_alone():
    secret = {"message": "ada@example.com", "extensions": {"code": "ACCESS_DENIED"}}
    responses.post(URL, json={"data": None, "errors": [secret]})

    with pytest.raises(StoreAway, match=r"^find_currency.*ACCESS_DENIED$"):
        _ask()


@pytest.mark.parametrize(
    ("written", "wait_s"),
    [("2.0", 2.0), ("30", 30.0), ("0.1", 1.0), ("soon", 1.0), ("nan", 1.0), (None, 1)],
)
@responses.activate
def test_a_429_says_when_to_ask_again(written: str | None, wait_s: float):
    headers = {"Retry-After": written} if written else {}
    responses.post(URL, status=429, headers=headers)

    with pytest.raises(StoreBusy) as caught:
        _ask()
    assert caught.value.wait_s == wait_s


@pytest.mark.parametrize(
    ("cost", "wait_s"),
    [
        ({"requestedQueryCost": 412, "throttleStatus": {"currentlyAvailable": 12}}, 4),
        (
            {
                "requestedQueryCost": 500,
                "throttleStatus": {"currentlyAvailable": 0.0, "restoreRate": 1000.0},
            },
            1,
        ),
        ({}, 1),
    ],
)
@responses.activate
def test_throttled_inside_a_200_says_when_to_ask_again(
    cost: dict[str, Any], wait_s: float
):
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    responses.post(URL, json={"errors": [error], "extensions": {"cost": cost}})

    with pytest.raises(StoreBusy) as caught:
        _ask()
    assert caught.value.wait_s == wait_s


@responses.activate
def test_neither_token_nor_body_is_ever_logged(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    responses.post(URL, json={"data": {"shop": {"currencyCode": "XTS"}}})
    responses.post(URL, status=500, body=b"XTS")
    _ask()
    with pytest.raises(StoreAway) as caught:
        _ask()

    told = caplog.text + repr(caught.value) + repr(vars(_api()))
    assert TOKEN not in told
    assert "XTS" not in told

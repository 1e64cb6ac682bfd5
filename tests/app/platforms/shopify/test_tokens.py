"""What the token endpoint is asked, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import requests
import responses
from shopify_app import ShopifyApp

from app.platforms.base import StoreAway
from app.platforms.shopify.tokens import TokenEndpoint, Tokens, TokensRefused
from tests.builders.id_tokens import CLIENT_ID, an_id_token, id_claims

STORE = "https://test.myshopify.com"
URL = f"{STORE}/admin/oauth/access_token"
ANSWER = {
    "access_token": "shpat_access",
    "scope": "write_discounts,read_orders",
    "expires_in": 3600,
    "refresh_token": "shprt_refresh",
    "refresh_token_expires_in": 7776000,
}
ENDPOINT = TokenEndpoint(CLIENT_ID, "hush")


class Overhearing(httpx.BaseTransport):
    """Answers Shopify's package, and remembers what it asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((str(request.url), json.loads(request.read())))
        return httpx.Response(200, json=ANSWER)


@pytest.fixture
def oracle() -> Overhearing:
    return Overhearing()


def _sent() -> tuple[str, dict[str, Any]]:
    request = responses.calls[-1].request
    assert request.url
    return request.url, json.loads(request.body or b"")


@responses.activate
def test_an_id_token_is_exchanged_as_shopifys_package_does(oracle: Overhearing):
    responses.post(URL, json=ANSWER)
    written = an_id_token()
    app = ShopifyApp(CLIENT_ID, "hush")
    app.exchange_using_token_exchange(
        "offline",
        {"exchangeable": True, "token": written, "claims": id_claims()},
        http_client=httpx.Client(transport=oracle),
    )

    given = ENDPOINT.by_id_token(STORE, written)

    url, words = oracle.asked[0]
    assert _sent() == (url, words | {"expiring": str(words["expiring"])})
    scopes = ("read_orders", "write_discounts")
    assert given == Tokens("shpat_access", "shprt_refresh", scopes, 3600, 7776000)


@responses.activate
def test_tokens_are_renewed_as_shopifys_package_does(oracle: Overhearing):
    responses.post(URL, json=ANSWER)
    old = {
        "shop": "test",
        "token": "shpat_old",
        "refresh_token": "shprt_old",
        "access_mode": "offline",
        "expires": "2026-01-01T00:00:00Z",
    }
    app = ShopifyApp(CLIENT_ID, "hush")
    app.refresh_token_exchanged_access_token(
        old, http_client=httpx.Client(transport=oracle)
    )

    assert ENDPOINT.renewed(STORE, "shprt_old").access == "shpat_access"
    assert _sent() == oracle.asked[0]


@responses.activate
def test_a_code_is_exchanged_for_tokens_that_expire():
    responses.post(URL, json=ANSWER)

    assert ENDPOINT.by_code(STORE, "c0de").refresh == "shprt_refresh"
    assert _sent()[1] == {
        "client_id": CLIENT_ID,
        "client_secret": "hush",
        "code": "c0de",
        "expiring": "1",
    }


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"error": "invalid_grant"}, "400 invalid_grant"),
        (401, {"error": "invalid_client"}, "401 invalid_client"),
        (403, {"errors": "Non-expiring access tokens are no longer accepted"}, "403"),
        (400, {"error": "shprt_refresh is not good, ada@example.com"}, "400"),
    ],
)
@responses.activate
def test_a_no_is_told_by_its_code_alone(status: int, body: Any, words: str):
    responses.post(URL, status=status, json=body)

    with pytest.raises(TokensRefused) as caught:
        ENDPOINT.renewed(STORE, "shprt_refresh")
    assert str(caught.value) == words


@pytest.mark.parametrize("status", [302, 402, 404, 423, 429, 500, 502, 503])
@responses.activate
def test_any_other_status_leaves_open_what_was_given(status: int):
    responses.post(URL, status=status, json=ANSWER)

    with pytest.raises(StoreAway, match=str(status)):
        ENDPOINT.renewed(STORE, "shprt_refresh")


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"access_token": 1}'])
@responses.activate
def test_an_answer_that_cannot_be_read_leaves_open_what_was_given(body: bytes):
    responses.post(URL, body=body)

    with pytest.raises(StoreAway, match="cannot be read"):
        ENDPOINT.renewed(STORE, "shprt_refresh")


@responses.activate
def test_no_answer_tells_nothing_of_what_was_sent():
    responses.post(URL, body=requests.ReadTimeout("about shprt_refresh"))

    with pytest.raises(StoreAway) as caught:
        ENDPOINT.renewed(STORE, "shprt_refresh")
    assert "shprt" not in str(caught.value)
    assert "shp" not in repr(Tokens("shpat_access", "shprt_refresh"))

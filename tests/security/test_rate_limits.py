"""Nobody asks, guesses or is refused without end, or is locked out for others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from app.counter.link import counter_path
from app.domain.program import Program
from app.domain.rewards import Service
from app.main import create_app
from app.rate_limits import WINDOW_S, RateLimit, RateLimits
from tests.builders.line import DOMAIN, TestLine, sign
from tests.builders.shopify import an_order

MOST = RateLimits().refusals.most
BODY = b"{}"
ADDRESS = "203.0.113.7"


def _from(address: str, *forwarded: str) -> dict[str, Any]:
    """How a request comes from an address, with what it says it came by."""
    headers = {"X-Forwarded-For": ", ".join(forwarded)} if forwarded else {}
    return {"environ_base": {"REMOTE_ADDR": address}, "headers": headers}


def _deliver(client: FlaskClient, origin: dict[str, Any], signature: str) -> int:
    headers = origin["headers"] | {
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Shop-Domain": DOMAIN,
        "X-Shopify-Webhook-Id": str(uuid4()),
    }
    return client.post(
        "/webhooks/shopify", data=BODY, **origin | {"headers": headers}
    ).status_code


def _refused(client: FlaskClient, origin: dict[str, Any], times: int) -> list[int]:
    return [_deliver(client, origin, "forged") for _ in range(times)]


def test_forged_messages_are_answered_429_after_a_while_and_genuine_ones_kept(
    line: TestLine,
):
    origin = _from(ADDRESS)
    assert [401] * MOST == _refused(line.client, origin, MOST)
    answer = line.client.post("/webhooks/shopify", data=BODY, **origin)

    assert (429, str(WINDOW_S)) == (answer.status_code, answer.headers["Retry-After"])
    assert "refused too often" in answer.get_json()["error"]
    assert "no-store" == answer.headers["Cache-Control"]
    # Whoever shares an address with a forger is none.
    assert 200 == _deliver(line.client, origin, sign(BODY))
    assert [401] == _refused(line.client, _from("203.0.113.8"), 1)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/proxy/standing?shop=forged", 401),
        ("/proxy/donations?shop=forged", 401),
        ("/api/standing", 401),
        ("/owner/open/forged", 401),
        ("/counter/forged", 404),
        ("/tools/actions/1", 401),
        ("/shopify", 401),
        ("/shopify/callback?shop=forged", 401),
    ],
)
def test_every_door_logs_and_counts_whom_it_refuses(
    line: TestLine, path: str, status: int
):
    origin = _from(ADDRESS)
    settings = line.settings_with(public_url="https://points.example")
    client = create_app(settings).test_client()
    with capture_logs() as logs:
        assert status == client.get(path, **origin).status_code
    [told] = [each for each in logs if each["event"] == "request refused"]
    assert path.split("?")[0].split("/")[1] == told["door"]
    assert ADDRESS not in str(logs)
    assert "forged" not in str(logs)
    _refused(client, origin, MOST - 1)

    assert 429 == client.get(path, **origin).status_code


def test_what_is_just_not_there_is_no_refusal(line: TestLine):
    origin = _from(ADDRESS)
    for _ in range(MOST + 1):
        assert 404 == line.client.get("/nothing", **origin).status_code
    assert [401] == _refused(line.client, origin, 1)


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_an_address_that_a_client_writes_itself_does_not_begin_anew(
    line: TestLine, proxies: int
):
    """The last so many were written by proxies of ours, each after whom it heard."""
    client = create_app(line.settings_with(trusted_proxies=proxies)).test_client()
    ours = [f"10.0.0.{number}" for number in range(proxies)]

    def origin(claimed: int, address: str) -> dict[str, Any]:
        *heard, peer = [address, *ours]
        return _from(peer, f"198.51.100.{claimed}", *heard)

    told = [
        _deliver(client, origin(number, ADDRESS), "forged")
        for number in range(MOST + 1)
    ]
    assert [401] * MOST + [429] == told
    assert 401 == _deliver(client, origin(0, "203.0.113.8"), "forged")


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("[2001:db8:1:2::1]", "[2001:db8:1:2:3:4:5:6]", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 401),
        ("", "", 429),
    ],
)
def test_of_ipv6_a_network_is_one_client(
    line: TestLine, first: str, second: str, status: int
):
    _refused(line.client, _from(first), MOST)
    assert [status] == _refused(line.client, _from(second), 1)


def test_the_log_tells_of_refusals_and_is_not_filled_with_them(line: TestLine):
    client = line.client
    with capture_logs() as logs:
        client.get("/counter/a-key-of-somebody", **_from(ADDRESS))
        _refused(client, _from(ADDRESS), MOST + 20)

    refused = [each for each in logs if each["event"] == "request refused"]
    assert MOST == len(refused)
    assert {"counter", "webhooks"} == {each["door"] for each in refused}
    assert "the signature does not fit the body" == refused[-1]["reason"]
    assert 1 == sum(each["event"] == "refused too often" for each in logs)
    assert ADDRESS not in str(logs)
    assert "a-key-of-somebody" not in str(logs)


@pytest.fixture
def limited(line: TestLine) -> Callable[..., TestLine]:
    """Sets limits of the store's doors to so many a minute."""

    def limit(**most: int) -> TestLine:
        shared = line.client.application.extensions
        limits = RateLimits(**{name: RateLimit(count) for name, count in most.items()})
        shared["tallymark"] = replace(shared["tallymark"], limits=limits)
        return line

    return limit


def test_a_shopper_does_not_ask_without_end(limited: Callable[..., TestLine]):
    shop = limited(questions=3)
    told = [shop.ask("standing", "7001") for _ in range(4)]

    assert [200, 200, 200, 429] == [each.status_code for each in told]
    assert str(WINDOW_S) == told[-1].headers["Retry-After"]
    assert "ask again in a minute" in told[-1].get_json()["error"]
    assert 429 == shop.ask("redemptions/1", "7001").status_code
    # Others do, and so do guests, who have no name.
    assert 200 == shop.ask("standing", "7002").status_code
    assert {200} == {shop.ask("standing").status_code for _ in range(5)}


def test_guests_of_one_store_do_not_have_carts_estimated_without_end(
    limited: Callable[..., TestLine],
):
    shop = limited(estimates=2)
    shop.add_store("other.myshopify.com")
    cart = {"currency": "EUR", "taxes_included": False, "lines": []}

    def ask(customer: str = "", **params: str) -> int:
        return shop.post("estimate", customer, cart, **params).status_code

    assert [200, 200, 429] == [ask() for _ in range(3)]
    assert 200 == ask("7001")
    assert 200 == ask(shop="other.myshopify.com")


def test_codes_are_not_tried_at_the_counter_without_end(
    limited: Callable[..., TestLine],
):
    shop = limited(codes=2)
    repair = Service(points_cost=30, key="repair", service="Repair")
    shop.set_program(Program(rewards=(repair,)))
    shop.settle(("orders/paid", an_order()))
    code = shop.redeem(7001, "repair")["code"]
    page = counter_path("secret", shop.store.program_id, shop.store.store_id)

    def give(written: str) -> int:
        return shop.client.post(page, data={"code": written}).status_code

    assert [404, 404, 429] == [give(f"TM{number:010}") for number in range(3)]
    # Else whoever guesses would see when they are right.
    assert 429 == give(code)
    assert 200 == shop.client.get(page).status_code
    limited(codes=2)
    assert 303 == give(code)

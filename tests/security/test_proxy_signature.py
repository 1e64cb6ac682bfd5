"""At the door of the app proxy: only the signed query says which store and who."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask

from app.main import create_app
from tests.builders.line import DOMAIN, TestLine, proxy_query
from tests.builders.shopify import an_order
from tests.security.matrix import a_cart

# The example of shopify.dev, "Authenticate app proxies", with the secret `hush`.
OFFICIAL = (
    "extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1"
    "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
    "&signature=4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"
)
OFFICIAL_AT = 1317327555
OTHER = "other.myshopify.com"


@pytest.fixture(scope="module")
def known(module_line: TestLine) -> TestLine:
    """A store with a customer who has points, and the store of the example."""
    module_line.add_store("shop-name.myshopify.com")
    module_line.add_store(OTHER)
    module_line.settle(("orders/paid", an_order()))
    return module_line


def _at(line: TestLine, seconds: float) -> Flask:
    """The app, its clock stopped."""
    app = create_app(line.settings)
    doors = app.extensions["tallymark"]
    now = datetime.fromtimestamp(seconds, UTC)
    app.extensions["tallymark"] = type(doors)(**(vars(doors) | {"now": lambda: now}))
    return app


def _standing(line: TestLine, query: str, **more: Any) -> Any:
    return line.client.get(f"/proxy/standing?{query}", **more)


@pytest.mark.parametrize(
    ("late_s", "status"),
    [(0, 200), (90, 200), (-90, 200), (91, 401), (-91, 401), (86400, 401)],
)
def test_the_official_example_is_answered_for_ninety_seconds(
    known: TestLine, late_s: int, status: int
):
    client = _at(known, OFFICIAL_AT + late_s).test_client()

    assert status == client.get(f"/proxy/standing?{OFFICIAL}").status_code


@pytest.mark.parametrize("name", sorted({name for name, _ in parse_qsl(OFFICIAL)}))
@pytest.mark.parametrize("how", ["changed", "dropped", "doubled", "upper", "array"])
def test_the_official_example_with_anything_changed_is_refused(
    known: TestLine, name: str, how: str
):
    client = _at(known, OFFICIAL_AT).test_client()
    pairs = parse_qsl(OFFICIAL)
    if how == "changed":
        changed = [(key, text + "1" * (key == name)) for key, text in pairs]
    elif how == "dropped":
        changed = [(key, text) for key, text in pairs if key != name]
    elif how == "doubled":
        changed = [*pairs, next(pair for pair in pairs if pair[0] == name)]
    else:
        spelt = name.upper() if how == "upper" else f"{name}[]"
        changed = [(spelt if key == name else key, text) for key, text in pairs]

    answer = client.get("/proxy/standing?" + urlencode(changed))

    assert 401 == answer.status_code


@pytest.mark.parametrize(
    "more",
    [
        "&logged_in_customer_id=7001",
        "&logged_in_customer_id=",
        f"&shop={OTHER}",
        f"&shop={DOMAIN}",
        "&timestamp=1",
        "&logged_in_customer_id%00=7001",
        ";logged_in_customer_id=7001",
        "#&logged_in_customer_id=7001",
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_guest_who_adds_a_name_is_still_no_customer(
    known: TestLine, more: str, place: str
):
    query = proxy_query()
    joined = query + more if place == "after" else more.strip("&;#") + "&" + query

    answer = known.client.get(f"/proxy/standing?{joined}")

    assert 401 == answer.status_code or answer.get_json()["signed_in"] is False
    assert b"available" not in answer.get_data()


CLAIM = {"logged_in_customer_id": "7001", "shop": OTHER, "signature": "x"}


@pytest.mark.parametrize(
    "more",
    [
        {"data": CLAIM},
        {"json": CLAIM},
        {"headers": {name.replace("_", "-"): text for name, text in CLAIM.items()}},
        {"headers": {"X-Shopify-Shop-Domain": OTHER, "Cookie": urlencode(CLAIM)}},
        {"headers": {"X-Forwarded-Host": OTHER, "Host": OTHER}},
    ],
    ids=["form", "JSON", "headers", "cookie", "host"],
)
def test_what_is_not_signed_names_nobody(known: TestLine, more: Any):
    plain = _standing(known, proxy_query())
    claimed = _standing(known, proxy_query(), **more)

    assert plain.get_data() == claimed.get_data()
    assert claimed.get_json()["signed_in"] is False


def test_a_cart_names_no_store_and_no_customer(known: TestLine):
    url = f"/proxy/estimate?{proxy_query()}"
    plain = known.client.post(url, json=a_cart(1))
    claimed = known.client.post(url, json=a_cart(1) | CLAIM | {"points": 10**6})

    assert {"points": 100} == {"points": plain.get_json()["points"]}
    assert plain.get_data() == claimed.get_data()


@pytest.mark.parametrize("customer_id", ["0", "-1", "null", "None", " ", "7001 ", "%"])
def test_a_signed_name_that_is_nobodys_is_a_customer_without_points(
    known: TestLine, customer_id: str
):
    told = _standing(known, proxy_query(customer_id)).get_json()

    assert (True, 0, []) == (told["signed_in"], told["available"], told["history"])


@pytest.mark.parametrize(
    "params",
    [
        {"logged_in_customer_id": "7" * 5000},
        {"logged_in_customer_id": "a\0b"},
        {"logged_in_customer_id": "\u202e"},
        {"logged_in_customer_id": "7001\r\nX: 1"},
        {"shop": f"{DOMAIN}\0.evil.example"},
        {"shop": "\0"},
        {"shop": ""},
    ],
    ids=repr,
)
def test_a_signed_name_that_no_store_has_does_no_harm(
    known: TestLine, params: dict[str, str]
):
    answer = _standing(known, proxy_query(**params))

    assert answer.status_code < 500
    assert "X" not in answer.headers
    assert b'"available":100' not in answer.get_data()


@pytest.mark.parametrize("age_s", [-3600, -91, 91, 3600, 86400 * 366])
def test_a_stale_query_is_refused_for_every_route(known: TestLine, age_s: int):
    query = proxy_query("7001", timestamp=str(int(time.time()) - age_s))
    answers = [
        _standing(known, query),
        known.client.post(f"/proxy/estimate?{query}", json=a_cart(1)),
    ]

    assert [401, 401] == [answer.status_code for answer in answers]


def test_a_query_signed_for_one_store_is_none_for_another(known: TestLine):
    query = proxy_query("7001").replace(DOMAIN, OTHER)

    assert 401 == _standing(known, query).status_code

"""At the door of extensions: only the session token says which store and who."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from shopify_app import ShopifyApp

from app.main import create_app
from app.platforms.shopify.session_tokens import Session, read_session_token
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_refund, an_order
from tests.builders.tokens import a_session_token, session_claims

NOW = int(time.time())
OTHER = "other.myshopify.com"
UNKNOWN = {"points": 0, "state": "unknown", "reason": ""}


@pytest.fixture(scope="module")
def known(module_line: TestLine) -> TestLine:
    """A store with a customer who has points, and another store."""
    module_line.add_store(OTHER)
    module_line.settle(("orders/paid", an_order()), ("refunds/create", a_refund("40")))
    return module_line


def _ask(line: TestLine, token: str, path: str = "standing") -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return line.client.get(f"/api/{path}", headers=headers)


def test_the_subject_is_who_asks(known: TestLine):
    told = _ask(known, a_session_token("7001")).get_json()
    guest = _ask(known, a_session_token()).get_json()

    assert (True, 60) == (told["signed_in"], told["available"])
    assert guest["signed_in"] is False
    assert told == known.ask("standing", "7001").get_json()


def test_a_token_of_before_a_rotation_is_good(known: TestLine):
    token = a_session_token("7001", secret="old hush", dest=f"https://test.{_SHOP}")

    assert 60 == _ask(known, token).get_json()["available"]


def test_a_token_that_was_made_in_its_own_store_is_good(known: TestLine):
    token = a_session_token("7001", iss=f"https://test.{_SHOP}/checkouts")

    assert 60 == _ask(known, token).get_json()["available"]


_SHOP = "myshopify.com"
SPOILT = {
    "of another secret": a_session_token("7001", secret="another"),
    "of no secret": a_session_token("7001", algorithm="none"),
    "by another algorithm": a_session_token("7001", algorithm="HS512"),
    "for another app": a_session_token("7001", aud="lock"),
    "for two apps": a_session_token("7001", aud=["key", "lock"]),
    "for no app": a_session_token("7001", aud=None),
    "over": a_session_token("7001", exp=NOW - 60),
    "without an end": a_session_token("7001", exp=None),
    "not begun": a_session_token("7001", nbf=NOW + 600),
    "without a beginning": a_session_token("7001", nbf=None),
    "made in the future": a_session_token("7001", iat=NOW + 600),
    "made at no time": a_session_token("7001", iat=None),
    "made at a time in words": a_session_token("7001", iat=str(NOW)),
    "without a name of its own": a_session_token("7001", jti=None),
    "with an end in words": a_session_token("7001", exp=str(NOW + 60)),
    "with a vast end": a_session_token("7001", exp=1e300),
    "for no store": a_session_token("7001", dest="evil.example"),
    "made in another store": a_session_token("7001", iss=f"https://{OTHER}/admin"),
    "made nowhere": a_session_token("7001", iss=""),
    "for a store and more": a_session_token("7001", dest=f"evil.example/test.{_SHOP}"),
    "of the owner": a_session_token(sub="42"),
    "of a number": a_session_token(sub=42),
    "of an order": a_session_token(sub="gid://shopify/Order/7001"),
    "of a customer and more": a_session_token("7001\n"),
    "of nobody": a_session_token(sub=""),
    "cut": a_session_token("7001")[:-4],
    "empty": "",
}


@pytest.mark.parametrize("token", SPOILT.values(), ids=SPOILT.keys())
def test_a_token_that_is_not_quite_right_is_refused(known: TestLine, token: str):
    answer = _ask(known, token)

    assert 401 == answer.status_code
    assert {"error": "This is not what the store signed just now."} == answer.get_json()


@pytest.mark.parametrize(
    ("claim", "seconds", "is_good"),
    [
        ("exp", -9, True),
        ("exp", -10, False),
        ("nbf", 10, True),
        ("nbf", 11, False),
        ("iat", 10, True),
        ("iat", 11, False),
    ],
)
def test_clocks_may_differ_by_ten_seconds(claim: str, seconds: int, is_good: bool):
    now = datetime.fromtimestamp(NOW, UTC)
    past = {"iat": NOW - 60, "nbf": NOW - 60}

    token = a_session_token("7001", **(past | {claim: NOW + seconds}))
    told = read_session_token(token, "key", ["hush"], now)

    assert is_good == isinstance(told, Session)


def test_shopifys_own_library_takes_the_tokens_that_are_taken_here():
    """So that what the builder makes is what Shopify makes."""
    shopify = ShopifyApp(client_id="key", client_secret="hush")
    headers = {"authorization": f"Bearer {a_session_token('7001')}"}
    request = {"method": "GET", "headers": headers, "url": "", "body": ""}

    verdict = shopify.verify_checkout_ui_ext_req(request)

    assert verdict.ok
    assert "gid://shopify/Customer/7001" == verdict.id_token.claims["sub"]


def test_no_other_proof_opens_this_door(known: TestLine):
    token = a_session_token("7001")
    for headers in ({}, {"Authorization": token}, {"Authorization": f"Basic {token}"}):
        assert 401 == known.client.get("/api/standing", headers=headers).status_code
    assert 401 == known.client.get(f"/api/standing?id_token={token}").status_code
    headers = {"Authorization": f"Bearer {token}"}
    assert 401 == known.client.get("/proxy/standing", headers=headers).status_code


def test_without_a_client_id_no_token_is_good(known: TestLine):
    app = create_app(known.settings_with(shopify_api_key=None))
    headers = {"Authorization": f"Bearer {a_session_token('7001')}"}

    assert 401 == app.test_client().get("/api/standing", headers=headers).status_code
    nobody = jwt.encode(session_claims("7001", aud=""), "hush", "HS256")
    headers = {"Authorization": f"Bearer {nobody}"}
    assert 401 == app.test_client().get("/api/standing", headers=headers).status_code


def test_what_an_order_brought_is_told_to_its_member_alone(known: TestLine):
    order_id = an_order()["id"]

    def points(customer_id: str, **claims: str) -> int:
        token = a_session_token(customer_id, **claims)
        told: int = _ask(known, token, f"orders/{order_id}").get_json()["points"]
        return told

    assert 60 == points("7001")
    assert 0 == points("7002")
    assert 0 == points("7001", dest=OTHER)
    nowhere = _ask(known, a_session_token("7001"), "orders/1%00")
    assert UNKNOWN == nowhere.get_json()


def test_an_order_without_points_says_why(known: TestLine):
    def told(order_id: int, customer_id: str = "7001") -> dict[str, Any]:
        token = a_session_token(customer_id)
        found: dict[str, Any] = _ask(known, token, f"orders/{order_id}").get_json()
        return found

    def refund(order_id: int) -> dict[str, Any]:
        return a_refund("100", order_id=order_id, id=order_id)

    nothing = {"customer": an_order()["customer"] | {"id": 7005}}
    card = an_order(a_line(gift_card=True), id=5601, name="#1601", **nothing)
    bank = an_order(id=5602, name="#1602", financial_status="pending", **nothing)
    back = an_order(id=5603, name="#1603", **nothing)
    stopped = bank | {"id": 5604, "cancelled_at": bank["updated_at"]}
    assert UNKNOWN == told(5601, "7005")
    known.settle(
        ("orders/paid", card),
        ("orders/create", bank),
        ("orders/paid", back),
        ("refunds/create", refund(5603)),
        ("orders/create", stopped),
    )

    answers = [told(each, "7005") for each in range(5601, 5605)]
    assert ["none", "unpaid", "returned", "none"] == [one["state"] for one in answers]
    assert [
        "nothing of the order counts for points",
        "the order is not paid (pending)",
        "",
        "the order is not paid (pending)",
    ] == [one["reason"] for one in answers]
    assert UNKNOWN == told(5601)

"""What the owner arranges on the store's own pages is what the app then meets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.sandbox import grants
from app.sandbox.admin import trouble
from app.sandbox.app_home import id_token
from app.sandbox.deliveries import API_VERSION
from app.sandbox.main import SandboxSettings, create_store
from app.sandbox.store import Store
from app.sandbox_token import sandbox_token
from tests.app.sandbox.conftest import NOWHERE, SECRET, SHOP

WORK, TOKENS = "/admin/rewards/work", "/admin/app/trouble"
TOKEN = {"X-Shopify-Access-Token": sandbox_token(SECRET)}
BEGIN = """
mutation Begin($query: String!) {
  bulkOperationRunQuery(query: $query) {
    bulkOperation { id }
    userErrors { message }
  }
}
"""
FIND = "query Find($id: ID!) { bulkOperation(id: $id) { status errorCode url } }"
PRODUCTS = "{ products { edges { node { id } } } }"
MAKE = """
mutation Make($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) { codeDiscountNode { id } }
}
"""
ADD = """
mutation Add($discount: ID!, $codes: [DiscountRedeemCodeInput!]!) {
  discountRedeemCodeBulkAdd(discountId: $discount, codes: $codes) {
    bulkCreation { id }
  }
}
"""
ADDING = """
query Adding($id: ID!) { discountRedeemCodeBulkCreation(id: $id) { done } }
"""
SHARED = {
    "title": "A reward",
    "code": "SHARED",
    "startsAt": "2026-11-01T10:00:00Z",
    "context": {"all": "ALL"},
    "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}},
}


def _post(browser: FlaskClient, path: str, **data: str) -> str:
    answer = browser.post(path, data=data, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def shop(tmp_path: Path) -> Flask:
    """A store that hangs for no time at all."""
    settings = SandboxSettings(SHOP, SECRET, NOWHERE, tmp_path, tmp_path, hang_s=0)
    return create_store(settings, start_sender=False)


@pytest.fixture
def browser(shop: Flask) -> FlaskClient:
    return shop.test_client()


@pytest.fixture
def ask(browser: FlaskClient) -> Callable[..., Any]:
    """A function that asks the Admin API as the app does, for one field."""

    def asked(query: str, /, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        path = f"/admin/api/{API_VERSION}/graphql.json"
        data = browser.post(path, json=body, headers=TOKEN).get_json()["data"]
        [value] = data.values()
        return value

    return asked


def test_the_next_bulk_operation_fails_half_way_and_the_one_after_does_not(
    browser: FlaskClient, ask: Callable[..., Any]
):
    assert "ends half-way" in _post(browser, WORK, fails="1", calls="0")
    ends = []
    for _ in range(2):
        id_ = ask(BEGIN, query=PRODUCTS)["bulkOperation"]["id"]
        states = [ask(FIND, id=id_) for _ in range(2)]
        assert states[0]["status"] == "RUNNING"
        ends.append(states[1])

    assert [("FAILED", "INTERNAL_SERVER_ERROR", True), ("COMPLETED", None, False)] == [
        (each["status"], each["errorCode"], each["url"] is None) for each in ends
    ]
    assert "ends half-way" not in browser.get("/admin/rewards").text


def test_a_bulk_operation_that_was_to_fail_is_let_off(
    browser: FlaskClient, ask: Callable[..., Any]
):
    _post(browser, WORK, fails="1")
    assert "ends half-way" not in _post(browser, WORK)
    id_ = ask(BEGIN, query=PRODUCTS)["bulkOperation"]["id"]

    assert ["RUNNING", "COMPLETED"] == [ask(FIND, id=id_)["status"] for _ in "12"]


@pytest.mark.parametrize("calls", [0, 3])
def test_codes_are_added_as_many_calls_late_as_was_arranged(
    browser: FlaskClient, ask: Callable[..., Any], calls: int
):
    _post(browser, WORK, calls=str(calls))
    discount = ask(MAKE, discount=SHARED)["codeDiscountNode"]["id"]
    adding = ask(ADD, discount=discount, codes=[{"code": "ONE-OF-MANY"}])
    id_ = adding["bulkCreation"]["id"]
    seen = [ask(ADDING, id=id_)["done"] for _ in range(calls + 1)]

    assert [False] * calls + [True] == seen


def _answers(shop: Flask, store: Store) -> TestResponse:
    told = {
        "client_id": store.settings.client_id,
        "client_secret": SECRET,
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": id_token(store.settings),
        "expiring": "1",
    }
    return shop.test_client().post("/admin/oauth/access_token", json=told)


@pytest.mark.parametrize(
    ("kind", "status", "given"),
    [
        (trouble.BROKEN, 500, 0),
        (trouble.HANG_BEFORE, 504, 0),
        (trouble.HANG_AFTER, 504, 1),
    ],
)
def test_the_token_endpoint_meets_what_was_arranged_and_then_answers(
    shop: Flask,
    store: Store,
    browser: FlaskClient,
    kind: str,
    status: int,
    given: int,
):
    with store.data.transaction() as rows:
        grants.install(rows)
    assert f"Still to come: {kind}." in _post(browser, TOKENS, kind=kind)
    assert _answers(shop, store).status_code == status
    with store.data.reading() as rows:
        assert len(grants.all_grants(rows)) == given

    assert _answers(shop, store).get_json()["access_token"]
    assert "Still to come" not in browser.get("/admin/app").text


def test_each_trouble_of_the_token_endpoint_is_offered_and_no_other(
    browser: FlaskClient,
):
    page = browser.get("/admin/app").text
    offered = [kind for kind in trouble.KINDS if f'<option value="{kind}">' in page]
    assert offered == list(trouble.TOKEN_KINDS)

    _post(browser, TOKENS, kind=trouble.BROKEN, count="2")
    assert "Still to come" not in _post(browser, TOKENS, kind=trouble.THROTTLED)

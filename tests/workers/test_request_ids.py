"""A request id is one wish for ever: sent again it is answered again, never another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.program import Program
from app.domain.rewards import AmountOff, PointsAsMoney
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import a_line, an_order
from tests.builders.tokens import a_session_token

FIVE = AmountOff(points_cost=500, amount=Decimal(5), key="five")
SLIDER = PointsAsMoney(points_cost=100, amount=Decimal(1), step=100, key="slider")
WISH = {"request_id": "the-first-wish", "reward_id": "slider", "points": 200}
REFUSAL = "this request_id was used for another wish: make up a new one"


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store where a customer has 1,000 points."""
    line.set_program(Program(rewards=(FIVE, SLIDER)))
    line.settle(("orders/paid", an_order(a_line("1000.00"))))
    return line


def _by_proxy(shop: TestLine, body: dict[str, Any]) -> TestResponse:
    return shop.post("redemptions", "7001", body)


def _by_token(shop: TestLine, body: dict[str, Any]) -> TestResponse:
    headers = {"Authorization": f"Bearer {a_session_token('7001')}"}
    return shop.client.post("/api/redemptions", json=body, headers=headers)


CHANGES: list[dict[str, Any]] = [
    {"reward_id": "five", "points": None},
    {"reward_id": "there-is-none"},
    {"points": 300},
    {"points": None},
    {"prize": "stamps/tenth-10"},
    {"slot": "2026-12-24T18:00"},
]


def test_an_id_that_was_used_for_another_wish_is_refused(shop: TestLine):
    first = _by_proxy(shop, WISH).get_json()["id"]
    for asks in (_by_proxy, _by_token):
        for changes in CHANGES:
            other = asks(shop, WISH | changes)
            assert (409, {"error": REFUSAL}) == (other.status_code, other.get_json())
        # Decided or not, it is the same.
        shop.worker.drain()

    assert [first] == [each["id"] for each in _taken(shop)]
    assert 800 == shop.standing(7001).available


def test_the_same_wish_is_answered_again_by_either_door_for_ever(shop: TestLine):
    first = _by_proxy(shop, WISH).get_json()["id"]
    shop.worker.drain()
    shop.fulfilling.work()
    # Nothing of it is offered any more, and its message has been dropped.
    shop.set_program(Program(rewards=(replace(FIVE, key="six"),)))
    with shop.as_superuser() as connection:
        connection.exec_driver_sql("update inbox set body = null")

    for asks in (_by_token, _by_proxy):
        again = asks(shop, WISH | {"slot": None})
        assert (202, first) == (again.status_code, again.get_json()["id"])
        assert "granted" == again.get_json()["state"]
        assert 409 == asks(shop, WISH | {"points": 300}).status_code
    assert 1 == len(_taken(shop))


def test_of_two_wishes_under_one_id_at_one_moment_one_is_refused(shop: TestLine):
    points, where = (
        [100, 200, 300, 400] * 5,
        f"/proxy/redemptions?{proxy_query('7001')}",
    )

    def ask(many: int) -> TestResponse:
        client = shop.client.application.test_client()
        return client.post(where, json=WISH | {"points": many})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, points))
    shop.worker.drain()
    [taken] = _taken(shop)

    codes = {
        (many == taken["points"], answer.status_code)
        for many, answer in zip(points, answers, strict=True)
    }
    assert {(True, 202), (False, 409)} == codes


def test_an_id_is_of_its_customer_alone(shop: TestLine):
    order = an_order(a_line("1000.00"), id=5002, customer={"id": 7002})
    shop.settle(("orders/paid", order))
    ids = {
        shop.post("redemptions", who, WISH | {"points": many}).get_json()["id"]
        for who, many in (("7001", 100), ("7002", 300))
    }

    assert 2 == len(ids)


def _taken(shop: TestLine) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = shop.ask("standing", "7001").get_json()["redemptions"]
    return told

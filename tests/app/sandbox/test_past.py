"""A new store may begin with a regular shopper, whose past the app is told of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from app.sandbox.past import EMAIL, JOINED_DAYS_AGO, ORDERS, give_past
from app.sandbox.store import Store

Told = Callable[[], list[tuple[str, Any]]]


def test_a_regular_shopper_joined_and_bought_long_ago(store: Store, told: Told) -> None:
    told()
    give_past(store)

    messages = told()
    joined = [body for topic, body in messages if topic == "customers/create"]
    paid = [body for topic, body in messages if topic == "orders/paid"]
    now = store.clock()
    assert [EMAIL] == [body["email"] for body in joined]
    assert [JOINED_DAYS_AGO] == [_days(now, body["created_at"]) for body in joined]
    assert [each.days_ago for each in ORDERS] == [
        _days(now, body["processed_at"]) for body in paid
    ]
    assert {EMAIL} == {body["customer"]["email"] for body in paid}
    assert {"paid"} == {body["financial_status"] for body in paid}
    sent = [body for topic, body in messages if topic == "orders/fulfilled"]
    assert len(ORDERS) == len(sent)


def test_she_has_one_past_however_often_the_store_is_started(
    store: Store, told: Told
) -> None:
    give_past(store)
    told()

    give_past(store)
    assert [] == told()


def _days(now: datetime, written: str) -> int:
    return (now - datetime.fromisoformat(written) + timedelta(hours=1)).days

"""Messages arrive at least once, and otherwise as the owner of the sandbox wishes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.sandbox import outbox
from app.sandbox.deliveries import Receiver, Sender
from app.sandbox.orders import Order
from app.sandbox.outbox import Outbox, Weather
from app.sandbox.store import Store
from app.sandbox.store_data import StoreData


class Clock:
    """Shows the time it is told."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sender(store: Store, pretend_app: Any, clock: Clock) -> Sender:
    receiver = Receiver(pretend_app.url, "sandbox.myshopify.com", "hush")
    clock.now += 60
    return Sender(store.data, receiver, clock, random.Random(7))


def _states(store: Store) -> list[tuple[str, int]]:
    with store.data.reading() as rows:
        return [(item.state, item.attempts) for item in outbox.latest(rows)][::-1]


def _set(store: Store, weather: Weather) -> None:
    with store.data.transaction() as rows:
        weather.save(rows)


def test_messages_are_sent_once_and_in_order(
    store: Store, buy: Callable[..., Order], sender: Sender, pretend_app: Any
) -> None:
    buy(house_blend=1)
    assert sender.step() == 4
    assert sender.step() == 0
    assert pretend_app.topics() == [
        "orders/create",
        "orders/paid",
        "order_transactions/create",
        "orders/updated",
    ]
    assert set(_states(store)) == {("delivered", 1)}


@pytest.mark.parametrize("answer", [302, 401, 404, 500, 503])
def test_any_other_answer_is_tried_again_unchanged(
    store: Store,
    buy: Callable[..., Order],
    sender: Sender,
    pretend_app: Any,
    clock: Clock,
    answer: int,
) -> None:
    buy(house_blend=1)
    pretend_app.answers = [answer]
    sender.step()
    assert _states(store)[0] == ("waiting", 1)
    assert sender.step() == 0
    clock.now += 1
    assert sender.step() == 1
    first, again = pretend_app.heard[0], pretend_app.heard[-1]
    assert (first.body, first.headers) == (again.body, again.headers)
    assert _states(store)[0] == ("delivered", 2)


def test_waits_double_and_end_after_eight_retries(
    store: Store,
    buy: Callable[..., Order],
    sender: Sender,
    pretend_app: Any,
    clock: Clock,
) -> None:
    buy(house_blend=1)
    pretend_app.answers = [500] * 1000
    sender.step()
    for wait in (1, 2, 4, 8, 16, 32, 64, 128):
        clock.now += wait - 0.5
        assert sender.step() == 0, wait
        clock.now += 0.5
        assert sender.step() == 4, wait
    assert set(_states(store)) == {("given up", 9)}
    clock.now += 100_000
    assert sender.step() == 0


def test_an_app_that_is_down_is_tried_again(
    store: Store, buy: Callable[..., Order], clock: Clock
) -> None:
    buy(house_blend=1)
    nowhere = Receiver("http://127.0.0.1:9", "sandbox.myshopify.com", "hush")
    clock.now += 1
    assert Sender(store.data, nowhere, clock).step() == 4
    assert set(_states(store)) == {("waiting", 1)}


def test_a_restart_goes_on_with_the_original_message(
    store: Store, buy: Callable[..., Order], pretend_app: Any, clock: Clock
) -> None:
    buy(house_blend=1)
    with store.data.reading() as rows:
        before = [item.body for item in outbox.latest(rows)][::-1]
    reopened = StoreData(store.settings.folder)
    receiver = Receiver(pretend_app.url, "sandbox.myshopify.com", "hush")
    clock.now += 1
    Sender(reopened, receiver, clock).step()
    assert [heard.body for heard in pretend_app.heard] == before


def test_a_duplicate_has_the_same_id_and_body(
    store: Store, buy: Callable[..., Order], sender: Sender, pretend_app: Any
) -> None:
    _set(store, Weather(duplicate=True))
    buy(house_blend=1)
    assert sender.step() == 8
    ids = [heard.headers["x-shopify-webhook-id"] for heard in pretend_app.heard]
    assert all(ids.count(webhook_id) == 2 for webhook_id in ids)
    assert len({heard.body for heard in pretend_app.heard}) <= 4


def test_shuffled_messages_arrive_in_another_order(
    store: Store, buy: Callable[..., Order], sender: Sender, pretend_app: Any
) -> None:
    _set(store, Weather(shuffle=True))
    for _ in range(5):
        buy(house_blend=1)
    sender.step()
    numbers = [
        (body.get("order_number", 0), topic)
        for body, topic in zip(pretend_app.bodies(), pretend_app.topics(), strict=True)
    ]
    assert len(numbers) == 20
    assert numbers != sorted(numbers)


def test_held_messages_wait_for_their_release(
    store: Store, buy: Callable[..., Order], sender: Sender, clock: Clock
) -> None:
    _set(store, Weather(hold=True, duplicate=True))
    buy(house_blend=1)
    assert sender.step() == 0
    with store.data.transaction() as rows:
        Outbox(clock).release(rows)
        assert Weather.of(rows) == Weather(duplicate=True)
    assert sender.step() == 8


def test_lost_messages_never_arrive_but_can_be_sent_again(
    store: Store,
    buy: Callable[..., Order],
    sender: Sender,
    pretend_app: Any,
    clock: Clock,
) -> None:
    _set(store, Weather(lose_percent=100))
    buy(house_blend=1)
    sender.step()
    assert pretend_app.heard == []
    assert set(_states(store)) == {("lost", 0)}
    _set(store, Weather())
    with store.data.transaction() as rows:
        Outbox(clock).redeliver(rows, outbox.latest(rows)[0].id)
    assert sender.step() == 1
    assert pretend_app.topics() == ["orders/updated"]


def test_some_messages_are_lost_at_some_per_cent(
    store: Store, buy: Callable[..., Order], sender: Sender, pretend_app: Any
) -> None:
    _set(store, Weather(lose_percent=50))
    for _ in range(10):
        buy(house_blend=1)
    sender.step()
    assert 5 < len(pretend_app.heard) < 35


def test_the_thread_delivers_within_a_moment(
    make_store: Callable[..., Flask], pretend_app: Any
) -> None:
    shop = make_store(pretend_app.url)
    sender: Sender = shop.extensions["sandbox_sender"]
    sender.start()
    try:
        started = time.monotonic()
        store: Store = shop.extensions["sandbox"]
        store.customers.register("Mary Keller", "mary@example.com")
        while not pretend_app.heard and time.monotonic() - started < 5:
            time.sleep(0.005)
        assert pretend_app.topics() == ["customers/create"]
        assert time.monotonic() - started < 4
    finally:
        sender.stop()

"""Orders and refunds for many members, sent to all web processes as Shopify would."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

import requests

from tests.builders.line import DOMAIN, sign
from tests.builders.past_orders import OrdersInMemory
from tests.builders.shopify import a_line, a_refund, an_order, later

MEMBERS = 40
THREADS = 6
# Shopify's own patience; then it sends the same again, as we do, only sooner.
ANSWER_S = 5
PAUSE_S = 0.1
GIVEN_UP_S = 120


@dataclass(frozen=True)
class Delivery:
    """A message and by what it is known; it may be sent more than once."""

    topic: str
    body: bytes
    delivery_id: str


@dataclass
class Traffic:
    """What was sent to web processes at these ports, and what they acknowledged."""

    ports: Sequence[int]
    acknowledged: dict[str, Delivery] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    refusals: int = 0

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._last = float("inf")
        self._turn = threading.Lock()
        self._failures: list[str] = []

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Send orders all the while, and end with every delivery acknowledged."""
        threads = self._begin()
        try:
            yield
        finally:
            with self._turn:
                self._last = next(self._numbers)
            self._end(threads)

    def send(self, orders: int) -> None:
        """Send so many orders with all that belongs to them."""
        self._end(self._begin(orders))

    def send_again(self, deliveries: Sequence[Delivery]) -> None:
        """Send the same deliveries once more."""
        with requests.Session() as session:
            for number, delivery in enumerate(deliveries):
                self._deliver(session, delivery, number)

    def wait_for(self, acknowledged: int) -> None:
        """Wait until so many more deliveries were acknowledged."""
        wanted = len(self.times) + acknowledged
        deadline = time.monotonic() + GIVEN_UP_S
        while len(self.times) < wanted:
            assert time.monotonic() < deadline, "too little was acknowledged"
            time.sleep(0.05)

    def longest_gap_s(self) -> float:
        """The longest time in which nothing was acknowledged."""
        times = sorted(self.times)
        pairs = pairwise(times)
        return max(later - earlier for earlier, later in pairs)

    def points(self) -> dict[str, int]:
        """What each customer should have, from what was acknowledged."""
        owners: dict[int, str] = {}
        refunded: set[int] = set()
        for each in self.acknowledged.values():
            body = json.loads(each.body)
            if each.topic == "refunds/create":
                refunded.add(body["order_id"])
            else:
                owners[body["id"]] = str(body["customer"]["id"])
        points: dict[str, int] = defaultdict(int)
        for order_id, owner in owners.items():
            points[owner] += 75 if order_id in refunded else 100
        return dict(points)

    def store(self, unheard: Collection[str] = ()) -> OrdersInMemory:
        """The store that all of this is from, as it shows its orders now.

        An order has changed since its own message if a refund of it is `unheard`, and
        else not: the message of such a change would have come as well.
        """
        bodies = {id_: json.loads(each.body) for id_, each in self.acknowledged.items()}
        orders = {
            body["id"]: body for id_, body in bodies.items() if id_.startswith("order-")
        }
        for id_, refund in bodies.items():
            if id_.startswith("refund-"):
                number = refund["order_id"]
                changed = later if id_ in unheard else dict[str, Any]
                orders[number] = changed(
                    orders[number],
                    refunds=[refund],
                    financial_status="partially_refunded",
                )
        past = OrdersInMemory()
        past.put(*orders.values())
        return past

    def _begin(self, orders: float = float("inf")) -> list[threading.Thread]:
        with self._turn:
            self._last = next(self._numbers) + orders
        threads = [threading.Thread(target=self._send_orders) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        return threads

    def _end(self, threads: list[threading.Thread]) -> None:
        for thread in threads:
            thread.join()
        assert [] == self._failures

    def _send_orders(self) -> None:
        with requests.Session() as session:
            while True:
                with self._turn:
                    number = next(self._numbers)
                    if number > self._last:
                        return
                for delivery in _deliveries(number):
                    self._deliver(session, delivery, number)
                    number += 1

    def _deliver(
        self, session: requests.Session, delivery: Delivery, number: int
    ) -> None:
        """Send to one web process after the other until one acknowledges."""
        deadline = time.monotonic() + GIVEN_UP_S
        while time.monotonic() < deadline:
            number += 1
            if self._post(session, delivery, self.ports[number % len(self.ports)]):
                with self._turn:
                    self.acknowledged[delivery.delivery_id] = delivery
                    self.times.append(time.monotonic())
                return
            with self._turn:
                self.refusals += 1
            time.sleep(PAUSE_S)
        self._failures.append(f"{delivery.delivery_id} was never acknowledged")

    def _post(self, session: requests.Session, delivery: Delivery, port: int) -> bool:
        headers = {
            "X-Shopify-Topic": delivery.topic,
            "X-Shopify-Hmac-Sha256": sign(delivery.body),
            "X-Shopify-Shop-Domain": DOMAIN,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": delivery.delivery_id,
        }
        url = f"http://127.0.0.1:{port}/webhooks/shopify"
        try:
            answer = session.post(
                url, data=delivery.body, headers=headers, timeout=ANSWER_S
            )
        except requests.RequestException:
            return False
        return answer.status_code == 200


def _deliveries(number: int) -> list[Delivery]:
    """An order of 100 points, with a refund of 25 or repeats, as its number has it."""
    order = json.dumps(_order(number)).encode()
    sent = [Delivery("orders/paid", order, f"order-{number}")]
    if number % 3 == 0:
        sent.append(refund_of(number))
    if number % 5 == 0:
        sent.append(sent[0])
    if number % 7 == 0:
        # The same again, as if by another subscription.
        sent.append(Delivery("orders/updated", order, f"again-{number}"))
        sent.reverse()
    return sent


def refund_of(number: int) -> Delivery:
    """A quarter of an order goes back."""
    refund = a_refund("25.00", (11, 1, "25.00"), id=number, order_id=number)
    body = json.dumps(refund).encode()
    return Delivery("refunds/create", body, f"refund-{number}")


def _order(number: int) -> dict[str, Any]:
    customer_id = 7000 + number % MEMBERS
    email = f"shopper{customer_id}@example.com"
    return an_order(
        a_line("25.00", 4),
        id=number,
        name=f"#{number}",
        email=email,
        customer={"id": customer_id, "email": email, "verified_email": True},
    )

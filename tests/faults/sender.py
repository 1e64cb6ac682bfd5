"""The store's side: sends signed messages, and again on anything but 200."""

from __future__ import annotations

import heapq
import http.client
import threading
import time
from collections.abc import Iterable
from random import Random
from urllib.parse import urlsplit

from tests.builders.line import sign
from tests.faults.history import Webhook
from tests.faults.journal import Answer, Journal

# Shopify gives up on an answer after five seconds, and tries again for four hours; its
# waits are shortened here.
ANSWER_S = 5.0
RETRY_S = (0.3, 1.5)
PATIENCE_S = 240.0

_Due = tuple[float, int, float, Webhook]


class Sender:
    """Delivers over so many connections at once, and writes down every answer."""

    def __init__(
        self, url: str, journal: Journal, *, seed: int = 1, hands: int = 8
    ) -> None:
        self._address = urlsplit(url).netloc
        self._journal = journal
        self._chance = Random(seed)
        self._lock = threading.Lock()
        self._due: list[_Due] = []
        self._left = 0
        self._number = 0
        self._is_over = threading.Event()
        self._hands = [threading.Thread(target=self._work) for _ in range(hands)]
        self.given_up: list[Webhook] = []

    def __enter__(self) -> Sender:
        """Begin to deliver what is fed."""
        for hand in self._hands:
            hand.start()
        return self

    def __exit__(self, *error: object) -> None:
        """End, whatever is left."""
        self._is_over.set()
        for hand in self._hands:
            hand.join()

    def feed(self, webhooks: Iterable[Webhook], per_second: float = 1000) -> None:
        """Deliver these too, each until it is answered as it should be."""
        began = time.monotonic()
        with self._lock:
            for place, webhook in enumerate(webhooks):
                due_at = began + place / per_second
                self._put(due_at, due_at, webhook)
                self._left += 1

    def wait(self, left: int = 0) -> None:
        """Wait until no more than so many deliveries are still to be answered."""
        while self._left > left:
            time.sleep(0.02)

    def _put(self, due_at: float, first_at: float, webhook: Webhook) -> None:
        self._number += 1
        heapq.heappush(self._due, (due_at, self._number, first_at, webhook))

    def _work(self) -> None:
        while not self._is_over.is_set():
            with self._lock:
                now = time.monotonic()
                is_due = self._due and self._due[0][0] <= now
                taken = heapq.heappop(self._due) if is_due else None
            if taken is None:
                time.sleep(0.01)
            else:
                self._deliver(taken[3], taken[2])

    def _deliver(self, webhook: Webhook, first_at: float) -> None:
        answer = self._ask(webhook)
        with self._lock:
            if answer == 200 or webhook.is_forged:
                self._left -= 1
            elif time.monotonic() - first_at > PATIENCE_S:
                self.given_up.append(webhook)
                self._left -= 1
            else:
                wait = self._chance.uniform(*RETRY_S)
                self._put(time.monotonic() + wait, first_at, webhook)

    def _ask(self, webhook: Webhook) -> int | str:
        began = time.monotonic()
        answer = post(self._address, webhook)
        took = time.monotonic() - began
        self._journal.write(
            Answer(
                webhook.delivery_id, webhook.domain, answer, round(took, 4), time.time()
            )
        )
        return answer


def send(
    url: str,
    journal: Journal,
    webhooks: Iterable[Webhook],
    per_second: float = 1000,
    hands: int = 8,
) -> None:
    """Deliver all of these, and come back when each is answered as it should be."""
    with Sender(url, journal, hands=hands) as sender:
        sender.feed(webhooks, per_second)
        sender.wait()
    assert [] == sender.given_up


def post(address: str, webhook: Webhook) -> int | str:
    """Deliver once; return the status, or the name of the error."""
    connection = http.client.HTTPConnection(address, timeout=ANSWER_S)
    try:
        connection.request("POST", "/webhooks/shopify", webhook.body, _headers(webhook))
        response = connection.getresponse()
        response.read()
        return response.status
    except TimeoutError:
        return "timeout"
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def _headers(webhook: Webhook) -> dict[str, str]:
    secret = {"secret": "nobody's"} if webhook.is_forged else {}
    return {
        "X-Shopify-Topic": webhook.topic,
        "X-Shopify-Hmac-Sha256": sign(webhook.body, **secret),
        "X-Shopify-Shop-Domain": webhook.domain,
        "X-Shopify-Webhook-Id": webhook.delivery_id,
        "X-Shopify-Triggered-At": webhook.triggered_at,
        "X-Shopify-API-Version": "2026-10",
    }

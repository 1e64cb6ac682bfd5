"""The store's side: sends signed messages, and again on anything but 200."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterable
from functools import partial
from random import Random
from urllib.parse import urlsplit

from tests.builders.line import sign
from tests.faults.hands import Hands
from tests.faults.history import Webhook
from tests.faults.journal import Answer, Journal

# Shopify gives up on an answer after five seconds, and tries again for four hours; its
# waits are shortened here.
ANSWER_S = 5.0
RETRY_S = (0.3, 1.5)
PATIENCE_S = 240.0


class Sender:
    """Delivers over so many connections at once, and writes down every answer."""

    def __init__(
        self, url: str, journal: Journal, *, seed: int = 1, hands: int = 8
    ) -> None:
        self._address = urlsplit(url).netloc
        self._journal = journal
        self._chance = Random(seed)
        self._hands = Hands(hands)
        self.given_up: list[Webhook] = []

    def __enter__(self) -> Sender:
        """Begin to deliver what is fed."""
        self._hands.start()
        return self

    def __exit__(self, *error: object) -> None:
        """End, whatever is left."""
        self._hands.stop()

    def feed(self, webhooks: Iterable[Webhook], per_second: float = 1000) -> None:
        """Deliver these too, each until it is answered as it should be."""
        began = time.monotonic()
        for place, webhook in enumerate(webhooks):
            wait_s = place / per_second
            deliver = partial(self._deliver, webhook, began + wait_s)
            self._hands.begin(wait_s, deliver)

    def wait(self, left: int = 0) -> None:
        """Wait until no more than so many deliveries are still to be answered."""
        self._hands.wait(left)

    def _deliver(self, webhook: Webhook, first_at: float) -> None:
        answer = self._ask(webhook)
        if answer == 200 or webhook.is_forged:
            self._hands.end()
        elif time.monotonic() - first_at > PATIENCE_S:
            self.given_up.append(webhook)
            self._hands.end()
        else:
            wait_s = self._chance.uniform(*RETRY_S)
            self._hands.go_on(wait_s, partial(self._deliver, webhook, first_at))

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

"""The sender: signs messages, posts them, and tries again as Shopify does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import requests

from app.sandbox import outbox
from app.sandbox.outbox import Delivery, Weather
from app.sandbox.store_data import StoreData

API_VERSION = "2026-10"
RETRIES = 8
TIMEOUT_SECONDS = 5
POLL_SECONDS = 0.25

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receiver:
    """Where messages go, in whose name, signed with what."""

    url: str
    shop: str
    secret: str


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a message: base64 of the HMAC-SHA256 of its bytes."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def headers_of(delivery: Delivery, receiver: Receiver) -> dict[str, str]:
    """Return the headers of a message."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": delivery.topic,
        "X-Shopify-Hmac-Sha256": sign(receiver.secret, delivery.body),
        "X-Shopify-Shop-Domain": receiver.shop,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Webhook-Id": delivery.webhook_id,
        "X-Shopify-Triggered-At": delivery.triggered_at,
        "X-Shopify-Event-Id": delivery.event_id,
    }


class Sender:
    """Delivers what waits in the outbox, in a thread of its own or step by step."""

    def __init__(
        self,
        data: StoreData,
        receiver: Receiver,
        clock: Callable[[], float] = time.time,
        dice: random.Random | None = None,
    ) -> None:
        self._data = data
        self._receiver = receiver
        self._clock = clock
        self._dice = dice or random.SystemRandom()
        self._session = requests.Session()
        self._session.trust_env = False
        self._bell = threading.Event()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Deliver from now on, in a thread of its own."""
        if self._thread is None:
            self._is_stopping = False
            self._thread = threading.Thread(
                target=self._run, name="sandbox-sender", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread after the message that it is sending."""
        self._is_stopping = True
        self.wake()
        if self._thread is not None:
            self._thread.join(timeout=TIMEOUT_SECONDS + 1)
            self._thread = None

    def wake(self) -> None:
        """Say that something may be due."""
        self._bell.set()

    def step(self) -> int:
        """Send once all that is due now; return how many messages that was."""
        with self._data.reading() as rows:
            weather = Weather.of(rows)
            waiting = [] if weather.hold else outbox.due(rows, self._clock())
        if weather.shuffle:
            self._dice.shuffle(waiting)
        for delivery in waiting:
            noted = self._deliver(delivery, weather)
            with self._data.transaction() as rows:
                outbox.note(rows, noted)
        return len(waiting)

    def _run(self) -> None:
        while not self._is_stopping:
            try:
                sent = self.step()
            except Exception:
                log.exception("the sandbox store could not deliver")
                sent = 0
            if not sent:
                self._bell.wait(POLL_SECONDS)
                self._bell.clear()

    def _deliver(self, delivery: Delivery, weather: Weather) -> Delivery:
        is_first = delivery.attempts == 0
        if is_first and self._dice.random() * 100 < weather.lose_percent:
            return replace(delivery, state="lost", answer="lost on the way")
        attempts = delivery.attempts + 1
        answer, is_done = self._post(delivery)
        if is_done or attempts > RETRIES:
            state = "delivered" if is_done else "given up"
            return replace(delivery, attempts=attempts, state=state, answer=answer)
        return replace(
            delivery,
            attempts=attempts,
            answer=answer,
            next_attempt_at=self._clock() + 2 ** (attempts - 1),
        )

    def _post(self, delivery: Delivery) -> tuple[str, bool]:
        try:
            answer = self._session.post(
                f"{self._receiver.url}/webhooks/shopify",
                data=delivery.body,
                headers=headers_of(delivery, self._receiver),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return type(error).__name__, False
        return str(answer.status_code), answer.ok and answer.status_code < 300

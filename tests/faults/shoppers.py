"""Shoppers who turn points into codes amid the faults, and insist on an answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import urlsplit

from app.domain.program import Program
from app.domain.rewards import AmountOff
from app.sandbox_token import SANDBOX_DOMAIN
from tests.builders.line import proxy_query
from tests.builders.shopify import a_line, an_order
from tests.faults.hands import Hands, Step
from tests.faults.history import Webhook, stamp, webhook
from tests.faults.sender import ANSWER_S, RETRY_S

REWARD = AmountOff(points_cost=150, amount=Decimal(1), key="one")
PROGRAM = Program(rewards=(REWARD,))

# Of the orders of members, how many have their buyer wish for something.
_WISHES = 0.4
# Of what was granted, how much is used for an order, and how much is given up.
_USED, _GIVEN_UP = 0.4, 0.25
# A lease of a redemption is two minutes, and whoever takes it up may die again.
_PATIENCE_S = 400.0
# Beside the orders of `history`, and below those of `malformed`.
_FIRST_ORDER = 300_000
_HANDS = 4

Told = dict[str, Any]


@dataclass
class Wish:
    """One wish for a reward, and what its shopper was told of it."""

    customer_id: str
    request_id: str
    fate: str
    wished_at: float
    id: str | None = None
    state: str | None = None
    code: str | None = None
    code_after_s: float | None = None


@dataclass(frozen=True)
class Asked:
    """One question of a shopper's page, its status or what came instead."""

    what: str
    answer: int | str
    seconds: float


class Shoppers:
    """The customers of the sandbox store, as its pages ask for them."""

    def __init__(
        self, url: str, feed: Callable[[list[Webhook]], None], seed: int
    ) -> None:
        """Ask at this address; orders with a code are fed to who delivers them."""
        self.wishes: list[Wish] = []
        self.asked: list[Asked] = []
        self.sent: list[Webhook] = []
        self.wrong: list[str] = []
        self._address = urlsplit(url).netloc
        self._feed = feed
        self._seed = seed
        self._chance = Random(f"{seed}/shoppers")
        self._lock = threading.Lock()
        self._hands = Hands(_HANDS)

    def __enter__(self) -> Shoppers:
        """Begin to ask."""
        self._hands.start()
        return self

    def __exit__(self, *error: object) -> None:
        """End, whatever is left."""
        self._hands.stop()

    def hear(self, webhooks: Iterable[Webhook]) -> None:
        """Have some of those who have just paid an order wish for something."""
        for each in webhooks:
            is_paid = each.topic == "orders/paid" and each.domain == SANDBOX_DOMAIN
            customer = json.loads(each.body)["customer"] if is_paid else None
            if customer and self._chance.random() < _WISHES:
                self._wish(str(customer["id"]))

    def wait(self) -> None:
        """Wait until everybody knows what became of their wish."""
        self._hands.wait()

    def _wish(self, customer_id: str) -> None:
        drawn = self._chance.random()
        fate = "use" if drawn < _USED else "keep"
        fate = "give up" if drawn > 1 - _GIVEN_UP else fate
        request_id = f"{self._seed}-wish-{len(self.wishes):05}"
        wish = Wish(customer_id, request_id, fate, time.monotonic())
        self.wishes.append(wish)
        self._hands.begin(self._chance.uniform(0.5, 3), lambda: self._ask(wish))

    def _ask(self, wish: Wish) -> None:
        body = {"request_id": wish.request_id, "reward_id": REWARD.id}
        status, told = self._told("wish", wish, "", body)
        if status != 202:
            return self._again(wish, lambda: self._ask(wish), status)
        wish.id = told["id"]
        # Whose answer was lost asks again, and must be told of the same wish.
        if self._chance.random() < 0.1:
            again, same = self._told("wish again", wish, "", body)
            if again == 202 and same["id"] != wish.id:
                self.wrong.append(f"{wish.request_id} is another when asked again")
        return self._hands.go_on(0.3, lambda: self._look(wish))

    def _look(self, wish: Wish) -> None:
        status, told = self._told("look", wish, f"/{wish.id}")
        if status != 200:
            return self._again(wish, lambda: self._look(wish), status)
        wish.state = told["state"]
        if wish.state in ("waiting", "granting", "ending"):
            return self._again(wish, lambda: self._look(wish), 200)
        if wish.state == "granted" and wish.code is None:
            wish.code = told["code"]
            wish.code_after_s = time.monotonic() - wish.wished_at
            if wish.fate == "use":
                self._buy(wish)
                return self._hands.end()
            if wish.fate == "give up":
                return self._give_up(wish)
        return self._hands.end()

    def _give_up(self, wish: Wish) -> None:
        status, _ = self._told("give up", wish, f"/{wish.id}/cancel", {})
        if status != 202:
            return self._again(wish, lambda: self._give_up(wish), status)
        return self._hands.go_on(0.3, lambda: self._see_end(wish))

    def _see_end(self, wish: Wish) -> None:
        status, told = self._told("look", wish, f"/{wish.id}")
        if status == 200:
            wish.state = told["state"]
        if status != 200 or wish.state != "ended":
            return self._again(wish, lambda: self._see_end(wish), status)
        return self._hands.end()

    def _buy(self, wish: Wish) -> None:
        """Have the store tell of an order with the code."""
        at = stamp(datetime.now(UTC))
        with self._lock:
            number = _FIRST_ORDER + len(self.sent)
            order = an_order(
                a_line("20.00", 1, id=1),
                id=number,
                name=f"#{number}",
                email=None,
                customer={"id": int(wish.customer_id), "email": None},
                discount_codes=[
                    {"code": wish.code, "amount": "1.00", "type": "fixed_amount"}
                ],
                **dict.fromkeys(("created_at", "processed_at", "updated_at"), at),
            )
            told = webhook(self._chance, SANDBOX_DOMAIN, "orders/paid", order)
            self.sent.append(told)
        self._feed([told])

    def _again(self, wish: Wish, step: Step, status: int | str) -> None:
        """Come back later, unless it was refused or took for ever."""
        is_refused = isinstance(status, int) and 400 <= status < 500 and status != 429
        if is_refused or time.monotonic() - wish.wished_at > _PATIENCE_S:
            self.wrong.append(f"{wish.request_id}: {wish.state}, answered {status}")
            self._hands.end()
        else:
            self._hands.go_on(self._chance.uniform(*RETRY_S), step)

    def _told(
        self, what: str, wish: Wish, path: str, body: Told | None = None
    ) -> tuple[int | str, Told]:
        query = proxy_query(wish.customer_id, shop=SANDBOX_DOMAIN)
        target = f"/proxy/redemptions{path}?{query}"
        began = time.monotonic()
        status, told = _request(self._address, target, body)
        self.asked.append(Asked(what, status, round(time.monotonic() - began, 4)))
        return status, told


def _request(address: str, target: str, body: Told | None) -> tuple[int | str, Told]:
    connection = http.client.HTTPConnection(address, timeout=ANSWER_S)
    try:
        if body is None:
            connection.request("GET", target)
        else:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", target, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        raw = response.read()
        is_told = response.status in (200, 202)
        return response.status, json.loads(raw) if is_told else {}
    except TimeoutError:
        return "timeout", {}
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, {}
    finally:
        connection.close()

"""Who may ask what: one entry for each route; a route without one fails the tests."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.builders.draws import COMMITMENT
from tests.builders.line import DOMAIN, SECRET_KEY


class Caller(StrEnum):
    """Somebody at the door, by what they can prove."""

    ANYBODY = "anybody"
    STORE = "a store, by the signature over its message"
    GUEST = "a guest, by the signature of the app proxy"
    CUSTOMER = "a customer, by the signature of the app proxy"
    PASSER = "a guest, by the session token of an extension"
    BUYER = "a customer, by the session token of an extension"
    TOOL = "a tool of the owner's, by its key"


class Names(StrEnum):
    """What a caller may name in a request that belongs to somebody."""

    CUSTOMER = "a customer, in the signed query"
    PRODUCT = "a product, in the body"
    ORDER = "an order, in the body"


_BY_PROXY = {
    Caller.ANYBODY: 401,
    Caller.STORE: 401,
    Caller.GUEST: 200,
    Caller.CUSTOMER: 200,
    Caller.PASSER: 401,
    Caller.BUYER: 401,
    Caller.TOOL: 401,
}
_BY_MEMBER = _BY_PROXY | {Caller.GUEST: 403, Caller.CUSTOMER: 202}
_BY_ITS_MEMBER = _BY_MEMBER | {Caller.CUSTOMER: 200}
_BY_MESSAGE = dict.fromkeys(Caller, 401) | {Caller.STORE: 200}
_NOBODY = dict.fromkeys(Caller, 401)
_BY_TOKEN = _NOBODY | {Caller.PASSER: 200, Caller.BUYER: 200}
_BY_TOOL = _NOBODY | {Caller.TOOL: 202}
_BY_BUYER = _NOBODY | {Caller.PASSER: 403, Caller.BUYER: 202}
_BY_ITS_BUYER = _BY_BUYER | {Caller.BUYER: 200}
_OPEN = dict.fromkeys(Caller, 200)
_NOTHING: dict[str, str] = {}


# What Ada asked for, and what that is known by.
WISH = {"request_id": "the-first-wish", "reward_id": "amount_off-500"}
_WISH = f"redemption {DOMAIN}/7001/the-first-wish".encode()
WISH_ID = hmac.digest(SECRET_KEY.encode(), _WISH, "sha256").hex()[:32]

# What a tool of the owner's says that Ada did, and under which key.
REPORT_KEY = "the-first-report"


@dataclass(frozen=True)
class Route:
    """What a route answers to whom, and what its answers carry.

    `body` makes a true body about the thing with this id, and `sent` goes with it.
    `content` is the type of a good answer.
    """

    method: str
    path: str
    answers: Mapping[Caller, int]
    content: str
    names: frozenset[Names] = frozenset()
    body: Callable[[int], Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_by_token(self) -> bool:
        """Whether extensions ask it, from any origin."""
        return self.path.startswith("/api/")

    @property
    def url(self) -> str:
        """Where it is asked, about the wish, the draw or the report that it names."""
        asked = self.path.replace("{redemption_id}", WISH_ID)
        asked = asked.replace("{commitment}", COMMITMENT)
        return asked.replace("{key}", REPORT_KEY)

    def __str__(self) -> str:
        """The route as people write it."""
        return f"{self.method} {self.path}"


def a_cart(product_id: int) -> dict[str, Any]:
    """A cart with one line of this product."""
    line = {"product_id": product_id, "price_minor": 10000, "quantity": 1}
    return {"currency": "EUR", "lines": [line]}


def an_action(_: int) -> dict[str, Any]:
    """What a shopper says to have done."""
    return {"action": "newsletter"}


def a_message(order_id: int) -> dict[str, Any]:
    """A message of a store about an order, which is empty."""
    return {"id": order_id, "line_items": []}


def a_wish(number: int) -> dict[str, Any]:
    """A wish for a reward of the usual programme."""
    return {"request_id": f"request-{number}", "reward_id": "amount_off-500"}


def a_claim(number: int) -> dict[str, Any]:
    """A friend's word for whose link brought them."""
    return {"code": "ABCDEFGHJK", "device": f"browser-{number}"}


def a_report(_: int) -> dict[str, Any]:
    """What a tool of the owner's says that a customer did."""
    return {"customer_id": "7001", "action": "newsletter"}


_JSON = "application/json"

ROUTES = (
    Route(
        "POST",
        "/webhooks/shopify",
        _BY_MESSAGE,
        "text/html; charset=utf-8",
        frozenset({Names.ORDER}),
        a_message,
    ),
    Route(
        "GET",
        "/proxy/standing",
        _BY_PROXY,
        _JSON,
        frozenset({Names.CUSTOMER}),
        headers={"ETag": "…"},
    ),
    Route(
        "POST",
        "/proxy/estimate",
        _BY_PROXY,
        _JSON,
        frozenset({Names.PRODUCT}),
        a_cart,
    ),
    Route(
        "POST",
        "/proxy/redemptions",
        _BY_MEMBER,
        _JSON,
        body=a_wish,
    ),
    Route("GET", "/proxy/redemptions/{redemption_id}", _BY_ITS_MEMBER, _JSON),
    Route("POST", "/proxy/redemptions/{redemption_id}/cancel", _BY_MEMBER, _JSON),
    Route(
        "POST",
        "/proxy/actions",
        _BY_MEMBER,
        _JSON,
        frozenset({Names.CUSTOMER}),
        an_action,
    ),
    Route("GET", "/proxy/donations", _BY_PROXY, _JSON),
    Route("GET", "/proxy/words", _BY_PROXY, _JSON, headers={"ETag": "…"}),
    Route("GET", "/proxy/giveaways", _BY_PROXY, _JSON),
    Route("GET", "/proxy/giveaways/{commitment}", _BY_PROXY, _JSON),
    Route("GET", "/proxy/r/{code}", _BY_PROXY, "text/html; charset=utf-8"),
    Route("GET", "/proxy/referrals/{code}", _BY_PROXY, _JSON),
    Route("POST", "/proxy/referrals", _BY_MEMBER, _JSON, body=a_claim),
    Route("GET", "/api/standing", _BY_TOKEN, _JSON, headers={"ETag": "…"}),
    Route("POST", "/api/estimate", _BY_TOKEN, _JSON, body=a_cart),
    Route("POST", "/api/redemptions", _BY_BUYER, _JSON, body=a_wish),
    Route("GET", "/api/redemptions/{redemption_id}", _BY_ITS_BUYER, _JSON),
    Route("POST", "/api/redemptions/{redemption_id}/cancel", _BY_BUYER, _JSON),
    Route("GET", "/api/donations", _BY_TOKEN, _JSON),
    Route("GET", "/api/words", _BY_TOKEN, _JSON, headers={"ETag": "…"}),
    Route("GET", "/api/giveaways", _BY_TOKEN, _JSON),
    Route("GET", "/api/giveaways/{commitment}", _BY_TOKEN, _JSON),
    Route("GET", "/api/orders/{order_id}", _BY_ITS_BUYER, _JSON),
    Route(
        "POST",
        "/tools/actions",
        _BY_TOOL,
        _JSON,
        body=a_report,
        headers={"Location": f"/tools/actions/{REPORT_KEY}"},
        sent={"Idempotency-Key": REPORT_KEY},
    ),
    Route("GET", "/tools/actions/{key}", _BY_TOOL | {Caller.TOOL: 200}, _JSON),
    Route("GET", "/", _OPEN, "text/plain"),
    Route("GET", "/healthz", _OPEN, _JSON),
    Route("GET", "/readyz", _OPEN, _JSON),
    Route("GET", "/metrics", _OPEN, "text/plain; version=1.0.0; charset=utf-8"),
)


class Visitor(StrEnum):
    """Somebody who opens a page, with the best that they have."""

    ANYBODY = "anybody"
    GUEST = "a guest, by the signature of the app proxy"
    MEMBER = "a member, by the signature of the app proxy"
    OTHER_STAFF = "staff of another store, with the link of their counter"
    STAFF = "staff of the store, with the link of its counter"
    OTHER_OWNER = "the owner of another store, signed in there"
    OWNER = "the owner of the store, signed in"


@dataclass(frozen=True)
class Page:
    """What a page answers to whom."""

    method: str
    path: str
    answers: Mapping[Visitor, int]

    def __str__(self) -> str:
        """The page as people write it."""
        return f"{self.method} {self.path}"


def _to(otherwise: int, **answers: int) -> dict[Visitor, int]:
    return dict.fromkeys(Visitor, otherwise) | {
        Visitor[who.upper()]: status for who, status in answers.items()
    }


# Who has no link is shown no counter, and who has one only that of their own store.
_COUNTER = _to(404, staff=200, other_staff=200)
_OWN_COUNTER = _to(404, staff=200)
# Whose sign-in it is, is shown their own programme, and nothing of any other.
_OWNERS = _to(401, owner=200, other_owner=200)
_SAVED = _to(401, owner=303, other_owner=303)
_DECIDED = _to(401, owner=303, other_owner=404)
# Shopify proves who opens these; none of the above does.
_BY_STORE = _to(401)

# Pages and pictures for people; a visitor asks with their own link, sign-in or proof.
PAGES = (
    Page(
        "GET",
        "/proxy/redemptions/{redemption_id}/qr.svg",
        _to(401, guest=403, member=200),
    ),
    Page("GET", "/counter/{key}", _COUNTER),
    Page("POST", "/counter/{key}", _to(404, staff=303)),
    Page("GET", "/counter/{key}/{uuid:message}/{redemption_id}", _OWN_COUNTER),
    Page("GET", "/shopify", _BY_STORE),
    Page("GET", "/shopify/bounce", _to(200)),
    Page("GET", "/shopify/callback", _BY_STORE),
    Page("GET", "/shopify/install", _BY_STORE),
    Page("GET", "/owner/open/{words}", _SAVED),
    Page("GET", "/owner/program", _OWNERS),
    Page("GET", "/owner/program/form", _OWNERS),
    Page("POST", "/owner/program/form", _OWNERS),
    Page("POST", "/owner/program/look", _OWNERS),
    Page("POST", "/owner/program/save", _SAVED),
    Page("GET", "/owner/approvals", _OWNERS),
    Page("POST", "/owner/approvals", _DECIDED),
    Page("POST", "/owner/leave", _OWNERS),
)

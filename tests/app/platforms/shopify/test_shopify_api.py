"""Shopify's JavaScript client takes and refuses the same signatures as we do.

Hundreds of true, spoilt and stale requests are put to it in one run of Node; none is so
near its end that it would be over when Node reads it. Left out is what Shopify never
sends, where the client differs from Shopify's documents or is more lenient than we are:
see `test_signature.py` and `test_id_tokens.py`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from app.platforms.base import Forged
from app.platforms.shopify import Shopify
from app.platforms.shopify.id_tokens import read_id_token
from app.platforms.shopify.session_tokens import read_session_token
from app.platforms.shopify.signature import verify_oauth, verify_query
from app.sandbox import cart
from app.sandbox.app_home import home_url, id_token
from app.sandbox.deliveries import Receiver, Sender, headers_of
from app.sandbox.extensions import session_token
from app.sandbox.main import SandboxSettings, create_store
from app.sandbox.order_steps import CARD, Buyer
from app.sandbox.outbox import Delivery
from app.sandbox.proxy import PREFIX, signature
from app.sandbox.store import Store
from tests.builders.id_tokens import an_id_token
from tests.builders.pretend_app import pretending
from tests.builders.tokens import a_session_token
from tests.storefront_widget import extensions as node

CLIENT_ID = "client-id"
SECRET, OTHER = "hush, this is thirty-two letters", "hush, that is thirty-two letters"
DOMAIN = "test.myshopify.com"
SANDBOX = SandboxSettings(
    DOMAIN, SECRET, "https://app.example", Path("nowhere"), Path("nowhere"),
    client_id=CLIENT_ID,
)  # fmt: skip
PROXIED = f"{PREFIX}/standing?extra=1&extra=2&name=%C3%A9+%26"
OF_EACH = 90
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Case:
    """What is put to Shopify's client, and whether we take it."""

    kind: str
    asked: dict[str, Any]
    is_taken: bool = field(compare=False)


Make = Callable[[Random], Case]


def _webhook(headers: dict[str, str], body: str) -> Case:
    lower = {name.lower(): value for name, value in headers.items()}
    is_taken = bool(Shopify([SECRET]).verify(lower, body.encode()))
    return Case("webhook", {"headers": lower, "body": body}, is_taken)


def _a_webhook(chance: Random) -> Case:
    body = json.dumps({"id": chance.randrange(10**18), "name": _text(chance)})
    secret = chance.choice([SECRET, SECRET, OTHER])
    receiver = Receiver("https://app.example", DOMAIN, secret)
    at = datetime.now(UTC).isoformat()
    told = Delivery(
        1, "w1", "e1", "orders/paid", at, body.encode(), False, 0, "", "", 0.0
    )  # fmt: skip
    headers, spoilt = headers_of(told, receiver), chance.randrange(8)
    [name] = [each for each in headers if each.lower().endswith("hmac-sha256")]
    right = headers[name]
    if spoilt == 0:
        body += " "
    elif spoilt == 1:
        headers[name] = _another_end(right, chance)
    elif spoilt == 2:
        headers[name] = chance.choice(["", right.rstrip("="), right[1:], right.lower()])
    return _webhook(headers, body)


def _another_end(right: str, chance: Random) -> str:
    """The same bytes in base64, written otherwise: the last bits mean nothing."""
    alphabet = LETTERS.upper() + LETTERS + "0123456789+/"
    place = alphabet.index(right[-2])
    return right[:-2] + alphabet[place ^ chance.choice([1, 2, 3])] + "="


def _proxy(query: str) -> Case:
    read = parse_qs(query, keep_blank_values=True)
    is_taken = verify_query(read, [SECRET], datetime.now(UTC))
    return Case("proxy", {"query": query}, bool(is_taken))


def _a_proxy_query(chance: Random) -> Case:
    query = [
        ("shop", DOMAIN),
        ("logged_in_customer_id", chance.choice(["", "7001"])),
        ("path_prefix", "/apps/tallymark"),
        ("timestamp", str(_moment(chance))),
    ]
    query += [(_name(chance), _text(chance)) for _ in range(chance.randrange(4))]
    secret = chance.choice([SECRET, SECRET, OTHER])
    query.append(("signature", signature(secret, query)))
    return _proxy(urlencode(_spoilt(query, chance)))


def _installation(query: str) -> Case:
    read = parse_qs(query, keep_blank_values=True)
    is_taken = verify_oauth(read, [SECRET], datetime.now(UTC))
    return Case("installation", {"query": query}, bool(is_taken))


def _an_installation(chance: Random) -> Case:
    words = {
        "code": f"{chance.getrandbits(128):032x}",
        "host": base64.urlsafe_b64encode(DOMAIN.encode()).decode().rstrip("="),
        "shop": DOMAIN,
        "state": f"{chance.getrandbits(60):015d}",
        "timestamp": str(_moment(chance)),
    }
    told = "&".join(f"{name}={words[name]}" for name in sorted(words))
    secret = chance.choice([SECRET, SECRET, OTHER])
    digest = hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    query = [*words.items(), ("hmac", digest)]
    return _installation(urlencode(_spoilt(query, chance)))


def _token(written: str, *, of_a_shopper: bool) -> Case:
    read = read_session_token if of_a_shopper else read_id_token
    found = read(written, CLIENT_ID, [SECRET], datetime.now(UTC))
    return Case("token", {"written": written}, not isinstance(found, Forged))


def _a_token(chance: Random) -> Case:
    of_a_shopper, now = chance.random() < 0.5, int(time.time())
    changes: dict[str, Any] = {
        "secret": chance.choice([SECRET] * 4 + [OTHER]),
        "algorithm": chance.choice(["HS256"] * 6 + ["HS512", "none"]),
        "aud": chance.choice([CLIENT_ID] * 6 + ["another", [CLIENT_ID]]),
        "exp": now + chance.choice([-60, 600, 600, 600]),
        "nbf": now + chance.choice([-60, 0, 0, 0, 600]),
    }
    if of_a_shopper:
        written = a_session_token(chance.choice(["", "7001"]), **changes)
    else:
        written = an_id_token(DOMAIN, **changes)
    if chance.random() < 0.1:
        written = written[:-8] + "AAAAAAAA"
    return _token(written, of_a_shopper=of_a_shopper)


def _spoilt(query: list[tuple[str, str]], chance: Random) -> list[tuple[str, str]]:
    """The query, often as it was signed, else with one thing changed."""
    query, place = list(query), chance.randrange(len(query))
    name, value = query[place]
    match chance.randrange(8):
        case 0:
            query[place] = name, value + "1"
        case 1 if name not in ("shop", "logged_in_customer_id"):
            del query[place]
        case 2:
            query.append((_name(chance), "1"))
        case 3:
            chance.shuffle(query)
    return query


def _moment(chance: Random) -> int:
    return int(time.time()) + chance.choice([-3600, -95, 0, 0, 0, 0, 60, 3600])


def _name(chance: Random) -> str:
    """Of one length and case: Shopify's documents sort others than its client does."""
    return "".join(chance.choices(LETTERS, k=2))


def _text(chance: Random) -> str:
    return "".join(chance.choices("abcXYZ019 +&=%,/é💚", k=chance.randrange(6)))


KINDS: dict[str, Make] = {
    "webhook": _a_webhook,
    "proxy": _a_proxy_query,
    "installation": _an_installation,
    "token": _a_token,
}


def _of_the_sandbox(folder: Path) -> Iterator[Case]:
    """What a sandbox store sends the app, opens it with, and gives to extensions."""
    with pretending() as app:
        settings = replace(SANDBOX, app_url=app.url, folder=folder)
        shop = create_store(settings, start_sender=False)
        store: Store = shop.extensions["sandbox"]
        with store.data.reading() as rows:
            ada = rows.customers()[0]
        buyer = Buyer(ada.email, ada.name, ada.id)
        store.place_order(cart.price({"low-bowl": 1}, None), buyer, CARD)
        assert Sender(store.data, Receiver(app.url, DOMAIN, SECRET)).step()
        browser = shop.test_client()
        browser.get(PROXIED)
        browser.post("/account/login", data={"customer_id": ada.id})
        browser.get(PROXIED)
    *messages, signed_out, signed_in = app.heard
    for each in messages:
        yield _webhook(each.headers, each.body.decode())
    for each, customer_id in ((signed_out, ""), (signed_in, str(ada.id))):
        query = urlsplit(each.path).query
        assert dict(parse_qsl(query, True))["logged_in_customer_id"] == customer_id
        yield _proxy(query)
    query = urlsplit(home_url(settings)).query
    yield _installation(query)
    yield _token(dict(parse_qsl(query))["id_token"], of_a_shopper=False)
    yield _token(id_token(settings), of_a_shopper=False)
    for shopper in (None, ada.id):
        yield _token(session_token(settings, shopper), of_a_shopper=True)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Case, bool]]:
    """All cases, and what Shopify's client says of them."""
    chance = Random(2026)
    cases = [make(chance) for make in KINDS.values() for _ in range(OF_EACH)]
    cases += _of_the_sandbox(tmp_path_factory.mktemp("shop"))
    file = tmp_path_factory.mktemp("asked") / "cases.json"
    told = {"client_id": CLIENT_ID, "secret": SECRET}
    file.write_text(json.dumps(told | {"cases": [asdict(each) for each in cases]}))
    verdicts = json.loads(node.run("ask-shopify-api", str(file)))
    return list(zip(cases, verdicts, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_is_taken_and_refused(asked: list[tuple[Case, bool]], kind: str):
    of_kind = [(case, theirs) for case, theirs in asked if case.kind == kind]
    taken = sum(case.is_taken for case, _ in of_kind)

    assert [] == [case for case, theirs in of_kind if case.is_taken != theirs]
    assert 15 < taken < len(of_kind) - 15


def test_what_the_sandbox_signs_for_the_app_is_taken(asked: list[tuple[Case, bool]]):
    of_the_sandbox = asked[OF_EACH * len(KINDS) :]
    kinds = Counter(case.kind for case, _ in of_the_sandbox)

    assert kinds == {"webhook": 4, "proxy": 2, "installation": 1, "token": 4}
    assert {(True, True)} == {(case.is_taken, them) for case, them in of_the_sandbox}

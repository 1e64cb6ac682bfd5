"""Which ID tokens are taken, and that Shopify's own package takes the same."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from shopify_app import ShopifyApp

from app.platforms.base import Forged
from app.platforms.shopify.id_tokens import IdToken, read_id_token
from tests.builders.id_tokens import CLIENT_ID, an_id_token

SHOP = "test.myshopify.com"
SECRETS = ("hush, this is thirty-two letters", "hush, as it was two rotations ago")
ORACLE = ShopifyApp(CLIENT_ID, *SECRETS)

Make = Callable[[], str]


def _made(domain: str = SHOP, **changes: Any) -> str:
    return an_id_token(domain, **{"secret": SECRETS[0]} | changes)


def _read(written: str) -> IdToken | Forged:
    return read_id_token(written, CLIENT_ID, SECRETS, datetime.now(UTC))


def _oracle_takes(written: str) -> bool:
    request: Any = {
        "method": "GET",
        "headers": {"Authorization": f"Bearer {written}"},
        "url": "https://app.example/shopify",
        "body": "",
    }
    return ORACLE.verify_app_home_req(request, "/shopify/bounce").ok


def _spoilt() -> str:
    """A token with another body under the same signature."""
    head, body, signature = _made().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = json.dumps(claims | {"sub": "43"}).encode()
    return ".".join(
        [head, base64.urlsafe_b64encode(other).decode().rstrip("="), signature]
    )


def _in_s(seconds: int) -> int:
    return int(time.time()) + seconds


# Made when they are read: they are good for a minute.
GOOD: dict[str, Make] = {
    "made just now": _made,
    "with the secret before": lambda: _made(secret=SECRETS[1]),
    "a little early": lambda: _made(nbf=_in_s(4), iat=_in_s(4)),
    "just over": lambda: _made(exp=_in_s(-1)),
}
FORGED: dict[str, Make] = {
    "nothing": lambda: "",
    "no token": lambda: "a.b.c",
    "another secret": lambda: _made(secret=SECRETS[0].upper()),
    "another body": _spoilt,
    "no algorithm": lambda: _made(algorithm="none"),
    "another algorithm": lambda: _made(algorithm="HS512", secret=SECRETS[0] * 2),
    "over": lambda: _made(exp=_in_s(-60)),
    "not yet": lambda: _made(nbf=_in_s(120)),
    "made for another app": lambda: _made(aud="another"),
    "made for several apps": lambda: _made(aud=[CLIENT_ID, "another"]),
    "made for no app": lambda: _made(aud=None),
}
# Shopify's package does not look at these.
STRICTER: dict[str, Make] = {
    "of another store": lambda: _made(iss="https://other.myshopify.com/admin"),
    "of no store": lambda: _made(iss=None),
    "of no time": lambda: _made(iat=None),
    "of a time to come": lambda: _made(iat=_in_s(120)),
    "without a name of its own": lambda: _made(jti=None),
    "for ever": lambda: _made(exp=None),
    "for a strange host": lambda: _made("evil.example"),
    "for a host that begins alike": lambda: _made("a.myshopify.com.evil.example"),
    "for a host behind a login": lambda: _made("a.myshopify.com@evil.example"),
    "for a host with a tail": lambda: _made("evil.example#.myshopify.com"),
    "for another port": lambda: _made(f"{SHOP}:81"),
    "without TLS": lambda: _made(dest=f"http://{SHOP}"),
    "for a number": lambda: _made(dest=1),
    "of a shopper": lambda: _made(sub="gid://shopify/Customer/7001"),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_a_genuine_token_is_taken_here_and_there(make: Make):
    written = make()
    found = _read(written)

    assert isinstance(found, IdToken)
    assert (found.domain, found.written) == (SHOP, written)
    assert found.user_id == "42"
    assert abs(found.at.timestamp() - time.time()) < 60
    assert _oracle_takes(written)


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused_here_and_there(make: Make):
    written = make()

    assert isinstance(_read(written), Forged)
    assert not _oracle_takes(written)


@pytest.mark.parametrize("make", STRICTER.values(), ids=STRICTER)
def test_a_token_that_names_no_one_store_of_shopify_is_refused(make: Make):
    assert isinstance(_read(make()), Forged)


def test_a_key_pair_cannot_stand_for_the_secret():
    key = rsa.generate_private_key(65537, 2048)
    written = _made(secret=key, algorithm="RS256")

    assert isinstance(_read(written), Forged)


def test_without_a_secret_nothing_is_taken():
    assert isinstance(read_id_token(_made(), CLIENT_ID, (), datetime.now(UTC)), Forged)


def test_a_token_is_not_shown_where_it_is_printed():
    written = _made()

    assert written not in repr(_read(written))

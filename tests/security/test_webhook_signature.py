"""At the door of the webhooks: nothing is looked at before the signature fits."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.main import create_app
from tests.builders.line import DOMAIN, TestLine, sign
from tests.builders.shopify import an_order
from tests.security.counting import CountingServer

BODY = json.dumps(an_order()).encode()
RIGHT = sign(BODY)
DIGEST = hmac.new(b"hush", BODY, hashlib.sha256).digest()
HMAC, OTHER_HMAC = "X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256"

# What is sent for a signature, as headers.
WRONG: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "empty": [(HMAC, "")],
    "blank": [(HMAC, "   ")],
    "right for another body": [(HMAC, sign(b"{}"))],
    "right for the body and a line end": [(HMAC, sign(BODY + b"\n"))],
    "hexadecimal": [(HMAC, DIGEST.hex())],
    "hexadecimal in base64": [(HMAC, base64.b64encode(DIGEST.hex().encode()).decode())],
    "not base64": [(HMAC, "not*base64*at*all")],
    "base64 for web addresses": [
        (HMAC, RIGHT.replace("+", "-").replace("/", "_") + "-")
    ],
    "without padding": [(HMAC, RIGHT.rstrip("="))],
    "half of it": [(HMAC, base64.b64encode(DIGEST[:16]).decode())],
    "nothing in base64": [(HMAC, base64.b64encode(b"").decode())],
    "not ASCII": [(HMAC, "é" * 44)],
    "5,000 letters": [(HMAC, "A" * 5000)],
    "twice, both right": [(HMAC, RIGHT), (HMAC, RIGHT)],
    "twice, the first right": [(HMAC, RIGHT), (HMAC, "AAAA")],
    "twice, the last right": [(HMAC, "AAAA"), (HMAC, RIGHT)],
    "wrong, and right in the other family": [(HMAC, sign(b"{}")), (OTHER_HMAC, RIGHT)],
    "of a secret that is none of ours": [(HMAC, sign(BODY, "hush hush"))],
    "of no secret": [(HMAC, sign(BODY, ""))],
    "SHA-1": [(HMAC, base64.b64encode(hmac.digest(b"hush", BODY, "sha1")).decode())],
    "a bare hash without a secret": [
        (HMAC, base64.b64encode(hashlib.sha256(BODY).digest()).decode())
    ],
}


@dataclass
class Watched:
    """An app whose database and Redis only count who comes."""

    client: FlaskClient
    database: CountingServer
    redis: CountingServer

    def asked(self) -> int:
        """How often either was connected to."""
        return self.database.connections + self.redis.connections


@pytest.fixture(scope="module")
def watched(module_line: TestLine) -> Iterator[Watched]:
    """The app between two servers that count."""
    with CountingServer() as database, CountingServer() as redis:
        settings = module_line.settings_with(
            database_url=f"postgresql://u@{database.address}/d?sslmode=disable",
            redis_url=f"redis://{redis.address}/0",
        )
        client = create_app(settings).test_client()
        yield Watched(client, database, redis)


def _post(client: FlaskClient, body: bytes, headers: list[tuple[str, str]]) -> Any:
    rest = [
        ("X-Shopify-Topic", "orders/paid"),
        ("X-Shopify-Shop-Domain", DOMAIN),
        ("X-Shopify-Webhook-Id", "w-1"),
    ]
    return client.post("/webhooks/shopify", data=body, headers=[*rest, *headers])


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_signature_is_refused_before_anybody_is_asked(
    watched: Watched, how: str
):
    answer = _post(watched.client, BODY, WRONG[how])

    assert (401, b"") == (answer.status_code, answer.get_data())
    assert 0 == watched.asked()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"id": ' + b"9" * 100_000]
)
def test_a_wrong_signature_is_refused_before_the_body_is_read(
    watched: Watched, body: bytes
):
    answer = _post(watched.client, body, [(HMAC, RIGHT)])

    assert 401 == answer.status_code
    assert 0 == watched.asked()


def test_a_right_signature_does_ask_the_database(module_line: TestLine):
    """So that the zeros above mean something."""
    with CountingServer() as database:
        url = f"postgresql://u@{database.address}/d?sslmode=disable"
        settings = module_line.settings_with(database_url=url)
        client = create_app(settings).test_client()
        answer = _post(client, BODY, [(HMAC, RIGHT)])

        assert 503 == answer.status_code
        assert database.connections > 0


@pytest.mark.parametrize(
    "headers",
    [
        [(HMAC, RIGHT)],
        [(HMAC, sign(BODY, "old hush"))],
        [(OTHER_HMAC, RIGHT)],
        [(HMAC, RIGHT), (OTHER_HMAC, sign(b"{}"))],
    ],
    ids=["the secret", "the secret before the rotation", "the other family", "first"],
)
def test_a_right_signature_is_taken(module_line: TestLine, headers: Any):
    assert 200 == _post(module_line.client, BODY, headers).status_code


def test_without_the_secret_before_a_rotation_its_signature_is_wrong(
    module_line: TestLine,
):
    settings = module_line.settings_with(shopify_secrets=("hush",))
    client = create_app(settings).test_client()

    assert 401 == _post(client, BODY, [(HMAC, sign(BODY, "old hush"))]).status_code


def test_a_webhook_signature_is_none_for_the_app_proxy(module_line: TestLine):
    """Both are made with one secret, in two ways of writing."""
    signed = f"logged_in_customer_id=7001shop={DOMAIN}timestamp=1795341248".encode()
    query = {
        "shop": DOMAIN,
        "logged_in_customer_id": "7001",
        "timestamp": "1795341248",
        "signature": sign(signed),
    }

    answer = module_line.client.get("/proxy/standing", query_string=query)

    assert 401 == answer.status_code

"""Asks a route as somebody: with that somebody's proof, and nothing else."""

from __future__ import annotations

import json

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders.line import DOMAIN, proxy_query, sign
from tests.builders.tokens import a_session_token
from tests.builders.tool_keys import a_tool_key
from tests.security.matrix import Caller, Names, Route

ADA = "7001"


def ask(
    client: FlaskClient,
    route: Route,
    caller: Caller,
    *,
    domain: str = DOMAIN,
    customer_id: str = ADA,
    object_id: int = 5001,
    method: str | None = None,
    origin: str | None = None,
    raw: bytes | None = None,
) -> TestResponse:
    """Ask as a caller of a store; `object_id` is what the body names, if not `raw`."""
    if raw is None:
        raw = json.dumps(route.body(object_id)).encode() if route.body else b""
    headers = {"Content-Type": "application/json"} if raw else {}
    headers |= route.sent
    if origin is not None:
        headers |= {"Origin": origin, "Access-Control-Request-Method": "GET"}
    query = ""
    if caller is Caller.STORE:
        headers |= _signed(raw, domain, object_id)
    elif caller in (Caller.PASSER, Caller.BUYER):
        token = a_session_token(
            customer_id if caller is Caller.BUYER else "", dest=domain
        )
        headers |= {"Authorization": f"Bearer {token}"}
    elif caller is Caller.TOOL:
        headers |= {"Authorization": f"Bearer {a_tool_key(client, domain)}"}
    elif caller is not Caller.ANYBODY:
        whose = customer_id if caller is Caller.CUSTOMER else ""
        query = proxy_query(whose, shop=domain)
    return client.open(
        route.url,
        method=method or route.method,
        query_string=query,
        data=raw,
        headers=headers,
    )


Told = tuple[int, bytes, tuple[tuple[str, str], ...]]


def told(answer: TestResponse) -> Told:
    """All that an answer tells: status, body, and headers but for the time of day."""
    headers = [(name, value) for name, value in answer.headers if name != "Date"]
    return answer.status_code, answer.get_data(), tuple(headers)


def _signed(raw: bytes, domain: str, object_id: int) -> dict[str, str]:
    return {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": sign(raw),
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-Webhook-Id": f"{domain}-{object_id}",
    }


def names_somebody(route: Route) -> bool:
    """Whether a caller of the route can name what belongs to somebody."""
    return bool(route.names & set(Names))

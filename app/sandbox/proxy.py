"""The app proxy: passes storefront requests on to the app, signed."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable
from urllib.parse import quote, urlencode

import requests
from flask import Blueprint, Request, Response, request

from app.sandbox import visitor
from app.sandbox.store import the_store

PREFIX = "/apps/tallymark"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PASSED_ON = ("Accept", "Accept-Language", "Content-Type", "If-None-Match", "User-Agent")
TIMEOUT_SECONDS = (1, 10)
ADDED = frozenset(
    {"shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature"}
)
# What Shopify takes away, and what belongs to one connection only.
STRIPPED = frozenset(
    "set-cookie accept-patch accept-ranges connection date delta-base im p3p pragma "
    "preference-applied proxy-authenticate public-key-pins server "
    "service-worker-allowed trailer tk warning x-powered-by "
    "content-encoding content-length transfer-encoding keep-alive".split()
)

blueprint = Blueprint("proxy", __name__)


def signature(secret: str, query: Iterable[tuple[str, str]]) -> str:
    """Return the proxy's signature over decoded parameters in any order."""
    values: dict[str, list[str]] = {}
    for key, value in query:
        values.setdefault(key, []).append(value)
    said = "".join(
        sorted(
            (f"{key}={','.join(several)}" for key, several in values.items()),
            key=str.encode,
        )
    )
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()


@blueprint.route(PREFIX, defaults={"path": ""}, methods=METHODS)
@blueprint.route(f"{PREFIX}/", defaults={"path": ""}, methods=METHODS)
@blueprint.route(f"{PREFIX}/<path:path>", methods=METHODS)
def pass_on(path: str) -> Response:
    """Ask the app and pass its answer on."""
    try:
        answer = _ask(path, request)
    except requests.RequestException:
        return Response("The app does not answer.", 502, mimetype="text/plain")
    kept = [
        (name, value)
        for name, value in answer.headers.items()
        if name.lower() not in STRIPPED
    ]
    return Response(answer.content, answer.status_code, kept)


def _ask(path: str, asked: Request) -> requests.Response:
    settings = the_store().settings
    query = [
        (key, value) for key, value in asked.args.items(multi=True) if key not in ADDED
    ]
    shopper = visitor.shopper()
    query += [
        ("shop", settings.domain),
        ("logged_in_customer_id", str(shopper.id) if shopper else ""),
        ("path_prefix", PREFIX),
        ("timestamp", str(int(time.time()))),
    ]
    query.append(("signature", signature(settings.secret, query)))
    with requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        return session.request(
            asked.method,
            f"{settings.app_url}/proxy/{quote(path)}?{urlencode(query)}",
            data=asked.get_data(),
            headers=_headers(asked),
            timeout=TIMEOUT_SECONDS,
        )


def _headers(asked: Request) -> dict[str, str]:
    kept = {name: asked.headers[name] for name in PASSED_ON if name in asked.headers}
    return kept | {
        "X-Forwarded-For": asked.remote_addr or "",
        "X-Forwarded-Host": asked.host,
    }

"""The older way in, by authorization code: the owner agrees on a page of the store.

The answer has to bring back a word that this browser alone was given, in a cookie that
nobody but us can sign.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import NotFound, Unauthorized
from werkzeug.wrappers import Response

from app.doors import Doors, the_doors
from app.install.door import answer_errors, arrivals, the_way
from app.platforms.shopify.domains import is_shop
from app.platforms.shopify.platform import normal_domain
from app.platforms.shopify.scopes import SCOPES

# A browser sends it back to this host alone, and only over TLS.
COOKIE = "__Host-tallymark-install"
LIVES_S = 600
CALLBACK = "/shopify/callback"

leave = Blueprint("leave", __name__, url_prefix="/shopify")

answer_errors(leave)


@leave.get("/install")
def ask_leave() -> ResponseReturnValue:
    """Lead the owner to the page of their store that asks whether we may."""
    doors = the_doors()
    domain = _signed_shop(doors)
    word = secrets.token_urlsafe(24)
    words = {
        "client_id": doors.shopify.client_id,
        "scope": ",".join(SCOPES),
        "redirect_uri": f"{doors.public_url}{CALLBACK}",
        "state": word,
    }
    where = f"{the_way().url(domain)}/admin/oauth/authorize?{urlencode(words)}"
    response = redirect(where, 302)
    _set_cookie(response, _signer(doors).dumps([word, domain]), LIVES_S)
    return response


@leave.get("/callback")
def take_leave() -> ResponseReturnValue:
    """Install the store whose owner has agreed, and lead to the app in it."""
    doors = the_doors()
    domain = _signed_shop(doors)
    _must_be_ours(doors, domain)
    asked_at = datetime.fromtimestamp(int(request.args["timestamp"]), UTC)
    arrivals().by_code(domain, request.args.get("code", ""), asked_at)
    admin = f"{the_way().url(domain)}/admin/apps/{doors.shopify.client_id}"
    response = redirect(admin, 302)
    _set_cookie(response, "", 0)
    return response


def _signed_shop(doors: Doors) -> str:
    """Return the store that Shopify signed into the query just now."""
    if not doors.shopify.client_id or not doors.public_url:
        raise NotFound
    query = {name: request.args.getlist(name) for name in request.args}
    if not doors.shopify.verify_oauth(query, doors.now()):
        raise Unauthorized
    domain = normal_domain(request.args["shop"])
    if not is_shop(domain):
        raise Unauthorized
    return domain


def _must_be_ours(doors: Doors, domain: str) -> None:
    """Refuse an answer to a question that this browser was not sent with."""
    try:
        word, asked = _signer(doors).loads(
            request.cookies.get(COOKIE, ""), max_age=LIVES_S
        )
    except (BadData, ValueError):
        raise Unauthorized from None
    state = request.args.get("state", "")
    if not hmac.compare_digest(word.encode(), state.encode()) or asked != domain:
        raise Unauthorized


def _signer(doors: Doors) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(doors.secret_key, salt="tallymark install")


def _set_cookie(response: Response, value: str, lives_s: int) -> None:
    response.set_cookie(
        COOKIE,
        value,
        max_age=lives_s,
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )

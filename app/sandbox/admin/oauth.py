"""The token endpoint, and the page that asks the owner of a store for leave."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import jwt
from flask import Blueprint, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from app.sandbox import grants
from app.sandbox.admin import trouble
from app.sandbox.app_home import signed
from app.sandbox.grants import Grant
from app.sandbox.settings import SandboxSettings
from app.sandbox.store import Store, the_store
from app.sandbox.store_data import Rows

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"

blueprint = Blueprint("oauth", __name__, url_prefix="/admin/oauth")


@blueprint.post("/access_token")
def give_tokens() -> ResponseReturnValue:
    """Give tokens for an ID token, a code or a refresh token."""
    store, asked = the_store(), request.get_json()
    if not _is_the_app(store.settings, asked):
        return jsonify(error="invalid_client"), 401
    with store.data.transaction() as rows:
        kind = trouble.take(rows, trouble.TOKENS)
        if kind == trouble.BROKEN:
            return jsonify(errors="Internal Server Error"), 500
        if kind == trouble.HANG_BEFORE:
            return _too_late(store)
        answer = _given(store, rows, asked)
    return _too_late(store) if kind == trouble.HANG_AFTER else answer


def _too_late(store: Store) -> ResponseReturnValue:
    time.sleep(store.settings.hang_s)
    return jsonify(errors="Gateway Timeout"), 504


def _is_the_app(settings: SandboxSettings, asked: dict[str, Any]) -> bool:
    claimed = str(asked.get("client_id")), str(asked.get("client_secret"))
    true = settings.client_id, settings.secret
    return hmac.compare_digest(":".join(claimed).encode(), ":".join(true).encode())


def _given(store: Store, rows: Rows, asked: dict[str, Any]) -> ResponseReturnValue:
    if not grants.is_installed(rows):
        return jsonify(error="invalid_grant"), 400
    if asked.get("grant_type") == "refresh_token":
        follows = grants.renew(rows, str(asked.get("refresh_token")), store.clock())
        if follows is None:
            return jsonify(error="invalid_grant"), 400
        return _told(rows, follows)
    if str(asked.get("expiring")) != "1":
        return jsonify(errors="Non-expiring access tokens are no longer accepted"), 403
    if asked.get("grant_type") == _EXCHANGE:
        if not _is_of_this_store(store.settings, str(asked.get("subject_token"))):
            return jsonify(error="invalid_subject_token"), 400
    elif not _takes_code(rows, str(asked.get("code"))):
        return jsonify(error="invalid_request"), 400
    return _told(rows, grants.give(rows, store.clock()))


def _is_of_this_store(settings: SandboxSettings, written: str) -> bool:
    try:
        claims = jwt.decode(
            written, settings.secret, algorithms=["HS256"], audience=settings.client_id
        )
    except jwt.PyJWTError:
        return False
    return bool(claims["dest"] == f"https://{settings.domain}")


def _takes_code(rows: Rows, code: str) -> bool:
    """Whether this is the code of the last authorization, used for the first time."""
    is_true = bool(code) and rows.setting("app code", None) == code
    if is_true:
        rows.save_setting("app code", None)
    return is_true


def _told(rows: Rows, grant: Grant) -> ResponseReturnValue:
    return jsonify(
        access_token=grant.access,
        scope=",".join(grants.scopes(rows)),
        expires_in=int(grants.ACCESS_LIVES.total_seconds()),
        refresh_token=grant.refresh,
        refresh_token_expires_in=int(grants.REFRESH_LIVES.total_seconds()),
    )


@blueprint.get("/authorize")
def authorize() -> ResponseReturnValue:
    """Let the app in, and lead back to it; the owner of a pretend store agrees."""
    store = the_store()
    back, state = request.args.get("redirect_uri", ""), request.args.get("state", "")
    ours = urlsplit(store.settings.app_url)
    if (
        request.args.get("client_id") != store.settings.client_id
        or urlsplit(back)[:2] != ours[:2]
    ):
        abort(400)
    code = secrets.token_hex(16)
    with store.data.transaction() as rows:
        grants.install(rows)
        rows.save_setting("app code", code)
    words = {
        "code": code,
        "shop": store.settings.domain,
        "state": state,
        "timestamp": str(int(time.time())),
    }
    return redirect(f"{back}?{signed(store.settings.secret, words)}")

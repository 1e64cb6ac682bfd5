"""How the app is opened in the store: with an ID token in its address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import jwt
import requests

from app.sandbox.settings import SandboxSettings

LIVES_S = 60
# As long as the app may take to be there, when both are started together.
PATIENCE_S = 120
USER_ID = "90210"

log = logging.getLogger(__name__)


def id_token(settings: SandboxSettings) -> str:
    """Return who opens the app in which store, good for a minute."""
    now, store = int(time.time()), f"https://{settings.domain}"
    claims = {
        "iss": f"{store}/admin",
        "dest": store,
        "aud": settings.client_id,
        "sub": USER_ID,
        "exp": now + LIVES_S,
        "nbf": now,
        "iat": now,
        "jti": secrets.token_hex(16),
        "sid": secrets.token_hex(16),
    }
    return jwt.encode(claims, settings.secret, "HS256")


def signed(secret: str, words: Mapping[str, str]) -> str:
    """Return a query with the signature that installations have."""
    told = "&".join(f"{name}={words[name]}" for name in sorted(words))
    digest = hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    return urlencode({**words, "hmac": digest})


def home_url(settings: SandboxSettings) -> str:
    """Return the app's address as the store opens it in a frame."""
    host = base64.urlsafe_b64encode(f"{settings.domain}/admin".encode())
    words = {
        "embedded": "1",
        "host": host.decode().rstrip("="),
        "id_token": id_token(settings),
        "locale": "en",
        "shop": settings.domain,
        "timestamp": str(int(time.time())),
    }
    return f"{settings.app_url}/shopify?{signed(settings.secret, words)}"


def open_once(settings: SandboxSettings, then: Callable[[], None]) -> None:
    """Open the app as its owner would, as soon as it is there, and then go on."""
    threading.Thread(
        target=_open, args=(settings, then), name="sandbox-owner", daemon=True
    ).start()


def _open(settings: SandboxSettings, then: Callable[[], None]) -> None:
    until = time.monotonic() + PATIENCE_S
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < until:
            try:
                answer = session.get(
                    home_url(settings), timeout=30, allow_redirects=False
                )
            except requests.RequestException:
                time.sleep(0.1)
                continue
            if answer.status_code == 200:
                then()
                return
            time.sleep(0.5)
    log.warning("the app could not be opened")

"""How an owner gets in: a link opens one store's page, and a cookie keeps it open.

Nothing else in this room knows how: another way in has to say who asks, and whether a
form comes from a page of theirs.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from app.doors import the_doors

LINK_LASTS = timedelta(minutes=15)
SIGN_IN_LASTS = timedelta(hours=8)
# Who came by a link of the command: the owner, or whom they gave it to.
SOMEBODY = "owner"
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Owner:
    """Somebody who may read and change the programme of one store.

    `token` is in every form of theirs, so that no other page can send one; `by` is what
    they are called where they decide: a number, no name. They were let in while the
    store had the app for the `install_count`-th time.
    """

    program_id: int
    store_id: int
    by: str
    install_count: int
    token: str


def link_path(
    secret_key: str,
    platform: str,
    domain: str,
    now: datetime,
    user_id: str | None = None,
) -> str:
    """Return where the page of a store opens for whoever asks there soon.

    The store may have said which of its people that is.
    """
    ends_at = int((now + LINK_LASTS).timestamp())
    by = f"staff {user_id}" if user_id else SOMEBODY
    words = _signer(secret_key, "link").dumps([platform, domain, by, ends_at])
    return f"/owner/open/{words}"


def opened_by(
    secret_key: str, words: str, now: datetime
) -> tuple[str, str, str] | None:
    """Return platform, domain and who comes, of the end of a link that still holds."""
    match _read(_signer(secret_key, "link"), words, now):
        case [str(platform), str(domain), str(by)]:
            return platform, domain, by
    return None


def let_in(
    response: Response,
    request: Request,
    secret_key: str,
    whose: tuple[int, int, str, int],
    now: datetime,
) -> None:
    """Have a browser known as one of a store's people, for a while.

    That is programme, store, who, and how often the store was installed by then.
    """
    ends_at = int((now + SIGN_IN_LASTS).timestamp())
    is_here = _is_here(request)
    response.set_cookie(
        _cookie(request),
        _signer(secret_key, "cookie").dumps([*whose, ends_at]),
        max_age=SIGN_IN_LASTS,
        secure=not is_here,
        httponly=True,
        samesite="Lax",
    )


def let_out(response: Response, request: Request) -> None:
    """Have a browser forget whose it was."""
    is_here = _is_here(request)
    response.delete_cookie(_cookie(request), secure=not is_here, httponly=True)


def who_asks(request: Request, secret_key: str, now: datetime) -> Owner | None:
    """Return the owner who sends a request, None where it is nobody we let in."""
    words = request.cookies.get(_cookie(request), "")
    match _read(_signer(secret_key, "cookie"), words, now):
        case [int(program_id), int(store_id), str(by), int(count)]:
            told = f"owner/form/{words}".encode()
            token = hmac.digest(secret_key.encode(), told, "sha256").hex()
            return Owner(program_id, store_id, by, count, token)
    return None


def is_from(owner: Owner, request: Request) -> bool:
    """Whether a form was sent from a page that this owner was shown."""
    token = request.form.get("_token", "")
    return hmac.compare_digest(owner.token.encode(), token.encode())


def _read(signer: URLSafeSerializer, words: str, now: datetime) -> list[Any]:
    """Return what was signed, nothing where it was not, or not for this long."""
    try:
        *told, ends_at = signer.loads(words)
    except BadData:
        return []
    return told if datetime.fromtimestamp(ends_at, UTC) > now else []


def _signer(secret_key: str, purpose: str) -> URLSafeSerializer:
    """Sign for one purpose only: what is signed for another is worth nothing here."""
    return URLSafeSerializer(
        secret_key,
        salt=f"tallymark owner {purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
    )


def _cookie(request: Request) -> str:
    # Browsers take this prefix only from a host's own pages, with TLS.
    return "tallymark_owner" if _is_here(request) else "__Host-tallymark_owner"


def _is_here(request: Request) -> bool:
    """Whether the browser is on this machine, where there need be no TLS.

    A proxy may ask us by another name than it was asked by, and that is often this
    machine's. So where it is set how browsers reach us, that counts: it is by TLS.
    """
    if the_doors().public_url:
        return False
    return urlsplit(f"//{request.host}").hostname in _HERE

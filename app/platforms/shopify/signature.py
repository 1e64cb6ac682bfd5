"""Shopify's three signatures: of webhook bodies, app-proxy queries, installations.

Webhooks: base64 of HMAC-SHA256 over the raw body, keyed with the app's client secret.
App proxy: hex HMAC-SHA256 over the sorted `key=value` pairs without separators, values
of a repeated key joined by commas. Installation: the same over sorted pairs joined by
`&`, in `hmac`. They are described on shopify.dev under "Verify webhook deliveries",
"Authenticate app proxies" and "Implement authorization code grant".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from app.platforms.base import Forged, Genuine, Verdict

PROXY_WINDOW = timedelta(seconds=90)
_TIMESTAMP = re.compile("[0-9]{1,15}")
# The most that Python hashes without giving way to other threads. In a web process
# under load, waiting for its turn again takes longer than hashing a whole body.
_PIECE_BYTES = 2047


def verify_body(body: bytes, signature: str, secrets: Iterable[str]) -> Verdict:
    """Say whether any of the secrets made this base64 signature of the body.

    Texts are compared, since base64 can write the same bytes in several ways.
    """
    claimed = signature.encode(errors="replace")
    matches = [
        hmac.compare_digest(claimed, base64.b64encode(_mac(secret, body)))
        for secret in secrets
        if secret
    ]
    return Genuine() if any(matches) else Forged("the signature does not fit the body")


def verify_query(
    query: Mapping[str, Sequence[str]], secrets: Iterable[str], now: datetime
) -> Verdict:
    """Say whether any of the secrets signed this app-proxy query within the window."""
    signature, timestamp = query.get("signature", ()), query.get("timestamp", ())
    if len(signature) != 1 or len(timestamp) != 1:
        return Forged("signature and timestamp must be there once")
    if (
        len(query.get("shop", ())) != 1
        or len(query.get("logged_in_customer_id", ())) > 1
    ):
        return Forged("shop and customer may be named once only")
    if any("\0" in value for values in query.values() for value in values):
        return Forged("a value holds a NUL, which no store sends and no database keeps")
    pairs = sorted(
        f"{key}={','.join(values)}"
        for key, values in query.items()
        if key != "signature"
    )
    return _signed_just_now("".join(pairs), signature[0], timestamp[0], secrets, now)


def verify_oauth(
    query: Mapping[str, Sequence[str]], secrets: Iterable[str], now: datetime
) -> Verdict:
    """Say whether any of the secrets signed this query of an installation just now."""
    if any(len(values) != 1 for values in query.values()):
        return Forged("nothing may be named twice")
    if "hmac" not in query or "timestamp" not in query or "shop" not in query:
        return Forged("hmac, timestamp and shop must be there")
    pairs = sorted(
        f"{_escaped(key, '%&=')}={_escaped(values[0], '%&')}"
        for key, values in query.items()
        if key != "hmac"
    )
    return _signed_just_now(
        "&".join(pairs), query["hmac"][0], query["timestamp"][0], secrets, now
    )


def _escaped(words: str, marks: str) -> str:
    """Write the marks that would part pairs otherwise than they are meant."""
    return "".join(f"%{ord(mark):02X}" if mark in marks else mark for mark in words)


def _signed_just_now(
    words: str, signature: str, timestamp: str, secrets: Iterable[str], now: datetime
) -> Verdict:
    signed, claimed = words.encode(), signature.encode()
    matches = [
        hmac.compare_digest(claimed, _mac(secret, signed).hex().encode())
        for secret in secrets
        if secret
    ]
    if not any(matches):
        return Forged("the signature does not fit the query")
    if not _TIMESTAMP.fullmatch(timestamp):
        return Forged("the timestamp is no number")
    if abs(now.timestamp() - int(timestamp)) > PROXY_WINDOW.total_seconds():
        return Forged("the query is too old, or from the future")
    return Genuine()


def _mac(secret: str, signed: bytes) -> bytes:
    mac = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    view = memoryview(signed)
    for start in range(0, len(signed), _PIECE_BYTES):
        mac.update(view[start : start + _PIECE_BYTES])
    return mac.digest()

"""What is refused for want of a signature: told to the log, and not for ever.

Only what is refused anyway is limited, so nobody can have others locked out: not those
who share an address with them, as all do behind a proxy that the settings do not name.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

import structlog

from app.rate_limits import WINDOW_S, RateLimit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

# Where a door says why it refused; for the log, never for whoever asked.
REASON = "tallymark.refused"
# A key in a path that nobody has is not found; all other doors refuse with 401.
_KEYED = "/counter/"

_TOO_OFTEN = b'{"error":"This was refused too often: ask again in a minute."}'

_log = structlog.get_logger()


class Refusals:
    """An application that says 429 to whoever was refused too often."""

    def __init__(self, application: WSGIApplication, limit: RateLimit) -> None:
        """Count what this application refuses, by the address it is asked from."""
        self._application = application
        self._limit = limit

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer as WSGI asks."""
        is_too_often = False

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal is_too_often
            if _is_refusal(status, environ["PATH_INFO"]):
                is_too_often = self._count(environ)
            if is_too_often:
                status = "429 Too Many Requests"
                headers = [
                    ("Content-Type", "application/json"),
                    ("Content-Length", str(len(_TOO_OFTEN))),
                    ("Retry-After", str(WINDOW_S)),
                ]
            return start_response(status, headers, *error)

        pieces = self._application(environ, start)
        if not is_too_often:
            return pieces
        close = getattr(pieces, "close", None)
        if close:
            close()
        return [_TOO_OFTEN]

    def _count(self, environ: dict[str, Any]) -> bool:
        """Count a refusal; say whether there were too many."""
        count = self._limit.count(_address(environ.get("REMOTE_ADDR", "")))
        # The first part of a path only: what follows may be a key, or an id.
        door = environ["PATH_INFO"].strip("/").split("/")[0][:40]
        if count <= self._limit.most:
            _log.info("request refused", door=door, reason=environ.get(REASON, ""))
        elif count == self._limit.most + 1:
            _log.warning("refused too often", door=door, seconds=WINDOW_S)
        return count > self._limit.most


def _is_refusal(status: str, path: str) -> bool:
    return status.startswith("401") or (
        status.startswith("404") and path.startswith(_KEYED)
    )


def _address(written: str) -> str:
    """Return what stands for a client: of IPv6 the network, which has one holder."""
    try:
        address = ip_address(written.strip("[]"))
    except ValueError:
        return written
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return written

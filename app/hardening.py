"""What every answer tells browsers: nothing here is a page, or anybody's to keep.

Added by WSGI and not by Flask, which looks through all headers for each that it adds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_HARD = [
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
]


class Hardened:
    """An application whose answers are hard, where they do not say otherwise."""

    def __init__(self, application: WSGIApplication) -> None:
        """Harden the answers of this application."""
        self._application = application

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer as WSGI asks."""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            more = [each for each in _HARD if each[0].lower() not in said]
            return start_response(status, headers + more, *error)

        return self._application(environ, start)

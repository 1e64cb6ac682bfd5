"""The web process for many at one moment: a busy machine is no reason to say 503."""

from __future__ import annotations

from app import main
from app.api import asking
from app.rsgi import WholeRequests

# Far more than a machine that is not stuck takes.
_PATIENCE_S = 60.0


def create_server() -> WholeRequests:
    """Return what a web process runs, which waits long for the database."""
    main.PATIENCE_S = _PATIENCE_S
    return main.create_server()


def create_unlimited_server() -> WholeRequests:
    """The same, where a shopper may ask as often as they like."""
    asking.ASKED_MAX = 1_000_000
    return create_server()

"""What people do by hand, a line of JSON each: who, what and when, and no member.

What they change lies in the database with its moment; who it was, often nowhere else.
"""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from app.logs import LINE

EVENT = "audit"
_OWN_MODE = 0o600

_log = structlog.get_logger()


def note(what: str, by: str, **about: object) -> None:
    """Log what was done and by whom, once it is certain; `about` names no person.

    `by` is a role, or a number by which a store knows one of its people.
    """
    _log.info(EVENT, what=what, by=by, **about)


def note_in(file: Path, what: str, by: str, **about: object) -> None:
    """Add the same line to a file: what commands log goes to whoever calls them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OWN_MODE)
    with os.fdopen(descriptor, "a") as lines:
        logger = structlog.wrap_logger(structlog.WriteLogger(lines), LINE)
        logger.info(EVENT, what=what, by=by, **about)

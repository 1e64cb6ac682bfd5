"""Answers the doorbell: the one RQ job there is, which drains the inbox."""

from __future__ import annotations

from workers.aside import Aside
from workers.fulfil import Fulfilling
from workers.process import Line

_line: Line | None = None
_fulfilling: Aside | None = None


def install(line: Line, fulfilling: Fulfilling) -> Aside:
    """Set what this process does when the bell rings; return what it does beside."""
    global _line, _fulfilling
    _line, _fulfilling = line, Aside("fulfil", fulfilling.work)
    return _fulfilling


def answer() -> int:
    """Drain the inbox; called by RQ. Returns how many messages were finished.

    Stores are asked for what that has bought, but no bell waits for their answer.
    """
    assert _line is not None
    assert _fulfilling is not None
    if _line.bell:
        _line.bell.answered()
    finished = _line.drain()
    _fulfilling.begin()
    return finished

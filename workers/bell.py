"""Answers the doorbell: the one RQ job there is, which drains the inbox."""

from __future__ import annotations

from workers.fulfil import Fulfilling
from workers.process import Line

_line: Line | None = None
_fulfilling: Fulfilling | None = None


def install(line: Line, fulfilling: Fulfilling) -> None:
    """Set what this process does when the bell rings."""
    global _line, _fulfilling
    _line, _fulfilling = line, fulfilling


def answer() -> int:
    """Drain the inbox; called by RQ. Returns how many messages were finished.

    Then stores are asked for what that has bought.
    """
    assert _line is not None
    assert _fulfilling is not None
    if _line.bell:
        _line.bell.answered()
    finished = _line.drain()
    _fulfilling.work()
    return finished

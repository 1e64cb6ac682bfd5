"""Answers the doorbell: the one RQ job there is, which drains the inbox."""

from __future__ import annotations

from workers.process import Line

_line: Line | None = None


def install(line: Line) -> None:
    """Set the line that this process drains when the bell rings."""
    global _line
    _line = line


def answer() -> int:
    """Drain the inbox; called by RQ. Returns how many messages were finished."""
    assert _line is not None
    if _line.bell:
        _line.bell.answered()
    return _line.drain()

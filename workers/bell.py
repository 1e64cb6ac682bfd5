"""Answers the doorbell: the one RQ job there is, which drains the inbox."""

from __future__ import annotations

from collections.abc import Sequence

from rq import SimpleWorker

from workers.aside import Aside
from workers.process import Line

_line: Line | None = None
_asides: Sequence[Aside] = ()


def install(line: Line, asides: Sequence[Aside] = ()) -> None:
    """Set what this process does when the bell rings, and what beside that."""
    global _line, _asides
    _line, _asides = line, asides


class BellWorker(SimpleWorker):
    """RQ's worker, which waits for its job to end when it is asked to end.

    While messages keep coming that would be longer than whoever asks will wait.
    """

    def handle_warm_shutdown_request(self) -> None:
        """Have the job at hand end soon."""
        assert _line is not None
        _line.stop()


def answer() -> int:
    """Drain the inbox; called by RQ. Returns how many messages were finished.

    Stores are asked for what follows from that, but no bell waits for their answer.
    """
    assert _line is not None
    if _line.bell:
        _line.bell.answered()
    finished = _line.drain()
    for each in _asides:
        each.begin()
    return finished

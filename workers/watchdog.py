"""Ends a process whose work does not end, so that somebody else can go on with it.

A message may send the code into a loop that nothing else would interrupt. Attempts are
counted before the work, so one that costs every worker its life is set aside at last.
"""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

# The descriptor itself: what stands for it in Python may be anything.
_STDERR = 2


@contextmanager
def watched(most_s: float) -> Iterator[None]:
    """End this process with 1 if the work within takes longer than so many seconds.

    One piece of work can be watched at a time. The watch needs no interpreter, since C
    code may keep it for ever. It says on standard error which functions it was in, and
    no value, so nothing of a message.
    """
    faulthandler.dump_traceback_later(most_s, exit=True, file=_STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()

"""Waiting for something to become true, with a generous limit."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    is_true: Callable[[], bool], seconds: float, why: Callable[[], str] = str
) -> float:
    """Wait until something is true; return how long that took."""
    began = time.monotonic()
    while not is_true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds:g} s; {why()}")
        time.sleep(0.05)
    return time.monotonic() - began

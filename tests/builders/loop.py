"""An event loop of a test's own: the browser keeps that of the main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def in_a_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Return what comes of work in a loop that is closed afterwards."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()

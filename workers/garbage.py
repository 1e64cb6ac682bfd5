"""Has Python look for garbage seldom, and never among what a process is made of."""

from __future__ import annotations

import gc

# A batch makes half as much again, and nearly all of it goes without a search.
_MADE_BETWEEN = 10_000


def search_seldom() -> None:
    """Call it once, when all is loaded that stays until the process ends."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MADE_BETWEEN)

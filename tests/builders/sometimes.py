"""Counts what random draws come to: a run that misses the point shows nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sometimes(*names: str, least: int = 1) -> Iterator[Counter[str]]:
    """A counter in which each of these must stand for so many draws at the end."""
    seen: Counter[str] = Counter()
    yield seen
    rare = {name: seen[name] for name in names if seen[name] < least}
    assert {} == rare, f"drawn too seldom, of {dict(seen)}"

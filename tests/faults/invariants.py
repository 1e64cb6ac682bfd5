"""The invariants that the app ships as queries, each silent unless it is violated."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

FILE = Path(__file__).parent.parent.parent / "app" / "storage" / "invariants.sql"


def queries(text: str) -> dict[str, str]:
    """Return the queries by what is said above each: `-- name: sentence`, then it.

    Comments of several lines belong to the query that follows them.
    """
    found = {}
    for part in re.split(r";[ \t]*(?:\n|$)", text):
        named = re.search(r"^-- ?(.+)$", part, re.MULTILINE)
        query = re.sub(r"^--.*$", "", part, flags=re.MULTILINE).strip()
        if named and query:
            found[named.group(1).strip()] = query
    return found


def violated(database_url: str) -> dict[str, int]:
    """Return, by name, how many rows say that an invariant does not hold."""
    if not FILE.exists():
        return {}
    found = {}
    with psycopg.connect(database_url, autocommit=True) as connection:
        for name, query in queries(FILE.read_text()).items():
            rows = connection.execute(query).fetchall()  # type: ignore[call-overload]
            if rows:
                found[name] = len(rows)
    return found

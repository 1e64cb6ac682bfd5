"""The invariants: what always holds of the tables, each one query that finds nothing.

The queries are in `invariants.sql`. They run in the auditor's role, read only, each in
a transaction of its own, so that none keeps the database from tidying up for long.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.storage.database import Database
from app.storage.driver import patient

# Enough to see what is wrong; a million rows would tell no more.
ROWS_MAX = 1000

# PostgreSQL's words for a statement, or a wait for a lock, that took too long.
_TOO_LONG = ("57014", "55P03")


@dataclass(frozen=True)
class Invariant:
    """A sentence that holds, and the query that returns rows only where it does not.

    An alert is no proof that a point is wrong, but somebody should look. What SQL
    cannot say has no query.
    """

    name: str
    sentence: str
    query: str = ""
    is_alert: bool = False


@dataclass(frozen=True)
class Finding:
    """What a look at one invariant found: the rows that violate it, at most ROWS_MAX.

    `rows` is None where there was no time to look.
    """

    invariant: Invariant
    rows: tuple[tuple[Any, ...], ...] | None

    @property
    def is_violated(self) -> bool:
        """Whether something is wrong for certain."""
        return bool(self.rows) and not self.invariant.is_alert

    def __str__(self) -> str:
        """Say what should hold, and the first row where it does not."""
        told = f"{self.invariant.name}: {self.invariant.sentence}"
        if self.rows is None:
            return f"{told} There was no time to look."
        many = f"{len(self.rows)}{'+' if len(self.rows) == ROWS_MAX else ''}"
        first = ", ".join(map(str, self.rows[0])) if self.rows else "none"
        return f"{told} Rows against it: {many}, the first: {first}"


_BLOCK = re.compile(
    r"^-- (?P<name>[a-z-]+)(?P<alert>, alert)?: (?P<sentence>.+(?:\n-- .+)*)\n"
    r"(?P<query>(?:select|with)\b(?:.*\n)*?.*);$",
    re.MULTILINE,
)


@cache
def invariants() -> tuple[Invariant, ...]:
    """Return all invariants, as the file has them."""
    told = Path(__file__).with_suffix(".sql").read_text()
    return tuple(
        Invariant(
            name=found["name"],
            sentence=found["sentence"].replace("\n-- ", " "),
            query=found["query"],
            is_alert=bool(found["alert"]),
        )
        for found in _BLOCK.finditer(told)
    )


def findings(
    database: Database, *, each_s: float = 600, all_s: float = 7200
) -> Iterator[Finding]:
    """Look at every invariant, giving each so long, and all of them together."""
    end_at = time.monotonic() + all_s
    for invariant in invariants():
        left_s = min(each_s, end_at - time.monotonic())
        if left_s <= 0:
            yield Finding(invariant, None)
            continue
        try:
            with database.auditor() as connection:
                yield Finding(invariant, look(connection, invariant, left_s))
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _TOO_LONG:
                raise
            yield Finding(invariant, None)


# Rows are matched by hashes alone: of a query that finds nothing, the planner expects
# next to nothing to be matched anywhere, and would compare each order with each lot.
_LIMITS = text("""
    select set_config('statement_timeout', :work_ms, true),
           set_config('transaction_read_only', 'on', true),
           set_config('enable_nestloop', 'off', true),
           set_config('enable_mergejoin', 'off', true),
           set_config('jit', 'off', true)
""")


# Materialized, since the planner expects many rows where there are none, and would go
# about finding the first of them in ways that take for ever to find that none is there.
_ALL = """
    with found as materialized ({query})
    select * from found limit {most}
"""


def look(
    connection: Connection, invariant: Invariant, work_s: float = 600
) -> tuple[tuple[Any, ...], ...]:
    """Return the rows that violate an invariant, as this transaction sees them."""
    connection.execute(_LIMITS, {"work_ms": str(max(1, int(work_s * 1000)))})
    query = _ALL.format(query=invariant.query, most=ROWS_MAX).replace("%", "%%")
    with patient(work_s):
        found = connection.exec_driver_sql(query)
    return tuple(tuple(row) for row in found)

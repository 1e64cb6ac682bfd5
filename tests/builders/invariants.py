"""All invariants in one question: one by one, as in earnest, takes tests a minute."""

from __future__ import annotations

from sqlalchemy import Connection

from app.storage.invariants import Finding, invariants, look

# Each materialized, for the reason for which `look` does so.
_HAS_ROWS = "exists (with found as materialized ({query}) select from found)"


def wrong(connection: Connection) -> list[Finding]:
    """Return what of the invariants does not hold, with its rows, at one moment."""
    asked = ", ".join(_HAS_ROWS.format(query=each.query) for each in invariants())
    # A transaction may end a statement after less time than this one takes.
    connection.exec_driver_sql("set local statement_timeout = 0")
    [[told]] = connection.exec_driver_sql(f"select array[{asked}]".replace("%", "%%"))
    return [
        Finding(each, look(connection, each))
        for each, has_rows in zip(invariants(), told, strict=True)
        if has_rows
    ]

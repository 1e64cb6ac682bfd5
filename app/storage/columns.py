"""The sorts of columns that tables are made of, and where tables are known."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, MetaData, text

metadata = MetaData()

NOW = text("clock_timestamp()")


def program() -> Column[int]:
    """Return the column that leads every primary key."""
    return Column("program_id", BigInteger, primary_key=True, autoincrement=False)


def key(name: str, kind: Any = BigInteger) -> Column[object]:
    """Return a further column of a primary key."""
    return Column(name, kind, primary_key=True, autoincrement=False)


def time(name: str, *, nullable: bool = True) -> Column[object]:
    """Return a column that holds a moment, with its time zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def points(name: str) -> Column[object]:
    """Return a column that holds points, none at first."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))

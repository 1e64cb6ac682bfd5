"""What the columns of all tables are made of."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, MetaData, text

metadata = MetaData()


def program_key() -> Column[int]:
    """Return the column that leads every key."""
    return Column("program_id", BigInteger, primary_key=True, autoincrement=False)


def key(name: str, kind: type = BigInteger) -> Column[object]:
    """Return a further column of the key."""
    return Column(name, kind, primary_key=True, autoincrement=False)


def moment(name: str, *, nullable: bool = True) -> Column[object]:
    """Return a column of times, all with their zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def points(name: str) -> Column[object]:
    """Return a column of points, none at first."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


NOW = text("clock_timestamp()")

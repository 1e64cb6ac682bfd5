"""The tables of budgets as queries see them, beside those in `tables`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Table, Text

from app.storage.tables import metadata

# How much of a budget is used, all members together; locked while points are allotted.
budget_use = Table(
    "budget_use",
    metadata,
    Column("program_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("used", BigInteger, nullable=False),
)

# What an order or a surprise was allotted of a budget, and holds; it names no member.
allotment = Table(
    "allotment",
    metadata,
    Column("program_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lot", Text, primary_key=True),
    Column("budget", Text, primary_key=True),
    Column("allotted", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("ran_out", Boolean, nullable=False),
)

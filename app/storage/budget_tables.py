"""The tables of budgets as queries see them, beside those in `tables`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Table, Text

from app.storage.columns import key, metadata, points, program

# How much of a budget is used, all members together; locked while points are allotted.
budget_use = Table("budget_use", metadata, program(), key("name", Text), points("used"))

# What an order or a surprise was allotted of a budget, and holds; it names no member.
allotment = Table(
    "allotment",
    metadata,
    program(),
    key("lot", Text),
    key("budget", Text),
    Column("allotted", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("ran_out", Boolean, nullable=False),
)

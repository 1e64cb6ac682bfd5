"""The store's discount codes: those it always had, and those that the app made."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, replace

from app.sandbox import catalogue
from app.sandbox.discounts import Discount
from app.sandbox.store_data import Rows


def find(rows: Rows, code: str) -> Discount | None:
    """Return the discount with this code, written in any case."""
    row = rows.connection.execute(
        "SELECT record FROM discounts WHERE code = ?", (code.strip().upper(),)
    ).fetchone()
    return _read(row) if row else catalogue.find_discount(code)


def find_by_id(rows: Rows, discount_id: int) -> Discount | None:
    """Return the discount with this id."""
    row = rows.connection.execute(
        "SELECT record FROM discounts WHERE id = ?", (discount_id,)
    ).fetchone()
    return _read(row) if row else None


def save(rows: Rows, discount: Discount) -> None:
    """Keep a discount as it is now."""
    rows.connection.execute(
        "INSERT OR REPLACE INTO discounts VALUES (?, ?, ?, ?)",
        (
            discount.id,
            discount.code.upper(),
            discount.customer_id,
            json.dumps(asdict(discount)),
        ),
    )


def count_use(rows: Rows, discount: Discount) -> None:
    """Count that a discount was used; those of the catalogue are not counted."""
    if discount.id:
        save(rows, replace(discount, uses=discount.uses + 1))


def made(rows: Rows, customer_id: int | None = None) -> list[Discount]:
    """Return the codes that the app made, or those for one customer, newest first."""
    found = rows.connection.execute(
        "SELECT record FROM discounts WHERE ? IS NULL OR customer_id = ?"
        " ORDER BY id DESC",
        (customer_id, customer_id),
    )
    return [_read(row) for row in found]


def move(rows: Rows, source: int, target: int) -> None:
    """Give one customer's codes to another."""
    for discount in made(rows, source):
        save(rows, replace(discount, customer_id=target))


def _read(row: sqlite3.Row) -> Discount:
    data = json.loads(row["record"])
    return Discount(**{**data, "product_ids": tuple(data["product_ids"])})

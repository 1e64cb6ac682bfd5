"""The store's discount codes: those it always had, and those that the app made.

A discount has the code that it was made with; more may be added, which share its terms.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, replace

from app.sandbox import catalogue
from app.sandbox.discounts import Discount
from app.sandbox.store_data import Rows


def find(rows: Rows, code: str) -> Discount | None:
    """Return the discount with this code, written in any case."""
    wanted = code.strip().upper()
    row = rows.connection.execute(
        "SELECT record FROM discounts WHERE code = ?", (wanted,)
    ).fetchone()
    if row:
        return _read(row)
    shared = _added(rows, {"code": wanted, "discount": None})
    return shared[0] if shared else catalogue.find_discount(code)


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
    """Count that a code was used; those of the catalogue are not counted."""
    if discount.redeem_id:
        rows.connection.execute(
            "UPDATE redeem_codes SET uses = uses + 1 WHERE id = ?",
            (discount.redeem_id,),
        )
    elif discount.id:
        save(rows, replace(discount, uses=discount.uses + 1))


def add_code(rows: Rows, discount_id: int, code: str) -> int:
    """Have one more code share a discount; return its id."""
    redeem_id = rows.next_id()
    rows.connection.execute(
        "INSERT INTO redeem_codes (id, code, discount_id) VALUES (?, ?, ?)",
        (redeem_id, code, discount_id),
    )
    return redeem_id


def delete_code(rows: Rows, discount_id: int, redeem_id: int) -> None:
    """Take a code from its discount, which stays."""
    rows.connection.execute(
        "DELETE FROM redeem_codes WHERE id = ? AND discount_id = ?",
        (redeem_id, discount_id),
    )


def added(rows: Rows, discount_id: int | None = None) -> list[Discount]:
    """Return the codes that share a discount, or those of all, newest first."""
    return _added(rows, {"code": None, "discount": discount_id})


def _added(rows: Rows, values: dict[str, object]) -> list[Discount]:
    found = rows.connection.execute(
        "SELECT redeem_codes.*, record FROM redeem_codes JOIN discounts"
        " ON discounts.id = discount_id"
        " WHERE (:code IS NULL OR upper(redeem_codes.code) = :code)"
        " AND (:discount IS NULL OR discount_id = :discount)"
        " ORDER BY redeem_codes.id DESC",
        values,
    )
    return [
        replace(_read(row), code=row["code"], uses=row["uses"], redeem_id=row["id"])
        for row in found
    ]


def made(rows: Rows, customer_id: int | None = None) -> list[Discount]:
    """Return the discounts of the app, or those for one customer, newest first."""
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
    lists = ("product_ids", "combines")
    return Discount(**data | {name: tuple(data.get(name, ())) for name in lists})

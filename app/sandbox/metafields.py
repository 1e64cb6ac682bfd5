"""Metafields of customers: values that an app keeps with them in the pretend store."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from app.sandbox.store_data import Rows


@dataclass(frozen=True)
class Metafield:
    """One value, by whose it is, its namespace and its key."""

    customer_id: int
    namespace: str
    key: str
    type: str
    value: str

    @property
    def digest(self) -> str:
        """Return what tells this value from another."""
        return sha256(f"{self.type}\n{self.value}".encode()).hexdigest()


def find(rows: Rows, customer_id: int, namespace: str, key: str) -> Metafield | None:
    """Return a customer's metafield."""
    row = rows.connection.execute(
        "SELECT * FROM metafields WHERE customer_id = ? AND namespace = ? AND key = ?",
        (customer_id, namespace, key),
    ).fetchone()
    return Metafield(**row) if row else None


def save(rows: Rows, metafield: Metafield) -> None:
    """Keep a metafield as it is now."""
    rows.connection.execute(
        "INSERT OR REPLACE INTO metafields"
        " VALUES (:customer_id, :namespace, :key, :type, :value)",
        vars(metafield),
    )


def remove_all(rows: Rows, customer_id: int) -> None:
    """Remove all metafields of a customer."""
    rows.connection.execute(
        "DELETE FROM metafields WHERE customer_id = ?", (customer_id,)
    )


def move(rows: Rows, gone_id: int, kept_id: int) -> None:
    """Give one customer's metafields to another who has none of that key."""
    rows.connection.execute(
        "UPDATE OR IGNORE metafields SET customer_id = ? WHERE customer_id = ?",
        (kept_id, gone_id),
    )
    remove_all(rows, gone_id)

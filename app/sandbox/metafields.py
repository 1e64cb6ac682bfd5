"""Metafields: what an app keeps in the pretend store, with customers or for itself."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from app.sandbox.store_data import Rows

# The app's own installation has metafields as well; no customer has this number.
INSTALLATION_ID = 1


@dataclass(frozen=True)
class Metafield:
    """One value, by whose it is, its namespace and its key."""

    owner_id: int
    namespace: str
    key: str
    type: str
    value: str

    @property
    def digest(self) -> str:
        """Return what tells this value from another."""
        return sha256(f"{self.type}\n{self.value}".encode()).hexdigest()


def find(rows: Rows, owner_id: int, namespace: str, key: str) -> Metafield | None:
    """Return a metafield of a customer, or of the app."""
    row = rows.connection.execute(
        "SELECT * FROM owned_values WHERE owner_id = ? AND namespace = ? AND key = ?",
        (owner_id, namespace, key),
    ).fetchone()
    return Metafield(**row) if row else None


def of_app(rows: Rows) -> list[Metafield]:
    """Return the metafields of the app itself."""
    found = rows.connection.execute(
        "SELECT * FROM owned_values WHERE owner_id = ?", (INSTALLATION_ID,)
    )
    return [Metafield(**row) for row in found]


def save(rows: Rows, metafield: Metafield) -> None:
    """Keep a metafield as it is now."""
    rows.connection.execute(
        "INSERT OR REPLACE INTO owned_values"
        " VALUES (:owner_id, :namespace, :key, :type, :value)",
        vars(metafield),
    )


def remove_all(rows: Rows, customer_id: int) -> None:
    """Remove all metafields of a customer."""
    rows.connection.execute(
        "DELETE FROM owned_values WHERE owner_id = ?", (customer_id,)
    )


def move(rows: Rows, gone_id: int, kept_id: int) -> None:
    """Give one customer's metafields to another who has none of that key."""
    rows.connection.execute(
        "UPDATE OR IGNORE owned_values SET owner_id = ? WHERE owner_id = ?",
        (kept_id, gone_id),
    )
    remove_all(rows, gone_id)

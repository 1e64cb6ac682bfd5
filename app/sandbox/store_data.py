"""The pretend store's own data: one SQLite file in its folder."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app.sandbox import customers, order_record
from app.sandbox.customers import Customer
from app.sandbox.orders import Order

# Ids are larger than a double can hold exactly, as the real ones may be.
FIRST_ID = 820_982_911_946_154_508
ID_STEP = 7_919
FIRST_NUMBER = 1001

TABLES = """
BEGIN;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS discounts (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, customer_id INTEGER,
    record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS redeem_codes (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, discount_id INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS code_jobs (
    id INTEGER PRIMARY KEY, is_done INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gift_cards (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, customer_id INTEGER,
    record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS credits (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS owned_values (
    owner_id INTEGER NOT NULL, namespace TEXT NOT NULL, key TEXT NOT NULL,
    type TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (owner_id, namespace, key));
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY,
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    triggered_at TEXT NOT NULL,
    body BLOB NOT NULL,
    is_copy INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting',
    answer TEXT NOT NULL DEFAULT '',
    next_attempt_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, next_attempt_at);
COMMIT;
"""


class StoreData:
    """Keeps the store's rows; every change is one transaction."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "sandbox.sqlite3"
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(TABLES)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        # What is pretended has to outlive its process, but not a power cut.
        connection.execute("PRAGMA synchronous=OFF")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[Rows]:
        """Give the rows; keep all changes at the end, or none on an error."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Rows(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """Give the rows as they are now, for reading."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN")
            yield Rows(connection)


class Rows:
    """The rows as one transaction sees them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def next_id(self) -> int:
        """Return an id that nothing has had."""
        return FIRST_ID + ID_STEP * self._count("id")

    def next_number(self) -> int:
        """Return the next order number."""
        return FIRST_NUMBER + self._count("number")

    def _count(self, name: str) -> int:
        row = self.connection.execute(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name)"
            " DO UPDATE SET value = value + 1 RETURNING value",
            (name,),
        ).fetchone()
        return int(row["value"]) - 1

    def setting(self, name: str, otherwise: object) -> object:
        """Return a saved setting."""
        row = self.connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return json.loads(row["value"]) if row else otherwise

    def save_setting(self, name: str, value: object) -> None:
        """Save a setting."""
        self.connection.execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value))
        )

    def orders(self, customer_id: int | None = None) -> list[Order]:
        """Return all orders, or those of one customer, newest first."""
        rows = self.connection.execute(
            "SELECT record FROM orders WHERE ? IS NULL OR customer_id = ?"
            " ORDER BY id DESC",
            (customer_id, customer_id),
        )
        return [order_record.from_json(row["record"]) for row in rows]

    def order(self, order_id: int) -> Order | None:
        """Return one order."""
        row = self.connection.execute(
            "SELECT record FROM orders WHERE id = ?", (order_id,)
        ).fetchone()
        return order_record.from_json(row["record"]) if row else None

    def save_order(self, order: Order) -> None:
        """Keep an order as it is now."""
        self.connection.execute(
            "INSERT OR REPLACE INTO orders VALUES (?, ?, ?)",
            (order.id, order.customer_id, order_record.as_json(order)),
        )

    def delete_order(self, order_id: int) -> None:
        """Forget an order."""
        self.connection.execute("DELETE FROM orders WHERE id = ?", (order_id,))

    def customers(self) -> list[Customer]:
        """Return all customers, oldest first."""
        rows = self.connection.execute("SELECT record FROM customers ORDER BY id")
        return [customers.from_json(row["record"]) for row in rows]

    def customer(self, customer_id: int | None) -> Customer | None:
        """Return one customer."""
        row = self.connection.execute(
            "SELECT record FROM customers WHERE id = ?", (customer_id,)
        ).fetchone()
        return customers.from_json(row["record"]) if row else None

    def customer_by_email(self, email: str) -> Customer | None:
        """Return the customer with this e-mail address."""
        row = self.connection.execute(
            "SELECT record FROM customers WHERE email = ?", (email.strip().lower(),)
        ).fetchone()
        return customers.from_json(row["record"]) if row else None

    def save_customer(self, customer: Customer) -> None:
        """Keep a customer as it is now."""
        self.connection.execute(
            "INSERT OR REPLACE INTO customers VALUES (?, ?, ?)",
            (customer.id, customer.email.strip().lower(), customer.as_json()),
        )

    def delete_customer(self, customer_id: int) -> None:
        """Forget a customer."""
        self.connection.execute("DELETE FROM customers WHERE id = ?", (customer_id,))

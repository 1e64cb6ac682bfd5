"""Gift cards and store credit: money that the store owes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from app.sandbox.store_data import Rows


@dataclass(frozen=True)
class GiftCard:
    """A gift card with what is left on it."""

    id: int
    code: str
    customer_id: int | None
    initial_minor: int
    balance_minor: int
    note: str | None
    expires_on: str | None
    created_at: str
    deactivated_at: str | None = None


# The store's own, in which it sells.
OWN = ""


@dataclass(frozen=True)
class Credit:
    """Money put on a customer's account or, below nothing, taken off it.

    A customer has an account for each currency that the store ever gave them.
    """

    id: int
    customer_id: int
    amount_minor: int
    balance_after_minor: int
    created_at: str
    expires_at: str | None = None
    event: str = "ADJUSTMENT"
    currency: str = OWN


def save_card(rows: Rows, card: GiftCard) -> None:
    """Keep a gift card as it is now."""
    rows.connection.execute(
        "INSERT OR REPLACE INTO gift_cards VALUES (?, ?, ?, ?)",
        (card.id, card.code, card.customer_id, json.dumps(asdict(card))),
    )


def cards(rows: Rows, customer_id: int | None = None) -> list[GiftCard]:
    """Return all gift cards, or those of one customer, newest first."""
    found = rows.connection.execute(
        "SELECT record FROM gift_cards WHERE ? IS NULL OR customer_id = ?"
        " ORDER BY id DESC",
        (customer_id, customer_id),
    )
    return [GiftCard(**json.loads(row["record"])) for row in found]


def save_credit(rows: Rows, credit: Credit) -> None:
    """Keep a credit as it is now."""
    rows.connection.execute(
        "INSERT OR REPLACE INTO credits VALUES (?, ?, ?)",
        (credit.id, credit.customer_id, json.dumps(asdict(credit))),
    )


def accounts_of(rows: Rows, customer_id: int) -> dict[str, list[Credit]]:
    """Return what moved on a customer's accounts, by currency, oldest first."""
    found = rows.connection.execute(
        "SELECT record FROM credits WHERE customer_id = ? ORDER BY id", (customer_id,)
    )
    accounts: dict[str, list[Credit]] = {}
    for row in found:
        credit = Credit(**json.loads(row["record"]))
        accounts.setdefault(credit.currency, []).append(credit)
    return accounts


def account(rows: Rows, number: int | None) -> list[Credit]:
    """Return what moved on an account, whose number is that of its first credit."""
    found = rows.connection.execute(
        "SELECT record FROM credits WHERE id = ?", (number,)
    ).fetchone()
    if found is None:
        return []
    first = Credit(**json.loads(found["record"]))
    return accounts_of(rows, first.customer_id)[first.currency]


def credits_of(rows: Rows, customer_id: int) -> list[Credit]:
    """Return a customer's credits in the store's currency, oldest first."""
    return accounts_of(rows, customer_id).get(OWN, [])


def balance_of(rows: Rows, customer_id: int) -> int:
    """Return what is on a customer's account in the store's currency."""
    return sum(credit.amount_minor for credit in credits_of(rows, customer_id))


def move(rows: Rows, source: int, target: int) -> None:
    """Give one customer's cards and credit to another."""
    for card in cards(rows, source):
        save_card(rows, replace(card, customer_id=target))
    for moved in accounts_of(rows, source).values():
        for credit in moved:
            save_credit(rows, replace(credit, customer_id=target))

"""Paying with what the store owes: gift cards and store credit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from app.sandbox import balances
from app.sandbox.balances import Credit, GiftCard
from app.sandbox.orders import (
    GIFT_CARD,
    STORE_CREDIT,
    Order,
    RefusedError,
    Tender,
    Transaction,
)
from app.sandbox.store_data import Rows


@dataclass(frozen=True)
class Purse:
    """What the shopper wishes to pay with before the rest is paid."""

    card_code: str = ""
    with_credit: bool = False


def tenders(
    rows: Rows, purse: Purse, customer_id: int | None, due_minor: int, today: date
) -> list[Tender]:
    """Return how much of what is due the purse pays, the gift card first."""
    found = []
    if purse.card_code.strip():
        card = find_card(rows, purse.card_code, today)
        paid = min(card.balance_minor, due_minor)
        found.append(Tender(GIFT_CARD, paid, card.id))
        due_minor -= paid
    if purse.with_credit and customer_id is not None:
        paid = min(balances.balance_of(rows, customer_id), due_minor)
        found.append(Tender(STORE_CREDIT, paid, customer_id))
    return [tender for tender in found if tender.amount_minor > 0]


def spend(rows: Rows, spent: Iterable[Tender], at: str) -> None:
    """Take what was paid off cards and accounts."""
    for tender in spent:
        _move(rows, tender.gateway, tender.source_id, -tender.amount_minor, at)


def give_back(rows: Rows, before: Order | None, after: Order, at: str) -> None:
    """Put refunds that have arrived back on the cards and accounts that paid."""
    known = {t.id for t in before.transactions if _has_arrived(t)} if before else set()
    for each in after.transactions:
        if not _has_arrived(each) or each.id in known or each.source_id is None:
            continue
        # Credit goes to whoever the order belongs to now: customers may be merged.
        owner = after.customer_id if each.gateway == STORE_CREDIT else None
        _move(rows, each.gateway, owner or each.source_id, each.amount_minor, at)


def _has_arrived(transaction: Transaction) -> bool:
    return (transaction.kind, transaction.status) == ("refund", "success")


def find_card(rows: Rows, code: str, today: date) -> GiftCard:
    """Return the card with this code, which can be paid with; else it is refused."""
    wanted = code.replace("-", "").replace(" ", "").lower()
    found = [card for card in balances.cards(rows) if card.code == wanted]
    if not found:
        raise RefusedError("This store does not know that gift card.")
    is_over = found[0].expires_on and date.fromisoformat(found[0].expires_on) < today
    if is_over or found[0].deactivated_at:
        raise RefusedError("That gift card has ended.")
    if not found[0].balance_minor:
        raise RefusedError("Nothing is left on that gift card.")
    return found[0]


def _move(rows: Rows, gateway: str, source_id: int, amount_minor: int, at: str) -> None:
    if gateway == GIFT_CARD:
        for card in balances.cards(rows):
            if card.id == source_id:
                left = card.balance_minor + amount_minor
                balances.save_card(rows, replace(card, balance_minor=left))
        return
    left = balances.balance_of(rows, source_id) + amount_minor
    event = "ORDER_REFUND" if amount_minor > 0 else "ORDER_PAYMENT"
    credit = Credit(rows.next_id(), source_id, amount_minor, left, at, event=event)
    balances.save_credit(rows, credit)

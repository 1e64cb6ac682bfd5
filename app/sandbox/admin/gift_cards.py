"""What the Admin API answers about gift cards."""

from __future__ import annotations

import re
from dataclasses import replace

from app.sandbox import balances
from app.sandbox.admin.words import Answer, Call, amount, error, minor_of, number_of
from app.sandbox.balances import GiftCard
from app.sandbox.line_bodies import gid

_CODE = re.compile("[a-z0-9]{8,20}")


def search(call: Call, query: str = "", first: int = 10) -> Answer:
    """Find cards by their code or by a word of their note, in any case."""
    wanted = query.strip().lower()
    found = [
        card
        for card in balances.cards(call.rows)
        if wanted in (card.code, *(card.note or "").lower().split())
    ]
    return {"nodes": [_told(call, card) for card in found[:first]]}


def find(call: Call, id: str) -> Answer | None:
    """Find a card by its id, as soon as it is made."""
    card = _card(call, id)
    return _told(call, card) if card else None


def make(call: Call, input: Answer) -> Answer:
    """Make a card."""
    errors = _mistakes(call, input)
    if errors:
        return {"giftCard": None, "giftCardCode": None, "userErrors": errors}
    worth = minor_of(input["initialAmount"]["amount"])
    expires_on = input.get("expiresOn")
    card = GiftCard(
        id=call.rows.next_id(),
        code=input["code"].lower(),
        customer_id=_owner(input),
        initial_minor=worth,
        balance_minor=worth,
        note=input.get("note"),
        expires_on=expires_on.isoformat() if expires_on else None,
        created_at=call.at,
    )
    balances.save_card(call.rows, card)
    return {
        "giftCard": _told(call, card),
        "giftCardCode": card.code,
        "userErrors": [],
    }


def deactivate(call: Call, id: str) -> Answer:
    """End a card for good."""
    card = _card(call, id)
    if card is None:
        missing = error("GIFT_CARD_NOT_FOUND", "The gift card could not be found.")
        return {"giftCard": None, "userErrors": [missing]}
    ended = replace(card, deactivated_at=card.deactivated_at or call.at)
    balances.save_card(call.rows, ended)
    return {"giftCard": _told(call, ended), "userErrors": []}


def _card(call: Call, id_: str) -> GiftCard | None:
    number = number_of("GiftCard", id_)
    return next((c for c in balances.cards(call.rows) if c.id == number), None)


def _mistakes(call: Call, asked: Answer) -> list[Answer]:
    code = (asked.get("code") or "").lower()
    found = []
    if not _CODE.fullmatch(code):
        words = "Code must be 8 to 20 letters and numbers"
        found.append(error("INVALID", words, "input", "code"))
    if any(card.code == code for card in balances.cards(call.rows)):
        words = "Code has already been taken"
        found.append(error("TAKEN", words, "input", "code"))
    initial = asked.get("initialAmount")
    if initial is None or initial["amount"] <= 0:
        words = "Initial amount must be greater than 0"
        found.append(error("GREATER_THAN", words, "input", "initialAmount"))
    elif initial["currencyCode"] != call.currency:
        words = "Currency is not this store's"
        found.append(error("INVALID", words, "input", "initialAmount"))
    if asked.get("customerId") and not call.rows.customer(_owner(asked)):
        words = "The customer could not be found."
        found.append(error("CUSTOMER_NOT_FOUND", words, "input", "customerId"))
    return found


def _owner(asked: Answer) -> int | None:
    return number_of("Customer", asked.get("customerId") or "")


def _told(call: Call, card: GiftCard) -> Answer:
    owner = card.customer_id
    return {
        "id": gid("GiftCard", card.id),
        "balance": amount(card.balance_minor, call.currency),
        "createdAt": card.created_at,
        "customer": None if owner is None else {"id": gid("Customer", owner)},
        "deactivatedAt": card.deactivated_at,
        "enabled": card.deactivated_at is None,
        "expiresOn": card.expires_on,
        "initialValue": amount(card.initial_minor, call.currency),
        "lastCharacters": card.code[-4:],
        "note": card.note,
    }

"""Gift cards of a Shopify store, made under a code of our own choice."""

from __future__ import annotations

import re
from decimal import Decimal

from app.domain.grants import (
    AlreadyUsed,
    GiftCardGift,
    Grant,
    Granted,
    GrantRefused,
    Revoked,
)
from app.domain.money import to_major
from app.platforms.base import Fulfilment, StoreAway
from app.platforms.shopify.admin_api import (
    AdminApi,
    Answer,
    Known,
    UserError,
    gid,
    refused,
)

# What Shopify takes as the code of a gift card; it is read in either case.
_CODE = re.compile("[a-z0-9]{8,20}")
_LAST = 4


class _Payload(Answer):
    user_errors: tuple[UserError, ...]
    gift_card: Known | None = None


class _Made(Answer):
    made: _Payload


class _Ended(Answer):
    ended: _Payload


class _Money(Answer):
    amount: Decimal


class _GiftCard(Answer):
    id: str
    enabled: bool
    last_characters: str
    balance: _Money
    initial_value: _Money
    note: str | None = None


class _Nodes(Answer):
    nodes: tuple[_GiftCard, ...]


class _Found(Answer):
    gift_cards: _Nodes


class GiftCards(Fulfilment):
    """Makes a card whose note, which no shopper sees, holds the grant's code."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make the card; where its code is taken, look whether it is ours already."""
        code = card_code(grant.code)
        if not _CODE.fullmatch(code):
            return GrantRefused("a gift card's code has 8 to 20 letters and digits")
        made = self._api.ask("make_gift_card", _Made, input=_input(grant, code)).made
        if made.gift_card and not made.user_errors:
            return Granted(made.gift_card.id)
        found = self._find(grant)
        if found:
            return Granted(found.id)
        is_taken = any(error.code == "TAKEN" for error in made.user_errors)
        if is_taken and not self._alike(grant):
            # Cards are found by a search, which may not know the newest ones yet.
            raise StoreAway("make_gift_card: taken, by what is not to be found yet")
        return refused(made.user_errors)

    def revoke(self, grant: Grant) -> Revoked | AlreadyUsed:
        """End the card first and look at its balance then."""
        found = self._find(grant)
        if found is None:
            return Revoked()
        if found.enabled:
            ended = self._api.ask("end_gift_card", _Ended, id=found.id).ended
            if ended.user_errors:
                raise StoreAway("end_gift_card: the store did not end the card")
            found = self._find(grant) or found
        is_used = found.balance.amount < found.initial_value.amount
        return AlreadyUsed() if is_used else Revoked()

    def _find(self, grant: Grant) -> _GiftCard | None:
        alike = self._alike(grant)
        return next((card for card in alike if card.note == _note(grant)), None)

    def _alike(self, grant: Grant) -> list[_GiftCard]:
        """Return the cards that the code finds and that end as it does."""
        code = card_code(grant.code)
        found = self._api.ask("find_gift_card", _Found, query=code).gift_cards.nodes
        return [card for card in found if card.last_characters.lower() == code[-_LAST:]]


def card_code(code: str) -> str:
    """Return a grant's code as a gift card has it: `SAVE-12AB` is `save12ab`."""
    return re.sub("[^a-z0-9]", "", code.lower())


def _note(grant: Grant) -> str:
    return f"Tallymark {grant.code}"


def _input(grant: Grant, code: str) -> dict[str, object]:
    assert isinstance(grant.benefit, GiftCardGift)
    amount = to_major(grant.benefit.amount_minor, grant.benefit.currency)
    return {
        "code": code,
        "customerId": gid("Customer", grant.customer_id),
        "expiresOn": grant.ends_at and grant.ends_at.date().isoformat(),
        "initialAmount": {
            "amount": str(amount),
            "currencyCode": grant.benefit.currency,
        },
        "note": _note(grant),
    }

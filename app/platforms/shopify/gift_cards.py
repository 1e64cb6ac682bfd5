"""Gift cards of a Shopify store, made under a code of our own choice.

Whoever has the code can spend the card, so nothing that people can read holds it: the
card's note, which no shopper sees, names the redemption. A card is read under the name
that the store gave it; where that never came to us, a search finds it by its code, and
may not know the newest cards yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from app.domain.grants import (
    AlreadyUsed,
    GiftCardGift,
    Grant,
    Granted,
    GrantRefused,
    Revocation,
    Revoked,
    RevokedInPart,
)
from app.domain.money import to_major
from app.domain.reasons import because
from app.platforms.base import AccessDenied, Fulfilment, StoreAtWork, StoreAway
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
_OURS = "Tallymark "


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

    @property
    def is_whole(self) -> bool:
        """Whether nobody has taken anything from it, or put anything on it."""
        return self.balance.amount == self.initial_value.amount


class _Nodes(Answer):
    nodes: tuple[_GiftCard, ...]


class _Found(Answer):
    gift_cards: _Nodes


class _Read(Answer):
    gift_card: _GiftCard | None


class GiftCards(Fulfilment):
    """Makes a card, and ends one of which all is left."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api
        self._check: Callable[[], None] = lambda: None

    def before_giving(self, check: Callable[[], None]) -> None:
        """Have this called whenever a card is about to be ended, which is for good.

        Another worker may have found it used meanwhile, and left it alone.
        """
        self._check = check

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make the card; where its code is taken, look whether it is ours already."""
        code = card_code(grant.code)
        if not _CODE.fullmatch(code):
            return GrantRefused(because("code_not_fit"))
        made = self._make(_input(grant, code))
        if made.gift_card and not made.user_errors:
            return Granted(made.gift_card.id)
        found = self._find(grant)
        if found and found.note != _withdrawn(grant):
            return Granted(found.id)
        if _is_taken(made) and not self._alike(grant):
            raise StoreAtWork("make_gift_card: taken, by what is not to be found yet")
        return refused(made.user_errors)

    def revoke(self, grant: Grant) -> Revocation:
        """End the card if all of it is left; what was used in part is left alone.

        Ending is for good, and between look and end somebody may pay with it: then what
        was left is told, so that it comes back in points.
        """
        card = self._known(grant)
        if card is None:
            return self._take(grant)
        if card.enabled and not card.is_whole:
            return AlreadyUsed()
        if card.enabled:
            card = self._ended(card.id)
        if card.is_whole:
            return Revoked()
        left, whole = card.balance.amount, card.initial_value.amount
        if not 0 < left < whole:
            return AlreadyUsed()
        return RevokedInPart(*(int(each.scaleb(4)) for each in (left, whole)))

    def _ended(self, id_: str) -> _GiftCard:
        asked = self._api.ask_after(self._check, "end_gift_card", _Ended, id=id_)
        ended = asked.ended
        card = None if ended.user_errors else self._read(id_)
        if card is None or card.enabled:
            raise StoreAway("end_gift_card: the store did not end the card")
        return card

    def _take(self, grant: Grant) -> Revoked:
        """Take the code for a card that is ended at once, so that none ever has it.

        That tells for certain that there is none which the search does not know yet,
        and a call that is on its way inside the store is refused.
        """
        code = card_code(grant.code)
        if not _CODE.fullmatch(code):
            return Revoked()
        made = self._make(_smallest(grant, code))
        if _is_taken(made):
            raise StoreAtWork("make_gift_card: taken, by what is not to be found yet")
        if made.gift_card and not made.user_errors:
            try:
                self._ended(made.gift_card.id)
            except AccessDenied:
                raise StoreAtWork(
                    "end_gift_card: the card that has the code may not be ended"
                ) from None
        return Revoked()

    def _make(self, card: dict[str, object]) -> _Payload:
        return self._api.ask("make_gift_card", _Made, input=card).made

    def _known(self, grant: Grant) -> _GiftCard | None:
        """Return the card by what the store calls it, or else by its code."""
        known = self._read(grant.store_ref) if grant.store_ref else None
        return known or self._find(grant)

    def _read(self, id_: str) -> _GiftCard | None:
        return self._api.ask("read_gift_card", _Read, id=id_).gift_card

    def _find(self, grant: Grant) -> _GiftCard | None:
        found = (card for card in self._alike(grant) if _is_of(card, grant))
        return next(found, None)

    def _alike(self, grant: Grant) -> list[_GiftCard]:
        """Return the cards that the code finds and that end as it does."""
        code = card_code(grant.code)
        found = self._api.ask("find_gift_card", _Found, query=code).gift_cards.nodes
        return [card for card in found if card.last_characters.lower() == code[-_LAST:]]


def card_code(code: str) -> str:
    """Return a grant's code as a gift card has it: `SAVE-12AB` is `save12ab`."""
    return re.sub("[^a-z0-9]", "", code.lower())


def _is_of(card: _GiftCard, grant: Grant) -> bool:
    """Whether a card that the code has found is this grant's.

    Nobody guesses a code, so it is, unless its note names another grant. What else the
    note says is for the people of the store to write. Once it held the code.
    """
    note = card.note or ""
    ours = _note(grant), _withdrawn(grant), f"{_OURS}{grant.code}"
    return note in ours or not note.startswith(_OURS)


def _is_taken(made: _Payload) -> bool:
    return any(error.code == "TAKEN" for error in made.user_errors)


def _note(grant: Grant) -> str:
    return f"{_OURS}{grant.mark}"


def _withdrawn(grant: Grant) -> str:
    return f"{_note(grant)}, withdrawn"


def _input(grant: Grant, code: str) -> dict[str, object]:
    gift = grant.benefit
    assert isinstance(gift, GiftCardGift)
    return {
        "code": code,
        "customerId": gid("Customer", grant.customer_id),
        "expiresOn": grant.ends_at and grant.ends_at.date().isoformat(),
        "initialAmount": _money(gift.amount_minor, gift.currency),
        "note": _note(grant),
    }


def _smallest(grant: Grant, code: str) -> dict[str, object]:
    """Return a card for nobody, with no more on it than a card must have."""
    assert isinstance(grant.benefit, GiftCardGift)
    return {
        "code": code,
        "initialAmount": _money(1, grant.benefit.currency),
        "note": _withdrawn(grant),
    }


def _money(minor: int, currency: str) -> dict[str, str]:
    return {"amount": str(to_major(minor, currency)), "currencyCode": currency}

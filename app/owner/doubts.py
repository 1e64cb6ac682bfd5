"""What speaks against a friend, or against points, in the words of the owner's page."""

from __future__ import annotations

from app.domain.referral import Bar
from app.domain.referral_terms import Doubt

_WORDS: dict[str, str] = {
    Doubt.SAME_EMAIL: "one mailbox",
    Doubt.SAME_PHONE: "same phone number",
    Doubt.SAME_ADDRESS: "same address",
    Doubt.SAME_PAYMENT: "same card",
    Doubt.SAME_DEVICE: "same device, as a hint",
    Doubt.VELOCITY: "many friends within an hour",
    Bar.OWN_LINK: "their own link",
    Bar.NOT_FIRST_ORDER: "had ordered before",
    Bar.NO_ORDER: "nothing ordered yet",
    Bar.TOO_SMALL: "first order too small",
    Bar.TOO_MANY: "more friends than a month may bring",
    Bar.REFUSED: "refused before",
}


def in_words(reason: str) -> str:
    """Return a reason code as people say it."""
    return _WORDS[reason]

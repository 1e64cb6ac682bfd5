"""Which tiers an owner's words come to, by a bookkeeping of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.tiers.deeds import Held

Person = tuple[str, str]
REASON = "test"


@dataclass(frozen=True)
class Hand:
    """The owner's word, at a moment, that somebody is in a tier until another."""

    key: str
    person: Person
    at: datetime
    tier: str
    until: datetime | None


def held(words: Iterable[Hand]) -> Iterator[Held]:
    """From when until when somebody holds tiers: a word ends where the next begins."""
    words = sorted(words, key=lambda word: word.at)
    for number, word in enumerate(words):
        later = [each for each in words[number + 1 :] if each.tier == word.tier]
        ends = [end for end in (word.until, *(each.at for each in later[:1])) if end]
        until = min(ends, default=None)
        if until is None or word.at < until:
            yield Held(word.tier, word.at, until, REASON)

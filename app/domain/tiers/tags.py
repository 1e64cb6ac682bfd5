"""What customers of a tier are tagged with in the store, and which tags are ours."""

from __future__ import annotations

import hashlib

from app.domain.labels import as_compared

PREFIX = "tallymark:"
# A longer tag of a customer is refused by the store.
LONGEST = 40
# A comma ends a tag, and the others would end the text of a segment's query.
_UNFIT = frozenset(",'\"\\")
_DIGEST = 8


def plain_name(tier_name: str) -> str:
    """Return a tier's name as tags compare it: no capitals, no needless spaces."""
    return " ".join(tier_name.lower().split())


def tag_of(tier_name: str) -> str:
    """Return the tag of a tier; names that do not fit get a digest, so none collide."""
    plain = plain_name(tier_name)
    fit = "".join(each for each in plain if each not in _UNFIT)
    if fit == plain and len(PREFIX + fit) <= LONGEST:
        return PREFIX + fit
    digest = hashlib.sha256(plain.encode()).hexdigest()[:_DIGEST]
    return f"{PREFIX}{fit[: LONGEST - len(PREFIX) - _DIGEST - 1]}-{digest}"


def is_ours(tag: str) -> bool:
    """Whether a tag is one that we give, so that no rule may ask for it."""
    return as_compared(tag).startswith(PREFIX)

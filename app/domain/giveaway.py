"""A draw that anybody can run again: from a seed that was promised before it.

The owner publishes the commitment while entries can still be had. After the draw the
seed and all entries are published, and whoever wants can see that the seed is the one
that was promised, and that these entries and this seed come to these winners.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Draw:
    """A draw as it is published; `entries` in the order in which they are counted."""

    reward_id: str
    commitment: str
    seed: str
    entries: tuple[str, ...]
    winners: tuple[str, ...]


def commitment(seed: str) -> str:
    """Return what binds an owner to a seed without giving it away."""
    return sha256(f"tallymark giveaway/{seed}".encode()).hexdigest()


def draw(reward_id: str, seed: str, entries: Iterable[str], winners: int) -> Draw:
    """Return who wins: each entry has the same chance, and wins at most once.

    >>> draw("spa", "seed", ["a", "b", "c"], 1).winners
    ('c',)
    """
    counted = tuple(sorted(set(entries)))
    everything = sha256("\n".join(counted).encode()).hexdigest()
    left, won = list(counted), list[str]()
    while left and len(won) < winners:
        place = _below(len(left), f"{seed}/{everything}/{len(won)}")
        won.append(left.pop(place))
    return Draw(reward_id, commitment(seed), seed, counted, tuple(won))


def _below(bound: int, told: str) -> int:
    """Return a number from 0 to below `bound`, all of them as likely as each other."""
    most = 2**256 - 2**256 % bound
    for attempt in range(256):
        digest = hmac.digest(told.encode(), str(attempt).encode(), "sha256")
        number = int.from_bytes(digest, "big")
        # Numbers past the last whole multiple would favour the first places.
        if number < most:
            return number % bound
    raise AssertionError("256 hashes in a row that no bound leaves out")


def mistake_in(published: Draw) -> str | None:
    """Return what is wrong with a published draw, None where it holds."""
    if commitment(published.seed) != published.commitment:
        return "the seed is not the one that was promised"
    again = draw(
        published.reward_id,
        published.seed,
        published.entries,
        len(published.winners),
    )
    if again.entries != published.entries:
        return "the entries are not in their order, or some are there twice"
    if again.winners != published.winners:
        return "these entries and this seed come to other winners"
    return None

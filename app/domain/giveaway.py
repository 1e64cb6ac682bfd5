"""A draw that anybody can run again: from a seed that was promised before it.

The owner publishes the commitment while entries can still be had. After the draw the
seed and all entries are published, and whoever wants can see that the seed is the one
that was promised, and that these entries and this seed come to these winners. Who they
are is not published.
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Draw:
    """What a seed comes to; `entries` in the order in which they are counted."""

    reward_id: str
    commitment: str
    seed: str
    entries: tuple[str, ...]
    winners: tuple[str, ...]


@dataclass(frozen=True)
class Published:
    """A draw as it is published, with when its seed was promised and when it was held.

    Times are told, not proven: who saw the commitment before `drawn_at` has the proof.
    """

    draw: Draw
    committed_at: datetime
    drawn_at: datetime

    def has(self, entry: str) -> bool:
        """Whether an entry was in it."""
        entries = self.draw.entries
        place = bisect_left(entries, entry)
        return entries[place : place + 1] == (entry,)

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it, its times in ISO 8601."""
        return asdict(self.draw) | {
            "committed_at": self.committed_at.isoformat(),
            "drawn_at": self.drawn_at.isoformat(),
        }


def read(document: Mapping[str, Any]) -> Published:
    """Return what a document says; KeyError, TypeError or ValueError if it is none."""
    return Published(
        Draw(
            document["reward_id"],
            document["commitment"],
            document["seed"],
            tuple(document["entries"]),
            tuple(document["winners"]),
        ),
        _moment(document["committed_at"]),
        _moment(document["drawn_at"]),
    )


def _moment(told: str) -> datetime:
    at = datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError("a time without its distance from UTC")
    return at


# What anybody does who has the document of a draw; docs/rewards.md has it as a script.
RECIPE = (
    "Whoever noted the commitment before the draw compares it. It has to be the "
    "SHA-256 of the text “tallymark giveaway/SEED”, in hexadecimal.",
    "LIST is the SHA-256 of the entries, sorted and joined by line feeds, in "
    "hexadecimal too.",
    "The first winner has the number 0. The HMAC-SHA256 of the text “0” with the key "
    "“SEED/LIST/NUMBER” is read as a whole number, most significant byte first.",
    "Where that is not below the greatest multiple of how many entries are left that "
    "2 to the power of 256 holds, the text is “1”, then “2”, and so on.",
    "Its remainder by how many entries are left is the place of the winner among them, "
    "counted from 0; that entry is left no more.",
    "The next winner has the next number, until there are as many as were drawn.",
)


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


def mistake_in(published: Published) -> str | None:
    """Return what is wrong with a published draw, None where it holds."""
    held = published.draw
    if commitment(held.seed) != held.commitment:
        return "the seed is not the one that was promised"
    if published.committed_at >= published.drawn_at:
        return "the seed was promised after the draw"
    again = draw(held.reward_id, held.seed, held.entries, len(held.winners))
    if again.entries != held.entries:
        return "the entries are not in their order, or some are there twice"
    if again.winners != held.winners:
        return "these entries and this seed come to other winners"
    return None

"""What makes a ledger tamper-evident: hashes that chain, and a root that seals them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One side of a transaction: `amount` onto an account, and what it holds then."""

    account: str
    amount: int
    balance_after: int
    account_version: int


@dataclass(frozen=True)
class Transaction:
    """One posted movement, the `sequence`-th of its member.

    `points` is negative where it takes back part of what `corrects` posted.
    `effective_at` is the world's clock, `recorded_at` ours.
    """

    program_id: int
    member_id: int
    sequence: int
    effect_key: str
    kind: str
    cause: str
    lot: str
    points: int
    corrects: int | None
    effective_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    reason: str
    breakdown: dict[str, Any] | None
    entries: tuple[Entry, ...]


def chained(previous_hash: bytes, transaction: Transaction) -> bytes:
    """Return the hash of a transaction that follows another: SHA-256 over both."""
    row: dict[str, Any] = dict(vars(transaction))
    for name in _TIMES:
        row[name] = _in_utc(row[name])
    row["entries"] = [
        [entry.account, entry.amount, entry.balance_after, entry.account_version]
        for entry in transaction.entries
    ]
    return hashlib.sha256(previous_hash + _canonical(row).encode()).digest()


_TIMES = ("effective_at", "recorded_at", "expires_at")

# Made once, since to make an encoder takes as long as to encode.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _in_utc(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of a Merkle tree over leaves, as in RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = merkle_root(leaves[:split]), merkle_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def head_leaf(member_id: int, last_sequence: int, last_hash: bytes) -> bytes:
    """Return the leaf of one member's head in a checkpoint's tree."""
    return f"{member_id}:{last_sequence}:{last_hash.hex()}".encode()

"""Compares facts with effects: folds whole histories once more, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection

from app.storage import ledger, members
from app.storage.database import Database
from app.storage.members import Head
from app.storage.sealing import Keyring
from workers.settle import Settled, whole_histories
from workers.terms import Terms

# So many members are locked at a time: live traffic waits no longer for them.
_AT_ONCE = 20

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Difference:
    """A member whose ledger does not say what all that is known comes to.

    With `is_of_terms`, an order that earned nothing when it was last heard of would
    now: the programme or its products were changed for the past. The member will be
    settled by the new terms as soon as anything about them is heard. So it is with one
    who is due by new tiers, whom the clock will settle.
    """

    program_id: int
    member_id: int
    effects: tuple[tuple[str, int], ...]
    is_of_terms: bool
    tiers: tuple[str | None, ...] = ()

    def __str__(self) -> str:
        """Say whose ledger it is, and which effects are missing or too many."""
        told = [f"{points:+} by {key}" for key, points in self.effects]
        if self.tiers:
            kept, known = self.tiers
            told.append(f"tier {known or 'none'} in place of {kept or 'none'}")
        return (
            f"programme {self.program_id}, member {self.member_id}: facts and effects "
            f"differ, missing is {', '.join(told)}"
        )


def differences(
    database: Database,
    keys: Keyring,
    program_id: int,
    member_ids: Sequence[int],
    clock: Callable[[Connection], datetime] = ledger.now,
) -> list[Difference]:
    """Return those of these members that differ."""
    with database.program(program_id) as connection:
        now = clock(connection)
        return list(differing(connection, keys, program_id, member_ids, now))


def batches(everybody: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """Return members in batches of one programme each."""
    found = []
    for program_id, theirs in groupby(everybody, key=lambda whose: whose[0]):
        ids = [member_id for _, member_id in theirs]
        starts = range(0, len(ids), _AT_ONCE)
        found += [(program_id, ids[start : start + _AT_ONCE]) for start in starts]
    return found


def differing(
    connection: Connection,
    keys: Keyring,
    program_id: int,
    member_ids: Sequence[int],
    now: datetime,
) -> Iterator[Difference]:
    """Yield the members that differ, locked so that nothing about them changes."""
    heads = members.lock_members(connection, program_id, member_ids)
    terms = Terms(connection, program_id, keys)
    late = {id_: head for id_, head in heads.items() if _is_due(head, now)}
    on_time = {id_: head for id_, head in heads.items() if id_ not in late}
    found = list(whole_histories(connection, terms, on_time, now))
    for id_, head in late.items():
        # What time alone will do at that moment has not been done yet, and need not be.
        assert head.due_at
        before = head.due_at - _INSTANT
        found += whole_histories(connection, terms, {id_: head}, before)
    for settled in found:
        if settled.changes or settled.tier != settled.head.tier:
            effects = tuple((move.key, move.points) for move, _ in settled.changes)
            member_id = settled.head.member_id
            tiers = _names(settled)
            is_of_terms = bool(settled.pins) or (terms.have_tiers and member_id in late)
            yield Difference(program_id, member_id, effects, is_of_terms, tiers)


def _names(settled: Settled) -> tuple[str | None, ...]:
    both = settled.head.tier, settled.tier
    if both[0] == both[1]:
        return ()
    return tuple(each.tier if each else None for each in both)


def _is_due(head: Head, now: datetime) -> bool:
    return head.due_at is not None and head.due_at <= now

"""Redemptions: who asked for which reward, and what became of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.domain.reasons import Reason, in_own_words
from app.domain.redemptions import OUT, Redemption, State
from app.storage import rows, tables
from app.storage.members import note_change
from app.storage.program_document import dump_reward, load_reward
from app.storage.reasons import as_reason, kept_reason
from app.storage.rows import among

_redemption, _command = tables.redemption, tables.command


@dataclass(frozen=True)
class KeptRedemption:
    """A redemption, and whose it is."""

    member_id: int
    redemption: Redemption


def add(
    connection: Connection,
    program_id: int,
    member_id: int,
    redemption: Redemption,
    code_key: str,
    at: datetime,
) -> None:
    """Keep a new redemption; one that was accepted also takes points from `at` on."""
    values = _columns(redemption) | {
        "program_id": program_id,
        "redemption_id": redemption.id,
        "member_id": member_id,
        "store_id": redemption.store_id,
        "reward_id": redemption.reward.id,
        "reward": dump_reward(redemption.reward),
        "points": redemption.points,
        "slot": redemption.slot,
        "prize": redemption.prize,
        "requested_at": redemption.requested_at,
        "code_key": code_key,
        "due_at": _due(redemption, at),
    }
    connection.execute(upsert(_redemption).values(values))
    note_change(connection, program_id, member_id)
    if redemption.state == State.REFUSED:
        return
    connection.execute(
        upsert(_command).values(
            program_id=program_id,
            command_id=redemption.id,
            member_id=member_id,
            kind="redemption",
            points=redemption.points,
            accepted_at=at,
            captured_at=at if redemption.is_captured else None,
            reason=redemption.reward.id,
        )
    )


def change(
    connection: Connection, program_id: int, redemption: Redemption, at: datetime
) -> None:
    """Keep what became of a redemption at `at`; its points follow."""
    member_id = connection.execute(
        update(_redemption)
        .where(*_here(program_id), _redemption.c.redemption_id == redemption.id)
        .values(**_columns(redemption), due_at=_due(redemption, at), attempts=0)
        .returning(_redemption.c.member_id)
    ).scalar_one()
    note_change(connection, program_id, member_id)
    if redemption.is_captured:
        captured_at = func.coalesce(_command.c.captured_at, at)
        end = {"captured_at": captured_at, "voided_at": None}
    elif redemption.state == State.REFUSED:
        end = {"voided_at": func.coalesce(_command.c.voided_at, at)}
    else:
        return
    connection.execute(
        update(_command)
        .where(
            _command.c.program_id == program_id,
            _command.c.command_id == redemption.id,
        )
        .values(end)
    )


def _columns(redemption: Redemption) -> dict[str, Any]:
    names = (
        "customer_id",
        "state",
        "valid_until",
        "order_amount_min_minor",
        "used_order_id",
        "used_at",
        "ended_at",
        "gives_back",
        "points_back",
        "store_ref",
        "decided_by",
        "is_given_back",
    )
    reason = redemption.reason
    # In English for whoever looks here; with its code, to be told in other languages.
    told = kept_reason(reason) if reason.code else None
    columns = {name: getattr(redemption, name) for name in names}
    return columns | {"reason": str(reason), "reason_told": told}


def _due(redemption: Redemption, at: datetime) -> datetime | None:
    """Return when something is next to be done about a redemption."""
    if redemption.state in (State.GRANTING, State.ENDING):
        return at
    is_booked = redemption.state == State.ASKED and redemption.slot
    is_dated = is_booked or redemption.state == State.GRANTED
    return redemption.valid_until if is_dated else None


def find(
    connection: Connection, program_id: int, redemption_id: str, *, locked: bool = False
) -> KeptRedemption | None:
    """Return a redemption, None where there is none."""
    query = select(_redemption).where(
        *_here(program_id), _redemption.c.redemption_id == redemption_id
    )
    row = connection.execute(query.with_for_update() if locked else query).first()
    return _kept(row) if row else None


def by_codes(
    connection: Connection, program_id: int, store_id: int, code_keys: Iterable[str]
) -> dict[str, KeptRedemption]:
    """Return the redemptions with these codes by the code's key, locked."""
    found = connection.execute(
        select(_redemption)
        .where(*_here(program_id), _redemption.c.store_id == store_id)
        .where(among(_redemption.c.code_key, code_keys))
        .order_by(_redemption.c.redemption_id)
        .with_for_update()
    )
    return {row.code_key: _kept(row) for row in found}


def of_members(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[Redemption]]:
    """Return all redemptions of members, by member, oldest first."""
    kept: dict[int, list[Redemption]] = defaultdict(list)
    for row in connection.execute(
        select(_redemption)
        .where(*_here(program_id), among(_redemption.c.member_id, member_ids))
        .order_by(_redemption.c.requested_at, _redemption.c.redemption_id)
    ):
        kept[row.member_id].append(_kept(row).redemption)
    return kept


def in_state(
    connection: Connection, program_id: int, state: State | None, limit: int
) -> list[KeptRedemption]:
    """Return the newest redemptions of a programme in a state, or in any."""
    newest = rows.newest(_redemption, program_id, state, "requested_at", limit)
    return [_kept(row) for row in connection.execute(newest)]


def asked(
    connection: Connection,
    program_id: int,
    limit: int,
    offset: int = 0,
    left_out: Iterable[str] = (),
) -> list[KeptRedemption]:
    """Return the rewards that wait for somebody of the store, oldest first.

    Some are left out, each named by its id.
    """
    found = connection.execute(
        _asked(select(_redemption), program_id, left_out)
        .order_by(_redemption.c.requested_at, _redemption.c.redemption_id)
        .limit(limit)
        .offset(offset)
    )
    return [_kept(row) for row in found]


def count_asked(
    connection: Connection, program_id: int, left_out: Iterable[str] = ()
) -> int:
    """Return how many rewards wait for somebody of the store, without some."""
    query = select(func.count()).select_from(_redemption)
    counted = connection.execute(_asked(query, program_id, left_out))
    return int(counted.scalar_one())


def _asked(query: Any, program_id: int, left_out: Iterable[str]) -> Any:
    return query.where(
        *_here(program_id),
        _redemption.c.state == State.ASKED,
        _redemption.c.redemption_id.not_in(list(left_out)),
    )


def taken(
    connection: Connection, program_id: int, reward_ids: Iterable[str]
) -> dict[str, int]:
    """Return how many of each reward are out with all members."""
    found = connection.execute(
        select(_redemption.c.reward_id, func.count())
        .where(*_here(program_id), among(_redemption.c.reward_id, reward_ids))
        .where(_redemption.c.state.in_(OUT), ~_redemption.c.is_given_back)
        .group_by(_redemption.c.reward_id)
    )
    return {row[0]: row[1] for row in found}


def places_taken(
    connection: Connection, program_id: int, reward_ids: Iterable[str]
) -> dict[str, Counter[datetime]]:
    """Return how many members have each slot of these rewards."""
    found = connection.execute(
        select(_redemption.c.reward_id, _redemption.c.slot, func.count())
        .where(*_here(program_id), among(_redemption.c.reward_id, reward_ids))
        .where(_redemption.c.slot.is_not(None), _redemption.c.state.in_(OUT))
        .group_by(_redemption.c.reward_id, _redemption.c.slot)
    )
    taken: dict[str, Counter[datetime]] = defaultdict(Counter)
    for reward_id, slot, places in found:
        taken[reward_id][slot] = places
    return taken


def donated(connection: Connection, program_id: int) -> dict[str, Decimal]:
    """Return the money that members gave to each cause, in major units."""
    found = connection.execute(_DONATED, {"p": program_id})
    return {row.cause: row.amount for row in found}


_DONATED = text("""
    select reward ->> 'cause' as cause, sum(cast(reward ->> 'amount' as numeric))
        as amount
    from redemption
    where program_id = :p and state = 'used' and reward ->> 'kind' = 'donation'
    group by 1
    order by 1
""")


def lock_rewards(
    connection: Connection, program_id: int, reward_ids: Iterable[str]
) -> None:
    """Have nobody else take of these rewards until this transaction ends."""
    for reward_id in sorted(set(reward_ids)):
        name = f"{program_id}/reward/{reward_id}"
        connection.execute(_LOCK_REWARD, {"name": name})


_LOCK_REWARD = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


def forget(
    connection: Connection, program_id: int, store_id: int, customer_ids: Iterable[str]
) -> None:
    """Take customers out of redemptions; what the points did stays."""
    connection.execute(
        update(_redemption)
        .where(*_here(program_id), _redemption.c.store_id == store_id)
        .where(among(_redemption.c.customer_id, customer_ids))
        .values(customer_id=None)
    )


def _here(program_id: int) -> tuple[Any]:
    return (_redemption.c.program_id == program_id,)


def _reason(row: Any) -> Reason:
    if row.reason_told is None:
        return in_own_words(row.reason)
    return as_reason(row.reason_told)


def _kept(row: Any) -> KeptRedemption:
    return KeptRedemption(
        row.member_id,
        Redemption(
            id=row.redemption_id,
            store_id=row.store_id,
            customer_id=row.customer_id,
            reward=load_reward(row.reward),
            points=row.points,
            state=State(row.state),
            requested_at=row.requested_at,
            reason=_reason(row),
            valid_until=row.valid_until,
            order_amount_min_minor=row.order_amount_min_minor,
            used_order_id=row.used_order_id,
            used_at=row.used_at,
            ended_at=row.ended_at,
            gives_back=row.gives_back,
            points_back=row.points_back,
            store_ref=row.store_ref,
            slot=row.slot,
            prize=row.prize,
            decided_by=row.decided_by,
            is_given_back=row.is_given_back,
        ),
    )

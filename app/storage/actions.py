"""What members did beside ordering, what days come to them, and how far they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.domain.actions import Action, Anniversary, Birthday, Joining, State
from app.domain.actions.joining import opened_at
from app.domain.engagement.engaged import Acts
from app.domain.engagement.outcomes import Name, Outcome
from app.domain.engagement.progress import Progress
from app.domain.events import ActionDecided, ActionReported
from app.storage import birthdays, rows, tables
from app.storage.reasons import as_missed, as_reason, kept_missed, kept_reason
from app.storage.rows import among
from app.storage.sealing import Keyring

_action, _progress = tables.action, tables.member_progress

# The store itself said so, or the shopper.
BY_STORE, BY_SHOPPER = "store", "shopper"

# Of days that are kept though the birthday is forgotten.
_DAYS = Anniversary.kind, Birthday.kind, birthdays.IN_A_TIER


def acts_of(
    connection: Connection,
    keys: Keyring,
    program_id: int,
    member_ids: Iterable[int],
    timezones: Mapping[int, str],
) -> dict[int, Acts]:
    """Return what is known of members beside orders, by member."""
    wanted = list(member_ids)
    did: dict[int, list[Action]] = defaultdict(list)
    paid: dict[int, list[Action]] = defaultdict(list)
    told: dict[int, dict[Name, Outcome]] = defaultdict(dict)
    for row in connection.execute(_of(_action, program_id, wanted)):
        kept = paid if birthdays.was_in_a_tier(row) else did
        kept[row.member_id].append(_as_action(row, timezones[row.store_id]))
        if outcome := outcome_of(row):
            told[row.member_id][row.action, row.key] = outcome
    given = birthdays.given_by(connection, keys, program_id, wanted, timezones)
    return {
        id_: Acts(
            tuple(did[id_]), tuple(given.get(id_, ())), tuple(paid[id_]), told[id_]
        )
        for id_ in wanted
    }


def _of(table: Any, program_id: int, member_ids: Iterable[int]) -> Any:
    return select(table).where(
        table.c.program_id == program_id, among(table.c.member_id, member_ids)
    )


def _as_action(row: Any, timezone: str) -> Action:
    state, opened = State(row.state), opened_at(row.at, row.open_at, row.shut_at)
    return Action(row.action, row.key, row.at, state, timezone, opened_at=opened)


def outcome_of(row: Any) -> Outcome | None:
    """Return what is kept of what became of an action, None before it is worked out."""
    if row.points is None:
        return None
    missed = as_missed(row.missed_surprises)
    if row.unearned_because is None:
        return Outcome(row.points, missed=missed)
    return Outcome(0, as_reason(row.unearned_because), missed)


def _columns(outcome: Outcome) -> dict[str, Any]:
    reason = outcome.unearned_because
    return {
        "points": outcome.points,
        "unearned_because": kept_reason(reason) if reason else None,
        "missed_surprises": kept_missed(outcome.missed),
    }


def save_outcomes(
    connection: Connection, program_id: int, changed: Mapping[Name, Outcome]
) -> None:
    """Keep what became of actions; days that come by themselves have no row."""
    put = [
        {"program_id": program_id, "action": action, "key": key, **_columns(outcome)}
        for (action, key), outcome in sorted(changed.items())
    ]
    rows.change(connection, _action, put)


def acted(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[datetime]]:
    """Return when members did something that was accepted; days that came are not."""
    found: dict[int, list[datetime]] = defaultdict(list)
    columns = _action.c.member_id, _action.c.at
    for row in connection.execute(
        _of(_action, program_id, member_ids)
        .with_only_columns(*columns)
        .where(_action.c.state == State.ACCEPTED)
        .where(_action.c.action.not_in(_DAYS))
    ):
        found[row.member_id].append(row.at)
    return found


def keep_report(
    connection: Connection,
    whose: tuple[int, int, int],
    event: ActionReported,
    state: State,
    outcome: Outcome | None = None,
) -> bool:
    """Keep an action of a member (program, store, member), once for each key.

    Its outcome is worked out when its member settles, unless it is known at once.
    """
    program_id, store_id, member_id = whose
    row = upsert(_action).values(
        program_id=program_id,
        action=event.action,
        key=event.key,
        store_id=store_id,
        member_id=member_id,
        at=event.at,
        state=str(state),
        reported_by=event.by,
        **(_columns(outcome) if outcome else {}),
    )
    kept = row.on_conflict_do_nothing().returning(_action.c.key)
    return connection.execute(kept).scalar() is not None


def decide(connection: Connection, program_id: int, event: ActionDecided) -> int | None:
    """Keep what the owner decided; return whose action it was.

    What was decided before, or never waited, stays as it is: None.
    """
    state = State.ACCEPTED if event.is_approved else State.REFUSED
    found: int | None = connection.execute(
        update(_action)
        .where(_action.c.program_id == program_id, _action.c.state == State.WAITING)
        .where(_action.c.action == event.action, _action.c.key == event.key)
        .values(state=str(state), decided_by=event.by, decided_at=event.at)
        .returning(_action.c.member_id)
    ).scalar()
    return found


@dataclass(frozen=True)
class Joined:
    """When a customer's record was made, and since when they have an account, or not.

    The latter as far as the store has told it.
    """

    key: str
    member_id: int
    at: datetime
    open_at: datetime | None
    shut_at: datetime | None

    def with_earlier(self, other: Joined) -> Joined:
        """Return what both say of one customer: of each time the earlier one."""
        at, member_id = min((self.at, self.member_id), (other.at, other.member_id))
        open_at = _earlier(self.open_at, other.open_at)
        shut_at = _earlier(self.shut_at, other.shut_at)
        return Joined(self.key, member_id, at, open_at, shut_at)


def _earlier(*times: datetime | None) -> datetime | None:
    return min((each for each in times if each is not None), default=None)


def note_joined(
    connection: Connection,
    program_id: int,
    store_id: int,
    joined: Iterable[Joined],
) -> set[int]:
    """Keep when customers joined; return whose news that is.

    Of each time the earliest stands, in whatever order they are heard of.
    """
    earliest: dict[str, Joined] = {}
    for each in joined:
        known = earliest.get(each.key)
        earliest[each.key] = each.with_earlier(known) if known else each
    if not earliest:
        return set()
    told = [asdict(each) for _, each in sorted(earliest.items())]
    values = {"p": program_id, "s": store_id, "joining": Joining.kind, "by": BY_STORE}
    document = {"rows": rows.document(told)}
    return set(connection.execute(_JOINED, values | document).scalars())


_JOINED = text("""
    insert into action (program_id, action, key, store_id, member_id, at, state,
                        reported_by, open_at, shut_at)
    select :p, :joining, key, :s, member_id, at, 'accepted', :by, open_at, shut_at
    from json_to_recordset(cast(:rows as json))
         as joined (key text, member_id bigint, at timestamptz,
                    open_at timestamptz, shut_at timestamptz)
    on conflict (program_id, action, key) do update
    set at = least(action.at, excluded.at),
        open_at = least(action.open_at, excluded.open_at),
        shut_at = least(action.shut_at, excluded.shut_at)
    where action.at > excluded.at
       or least(action.open_at, excluded.open_at) is distinct from action.open_at
       or least(action.shut_at, excluded.shut_at) is distinct from action.shut_at
    returning member_id
""")


def joined(
    connection: Connection, program_id: int, keys: Collection[str]
) -> set[tuple[str, bool]]:
    """Return of which customers (by key) it is known that they have an account, or not.

    Of some it is known that they had none once, and have one.
    """
    found = connection.execute(
        select(_action.c.key, _action.c.open_at, _action.c.shut_at).where(
            _action.c.program_id == program_id,
            _action.c.action == Joining.kind,
            among(_action.c.key, keys),
        )
    )
    return {
        (row.key, has_account)
        for row in found
        for has_account, at in ((True, row.open_at), (False, row.shut_at))
        if at is not None
    }


def known_keys(
    connection: Connection, program_id: int, action: str, keys: Collection[str]
) -> set[str]:
    """Return which of these keys of an action were told before."""
    found = connection.execute(
        select(_action.c.key).where(
            _action.c.program_id == program_id,
            _action.c.action == action,
            among(_action.c.key, keys),
        )
    )
    return set(found.scalars())


def move_acts(
    connection: Connection, program_id: int, source: int, target: int
) -> bool:
    """Give all that a member did to another; False if there was nothing."""
    moved = connection.execute(
        update(_action)
        .where(_action.c.program_id == program_id, _action.c.member_id == source)
        .values(member_id=target)
    )
    return moved.rowcount > 0


def actions_of(connection: Connection, program_id: int, member_id: int) -> list[Any]:
    """Return what a member did, oldest first."""
    rows_of = _of(_action, program_id, [member_id])
    return list(connection.execute(rows_of.order_by(_action.c.at, _action.c.key)))


def find_action(
    connection: Connection, program_id: int, action: str, key: str
) -> Any | None:
    """Return an action as it is kept, None where there is none."""
    return connection.execute(
        select(_action)
        .where(_action.c.program_id == program_id)
        .where(_action.c.action == action, _action.c.key == key)
    ).one_or_none()


def waiting(
    connection: Connection,
    program_id: int,
    limit: int,
    offset: int = 0,
    left_out: Iterable[str] = (),
) -> list[Any]:
    """Return the actions that wait for the owner, oldest first.

    Some are left out, each named by action and key.
    """
    found = connection.execute(
        _waiting(select(_action), program_id, left_out)
        .order_by(_action.c.at, _action.c.action, _action.c.key)
        .limit(limit)
        .offset(offset)
    )
    return list(found)


def unearned(connection: Connection, program_id: int, limit: int) -> list[Any]:
    """Return the reported actions that brought nothing, newest first.

    What waits is left out, and what the store tells of all its customers: joining.
    """
    found = connection.execute(
        select(_action)
        .where(_action.c.program_id == program_id, _action.c.points == 0)
        .where(_action.c.state != State.WAITING, _action.c.action != Joining.kind)
        .order_by(_action.c.at.desc(), _action.c.action, _action.c.key)
        .limit(limit)
    )
    return list(found)


def count_waiting(
    connection: Connection, program_id: int, left_out: Iterable[str] = ()
) -> int:
    """Return how many actions wait for the owner, without some."""
    query = select(func.count()).select_from(_action)
    counted = connection.execute(_waiting(query, program_id, left_out))
    return int(counted.scalar_one())


def _waiting(query: Any, program_id: int, left_out: Iterable[str]) -> Any:
    name = _action.c.action + "/" + _action.c.key
    return query.where(
        _action.c.program_id == program_id,
        _action.c.state == State.WAITING,
        name.not_in(list(left_out)),
    )


def pins_of(connection: Connection, program_id: int, member_id: int) -> dict[str, int]:
    """Return under which version of the programme each lot of a member was earned."""
    found = connection.execute(_PINS, {"p": program_id, "m": member_id})
    return {row.lot: row.version for row in found}


_PINS = text("""
    select lot, cast(breakdown ->> 'program_version' as integer) as version
    from ledger_transaction
    where program_id = :p and member_id = :m and kind = 'earn' and corrects is null
      and breakdown ->> 'program_version' is not null
""")


_read = msgspec.json.Decoder(Progress)


def as_progress(document: str | None) -> Progress:
    """Return progress as it was kept, that of somebody new where there is none."""
    return Progress() if document is None else _read.decode(document)


def progress_of(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, Progress]:
    """Return the progress of members as it is kept, by member."""
    values = {"p": program_id, "members": list(member_ids)}
    found = connection.execute(_PROGRESS, values)
    return {row.member_id: as_progress(row.document) for row in found}


_PROGRESS = text("""
    select member_id, cast(document as text) as document from member_progress
    where program_id = :p and member_id = any(cast(:members as bigint[]))
""")


def save_progress(
    connection: Connection, program_id: int, changed: Mapping[int, Progress]
) -> None:
    """Keep how far members are now, where that is news."""
    known = progress_of(connection, program_id, changed) if changed else {}
    put = [
        {"program_id": program_id, "member_id": member_id, "document": progress}
        for member_id, progress in sorted(changed.items())
        if known.get(member_id, Progress()) != progress
    ]
    rows.put(connection, _progress, put)

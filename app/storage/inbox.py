"""The inbox: every message as it came, until it is settled, ignored or quarantined."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables
from app.storage.stores import Store

_inbox = tables.inbox

# The program that keeps messages of stores that nobody has added.
NOBODY = 0

LEASE_S = 30
ATTEMPTS_MAX = 8


@dataclass(frozen=True)
class Arrival:
    """A genuine message as it is about to be kept."""

    platform: str
    domain: str
    topic: str
    delivery_id: str
    event_id: str | None
    triggered_at: datetime | None
    body: bytes


@dataclass(frozen=True)
class Claimed:
    """A message that this process works on until its lease ends."""

    program_id: int
    message_id: int
    store_id: int | None
    platform: str
    delivery_id: str
    topic: str
    at: datetime
    received_at: datetime
    body: bytes
    attempts: int
    lease_epoch: int


@dataclass(frozen=True)
class Outcome:
    """What became of a message, and by what its body can be found again."""

    message: Claimed
    state: str
    note: str | None = None
    order_id: str | None = None
    customer_id: str | None = None
    keeps_body: bool = True


_KEEP = text("""
    insert into inbox (program_id, store_id, platform, domain, topic, delivery_id,
                       event_id, triggered_at, body, state, note, finished_at)
    select coalesce(store.program_id, 0), store.store_id, :platform, :domain, :topic,
           :delivery_id, :event_id, :triggered_at, :body,
           case when store.store_id is null or not :is_known then 'ignored'
                else 'waiting' end,
           case when store.store_id is null then 'no such store is installed'
                when not :is_known then 'the topic is of no use here' end,
           case when store.store_id is null or not :is_known then clock_timestamp() end
    from (select 1) as one
    left join store on store.platform = :platform and store.domain = :domain
    on conflict (program_id, platform, domain, delivery_id) do nothing
    returning state
""")


def keep(
    connection: Connection, arrival: Arrival, *, is_known_topic: bool
) -> str | None:
    """Keep a message once; return its state, None where it was here before."""
    values = {
        "platform": arrival.platform,
        "domain": arrival.domain,
        "topic": arrival.topic,
        "delivery_id": arrival.delivery_id,
        "event_id": arrival.event_id,
        "triggered_at": arrival.triggered_at,
        "body": zlib.compress(arrival.body, 1),
        "is_known": is_known_topic,
    }
    state: str | None = connection.execute(_KEEP, values).scalar()
    return state


def keep_own(
    connection: Connection, store: Store, topic: str, delivery_id: str, body: str
) -> bool:
    """Keep a message of our own once; False where it was here before."""
    row = upsert(_inbox).values(
        program_id=store.program_id,
        store_id=store.store_id,
        platform="tallymark",
        domain=store.domain,
        topic=topic,
        delivery_id=delivery_id,
        body=zlib.compress(body.encode(), 1),
    )
    kept = row.on_conflict_do_nothing().returning(_inbox.c.message_id)
    return connection.execute(kept).scalar() is not None


# A lease ends by the database's clock, so workers whose clocks differ agree. Attempts
# are counted before the work, so that a message which kills its worker is given up too.
_CLAIM = text("""
    with picked as (
        select program_id, message_id from inbox
        where state = 'waiting'
          and next_attempt_at <= clock_timestamp()
          and (lease_until is null or lease_until < clock_timestamp())
          and received_at <= clock_timestamp() - make_interval(secs => :older_than_s)
        order by message_id
        limit :limit
        for update skip locked
    )
    update inbox
    set lease_until = clock_timestamp() + make_interval(secs => :lease_s),
        lease_epoch = inbox.lease_epoch + 1,
        attempts = inbox.attempts + 1
    from picked
    where inbox.program_id = picked.program_id
      and inbox.message_id = picked.message_id
    returning inbox.*
""")


_GIVE_UP = text("""
    update inbox
    set state = 'quarantined', finished_at = clock_timestamp(), lease_until = null,
        note = coalesce(note, 'every worker that took it died')
    where state = 'waiting' and attempts >= :most and lease_until < clock_timestamp()
""")


def claim(
    connection: Connection,
    limit: int,
    *,
    older_than_s: float = 0,
    lease_s: int = LEASE_S,
) -> list[Claimed]:
    """Lease up to `limit` waiting messages, oldest first; nobody else gets them.

    A message whose workers died with it again and again is set aside.
    """
    connection.execute(_GIVE_UP, {"most": ATTEMPTS_MAX})
    rows = connection.execute(
        _CLAIM, {"limit": limit, "older_than_s": older_than_s, "lease_s": lease_s}
    )
    return sorted((_as_claimed(row) for row in rows), key=lambda each: each.message_id)


def _as_claimed(row: Any) -> Claimed:
    return Claimed(
        program_id=row.program_id,
        message_id=row.message_id,
        store_id=row.store_id,
        platform=row.platform,
        delivery_id=row.delivery_id,
        topic=row.topic,
        at=row.triggered_at or row.received_at,
        received_at=row.received_at,
        body=zlib.decompress(row.body) if row.body is not None else b"",
        attempts=row.attempts,
        lease_epoch=row.lease_epoch,
    )


_FINISH = text("""
    update inbox
    set state = :state, note = :note, order_id = :order_id, customer_id = :customer_id,
        body = case when :keeps_body then body end,
        finished_at = clock_timestamp(), lease_until = null
    where program_id = :program_id and message_id = :message_id
      and lease_epoch = :lease_epoch and state = 'waiting'
""")


class LostLease(Exception):
    """Somebody else has taken over a message; what was done for it must be undone."""


def finish(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """Keep what became of messages; raises LostLease where a lease was lost."""
    values = [
        {
            "program_id": each.message.program_id,
            "message_id": each.message.message_id,
            "lease_epoch": each.message.lease_epoch,
            "state": each.state,
            "note": each.note,
            "order_id": each.order_id,
            "customer_id": each.customer_id,
            "keeps_body": each.keeps_body,
        }
        for each in outcomes
    ]
    if values and connection.execute(_FINISH, values).rowcount != len(values):
        raise LostLease


_POSTPONE = text("""
    update inbox
    set note = :note, lease_until = null,
        state = case when :is_last then 'quarantined' else 'waiting' end,
        finished_at = case when :is_last then clock_timestamp() end,
        next_attempt_at = clock_timestamp() + make_interval(secs => :wait_s)
    where program_id = :program_id and message_id = :message_id
      and lease_epoch = :lease_epoch and state = 'waiting'
""")


def postpone(connection: Connection, message: Claimed, error: str) -> None:
    """Try a message again later, each time later; at last set it aside."""
    connection.execute(
        _POSTPONE,
        {
            "program_id": message.program_id,
            "message_id": message.message_id,
            "lease_epoch": message.lease_epoch,
            "note": error,
            "is_last": message.attempts >= ATTEMPTS_MAX,
            "wait_s": min(300, 2 ** (message.attempts - 1)),
        },
    )


@dataclass(frozen=True)
class Listed:
    """A message as `tallymark inbox` shows it."""

    message_id: int
    domain: str
    topic: str
    state: str
    attempts: int
    received_at: datetime
    note: str | None


def listing(connection: Connection, states: Iterable[str], limit: int) -> list[Listed]:
    """Return the newest messages in any of these states."""
    names = list(Listed.__dataclass_fields__)
    rows = connection.execute(
        select(*(_inbox.c[name] for name in names))
        .where(_inbox.c.state.in_(list(states)))
        .order_by(_inbox.c.received_at.desc())
        .limit(limit)
    )
    return [Listed(**row._mapping) for row in rows]


@dataclass(frozen=True)
class Backlog:
    """How many messages there are by state, and the age of the oldest that waits."""

    by_state: dict[str, int]
    oldest_waiting_s: float


def backlog(connection: Connection) -> Backlog:
    """Return how far behind the workers are."""
    counted = connection.execute(
        select(_inbox.c.state, func.count()).group_by(_inbox.c.state)
    )
    oldest = connection.execute(
        text(
            "select coalesce(extract(epoch from clock_timestamp() - min(received_at)),"
            " 0) from inbox where state = 'waiting'"
        )
    ).scalar_one()
    return Backlog({row[0]: row[1] for row in counted}, float(oldest))


def replayable(connection: Connection, states: Iterable[str]) -> list[tuple[int, int]]:
    """Return program and id of messages in these states whose body is still there."""
    rows = connection.execute(
        select(_inbox.c.program_id, _inbox.c.message_id)
        .where(_inbox.c.state.in_(list(states)), _inbox.c.body.is_not(None))
        .order_by(_inbox.c.message_id)
    )
    return [(row.program_id, row.message_id) for row in rows]


_REPLAY = text("""
    update inbox
    set state = 'waiting', note = null, attempts = 0, finished_at = null,
        next_attempt_at = clock_timestamp(), lease_until = null,
        program_id = coalesce(store.program_id, inbox.program_id),
        store_id = coalesce(store.store_id, inbox.store_id)
    from inbox as old
    left join store on store.platform = old.platform and store.domain = old.domain
    where inbox.program_id = old.program_id and inbox.message_id = old.message_id
      and old.message_id = :message_id and old.state <> 'waiting'
      and old.body is not null
      and not exists (
          select from inbox as twin
          where twin.program_id = coalesce(store.program_id, old.program_id)
            and twin.platform = old.platform and twin.domain = old.domain
            and twin.delivery_id = old.delivery_id and twin.message_id <> old.message_id
      )
      and (store.store_id is not null or old.store_id is not null)
""")


def replay(connection: Connection, message_id: int) -> bool:
    """Let a finished message wait again; False where that cannot be.

    Its store may be unknown, its body dropped, or the same delivery kept again.
    """
    return connection.execute(_REPLAY, {"message_id": message_id}).rowcount == 1


def drop_bodies(connection: Connection, older_than_days: int) -> int:
    """Empty the bodies of finished messages past their retention."""
    return connection.execute(
        text(
            "update inbox set body = null where body is not null"
            " and state <> 'waiting'"
            " and finished_at < clock_timestamp() - make_interval(days => :days)"
        ),
        {"days": older_than_days},
    ).rowcount


def erase_bodies(
    connection: Connection,
    program_id: int,
    store_id: int,
    *,
    customer_ids: Iterable[str] = (),
    order_ids: Iterable[str] = (),
    everything: bool = False,
) -> None:
    """Empty what may name a person; what the messages said stays as facts."""
    query = update(_inbox).where(
        _inbox.c.program_id == program_id, _inbox.c.store_id == store_id
    )
    if not everything:
        query = query.where(
            _inbox.c.customer_id.in_(list(customer_ids))
            | _inbox.c.order_id.in_(list(order_ids))
        )
    connection.execute(query.values(body=None, customer_id=None))


def lag(connection: Connection) -> dict[str, float]:
    """Return quantiles, in seconds, from receiving to settling of late; or nothing."""
    row = connection.execute(
        text("""
            select percentile_cont(array[0.5, 0.99]) within group (
                order by extract(epoch from finished_at - received_at)
            )
            from inbox
            where state = 'settled'
              and received_at > clock_timestamp() - interval '5 min'
        """)
    ).scalar()
    return dict(zip(("0.5", "0.99"), map(float, row), strict=True)) if row else {}

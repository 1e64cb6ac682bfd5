"""Messages that were kept: looked at, replayed, and emptied when their time is over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text, update

from app.storage import tables
from app.storage.inbox import NOBODY, Place, unseal_body
from app.storage.rows import among
from app.storage.sealing import CannotUnseal, Keyring
from app.storage.stores import Store

_inbox = tables.inbox


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
    found = connection.execute(
        select(*(_inbox.c[name] for name in names))
        .where(among(_inbox.c.state, states))
        .order_by(_inbox.c.received_at.desc())
        .limit(limit)
    )
    return [Listed(**row._mapping) for row in found]


@dataclass(frozen=True)
class Backlog:
    """How many messages need somebody, and the age of the oldest that waits."""

    waiting: int
    quarantined: int
    oldest_waiting_s: float


_BACKLOG = text("""
    select count(*) filter (where state = 'waiting') as waiting,
           count(*) filter (where state = 'quarantined') as quarantined,
           coalesce(extract(epoch from clock_timestamp()
               - min(received_at) filter (where state = 'waiting')), 0) as oldest_s
    from inbox where state = 'waiting' or state = 'quarantined'
""")


def backlog(connection: Connection) -> Backlog:
    """Return how far behind the workers are, at no cost for what is finished."""
    row = connection.execute(_BACKLOG).one()
    return Backlog(row.waiting, row.quarantined, float(row.oldest_s))


def replayable(connection: Connection, states: Iterable[str]) -> list[int]:
    """Return the messages in these states whose body is still there, oldest first."""
    found = connection.execute(
        select(_inbox.c.message_id)
        .where(among(_inbox.c.state, states), _inbox.c.body.is_not(None))
        .order_by(_inbox.c.message_id)
    )
    return list(found.scalars())


def bodies_since(
    connection: Connection,
    keys: Keyring,
    store: Store,
    moment: datetime,
    unless: Collection[str],
) -> Iterator[bytes]:
    """Yield what we had of a store since then, the latest first, but these topics.

    Left out is what was set aside, which may be another store's, and all but the last
    thousand.
    """
    values = {"p": store.program_id, "s": store.store_id, "platform": store.platform}
    values |= {"moment": moment, "unless": list(unless)}
    for row in connection.execute(_SINCE, values):
        try:
            place = Place(row.platform, row.domain, row.delivery_id)
            yield unseal_body(keys, place, bytes(row.body))
        except CannotUnseal:
            continue


_SINCE = text("""
    select platform, domain, delivery_id, body from inbox
    where program_id = :p and store_id = :s and platform = :platform
      and topic <> all(:unless) and received_at > :moment
      and body is not null and state <> 'quarantined'
    order by message_id desc
    limit 1000
""")


def of_nobody(
    connection: Connection, platform: str, domain: str, limit: int
) -> list[int]:
    """Return what a store said before it was installed, as far as it is still there."""
    found = connection.execute(
        select(_inbox.c.message_id)
        .where(_inbox.c.program_id == NOBODY, _inbox.c.body.is_not(None))
        .where(_inbox.c.platform == platform, _inbox.c.domain == domain)
        .order_by(_inbox.c.message_id.desc())
        .limit(limit)
    )
    return list(found.scalars())


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

    Its store may be unknown, or the same delivery kept again.
    """
    return connection.execute(_REPLAY, {"message_id": message_id}).rowcount == 1


_DROP = text("""
    update inbox set body = null
    where body is not null and state <> 'waiting' and program_id = :p
      and finished_at < clock_timestamp() - make_interval(days => :days)
""")


def drop_bodies(connection: Connection, program_id: int, older_than_days: int) -> int:
    """Empty the bodies of finished messages past their retention."""
    values = {"p": program_id, "days": older_than_days}
    return connection.execute(_DROP, values).rowcount


def reseal(
    connection: Connection, keys: Keyring, program_id: int, after: int, limit: int
) -> list[int]:
    """Seal bodies of older keys with the current one, and return whose they are.

    It looks at messages after one. Raises CannotUnseal where the older key is not set
    any more.
    """
    values = {"p": program_id, "head": keys.head, "after": after, "limit": limit}
    found = connection.execute(_OF_OLD_KEYS, values).all()
    for row in found:
        place = str(Place(row.platform, row.domain, row.delivery_id))
        body = keys.unseal(bytes(row.body), place)
        connection.execute(
            update(_inbox)
            .where(_inbox.c.program_id == program_id)
            .where(_inbox.c.message_id == row.message_id)
            .values(body=keys.seal(body, place))
        )
    return [row.message_id for row in found]


_OF_OLD_KEYS = text("""
    select message_id, platform, domain, delivery_id, body from inbox
    where program_id = :p and message_id > :after and body is not null
      and substring(body from 1 for length(:head)) <> :head
    order by message_id
    limit :limit
    for update
""")


def naming(
    connection: Connection,
    keys: Keyring,
    program_id: int,
    store_id: int,
    ids: Collection[str],
) -> Iterator[int]:
    """Yield the messages that name any of these, where it is not known whom they name.

    They could not be read, were of no use, or are about two customers.
    """
    wanted = {id_.encode() for id_ in ids}
    for row in connection.execute(_OF_UNKNOWN, {"p": program_id, "s": store_id}):
        place = Place(row.platform, row.domain, row.delivery_id)
        try:
            body = unseal_body(keys, place, bytes(row.body))
        except CannotUnseal:
            continue
        if wanted.intersection(_WORDS.findall(body)):
            yield row.message_id


# Ids of customers and orders stand in bodies by themselves, or at the end of a path.
_WORDS = re.compile(rb"[A-Za-z0-9_-]+")

_OF_UNKNOWN = text("""
    select message_id, platform, domain, delivery_id, body from inbox
    where program_id = :p and store_id = :s and body is not null
      and (state in ('quarantined', 'ignored') or topic = 'customers/merge')
      and (customer_id is null and order_id is null)
""")


def erase_bodies(
    connection: Connection,
    program_id: int,
    store_id: int,
    *,
    message_ids: Iterable[int] = (),
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
            among(_inbox.c.customer_id, customer_ids)
            | among(_inbox.c.order_id, order_ids)
            | _inbox.c.message_id.in_(list(message_ids))
        )
    connection.execute(query.values(body=None, body_key=None, customer_id=None))


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

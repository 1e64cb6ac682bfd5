"""The inbox: every message as it came, until it is settled, ignored or quarantined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import lz4.frame
from psycopg import Cursor
from sqlalchemy import Connection, text

from app.storage import rows, tables
from app.storage.sealing import Keyring

_inbox = tables.inbox

# The programme that keeps messages of stores that nobody has added.
NOBODY = 0

LEASE_S = 20
ATTEMPTS_MAX = 8


@dataclass(frozen=True)
class Place:
    """By what a message is known, and its body bound to it."""

    platform: str
    domain: str
    delivery_id: str

    def __str__(self) -> str:
        """Return the words that the body is sealed with."""
        return f"inbox/{self.platform}/{self.domain}/{self.delivery_id}"


@dataclass(frozen=True)
class Arrival:
    """A genuine message as it is about to be kept.

    By `body_key` a body is known again that comes under another head.
    """

    platform: str
    domain: str
    topic: str
    delivery_id: str
    body: bytes
    event_id: str | None = None
    triggered_at: datetime | None = None
    body_key: bytes | None = None
    is_known_topic: bool = True

    @property
    def place(self) -> Place:
        """Where the inbox keeps it."""
        return Place(self.platform, self.domain, self.delivery_id)


@dataclass(frozen=True)
class Claimed:
    """A message that this process works on until its lease ends.

    Of a copy, the same body came before under a head that this one belies.
    """

    program_id: int
    message_id: int
    store_id: int
    platform: str
    domain: str
    topic: str
    delivery_id: str
    triggered_at: datetime | None
    received_at: datetime
    attempts: int
    lease_epoch: int
    is_copy: bool

    @property
    def at(self) -> datetime:
        """When it happened, as far as that was said."""
        return self.triggered_at or self.received_at


@dataclass(frozen=True)
class Outcome:
    """What became of a message, and by what its body can be found again."""

    message: Claimed
    state: str
    note: str | None = None
    order_id: str | None = None
    customer_id: str | None = None
    keeps_body: bool = True


_KEEP = """
    insert into inbox (program_id, store_id, platform, domain, topic, delivery_id,
                       event_id, triggered_at, body, body_key, state, note, finished_at)
    select coalesce(store.program_id, 0), store.store_id, %(platform)s, %(domain)s,
           %(topic)s, %(delivery_id)s, %(event_id)s, %(triggered_at)s, %(body)s,
           %(body_key)s,
           case when store.store_id is null or not %(is_known_topic)s then 'ignored'
                else 'waiting' end,
           case when store.store_id is null then 'no such store is installed'
                when not %(is_known_topic)s then 'the topic is of no use here' end,
           case when store.store_id is null or not %(is_known_topic)s
                then clock_timestamp() end
    from (select 1) as one
    left join store on store.platform = %(platform)s and store.domain = %(domain)s
    on conflict (program_id, platform, domain, delivery_id) do nothing
"""


def keep(cursor: Cursor[Any], keys: Keyring, arrivals: Sequence[Arrival]) -> None:
    """Keep messages, their bodies sealed, each once however often it is delivered."""
    sealed = [
        vars(each) | {"body": seal_body(keys, each.place, each.body)}
        for each in arrivals
    ]
    cursor.executemany(_KEEP, sealed)


def seal_body(keys: Keyring, place: Place, body: bytes) -> bytes:
    """Return a body packed and sealed for its place in the inbox."""
    return keys.seal(lz4.frame.compress(body), str(place))


def unseal_body(keys: Keyring, place: Place, sealed: bytes) -> bytes:
    """Return a body as it came; raises CannotUnseal."""
    body: bytes = lz4.frame.decompress(keys.unseal(sealed, str(place)))
    return body


# A lease ends by the database's clock, so workers whose clocks differ agree. Attempts
# are counted before the work, so that a message which kills its worker is given up too.
# Only bodies are signed, and ids in them are of one store alone: so where a body comes
# under a second store, the first that it came under sent it. Nor does one body say that
# tags were given and that they were taken, for it says when. What was set aside itself
# is no witness; nor, about segments, is what came for no store of ours: of such bodies
# all that come later are alike, and none of them would count again.
_CLAIM = text("""
    with picked as (
        select program_id, message_id from inbox
        where state = 'waiting'
          and attempts between :least and :most
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
    returning inbox.program_id, inbox.message_id, inbox.store_id, inbox.platform,
              inbox.domain, inbox.topic, inbox.delivery_id, inbox.triggered_at,
              inbox.received_at, inbox.attempts, inbox.lease_epoch,
              exists (
                  select from inbox as earlier
                  where earlier.body_key = inbox.body_key
                    and earlier.platform = inbox.platform
                    and earlier.message_id < inbox.message_id
                    and earlier.state <> 'quarantined'
                    and (earlier.program_id <> 0 or inbox.topic not in (
                         'customer.joined_segment', 'customer.left_segment'))
                    and (earlier.domain <> inbox.domain
                         or (earlier.topic, inbox.topic) in (
                             ('customer.tags_added', 'customer.tags_removed'),
                             ('customer.tags_removed', 'customer.tags_added')))
              )
""")


def claim(
    connection: Connection,
    limit: int,
    *,
    older_than_s: float = 0,
    lease_s: int = LEASE_S,
) -> list[Claimed]:
    """Lease up to `limit` messages that nobody had yet; nobody else gets them.

    The oldest come first.
    """
    values = {"limit": limit, "older_than_s": older_than_s, "lease_s": lease_s}
    return _claimed(connection, values | {"least": 0, "most": 0})


def claim_again(connection: Connection, *, lease_s: int = LEASE_S) -> list[Claimed]:
    """Lease the oldest message that is to be tried again, alone, if there is one."""
    values = {"limit": 1, "older_than_s": 0, "lease_s": lease_s}
    return _claimed(connection, values | {"least": 1, "most": ATTEMPTS_MAX - 1})


def _claimed(connection: Connection, values: Mapping[str, float]) -> list[Claimed]:
    claimed = [Claimed(*row) for row in connection.execute(_CLAIM, values).all()]
    return sorted(claimed, key=lambda each: each.message_id)


_GIVE_UP = text("""
    update inbox
    set state = 'quarantined', finished_at = clock_timestamp(), lease_until = null,
        note = coalesce(note, 'every worker that took it died')
    where state = 'waiting' and attempts >= :most and lease_until < clock_timestamp()
""")


def give_up(connection: Connection) -> int:
    """Set messages aside whose workers died with them again and again."""
    return connection.execute(_GIVE_UP, {"most": ATTEMPTS_MAX}).rowcount


_BODIES = text("""
    select message_id, body from inbox
    where program_id = :p and message_id = any(:ids)
""")


def bodies(
    connection: Connection, keys: Keyring, messages: Sequence[Claimed]
) -> Iterator[tuple[Claimed, bytes | None]]:
    """Yield messages of one programme with their bodies, None for what was erased.

    Raises CannotUnseal.
    """
    ids = [message.message_id for message in messages]
    values = {"p": messages[0].program_id, "ids": ids}
    sealed = {row[0]: row[1] for row in connection.execute(_BODIES, values).all()}
    for message in messages:
        body = sealed.get(message.message_id)
        if body is None:
            yield message, None
        else:
            place = Place(message.platform, message.domain, message.delivery_id)
            yield message, unseal_body(keys, place, bytes(body))


# A lease that lasts says that a message waits. Asked for the state, PostgreSQL would
# take the index of what waits, which it believes to be next to empty, and compare all
# that is in it with all of the batch.
_FINISH = text("""
    update inbox
    set state = news.state, note = news.note, order_id = news.order_id,
        customer_id = news.customer_id,
        body = case when news.keeps_body then inbox.body end,
        finished_at = clock_timestamp(), lease_until = null
    from json_to_recordset(cast(:rows as json)) as news (
        program_id bigint, message_id bigint, lease_epoch bigint, state text, note text,
        order_id text, customer_id text, keeps_body boolean
    )
    where inbox.program_id = news.program_id and inbox.message_id = news.message_id
      and inbox.lease_epoch = news.lease_epoch and inbox.lease_until is not null
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
    if not values:
        return
    finished = connection.execute(_FINISH, {"rows": rows.document(values)})
    if finished.rowcount != len(values):
        raise LostLease


_HOLD = text("""
    update inbox
    set lease_until = clock_timestamp() + make_interval(secs => :lease_s)
    where program_id = :program_id and message_id = :message_id
      and lease_epoch = :lease_epoch and lease_until is not null
""")


def hold(connection: Connection, message: Claimed, lease_s: float) -> None:
    """Lease a message for longer; raises LostLease where the lease was lost."""
    names = ("program_id", "message_id", "lease_epoch")
    values = {name: getattr(message, name) for name in names}
    held = connection.execute(_HOLD, values | {"lease_s": lease_s})
    if not held.rowcount:
        raise LostLease


# So long nobody looks at what was left to others: a tenth of its age, within these. The
# oldest are claimed first, so many that are due at once would keep newer ones waiting.
LEFT_S = 2
LEFT_S_MAX = 60

_LEAVE = text("""
    update inbox
    set lease_until = null, attempts = attempts - 1,
        note = 'a later release wrote the programme',
        next_attempt_at = clock_timestamp() + least(
            make_interval(secs => :most_s),
            greatest(
                make_interval(secs => :least_s),
                (clock_timestamp() - inbox.received_at) / 10
            )
        )
    from json_to_recordset(cast(:rows as json)) as left_over (
        program_id bigint, message_id bigint, lease_epoch bigint
    )
    where inbox.program_id = left_over.program_id
      and inbox.message_id = left_over.message_id
      and inbox.lease_epoch = left_over.lease_epoch and inbox.lease_until is not null
""")


def leave(connection: Connection, messages: Iterable[Claimed]) -> None:
    """Let others take messages that this process cannot work on; it was no attempt."""
    names = ("program_id", "message_id", "lease_epoch")
    left = [{name: getattr(each, name) for name in names} for each in messages]
    values = {"least_s": LEFT_S, "most_s": LEFT_S_MAX}
    connection.execute(_LEAVE, values | {"rows": rows.document(left)})


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

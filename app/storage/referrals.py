"""Referrals: who brought whom, and what one person is known again by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from app.domain.referral import Referral, State
from app.storage import rows, tables
from app.storage.rows import among

_referral, _customer = tables.referral, tables.customer


@dataclass(frozen=True)
class KeptReferral:
    """A referral; `is_later` where somebody else had brought the same friend before."""

    referral: Referral
    is_later: bool


def save(connection: Connection, program_id: int, referral: Referral) -> None:
    """Keep a referral as it is now; whoever settles both has them see it."""
    row = {"program_id": program_id, "referral_id": referral.id, **asdict(referral)}
    del row["id"]
    rows.put(connection, _referral, [row])


def find(connection: Connection, program_id: int, referral_id: str) -> Referral | None:
    """Return a referral, locked; None where there is none."""
    query = select(_referral).where(
        *_here(program_id), _referral.c.referral_id == referral_id
    )
    row = connection.execute(query.with_for_update()).first()
    return _as_referral(row) if row else None


def of_advocates(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[KeptReferral]]:
    """Return all referrals by these members, by member, oldest first."""
    found: dict[int, list[KeptReferral]] = defaultdict(list)
    values = {"p": program_id, "ids": list(member_ids)}
    for row in connection.execute(_OF_ADVOCATES, values):
        kept = KeptReferral(_as_referral(row), row.is_later)
        found[row.advocate_id].append(kept)
    return found


_OF_ADVOCATES = text("""
    select referral.*, exists (
        select from referral as other
        where other.program_id = :p and other.friend_id = referral.friend_id
          and (other.state <> 'refused' or other.refused_at is not null)
          and (other.claimed_at, other.referral_id)
              < (referral.claimed_at, referral.referral_id)
    ) as is_later
    from referral
    where program_id = :p and advocate_id = any(cast(:ids as bigint[]))
    order by claimed_at, referral_id
""")


def of_friends(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> list[Referral]:
    """Return all claims of these members, oldest first."""
    found = connection.execute(
        select(_referral)
        .where(*_here(program_id), among(_referral.c.friend_id, member_ids))
        .order_by(_referral.c.claimed_at, _referral.c.referral_id)
    )
    return [_as_referral(row) for row in found]


def of_member(
    connection: Connection, program_id: int, member_id: int
) -> list[Referral]:
    """Return all referrals that a member has a part in, oldest first."""
    found = connection.execute(
        select(_referral)
        .where(*_here(program_id))
        .where(
            (_referral.c.friend_id == member_id)
            | (_referral.c.advocate_id == member_id)
        )
        .order_by(_referral.c.claimed_at, _referral.c.referral_id)
    )
    return [_as_referral(row) for row in found]


def touched(
    connection: Connection, program_id: int, member_ids: Collection[int]
) -> set[int]:
    """Return the advocates whose points these members have a part in."""
    if not member_ids:
        return set()
    values = {"p": program_id, "ids": sorted(member_ids)}
    return set(connection.execute(_TOUCHED, values).scalars())


_TOUCHED = text("""
    select advocate_id from referral
    where program_id = :p and friend_id = any(cast(:ids as bigint[]))
    union
    select advocate_id from referral
    where program_id = :p and advocate_id = any(cast(:ids as bigint[]))
""")


def waiting(
    connection: Connection, program_id: int, store_id: int, customer_ids: Iterable[str]
) -> list[Referral]:
    """Return the claims of customers that are not decided yet, by advocate."""
    found = connection.execute(
        select(_referral)
        .where(*_here(program_id), _referral.c.store_id == store_id)
        .where(_referral.c.state == State.WAITING)
        .where(among(_referral.c.customer_id, customer_ids))
        .order_by(
            _referral.c.advocate_id, _referral.c.claimed_at, _referral.c.referral_id
        )
    )
    return [_as_referral(row) for row in found]


def claims_in_hour(connection: Connection, program_id: int, claim: Referral) -> int:
    """Return how many other claims the advocate's link had within an hour.

    Of those that are not decided yet, only the earlier ones count.
    """
    values = {
        "p": program_id,
        "a": claim.advocate_id,
        "id": claim.id,
        "at": claim.claimed_at,
    }
    found: int = connection.execute(_IN_HOUR, values).scalar_one()
    return found


_IN_HOUR = text("""
    select count(*) from referral
    where program_id = :p and advocate_id = :a and referral_id <> :id
      and claimed_at > cast(:at as timestamptz) - interval '1 hour'
      and claimed_at < cast(:at as timestamptz) + interval '1 hour'
      and (state <> 'waiting' or (claimed_at, referral_id) < (:at, :id))
""")


def friends_by_device(connection: Connection, program_id: int, claim: Referral) -> int:
    """Return how many others claimed from the same browser."""
    if claim.device is None:
        return 0
    found: int = connection.execute(
        select(func.count()).where(
            *_here(program_id),
            _referral.c.device == claim.device,
            _referral.c.friend_id != claim.friend_id,
        )
    ).scalar_one()
    return found


def member_now(connection: Connection, program_id: int, member_id: int) -> int | None:
    """Return who a member is after all merges; None where they are forgotten."""
    values = {"p": program_id, "m": member_id}
    found: int | None = connection.execute(_MEMBER_NOW, values).scalar()
    return found


_MEMBER_NOW = text("""
    with recursive theirs as (
        select store_id, customer_id, member_id, merged_into from customer
        where program_id = :p and member_id = :m
        union
        select customer.store_id, customer.customer_id, customer.member_id,
               customer.merged_into
        from customer join theirs
          on customer.program_id = :p and customer.store_id = theirs.store_id
         and customer.customer_id = theirs.merged_into
    )
    select member_id from theirs where merged_into is null
    order by member_id
    limit 1
""")


def move(connection: Connection, program_id: int, source: int, target: int) -> bool:
    """Give all referrals of a member to another; False if there were none."""
    moved = 0
    for name in ("advocate_id", "friend_id"):
        moved += connection.execute(
            update(_referral)
            .where(*_here(program_id), _referral.c[name] == source)
            .values({name: target})
        ).rowcount
    return moved > 0


def lock_advocate(connection: Connection, program_id: int, member_id: int) -> None:
    """Have nobody else decide on claims by this member's link at the same time."""
    connection.execute(_LOCK, {"name": f"{program_id}/advocate/{member_id}"})


_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


def in_state(
    connection: Connection, program_id: int, state: State | None, limit: int
) -> list[Referral]:
    """Return the newest referrals of a programme in a state, or in any."""
    newest = rows.newest(_referral, program_id, state, "claimed_at", limit)
    return [_as_referral(row) for row in connection.execute(newest)]


def doubtful(
    connection: Connection,
    program_id: int,
    limit: int,
    offset: int = 0,
    left_out: Iterable[str] = (),
) -> list[Referral]:
    """Return the referrals that wait for the owner, oldest first, without some."""
    values = {"p": program_id, "left_out": list(left_out)}
    found = connection.execute(_PAGE, values | {"limit": limit, "offset": offset})
    return [_as_referral(row) for row in found]


def count_doubtful(
    connection: Connection, program_id: int, left_out: Iterable[str] = ()
) -> int:
    """Return how many referrals wait for the owner, without some."""
    values = {"p": program_id, "left_out": list(left_out)}
    found: int = connection.execute(_COUNT, values).scalar_one()
    return found


# Of those that were accepted, it is their points that wait: the settling says so.
_DOUBTFUL = """
    with doubtful as (
        select referral.* from referral
        where program_id = :p and state = 'review'
          and overruled_at is null and refused_at is null
        union all
        select referral.* from lot
        join referral on referral.program_id = lot.program_id
                     and referral.referral_id = substr(lot.lot, length('referral/') + 1)
                     and referral.advocate_id = lot.member_id
        where lot.program_id = :p and lot.is_doubtful and lot.pending > 0
          and referral.state = 'accepted'
    )
"""
_STAYS = "where referral_id <> all(cast(:left_out as text[]))"
_PAGE = text(f"""
    {_DOUBTFUL} select * from doubtful {_STAYS}
    order by claimed_at, referral_id
    limit :limit offset :offset
""")  # noqa: S608 - our own words
_COUNT = text(f"{_DOUBTFUL} select count(*) from doubtful {_STAYS}")  # noqa: S608


def note_marks(
    connection: Connection,
    program_id: int,
    store_id: int,
    marks: Iterable[tuple[str, tuple[str, ...], datetime]],
) -> None:
    """Keep by what customers are known again, each unless a later message is known."""
    latest: dict[str, tuple[datetime, tuple[str, ...]]] = {}
    for customer_id, theirs, at in marks:
        known = latest.get(customer_id, (at, theirs))
        latest[customer_id] = max(known, (at, theirs))
    if latest:
        told = [
            {"customer_id": id_, "marks": theirs, "marks_at": at}
            for id_, (at, theirs) in sorted(latest.items())
        ]
        values = {"p": program_id, "s": store_id, "rows": rows.document(told)}
        connection.execute(_NOTE_MARKS, values)


_NOTE_MARKS = text("""
    update customer set marks = news.marks, marks_at = news.marks_at
    from json_populate_recordset(cast(null as customer), cast(:rows as json)) as news
    where customer.program_id = :p and customer.store_id = :s
      and customer.customer_id = news.customer_id
      and (customer.marks_at is null or (customer.marks_at, customer.marks)
           < (news.marks_at, news.marks))
""")


def known_by(
    connection: Connection, program_id: int, store_id: int, marks: Iterable[str]
) -> set[str]:
    """Return the customers of a store who have any of these marks themselves."""
    values = {"p": program_id, "s": store_id, "marks": list(marks)}
    return set(connection.execute(_KNOWN_BY, values).scalars())


_KNOWN_BY = text("""
    select customer_id from customer
    where program_id = :p and store_id = :s and marks && cast(:marks as text[])
""")


def marks_of(connection: Connection, program_id: int, member_id: int) -> frozenset[str]:
    """Return by what a member is known again, as customers and by their orders."""
    values = {"p": program_id, "m": member_id}
    return frozenset(connection.execute(_MARKS, values).scalars())


# Customers who were merged into one of the member's are the member too.
_MARKS = text("""
    with recursive theirs as (
        select store_id, customer_id, marks from customer
        where program_id = :p and member_id = :m
        union
        select customer.store_id, customer.customer_id, customer.marks
        from customer join theirs
          on customer.program_id = :p and customer.store_id = theirs.store_id
         and customer.merged_into = theirs.customer_id
    )
    select unnest(marks) from theirs
    union
    select json_array_elements_text(facts -> 'marks') from order_fact
    where program_id = :p and member_id = :m
""")


def standing(
    connection: Connection, program_id: int, member_id: int
) -> tuple[int, int]:
    """Return how many friends a member brought, and the points that still wait."""
    row = connection.execute(_STANDING, {"p": program_id, "m": member_id}).one()
    return row.friends, row.pending


_STANDING = text("""
    select (
        select count(*) from referral
        where program_id = :p and advocate_id = :m and state <> 'refused'
    ) as friends, (
        select coalesce(sum(pending), 0) from lot
        where program_id = :p and member_id = :m and lot like 'referral/%'
    ) as pending
""")


def forget(
    connection: Connection, program_id: int, store_id: int, customer_ids: Iterable[str]
) -> None:
    """Take customers out of their claims; what the points did stays."""
    connection.execute(
        update(_referral)
        .where(*_here(program_id), _referral.c.store_id == store_id)
        .where(among(_referral.c.customer_id, customer_ids))
        .values(customer_id=None, device=None)
    )


def _here(program_id: int) -> tuple[Any]:
    return (_referral.c.program_id == program_id,)


def _as_referral(row: Any) -> Referral:
    return Referral(
        id=row.referral_id,
        store_id=row.store_id,
        advocate_id=row.advocate_id,
        friend_id=row.friend_id,
        customer_id=row.customer_id,
        version=row.version,
        state=State(row.state),
        claimed_at=row.claimed_at,
        reasons=tuple(row.reasons),
        marks=tuple(row.marks),
        device=row.device,
        is_own_browser=row.is_own_browser,
        overruled_at=row.overruled_at,
        refused_at=row.refused_at,
        decided_by=row.decided_by,
    )

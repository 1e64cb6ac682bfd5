"""Tags and segments of customers: facts that are added, and at last forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, select, text, update

from app.domain.labels import LabelFact, LabelKind, Labels, labels_of
from app.storage import rows, tables
from app.storage.rows import among

_label = tables.customer_label

# A customer, the member that they are, and what happened.
Told = tuple[str, int, LabelFact]


def keep(
    connection: Connection, program_id: int, store_id: int, told: Iterable[Told]
) -> set[int]:
    """Keep facts about customers (customer, member, fact); return whose are news."""
    facts = [
        {
            "customer_id": customer_id,
            "member_id": member_id,
            "kind": fact.kind,
            "name": fact.name,
            "at": fact.at,
            "is_given": fact.is_given,
        }
        for customer_id, member_id, fact in told
    ]
    if not facts:
        return set()
    values = {"p": program_id, "s": store_id, "rows": rows.document(facts)}
    return set(connection.execute(_KEEP, values).scalars())


_KEEP = text("""
    insert into customer_label
        (program_id, store_id, customer_id, member_id, kind, name, at, is_given)
    select :p, :s, customer_id, member_id, kind, name, at, is_given
    from json_to_recordset(cast(:rows as json)) as told (
        customer_id text, member_id bigint, kind text, name text, at timestamptz,
        is_given boolean
    )
    on conflict do nothing
    returning member_id
""")


def labels_by_member(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, Labels]:
    """Return what members were ever called, by member; without those who never were."""
    facts = _facts(connection, program_id, member_ids)
    return {id_: labels_of(told) for id_, told in facts.items()}


def _facts(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[LabelFact]]:
    found: dict[int, list[LabelFact]] = defaultdict(list)
    values = {"p": program_id, "members": list(member_ids)}
    for row in connection.execute(_OF_MEMBERS, values):
        found[row.member_id].append(
            LabelFact(
                LabelKind(row.kind),
                row.name,
                row.at,
                row.is_given,
                row.customer_id,
                row.is_kept,
            )
        )
    return found


# Nothing is heard any more of who was merged, nor of who is forgotten and has no row.
_OF_MEMBERS = text("""
    select label.*,
           customer.customer_id is not null and customer.merged_into is null as is_kept
    from customer_label as label
    left join customer on customer.program_id = :p
                      and customer.store_id = label.store_id
                      and customer.customer_id = label.customer_id
    where label.program_id = :p and label.member_id = any(cast(:members as bigint[]))
    order by label.at, label.name
""")


def tags_of(
    connection: Connection,
    program_id: int,
    store_id: int,
    customer_ids: Collection[str],
) -> dict[str, set[str]]:
    """Return which tags customers have by all that was told; none for some."""
    values = {"p": program_id, "s": store_id, "ids": rows.document(list(customer_ids))}
    held: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(_TAGS_OF, values):
        held[row.customer_id].add(row.name)
    return held


# What was given and taken at the same moment is taken.
_TAGS_OF = text("""
    select customer_id, name
    from (
        select distinct on (customer_id, name) customer_id, name, is_given
        from customer_label
        where program_id = :p and store_id = :s and kind = 'tag'
          and customer_id in (
              select json_array_elements_text(cast(:ids as json))
          )
        order by customer_id, name, at desc, is_given
    ) as last
    where is_given
""")


# Whether a customer has a label by what was told last, and since when.
LastTold = tuple[bool, datetime]


def segment_of(
    connection: Connection,
    program_id: int,
    store_id: int,
    segment: str,
    customer_ids: Collection[str],
) -> dict[str, LastTold]:
    """Return what was told last of customers and a segment; nothing for some."""
    ids = rows.document(list(customer_ids))
    values = {"p": program_id, "s": store_id, "name": segment, "ids": ids}
    found = connection.execute(_SEGMENT_OF, values)
    return {row.customer_id: (row.is_given, row.at) for row in found}


def in_segment(
    connection: Connection,
    program_id: int,
    store_id: int,
    segment: str,
    after: str,
    limit: int,
) -> dict[str, LastTold]:
    """Return some customers in a segment by all that was told, in order of id.

    Not those of whom the store says nothing any more: who was merged or deleted.
    """
    where = {"p": program_id, "s": store_id, "name": segment}
    values = where | {"after": after, "limit": limit}
    found = connection.execute(_IN_SEGMENT, values)
    return {row.customer_id: (row.is_given, row.at) for row in found}


_SEGMENT_OF = text("""
    select distinct on (customer_id) customer_id, is_given, at
    from customer_label
    where program_id = :p and store_id = :s and kind = 'segment' and name = :name
      and customer_id in (
          select json_array_elements_text(cast(:ids as json))
      )
    order by customer_id, at desc, is_given
""")
_IN_SEGMENT = text("""
    select last.*
    from (
        select distinct on (customer_id) customer_id, is_given, at
        from customer_label
        where program_id = :p and store_id = :s and kind = 'segment' and name = :name
          and customer_id > :after
        order by customer_id, at desc, is_given
    ) as last
    join customer on customer.program_id = :p and customer.store_id = :s
                 and customer.customer_id = last.customer_id
    where last.is_given
      and customer.merged_into is null and customer.deleted_at is null
    order by last.customer_id
    limit :limit
""")


def told_of(connection: Connection, program_id: int, member_id: int) -> list[LabelFact]:
    """Return all that was told of one member, oldest first."""
    return _facts(connection, program_id, [member_id])[member_id]


def move(connection: Connection, program_id: int, source: int, target: int) -> bool:
    """Give what one member was called to another; False if there was nothing."""
    moved = connection.execute(
        update(_label)
        .where(_label.c.program_id == program_id, _label.c.member_id == source)
        .values(member_id=target)
    )
    return moved.rowcount > 0


def forget(
    connection: Connection,
    program_id: int,
    store_id: int,
    customer_ids: Collection[str],
    asked_for: Collection[tuple[LabelKind, str]],
) -> None:
    """Delete what customers were called, but what points depend on.

    That stays as bare facts under no customer's id: the anonymous ledger says as much,
    and points must not change because somebody is forgotten.
    """
    here = _label.c.program_id == program_id, _label.c.store_id == store_id
    whose = select(_label.c.member_id).where(
        *here, among(_label.c.customer_id, customer_ids)
    )
    found = _facts(connection, program_id, set(connection.execute(whose).scalars()))
    for member_id, facts in found.items():
        # What one had who became part of another ends with what the other loses.
        gone = {fact.holder for fact in facts if not fact.is_kept}.union(customer_ids)
        about = [f for f in facts if f.holder in gone or not f.is_given]
        theirs = _label.c.member_id == member_id, among(_label.c.customer_id, gone)
        connection.execute(delete(_label).where(*here, *theirs))
        bare = _bare(labels_of(about), asked_for)
        nobody = f"forgotten/{member_id}"
        keep(connection, program_id, store_id, [(nobody, member_id, f) for f in bare])


def _bare(
    called: Labels, asked_for: Collection[tuple[LabelKind, str]]
) -> Iterator[LabelFact]:
    for span in called.spans:
        if (span.kind, span.name) in asked_for:
            yield LabelFact(span.kind, span.name, span.since, is_given=True)
            if span.until:
                yield LabelFact(span.kind, span.name, span.until, is_given=False)

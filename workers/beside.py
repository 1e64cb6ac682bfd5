"""What is known of members beside orders, read as far as any programme asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.domain.beside import Beside
from app.domain.engagement.scored import scored
from app.domain.labels import NO_LABELS
from app.domain.program import Program
from app.domain.tiers.deeds import Deed
from app.storage import actions, labels, ledger
from app.storage.ledger import Posted
from app.storage.tier_grants import held_by
from workers.engage import versions_by_member
from workers.terms import Terms


def besides(
    connection: Connection,
    terms: Terms,
    member_ids: Iterable[int],
    now: datetime,
    *,
    posted: Mapping[int, Mapping[str, Posted]] | None = None,
    new: Program | None = None,
) -> dict[int, Beside]:
    """Return what is known of members beside orders, by member.

    `posted` is what their ledgers have, where that was read already; `new` a program
    that asks as well, and is not in force.
    """
    wanted, program_id = list(member_ids), terms.program_id
    programs = [*terms.programs, *([new] if new else [])]
    held, called, deeds = {}, {}, {}
    if any(each.tiers for each in programs):
        held = held_by(connection, program_id, wanted)
    if any(each.labels for each in programs):
        called = labels.labels_by_member(connection, program_id, wanted)
    if any(each.tiers.count_actions for each in programs):
        posted = posted or ledger.posted_effects(connection, program_id, wanted)
        deeds = _deeds(connection, terms, posted, wanted, now)
    return {
        id_: Beside(
            tuple(held.get(id_, ())), called.get(id_, NO_LABELS), deeds.get(id_, ())
        )
        for id_ in wanted
    }


def _deeds(
    connection: Connection,
    terms: Terms,
    posted: Mapping[int, Mapping[str, Posted]],
    member_ids: Sequence[int],
    now: datetime,
) -> dict[int, tuple[Deed, ...]]:
    timezones = {id_: store.timezone for id_, store in terms.stores.items()}
    whose = terms.program_id, member_ids
    acts = actions.acts_of(connection, terms.keys, *whose, timezones)
    versions_of = versions_by_member(terms, posted)
    return {id_: scored(theirs, versions_of(id_), now) for id_, theirs in acts.items()}

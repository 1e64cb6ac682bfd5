"""What is known of members beside orders, read as far as any programme asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from app.domain.beside import Beside
from app.domain.engagement.engaged import Acts
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
    held, called, deeds, acts = {}, {}, {}, dict[int, Acts]()
    if any(each.tiers for each in programs):
        held = held_by(connection, program_id, wanted)
    if any(each.labels for each in programs):
        called = labels.labels_by_member(connection, program_id, wanted)
    counted = any(each.tiers.count_actions for each in programs)
    if counted or any(each.tiers.give_on_birthdays for each in programs):
        zones = {id_: store.timezone for id_, store in terms.stores.items()}
        acts = actions.acts_of(connection, terms.keys, program_id, wanted, zones)
    if counted:
        posted = posted or ledger.posted_effects(connection, program_id, wanted)
        deeds = _deeds(terms, posted, acts, now)
    nothing = Acts()
    return {
        id_: Beside(
            tuple(held.get(id_, ())),
            called.get(id_, NO_LABELS),
            deeds.get(id_, ()),
            acts.get(id_, nothing).birthdays,
            acts.get(id_, nothing).paid_birthdays,
        )
        for id_ in wanted
    }


def _deeds(
    terms: Terms,
    posted: Mapping[int, Mapping[str, Posted]],
    acts: Mapping[int, Acts],
    now: datetime,
) -> dict[int, tuple[Deed, ...]]:
    versions_of = versions_by_member(terms, posted)
    return {id_: scored(theirs, versions_of(id_), now) for id_, theirs in acts.items()}

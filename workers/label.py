"""What stores call their customers: their tags and segments, kept as facts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from app.domain import events
from app.domain.labels import LabelFact, LabelKind
from app.domain.tiers.tags import is_ours
from app.storage import labels, showings
from app.storage.labels import Told
from workers.scene import Scene
from workers.terms import Terms


def change_labels(
    scene: Scene, terms: Terms, changes: Iterable[events.LabelsChanged]
) -> set[int]:
    """Keep which customers got or lost tags; return whose points this may change."""
    changes = list(changes)
    forgotten = scene.forgotten(change.customer_id for change in changes)
    told = [each for each in changes if each.customer_id not in forgotten]
    _doubt_tags(scene, told)
    facts = list(_facts(scene, told))
    here = scene.store.program_id, scene.store.store_id
    news = labels.keep(scene.connection, *here, facts)
    asked_for = terms.labels
    return news & {
        member_id for _, member_id, fact in facts if (fact.kind, fact.name) in asked_for
    }


def _facts(scene: Scene, told: list[events.LabelsChanged]) -> Iterator[Told]:
    known = scene.people.ensure_customers(each.customer_id for each in told)
    for each in told:
        member_id = scene.people.following(known[each.customer_id]).member_id
        # What we tag customers with follows from the rules, so none may ask for it.
        for name in itertools.filterfalse(is_ours, each.names):
            fact = LabelFact(each.kind, name, each.at, each.is_given)
            yield each.customer_id, member_id, fact


def _doubt_tags(scene: Scene, told: list[events.LabelsChanged]) -> None:
    """Have our own tags looked at again where somebody may have changed them."""
    theirs = {
        each.customer_id
        for each in told
        if each.kind is LabelKind.TAG and any(map(is_ours, each.names))
    }
    if theirs:
        known = scene.people.ensure_customers(theirs)
        members = {scene.people.following(each).member_id for each in known.values()}
        store = scene.store
        showings.doubt_tags(scene.connection, store.program_id, store.store_id, members)

"""What stores call their customers: their tags and segments, kept as facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.domain import events
from app.domain.labels import LabelFact
from app.storage import labels
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
        for name in each.names:
            fact = LabelFact(each.kind, name, each.at, each.is_given)
            yield each.customer_id, member_id, fact

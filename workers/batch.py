"""Messages of one programme, put with their like to be worked through together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from app.domain import events
from app.domain.errors import OfAnotherRelease
from app.domain.events import Translated
from app.storage.inbox import Claimed, Outcome
from workers.redeem import Request
from workers.scene import Scene, named_rewards
from workers.settle import Unsettled

_FORGETS_EVERYBODY = events.StoreRedacted, events.StoreUninstalled
_OF_EVERYBODY = *_FORGETS_EVERYBODY, events.CustomersMerged


@dataclass
class Batch:
    """Messages of one programme as they are worked through in one transaction."""

    outcomes: list[Outcome] = field(default_factory=list)
    postponed: list[tuple[Claimed, OfAnotherRelease]] = field(default_factory=list)
    unsettled: Unsettled = field(default_factory=Unsettled)
    orders: dict[int, list[events.OrderChanged]] = field(
        default_factory=lambda: defaultdict(list)
    )
    customers: dict[int, list[events.CustomerChanged]] = field(
        default_factory=lambda: defaultdict(list)
    )
    labels: dict[int, list[events.LabelsChanged]] = field(
        default_factory=lambda: defaultdict(list)
    )
    others: list[tuple[Claimed, Translated]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def names(self, scene: Scene) -> set[str]:
        """Return all that messages of a store name: people, orders, rewards."""
        store_id = scene.store.store_id
        facts = [each.facts for each in self.orders[store_id]]
        changed = list(self.customers[store_id])
        changed += [each.customer for each in self.orders[store_id] if each.customer]
        named: set[str | None] = {person.customer_id for person in changed}
        named |= {each.customer_id for each in self.labels[store_id]}
        named |= {person.email_key for person in changed}
        for buyer in (each.buyer for each in facts if each.buyer):
            named |= {buyer.customer_id, buyer.email_key}
        others = [told.event for at, told in self.others if at.store_id == store_id]
        for event in others:
            named |= _named(event)
        named |= {f"order {each.order_id}" for each in facts}
        return {name for name in named if name} | named_rewards(scene, facts, others)

    def take(self, message: Claimed, told: Translated) -> None:
        """Put a message with its like."""
        event = told.event
        if isinstance(event, events.OrderChanged):
            self.orders[message.store_id].append(event)
        elif isinstance(event, events.CustomerChanged):
            self.customers[message.store_id].append(event)
        elif isinstance(event, events.LabelsChanged):
            self.labels[message.store_id].append(event)
        else:
            self.others.append((message, told))
            return
        ids = (told.order_id, told.customer_id)
        self.outcomes.append(Outcome(message, "settled", None, *ids))

    def forgotten(self, store_id: int) -> set[str]:
        """Return the customers of a store who are to be forgotten."""
        return {
            told.event.customer_id
            for message, told in self.others
            if message.store_id == store_id
            and isinstance(told.event, events.CustomerRedacted)
            and told.event.customer_id
        }

    @property
    def takes_long(self) -> bool:
        """Whether everybody of a store may be forgotten, however many they are."""
        return any(
            isinstance(told.event, _FORGETS_EVERYBODY) for _, told in self.others
        )

    def concerns_everybody(self, store_id: int) -> bool:
        """Whether people of a store may be concerned whom no message names.

        So it is where everybody may be forgotten, where who it is is not known, and
        where customers become one: others name them by addresses that they claimed.
        """
        return any(
            isinstance(told.event, _OF_EVERYBODY)
            or getattr(told.event, "is_vague", False)
            for message, told in self.others
            if message.store_id == store_id
        )


def _named(event: events.Event) -> set[str | None]:
    names = ("customer_id", "email_key", "kept_id", "deleted_id")
    return {getattr(event, name, None) for name in names}

"""What messages about orders change: facts merge, members own, orders earn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.domain import events
from app.domain.credits import Assessment, assess
from app.domain.orders import OrderFacts
from app.storage import due_plans, orders, stores
from app.storage.orders import KeptOrder
from app.storage.tombstones import order_name
from workers.handlers import change_customers
from workers.redeem import note_use
from workers.scene import Scene
from workers.settle import News, Unsettled
from workers.terms import Terms, with_outcome


def change_orders(
    scene: Scene,
    terms: Terms,
    changes: Iterable[events.OrderChanged],
    unsettled: Unsettled,
) -> None:
    """Merge what is new about orders, see whose they are and what they earn."""
    changes = list(changes)
    if not changes:
        return
    joined = [change.customer for change in changes if change.customer]
    unsettled.whole |= change_customers(scene, joined)
    scene.ask_after({name for change in changes for name in _names(change.facts)})
    told = [_kept(scene, each.facts) for each in changes]
    facts = [_without_forgotten(scene, each) for each in told]
    store = scene.store
    merged = orders.merge_orders(
        scene.connection, store.program_id, store.store_id, facts
    )
    given = _give(scene, [each.now for each in merged.values()])
    scene.erased.order_ids.update(
        order.facts.order_id for order in given if order.is_forgotten
    )
    scene.erased.order_ids.update(
        left.order_id
        for before, left in zip(told, facts, strict=True)
        if left is not before
    )
    changed = []
    for order, applied in zip(given, terms.applied(given), strict=True):
        before, assessed = merged[order.facts.order_id].before, assess(applied)
        reason = _reason(terms, order, assessed)
        order = with_outcome(order, assessed, reason, order.missed)
        changed += [order] if order != before else []
        _note(unsettled, before, order, assessed)
    orders.save_orders(scene.connection, store.program_id, changed)
    known = [each.facts for each in given]
    due_plans.note(scene.connection, store, terms.history, known)
    unsettled.whole |= note_use(scene, known)
    _note_currency(scene, given)


def _reason(terms: Terms, order: KeptOrder, assessed: Assessment) -> str | None:
    """Return why an order earns nothing, as far as that can be told of it alone.

    Where it hangs on what else its member has done, settling tells it.
    """
    if terms.look_at_history and order.member_id is not None:
        return order.unearned_because
    return None if assessed.points else assessed.award.reason


def _note(
    unsettled: Unsettled,
    before: KeptOrder | None,
    order: KeptOrder,
    assessed: Assessment,
) -> None:
    """Note whom an order concerns: its member, and another whose it was until now."""
    owner = before.member_id if before else None
    if owner is not None and owner != order.member_id:
        unsettled.whole.add(owner)
        if order.member_id is not None:
            unsettled.whole.add(order.member_id)
    elif order.member_id is not None:
        is_first = before is None or before.pinned_version is None
        unsettled.news[order.member_id].append(News(assessed, is_first))


def _names(facts: OrderFacts) -> set[str]:
    """Return by what the people of an order may be forgotten: by itself where none."""
    buyer = facts.buyer
    named = (buyer.customer_id, buyer.email_key) if buyer else ()
    people = {person for person in named if person}
    return people or ({order_name(facts.order_id)} if facts.marks else set())


def _kept(scene: Scene, facts: OrderFacts) -> OrderFacts:
    """Return facts without what nobody here needs to know, or may."""
    if not facts.marks or (scene.keeps_marks and not scene.is_empty):
        return facts
    return replace(facts, marks=())


def _without_forgotten(scene: Scene, facts: OrderFacts) -> OrderFacts:
    """Take out who is to stay forgotten; a new customer keeps no forgotten address."""
    buyer = facts.buyer
    forgotten = scene.forgotten_buyers(_names(facts), facts.placed_at)
    if not forgotten:
        return facts
    if buyer and buyer.customer_id and buyer.customer_id not in forgotten:
        return replace(facts, buyer=replace(buyer, email_key=None), marks=())
    return replace(facts, buyer=None, marks=())


def _give(scene: Scene, kept: Iterable[KeptOrder]) -> list[KeptOrder]:
    """Return orders with the members whose they are.

    One of nobody stays so; one of somebody who is forgotten stays theirs.
    """
    kept = list(kept)
    buyers = [order.facts.buyer for order in kept if order.facts.buyer]
    customers = scene.people.ensure_customers(
        buyer.customer_id for buyer in buyers if buyer.customer_id
    )
    addresses = scene.people.owners(
        buyer.email_key for buyer in buyers if buyer.email_key and not buyer.customer_id
    )
    given = []
    for order in kept:
        buyer = order.facts.buyer
        if buyer and buyer.customer_id:
            owner = scene.people.following(customers[buyer.customer_id]).member_id
            order = replace(
                order, member_id=owner, customer_id=buyer.customer_id, email_key=None
            )
        elif buyer and buyer.email_key:
            owner = addresses[buyer.email_key]
            order = replace(
                order, member_id=owner, customer_id=None, email_key=buyer.email_key
            )
        given.append(order)
    return given


def _note_currency(scene: Scene, kept: Iterable[KeptOrder]) -> None:
    seen = {order.facts.snapshot.currency for order in kept if order.facts.snapshot}
    for currency in sorted(seen - {scene.store.currency}):
        stores.note_currency(scene.connection, scene.store, currency)

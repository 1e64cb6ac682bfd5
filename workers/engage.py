"""What members did beside ordering: kept as facts, and worked out when they settle."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from app.domain import events
from app.domain.actions import Newsletter, Reported, State
from app.domain.credits import Assessment
from app.domain.engagement.engaged import Acts, Engagement, engagement
from app.domain.engagement.outcomes import Name, Outcome
from app.domain.engagement.surprises import Gives
from app.domain.engagement.versions import Versions
from app.domain.orders import earliest
from app.domain.reasons import because
from app.storage import actions, birthdays, stores
from app.storage.ledger import Posted
from workers.scene import Scene
from workers.terms import Terms

Worked = Callable[[int, Sequence[Assessment], Gives], Engagement]


def note_joining(
    scene: Scene, terms: Terms, changes: Iterable[events.CustomerChanged]
) -> set[int]:
    """Keep when customers joined; return members whom it may earn points or a tier."""
    told = [each for each in changes if each.joined_at]
    known = scene.people.customers({each.customer_id for each in told})
    news = actions.note_joined(
        scene.connection,
        scene.store.program_id,
        scene.store.store_id,
        (
            actions.Joined(
                joining_key(scene, each.customer_id),
                scene.people.following(known[each.customer_id]).member_id,
                each.joined_at,
                each.at if each.has_account else None,
                each.at if each.has_account is False else None,
            )
            for each in told
            if each.joined_at and each.customer_id in known
        ),
    )
    return news if terms.has_engagement or terms.have_tiers else set()


def joining_key(scene: Scene, customer_id: str) -> str:
    """Return under what it is kept that a customer joined; it tells no id."""
    return scene.key(f"joined {scene.store.identity(customer_id)}")[:32]


def report_action(
    scene: Scene, event: events.ActionReported
) -> set[int] | events.Ignored:
    """Keep an action once; what the owner wants to look at waits."""
    whose = _whose(scene, event.customer_id)
    if isinstance(whose, events.Ignored):
        return whose
    history = stores.program_history(scene.connection, scene.store.program_id)
    rule = history.at(event.at).action(event.action)
    waits = isinstance(rule, Reported) and rule.needs_approval
    state = State.WAITING if waits else State.ACCEPTED
    # A programme that gives points for orders alone has nothing worked out later.
    outcome = None if rule else Outcome(0, because("action_not_offered"))
    if actions.keep_report(scene.connection, whose, event, state, outcome):
        return {whose[2]}
    return events.Ignored("an action with this key was reported before")


def subscribe(scene: Scene, event: events.MailSubscribed) -> set[int] | events.Ignored:
    """Keep that a customer subscribed to mail, once for each time at which they did.

    How often that earns is for the programme to say. Where nothing but orders does,
    nobody needs to know.
    """
    history = stores.program_history(scene.connection, scene.store.program_id)
    if not history.at(event.at).has_engagement:
        return events.Ignored("the programme of that day gives nothing for it")
    told = events.ActionReported(
        Newsletter.kind,
        subscription_key(scene, event.customer_id, event.at),
        event.customer_id,
        event.at,
        actions.BY_STORE,
    )
    return report_action(scene, told)


def subscription_key(scene: Scene, customer_id: str, at: datetime) -> str:
    """Return under what it is kept that a customer subscribed to mail at a second."""
    second = at.astimezone(UTC).replace(microsecond=0).isoformat()
    return scene.key(f"subscribed {scene.store.identity(customer_id)} {second}")[:32]


def decide_action(
    scene: Scene, event: events.ActionDecided
) -> set[int] | events.Ignored:
    """Keep what the owner decided of an action that waits."""
    member_id = actions.decide(scene.connection, scene.store.program_id, event)
    if member_id is None:
        return events.Ignored("no action with this key waits for a decision")
    return {member_id}


def tell_birthday(
    scene: Scene, event: events.BirthdayTold
) -> set[int] | events.Ignored:
    """Keep a birthday; whether it counts yet is a matter of when one was given."""
    whose = _whose(scene, event.customer_id)
    if isinstance(whose, events.Ignored):
        return whose
    birthdays.keep(scene.connection, scene.keys, whose, event)
    return {whose[2]}


def _whose(scene: Scene, customer_id: str) -> tuple[int, int, int] | events.Ignored:
    if scene.forgotten([customer_id]):
        return events.Ignored("the customer is forgotten")
    [customer] = scene.people.ensure_customers([customer_id]).values()
    member_id = scene.people.following(customer).member_id
    return scene.store.program_id, scene.store.store_id, member_id


def acts_of(
    connection: Connection, terms: Terms, member_ids: Iterable[int]
) -> dict[int, Acts]:
    """Return what is known of members beside orders, if that can earn anything."""
    if not terms.has_engagement:
        return {}
    timezones = {id_: store.timezone for id_, store in terms.stores.items()}
    return actions.acts_of(
        connection, terms.keys, terms.program_id, member_ids, timezones
    )


def engagements(
    terms: Terms,
    posted: Mapping[int, Mapping[str, Posted]],
    acts: Mapping[int, Acts],
    now: datetime,
) -> Worked:
    """Return what works out for a member what all but the orders themselves earn.

    Everybody is looked at again when another version takes effect: it may give points
    for other days, and ask for other things.
    """
    if not terms.has_engagement:
        return lambda *_: Engagement()

    versions_of = versions_by_member(terms, posted)
    changes_at = terms.history.next_change(now)

    def work_out(
        member_id: int, assessed: Sequence[Assessment], gives: Gives
    ) -> Engagement:
        versions = versions_of(member_id)
        found = engagement(assessed, acts[member_id], versions, now, gives)
        return replace(found, due_at=earliest(found.due_at, changes_at))

    return work_out


def versions_by_member(
    terms: Terms, posted: Mapping[int, Mapping[str, Posted]]
) -> Callable[[int], Versions]:
    """Return what says under which versions a member earns, by what ledgers have.

    What is not in a member's own may be in that of somebody who was merged with them,
    who is settled together with them then: it was earned under that version for good.
    """
    own = {member_id: _pins(theirs) for member_id, theirs in posted.items()}
    everybodys = {lot: each for pins in own.values() for lot, each in pins.items()}

    def versions_of(member_id: int) -> Versions:
        pins = ChainMap(own.get(member_id, {}), everybodys)
        return Versions(terms.history.at, terms.history.version, pins)

    return versions_of


def _pins(posted: Mapping[str, Posted]) -> dict[str, int]:
    return {
        effect.template.lot: effect.program_version
        for effect in posted.values()
        if effect.program_version is not None
    }


def new_outcomes(found: Engagement, acts: Acts | None) -> dict[Name, Outcome]:
    """Return what became of actions, where it is not what is kept of them."""
    acts = acts or Acts()
    kept = {(each.action, each.key) for each in acts.actions}
    return {
        name: outcome
        for name, outcome in found.outcomes.items()
        if name in kept and outcome != acts.outcomes.get(name)
    }


def told_in_ledger(found: Engagement) -> dict[str, dict[str, Any]]:
    """Return, by lot, what its credit will say for ever: which version, and why."""
    return {
        credit.lot: {
            "program_version": found.programs[credit.lot].version,
            "why": credit.reason,
        }
        for credit in found.credits
    }

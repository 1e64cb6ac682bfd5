"""Answers a shopper's data request: a file that the host hands to the owner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import Connection

from app.domain import events
from app.domain.allotments import Allotment
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.progress import Progress
from app.storage import (
    actions,
    birthdays,
    budgets,
    data_requests,
    labels,
    ledger,
    orders,
    redemptions,
    referrals,
    standings,
    statements,
    stores,
)
from app.storage.tier_standings import find_tier
from workers.scene import Scene
from workers.whom import Whom, whom

_log = structlog.get_logger()


def request_data(
    scene: Scene, event: events.CustomerDataRequested
) -> set[int] | events.Ignored:
    """Write all that is kept of a shopper to a file, and log that it waits.

    What was not found, and why, the file says too; where several come into question,
    the request is also set aside.
    """
    who = whom(scene, event)
    # When is told by a header, which may say anything; it was not after we heard of it.
    at = min(event.at, ledger.now(scene.connection))
    document = _document(scene, event, who)
    home, domain = scene.home, scene.store.domain
    kept = data_requests.keep(home, domain, event.request_id, at, document)
    _log.warning(
        "data request to answer",
        store_id=scene.store.store_id,
        request=kept.id,
        answer_by=kept.answer_by.date().isoformat(),
    )
    told = who.unclear or who.missing
    if told:
        _log.warning("data not found", store_id=scene.store.store_id, why=told)
    return events.Ignored(who.unclear, is_doubtful=True) if who.unclear else set()


def _document(
    scene: Scene, event: events.CustomerDataRequested, who: Whom
) -> dict[str, object]:
    store, people = scene.store, scene.people
    member_ids = set(people.known_owners(who.email_keys).values())
    known = people.customers(who.customer_ids).values()
    member_ids |= {people.following(one).member_id for one in known}
    return {
        "store": store.domain,
        "customer_id": event.customer_id,
        "request_id": event.request_id,
        "not_found": who.unclear or who.missing,
        "members": [
            _member(scene, store.program_id, member_id)
            for member_id in sorted(member_ids)
        ],
        "orders_of_nobody": [each.facts for each in who.orders],
    }


_WISH = ("points", "slot", "prize", "state", "reason", "requested_at")
_TRANSACTION = (
    "kind",
    "points",
    "cause",
    "reason",
    "effective_at",
    "recorded_at",
)
_LABEL = ("kind", "name", "at", "is_given")
_ACTION = (
    "action",
    "key",
    "at",
    "state",
    "reported_by",
    "decided_at",
    "points",
    "unearned_because",
    "missed_surprises",
    "open_at",
    "shut_at",
)


def _member(scene: Scene, program_id: int, member_id: int) -> dict[str, Any]:
    connection = scene.connection
    standing, *_ = standings.find_standing(connection, program_id, member_id)
    kept = orders.orders_of(connection, program_id, [member_id])
    rows = statements.history(connection, program_id, member_id, limit=100_000)
    return {
        "standing": standing,
        "tier": find_tier(connection, program_id, member_id),
        "orders": [order.facts for order in kept],
        "redemptions": [
            {"reward": wish.reward.id, **{name: getattr(wish, name) for name in _WISH}}
            for wish in redemptions.of_members(connection, program_id, [member_id])[
                member_id
            ]
        ],
        "won": actions.progress_of(connection, program_id, [member_id])
        .get(member_id, Progress())
        .won,
        "actions": [
            {name: getattr(row, name) for name in _ACTION}
            for row in actions.actions_of(connection, program_id, member_id)
        ],
        "birthdays": [
            {"month": each.month, "day": each.day, "given_at": each.at}
            for each in _birthdays(scene, program_id, member_id)
        ],
        "tags_and_segments": [
            {name: getattr(fact, name) for name in _LABEL}
            for fact in labels.told_of(connection, program_id, member_id)
        ],
        "marks": sorted(referrals.marks_of(connection, program_id, member_id)),
        "referrals": [
            {
                "brought": "by a friend" if each.friend_id == member_id else "a friend",
                "claimed_at": each.claimed_at,
                "state": each.state,
                "reasons": each.reasons,
            }
            for each in referrals.of_member(connection, program_id, member_id)
        ],
        "allotments": _allotments(connection, program_id, rows),
        "transactions": [
            {name: getattr(row, name) for name in _TRANSACTION} for row in rows
        ],
    }


def _birthdays(scene: Scene, program_id: int, member_id: int) -> list[BirthdayGiven]:
    known = stores.stores_of(scene.connection, program_id)
    timezones = {id_: store.timezone for id_, store in known.items()}
    whose = program_id, [member_id]
    given = birthdays.given_by(scene.connection, scene.keys, *whose, timezones)
    return given.get(member_id, [])


def _allotments(
    connection: Connection, program_id: int, rows: Iterable[Any]
) -> list[Allotment]:
    lots = {row.lot for row in rows}
    found = budgets.allotments_of(connection, program_id, lots)
    return [each for theirs in found.values() for each in theirs]

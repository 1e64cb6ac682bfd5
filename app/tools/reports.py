"""Keeps what tools report, once for each key, and says what became of it."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass

from marshmallow import ValidationError
from sqlalchemy import Connection
from werkzeug.exceptions import Conflict, TooManyRequests

from app.domain.actions import Reported, State
from app.domain.reasons import NO_REASON, Reason, because
from app.storage import actions, own_messages, stores, tool_keys
from app.storage.identities import Identities
from app.storage.stores import Store
from app.tools.asking import Tool

# More than a tool reports by one key within an hour; what is sent again counts once.
REPORTS_MAX = 3600


@dataclass(frozen=True)
class Told:
    """What became of a report, as far as is known."""

    key: str
    action: str
    state: str
    points: int = 0
    reason: Reason = NO_REASON


def keep_report(tool: Tool, key: str, customer_id: str, action: str) -> None:
    """Keep that a customer did something, unless it was kept under this key before.

    Raises Conflict where the key was another report's, ValidationError where there is
    no such customer or action, and TooManyRequests within an hour.
    """
    connection, store = tool.connection, tool.store
    named, asked = _message_id(tool, key), _asked(tool, customer_id, action)
    known = own_messages.asked_as(connection, store, named)
    if known is None:
        # What was asked once is answered again, whatever is offered since.
        _check(tool, key, customer_id, action)
        by = f"tool {tool.name}"
        body = {"customer_id": customer_id, "action": action, "key": key, "by": by}
        is_new = own_messages.keep(
            connection,
            tool.doors.keys,
            store,
            "actions/report",
            named,
            json.dumps(body),
            customer_id,
            event_id=asked,
        )
        if is_new:
            _count(tool)
            return
        # The same came at this very moment.
        known = own_messages.asked_as(connection, store, named)
    if known != asked:
        raise Conflict("this key was used for another report: make up a new one")


def _message_id(tool: Tool, key: str) -> str:
    return f"tool/{tool.name}/{key}"


def _asked(tool: Tool, customer_id: str, action: str) -> str:
    """Return the action, and what tells a report from another one under its key.

    It is keyed, since it stays when the customer is forgotten.
    """
    told = f"report {tool.store.store_id}/{tool.store.identity(customer_id)}/{action}"
    secret = tool.doors.secret_key.encode()
    return f"{action}/{hmac.digest(secret, told.encode(), 'sha256').hex()[:32]}"


def _check(tool: Tool, key: str, customer_id: str, action: str) -> None:
    """Raise ValidationError for what cannot be reported."""
    if customer_id in re.split("[-_.]", key):
        words = "must not hold the customer's id, since it is kept for ever"
        raise ValidationError({"Idempotency-Key": [words]})
    if not _members(tool.connection, tool.store, customer_id):
        words = "the store has told of no such customer"
        raise ValidationError({"customer_id": [words]})
    history = stores.program_history(tool.connection, tool.store.program_id)
    rules = history.at(tool.doors.now()).actions
    reported = [each.action for each in rules if isinstance(each, Reported)]
    if action not in reported:
        known = ", ".join(reported) or "none"
        words = f"no action of the programme that is in force; there are: {known}"
        raise ValidationError({"action": [words]})


def _count(tool: Tool) -> None:
    kept, left_s = tool_keys.count_report(tool.connection, tool.key)
    if kept > REPORTS_MAX:
        words = f"more than {REPORTS_MAX:,} reports within an hour: send it again later"
        raise TooManyRequests(words, retry_after=left_s)


def _members(connection: Connection, store: Store, customer_id: str) -> set[int]:
    """Return which member a customer is: one, or none where nobody knows them."""
    people = Identities(connection, store.program_id, store.store_id)
    known = people.customers([customer_id]).values()
    return {people.following(each).member_id for each in known}


def told_of(tool: Tool, key: str) -> Told | None:
    """Return what became of the report under a key, None where there is none."""
    connection, store = tool.connection, tool.store
    asked = own_messages.asked_as(connection, store, _message_id(tool, key))
    message = own_messages.asked_by(connection, store, _message_id(tool, key))
    if asked is None or message is None:
        return None
    action, (state, customer_id) = asked.partition("/")[0], message
    if state not in ("settled", "ignored"):
        return Told(key, action, "waiting")
    row = actions.find_action(connection, store.program_id, action, key)
    if state == "ignored":
        whose = _members(connection, store, customer_id) if customer_id else set()
        if row is None or row.member_id not in whose:
            is_known = row is not None and whose
            reason = because("key_was_used" if is_known else "customer_forgotten")
            return Told(key, action, "refused", reason=reason)
    outcome = actions.outcome_of(row) if row else None
    if row is None or outcome is None:
        return Told(key, action, "waiting")
    if row.state == State.WAITING:
        state = "awaiting_approval"
    else:
        state = "granted" if outcome.points else "refused"
    return Told(key, action, state, outcome.points, outcome.unearned_because)

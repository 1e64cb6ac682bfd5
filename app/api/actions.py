"""Keeps what shoppers say they did; what it earns is worked out later, as for all."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.api.asking import keep_asked
from app.domain.actions import ActionRule, Birthday, Reported
from app.doors import Doors
from app.storage import actions, stores
from app.storage.stores import Store


@dataclass(frozen=True)
class NotOffered:
    """The programme does not let shoppers report it; false as a condition."""

    def __bool__(self) -> bool:
        """Not offered is a no."""
        return False


def keep_action(
    doors: Doors,
    connection: Connection,
    store: Store,
    customer_id: str,
    told: dict[str, Any],
) -> str | NotOffered:
    """Keep an action once for each key; return what the shopper may know it by.

    Its key in our books is a keyed hash, since shoppers choose theirs as they like, and
    since the ledger, which keeps it for ever, must name nobody. A birthday's is drawn
    anew each time: of 366 days the hash of one would tell which, after all else that
    told it is forgotten. That it is told again changes nothing (`believed`).
    """
    history = stores.program_history(connection, store.program_id)
    program = history.at(doors.now())
    is_birthday = told["action"] == Birthday.kind
    rule = program.birthday if is_birthday else program.action(told["action"])
    if rule is None or not _is_offered(rule):
        return NotOffered()
    if isinstance(rule, Birthday):
        named, key = f"{told['month']:02}-{told['day']:02}", secrets.token_hex(16)
    else:
        named = told["key"]
        whose = f"{store.store_id}/{store.identity(customer_id)}/{rule.action}/{named}"
        secret = doors.secret_key.encode()
        key = hmac.digest(secret, f"action {whose}".encode(), "sha256").hex()[:32]
    body = {"customer_id": customer_id, "key": key}
    if isinstance(rule, Birthday):
        topic = "birthdays/tell"
        body |= {"month": told["month"], "day": told["day"]}
    else:
        topic = "actions/report"
        body |= {"action": rule.action, "by": actions.BY_SHOPPER}
    keep_asked(doors, connection, store, customer_id, topic, key, body)
    return f"{rule.action}/{named}" if named else rule.action


def _is_offered(rule: ActionRule) -> bool:
    is_open = isinstance(rule, Reported) and rule.shoppers_report
    return is_open or isinstance(rule, Birthday)

"""What an owner decides: each goes by the inbox, as all else, and once.

A decision is named by what it is about and a number. While one is being worked on there
is no other on the same thing, so that who clicks twice has decided once. Where it could
not be carried out, what waits still can be decided on again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from app.domain.events import RedemptionStep
from app.storage import own_messages
from app.storage.sealing import Keyring
from app.storage.stores import Store

_NAMED = "decide/"


class About(StrEnum):
    """What is decided on."""

    ACTION = "action"
    REWARD = "reward"
    FRIEND = "friend"


@dataclass(frozen=True)
class Decision:
    """Yes or no to one thing, as it is kept in the inbox."""

    about: About
    id: str
    is_approved: bool
    topic: str
    body: Mapping[str, object]

    @property
    def named(self) -> Mapping[str, str]:
        """What it is about, for the log: of an action without its key."""
        id_ = self.id.partition("/")[0] if self.about is About.ACTION else self.id
        return {"about": self.about, "id": id_}


def on_action(action: str, key: str, by: str, *, is_approved: bool) -> Decision:
    """Decide on an action that was reported."""
    body = {"action": action, "key": key, "is_approved": is_approved, "by": by}
    id_ = f"{action}/{key}"
    return Decision(About.ACTION, id_, is_approved, "actions/decide", body)


def on_reward(
    redemption_id: str, by: str, reason: str = "", *, is_approved: bool
) -> Decision:
    """Decide on a reward that a member has asked for; its reason the member reads."""
    step = RedemptionStep.APPROVE if is_approved else RedemptionStep.REFUSE
    body = {"redemption_id": redemption_id, "step": step, "reason": reason, "by": by}
    return Decision(About.REWARD, redemption_id, is_approved, "redemptions/step", body)


def on_friend(referral_id: str, by: str, *, is_approved: bool) -> Decision:
    """Decide on a friend whom a member has brought."""
    body = {"referral_id": referral_id, "approved": is_approved, "by": by}
    return Decision(About.FRIEND, referral_id, is_approved, "referrals/decide", body)


@dataclass(frozen=True)
class Told:
    """A decision that was taken, and what became of it: the inbox's state and note."""

    name: str
    is_approved: bool
    state: str
    note: str | None


def keep(
    connection: Connection, keys: Keyring, store: Store, decision: Decision
) -> bool:
    """Keep a decision; False where one on the same thing is being worked on."""
    name = _name(decision, _taken(connection, store, decision) + 1)
    body = json.dumps(decision.body)
    return own_messages.keep(connection, keys, store, decision.topic, name, body)


def latest(
    connection: Connection, keys: Keyring, store: Store, decision: Decision
) -> Told | None:
    """Return the latest decision on the same thing, None where there is none."""
    number = _taken(connection, store, decision)
    names = _name(decision, number + 1), _name(decision, number)
    found = (told(connection, keys, store, name) for name in names)
    return next((each for each in found if each), None)


def told(connection: Connection, keys: Keyring, store: Store, name: str) -> Told | None:
    """Return the decision of this name, None where there is none."""
    if not name.startswith(_NAMED):
        return None
    kept = own_messages.find(connection, keys, store, name)
    if kept is None:
        return None
    body = json.loads(kept.body)
    said = body.get("is_approved", body.get("approved", body.get("step")))
    return Told(name, said in (True, RedemptionStep.APPROVE), kept.state, kept.note)


def worked_on(connection: Connection, store: Store) -> dict[About, set[str]]:
    """Return what has been decided on and not been worked on yet."""
    found: dict[About, set[str]] = {about: set() for about in About}
    for name in own_messages.waiting(connection, store, _NAMED):
        about, _, rest = name.removeprefix(_NAMED).partition("/")
        found[About(about)].add(rest.rpartition("/")[0])
    return found


def _name(decision: Decision, number: int) -> str:
    return f"{_NAMED}{decision.about}/{decision.id}/{number}"


def _taken(connection: Connection, store: Store, decision: Decision) -> int:
    """Return how many decisions on the same thing have been worked on."""
    number = 0
    while True:
        state = own_messages.state_of(connection, store, _name(decision, number + 1))
        if state in (None, "waiting"):
            return number
        number += 1

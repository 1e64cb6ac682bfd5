"""Asking for a reward, and seeing what becomes of it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, Response, jsonify, request
from marshmallow import ValidationError
from sqlalchemy import Connection
from werkzeug.exceptions import Conflict, NotFound

from app.api.asking import (
    BODY_BYTES_MAX,
    asking_customer,
    asking_language,
    asking_store,
    in_store,
    keep_asked,
)
from app.api.redemptions_shown import Shown, shown
from app.api.reward_schemas import RedemptionSchema, RewardRequestSchema
from app.domain.events import RedemptionStep
from app.domain.reasons import because
from app.domain.rewards import Asked, slot_refusal
from app.doors import Doors, the_doors
from app.problems import answer_errors
from app.storage import own_messages, redemptions, stores
from app.storage.identities import Identities
from app.storage.stores import ProgramHistory, Store

rewards = Blueprint("rewards", __name__, url_prefix="/proxy/redemptions")
answer_errors(rewards)


@rewards.post("")
def request_reward() -> Response:
    """Keep the wish of a member for a reward; a worker decides on it."""
    doors = the_doors()
    domain = asking_store(doors)
    with in_store(doors, domain) as (connection, store):
        customer_id = asking_customer()
        request.max_content_length = BODY_BYTES_MAX
        wanted = RewardRequestSchema().load(request.get_json())
        named = f"{domain}/{store.identity(customer_id)}/{wanted['request_id']}"
        redemption_id = _id_of(doors.secret_key, named)
        body = {
            "redemption_id": redemption_id,
            "customer_id": customer_id,
            "reward_id": wanted["reward_id"],
            "points": wanted["points"],
            "slot": wanted["slot"] and wanted["slot"].isoformat(),
            "prize": wanted["prize"],
        }
        # What was asked once is answered again, whatever is offered since.
        if not _was_asked(doors, connection, store, body):
            history = stores.program_history(connection, store.program_id)
            _check(history, store, wanted, doors.now())
            topic, told = "redemptions/request", _told_of(doors.secret_key, body)
            asked = connection, store, customer_id, topic, _message_id(body), body
            if not keep_asked(doors, *asked, event_id=told):
                # The same came at this very moment.
                _was_asked(doors, connection, store, body)
        what = _look(doors, connection, store, customer_id, redemption_id)
    doors.bell.ring()
    return _answer(what, 202)


@rewards.get("/<redemption_id>")
def see(redemption_id: str) -> Response:
    """Answer what became of a wish."""
    return _answer(_seen(redemption_id), 200)


@rewards.get("/<redemption_id>/qr.svg")
def qr_code(redemption_id: str) -> Response:
    """Draw the code of a voucher, to be read at the counter."""
    what = _seen(redemption_id)
    if what.code is None:
        raise NotFound("there is no such voucher")
    drawn = BytesIO()
    segno.make(what.code, micro=False).save(drawn, kind="svg", scale=6, border=4)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@rewards.post("/<redemption_id>/cancel")
def cancel(redemption_id: str) -> Response:
    """Have a reward that was not used end, and its points come back."""
    doors = the_doors()
    domain = asking_store(doors)
    with in_store(doors, domain) as (connection, store):
        customer_id = asking_customer()
        what = _look(doors, connection, store, customer_id, redemption_id)
        if what.state == "waiting":
            raise Conflict("it is not decided on yet: ask again in a moment")
        if what.cancel_until and what.cancel_until <= doors.now():
            raise Conflict("its date is too near to be cancelled")
        body = {
            "redemption_id": redemption_id,
            "customer_id": customer_id,
            "step": RedemptionStep.CANCEL,
        }
        # Each its own: one that came too early must not stand in the way of another.
        message_id = f"cancel/{redemption_id}/{uuid4()}"
        topic = "redemptions/step"
        keep_asked(doors, connection, store, customer_id, topic, message_id, body)
    doors.bell.ring()
    return _answer(what, 202)


def _check(
    history: ProgramHistory, store: Store, wanted: Mapping[str, Any], now: datetime
) -> None:
    """Raise ValidationError for a reward or a date that there is not.

    Whether a date is full is decided by a worker, behind those who asked before; so is
    whether a reward was won, which may be one of an older version.
    """
    reward = history.at(now).reward(wanted["reward_id"])
    if wanted["prize"]:
        reward = history.rewards.get(wanted["reward_id"])
    if reward is None:
        raise ValidationError({"reward_id": ["there is no such reward"]})
    if wanted["prize"]:
        return
    on_the_wall = now.astimezone(ZoneInfo(store.timezone)).replace(tzinfo=None)
    asked = Asked(on_the_wall, store.currency, slot=wanted["slot"])
    refusal = slot_refusal(reward.slots, asked)
    if refusal:
        raise ValidationError({"slot": [str(refusal.told_in(asking_language()))]})


def _was_asked(
    doors: Doors, connection: Connection, store: Store, body: Mapping[str, object]
) -> bool:
    """Whether this wish was kept before; raises Conflict where its id was another's."""
    known = own_messages.asked_as(connection, store, _message_id(body))
    if known is not None and known != _told_of(doors.secret_key, body):
        raise Conflict("this request_id was used for another wish: make up a new one")
    return known is not None


def _id_of(secret_key: str, named: str) -> str:
    """Return the id of a wish, which nobody else's request can have.

    It is keyed, since it stays when the customer is forgotten, and must name nobody.
    """
    told = f"redemption {named}".encode()
    return hmac.digest(secret_key.encode(), told, "sha256").hex()[:32]


def _told_of(secret_key: str, body: Mapping[str, object]) -> str:
    """Return by what a wish is told from another under its id, keyed as that is."""
    asked = {name: told for name, told in body.items() if name != "customer_id"}
    told = f"wish {json.dumps(asked, sort_keys=True)}".encode()
    return hmac.digest(secret_key.encode(), told, "sha256").hex()[:32]


def _message_id(body: Mapping[str, object]) -> str:
    return f"redemption/{body['redemption_id']}"


def _members(connection: Connection, store: Store, customer_id: str | None) -> set[int]:
    """Return whose points a customer sees: one member, or none yet."""
    people = Identities(connection, store.program_id, store.store_id)
    known = people.customers([customer_id or ""]).values()
    return {people.following(each).member_id for each in known}


def _seen(redemption_id: str) -> Shown:
    """Return what became of the wish of whoever asks."""
    doors = the_doors()
    domain = asking_store(doors)
    with in_store(doors, domain) as (connection, store):
        return _look(doors, connection, store, asking_customer(), redemption_id)


def _look(
    doors: Doors,
    connection: Connection,
    store: Store,
    customer_id: str,
    redemption_id: str,
) -> Shown:
    """Return what became of a member's own wish; raises NotFound for any other.

    The same is asked of the database whatever there is, so that the time that it takes
    tells nobody whether there is a wish that is another's.
    """
    if "\0" in redemption_id:
        raise NotFound("there is no such redemption")
    kept = redemptions.find(connection, store.program_id, redemption_id)
    asked = own_messages.asked_by(connection, store, f"redemption/{redemption_id}")
    state, by = asked or (None, None)
    theirs, ours = (_members(connection, store, each) for each in (by, customer_id))
    # Who asked for it may have become one with who looks.
    is_own = by is not None and (by == customer_id or bool(theirs & ours))
    if kept is None and not is_own:
        raise NotFound("there is no such redemption")
    if kept is None and state == "waiting":
        return Shown(redemption_id, "waiting")
    # A worker may have decided between the two looks.
    kept = kept or redemptions.find(connection, store.program_id, redemption_id)
    if kept is None:
        gone = because("no_such_reward").told_in(asking_language())
        return Shown(redemption_id, "refused", reason=gone)
    if kept.member_id not in ours:
        raise NotFound("there is no such redemption")
    return shown(kept.redemption, doors.secret_key, store, asking_language())


def _answer(what: Shown, status: int) -> Response:
    response = jsonify(RedemptionSchema().dump(what))
    response.status_code = status
    return response

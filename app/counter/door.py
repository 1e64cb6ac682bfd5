"""Shows the counter page, and takes vouchers in through the inbox."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from app.audit_log import note
from app.counter.link import opened_by
from app.domain.events import RedemptionStep
from app.domain.languages.translator import Translator
from app.domain.redemptions import State, code_key
from app.domain.rewards import Handling, name_of
from app.doors import the_doors, when_away
from app.storage import own_messages, redemptions, stores
from app.storage.stores import Store

_STYLE = (Path(__file__).parent / "templates" / "counter.css").read_text()
_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
# The page has one form, for itself, and no script.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
CODE_MAX = 40

counter = Blueprint(
    "counter", __name__, url_prefix="/counter", template_folder="templates"
)


when_away(counter, lambda: _page("The database is away. Try again in a moment."))


@counter.get("/<key>")
def show(key: str) -> Response:
    """Show the field for a code."""
    with _in_store(key):
        return _page("")


@counter.post("/<key>")
def take_in(key: str) -> AnyResponse:
    """Have a voucher taken in, or say why it cannot be."""
    doors = the_doors()
    request.max_content_length = 4096
    code = request.form.get("code", "")[:CODE_MAX]
    if doors.limits.codes.is_reached(key):
        return _page("Too many wrong codes. Wait a minute, then go on.", 429)
    with _in_store(key) as (connection, store):
        found = code_key(doors.secret_key, code)
        kept = redemptions.by_codes(
            connection, store.program_id, store.store_id, [found]
        ).get(found)
        if kept is None or kept.redemption.reward.handling is not Handling.COUNTER:
            doors.limits.codes.count(key)
            return _page("There is no such voucher. Look at the code again.", 404)
        wish = kept.redemption
        if wish.state != State.GRANTED:
            return _page(f"This voucher cannot be taken in: it is {wish.state}.", 409)
        message = uuid4()
        body = {"redemption_id": wish.id, "step": RedemptionStep.TAKE_IN}
        own_messages.keep(
            connection,
            doors.keys,
            store,
            "redemptions/step",
            _named(message),
            json.dumps(body),
        )
    where = {"program_id": store.program_id, "store_id": store.store_id}
    note("voucher taken in", "counter", **where, id=wish.id)
    doors.bell.ring()
    return redirect(f"/counter/{key}/{message}/{wish.id}", 303)


@counter.get("/<key>/<uuid:message>/<redemption_id>")
def result(key: str, message: UUID, redemption_id: str) -> Response:
    """Say what came of it, once a worker has looked at it."""
    if "\0" in redemption_id:
        raise NotFound
    with _in_store(key) as (connection, store):
        state = own_messages.state_of(connection, store, _named(message))
        kept = redemptions.find(connection, store.program_id, redemption_id)
        if state is None or kept is None:
            raise NotFound
        name = name_of(kept.redemption.reward, Translator(store.currency))
    if state == "waiting":
        return _page("One moment …", refresh_s=1)
    if state == "settled":
        return _page(f"Taken in: {name}")
    return _page("This voucher was taken in before.", 409)


def _named(message: UUID) -> str:
    return f"counter/{message}"


@contextmanager
def _in_store(key: str) -> Iterator[tuple[Connection, Store]]:
    """Open a transaction on the store whose link this is; raises NotFound."""
    doors = the_doors()
    opened = opened_by(doors.secret_key, key)
    if opened is None:
        raise NotFound
    program_id, store_id = opened
    with doors.database.program(program_id) as connection:
        known = stores.stores_of(connection, program_id)
        if store_id not in known:
            raise NotFound
        yield connection, known[store_id]


def _page(told: str, status: int = 200, refresh_s: int | None = None) -> Response:
    page = render_template(
        "counter.html", told=told, style=_STYLE, refresh_s=refresh_s, most=CODE_MAX
    )
    response = Response(page, status)
    response.headers["Content-Security-Policy"] = _POLICY
    return response

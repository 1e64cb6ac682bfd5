"""The owner's pages: the programme, its form, a look at what would change, saving."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    redirect,
    request,
    url_for,
)
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from app.audit_log import note
from app.domain.errors import ProgramOvertaken
from app.domain.languages import LANGUAGES, language_of
from app.domain.program import Program
from app.doors import the_doors, when_away
from app.owner import sign_in
from app.owner.approvals import approvals
from app.owner.changes import differences, sentences
from app.owner.choices import without_choice
from app.owner.editing import edited
from app.owner.fields import Drawing, complaints
from app.owner.forecast import forecast
from app.owner.form import document_of
from app.owner.queue import Queue
from app.owner.sections import sections
from app.owner.versions import by_the_clock, from_the_clock, versions
from app.owner.visit import (
    NotFromHere,
    NotInstalled,
    NotSignedIn,
    Visit,
    page,
    told,
    visiting,
)
from app.storage import ledger, stores
from app.storage.draft_document import mistakes_in
from app.storage.known_names import known_names
from app.storage.program_document import Mistake, dump_program, load_program
from app.strict_json import read_json

# A form names each of its fields, so that a large programme makes a long one.
BODY_BYTES_MAX = 400_000

owner = Blueprint("owner", __name__, url_prefix="/owner", template_folder="templates")
owner.register_blueprint(approvals)


@owner.before_request
def _limit() -> None:
    request.max_content_length = BODY_BYTES_MAX


@owner.get("/open/<words>")
def open_link(words: str) -> AnyResponse:
    """Let in whoever has a link that still holds."""
    shared = the_doors()
    opened = sign_in.opened_by(shared.secret_key, words, shared.now())
    if opened is None:
        raise NotSignedIn
    platform, domain, by = opened
    with shared.database.receiver() as connection:
        places = stores.addresses(connection, platform, [domain])
    if domain not in places:
        raise NotSignedIn
    program_id, store_id = places[domain]
    with shared.database.program(program_id) as connection:
        count = stores.stores_of(connection, program_id)[store_id].install_count
    response = redirect(url_for("owner.show"), 303)
    whose = program_id, store_id, by, count
    sign_in.let_in(response, request, shared.secret_key, whose, shared.now())
    note("signed in", by, program_id=program_id, store_id=store_id)
    return response


@owner.post("/leave")
def leave() -> AnyResponse:
    """Let an owner out."""
    visit = visiting()
    response = told("You are signed out", "Ask for a new link to come back.", 200)
    sign_in.let_out(response, request)
    visit.note("signed out")
    return response


@owner.get("/program")
def show() -> Response:
    """Show the programme in plain words, and its versions."""
    visit = visiting()
    current = visit.history.at(visit.now)
    language = language_of(request.args.get("language"))
    return page(
        "program.html",
        visit,
        words=visit.in_words(current, language),
        language=language,
        languages={tag: each.name for tag, each in LANGUAGES.items()},
        versions=versions(visit.history, visit.now, visit.store.timezone),
        saved=request.args.get("saved", type=int),
        waiting=_waiting(visit),
    )


def _waiting(visit: Visit) -> int:
    """Return how much waits for the owner's word."""
    shared = the_doors()
    with shared.database.program(visit.store.program_id) as connection:
        return sum(Queue(connection, shared.keys, visit.store).counts.values())


@owner.get("/program/form")
def form() -> Response:
    """Show the form, with the newest version or another one to begin with."""
    visit = visiting()
    number = request.args.get("version", type=int)
    chosen = [
        program
        for _, program in visit.history.versions
        if program.version == (number or visit.newest.version)
    ]
    if not chosen:
        raise NotFound
    return _form(visit, dump_program(chosen[0]), visit.newest.version)


@owner.post("/program/form")
def edit() -> Response:
    """Show the form again as it was sent, something added, removed or moved."""
    visit = visiting()
    draft = _draft()
    wish = request.form.get("_do", "")
    kind = request.form.get(f"_kind.{wish.partition(':')[2]}", "")
    touched = edited(draft, wish, kind)
    # What goes may be what something else brings or is for: that is told at once.
    wrong = without_choice(mistakes_in(draft))
    return _form(visit, draft, _seen(), wrong, touched)


@owner.post("/program/look")
def look() -> Response:
    """Say what would change, or what is wrong."""
    visit = visiting()
    draft = _draft()
    mistakes = mistakes_in(draft)
    if mistakes:
        return _form(visit, draft, _seen(), mistakes)
    return _look(visit, draft, _seen())


@owner.post("/program/save")
def save() -> AnyResponse:
    """Make what was sent the newest version, unless there is a newer one."""
    visit = visiting()
    draft = _draft()
    mistakes = mistakes_in(draft)
    if mistakes:
        return _form(visit, draft, _seen(), mistakes)
    wanted = request.form.get("_then", "") if _is_later() else ""
    since = from_the_clock(wanted, visit.store.timezone)
    if _is_later() and (since is None or since <= visit.now):
        return _look(visit, draft, _seen(), wrong="must be a day and time to come")
    try:
        version = _saved(visit, load_program(draft), since)
    except ProgramOvertaken:
        fresh = visiting()
        return _look(fresh, draft, fresh.newest.version, is_overtaken=True)
    visit.note("programme saved", version=version, is_later=since is not None)
    # Stores are asked at once for what it promises.
    the_doors().bell.ring()
    return redirect(url_for("owner.show", saved=version), 303)


def _saved(visit: Visit, program: Program, since: datetime | None) -> int:
    # All members are settled again after some changes, which takes its time.
    with the_doors().database.program(visit.asker.program_id, work_s=20) as connection:
        return stores.save_program(
            connection,
            visit.asker.program_id,
            program,
            since or ledger.now(connection),
            seen=_seen(),
        )


def _draft() -> dict[str, Any]:
    """Return the document that was sent: field by field, or whole by a look at it."""
    if "_draft" not in request.form:
        return document_of(request.form.items(multi=True))
    try:
        draft = read_json(request.form["_draft"])
    except ValueError:
        draft = None
    if not isinstance(draft, dict):
        raise BadRequest
    return draft


def _seen() -> int:
    """Return the newest version that there was when the form was first shown."""
    seen = request.form.get("_seen", type=int)
    if seen is None:
        raise BadRequest
    return seen


def _is_later() -> bool:
    return request.form.get("_when") == "then"


def _form(
    visit: Visit,
    draft: dict[str, Any],
    seen: int,
    mistakes: list[Mistake] | None = None,
    touched: str = "",
) -> Response:
    wrong = tuple(mistakes or ())
    with the_doors().database.program(visit.asker.program_id) as connection:
        known = known_names(connection, visit.asker.program_id)
    whole = Drawing(visit.store.currency, wrong, touched, known).program(draft)
    return page(
        "form.html",
        visit,
        sections=sections(whole),
        complaints=complaints(whole, wrong),
        known=known,
        seen=seen,
        touched=touched,
        # What was added or removed was done, whatever it brought about.
        status=422 if wrong and not touched else 200,
    )


def _look(
    visit: Visit,
    draft: dict[str, Any],
    seen: int,
    *,
    wrong: str = "",
    is_overtaken: bool = False,
) -> Response:
    new, newest = load_program(draft), visit.newest
    before, after = dump_program(newest), dump_program(new)
    standing = visit.history.at(visit.now)
    program_id = visit.asker.program_id
    where = the_doors().database, the_doors().keys, program_id
    return page(
        "look.html",
        visit,
        sentences=sentences(visit.in_words(newest), visit.in_words(new)),
        differences=differences(before, after),
        forecast=forecast(*where, standing, new, visit.now),
        versions=versions(visit.history, visit.now, visit.store.timezone),
        clock=by_the_clock(visit.now, visit.store.timezone),
        draft=json.dumps(draft),
        seen=seen,
        wrong=wrong,
        is_later=_is_later(),
        then=request.form.get("_then", ""),
        is_overtaken=is_overtaken,
        status=409 if is_overtaken else 422 if wrong else 200,
    )


@owner.errorhandler(HTTPException)
def _refused(error: HTTPException) -> Response:
    words = _WORDS.get(type(error), error.description or error.name)
    return told("This page cannot be shown", words, error.code or 500)


def _unavailable() -> Response:
    words = "Nothing was saved. Go back, and try again in a moment."
    return told("The database is away", words, 503)


when_away(owner, _unavailable)


_WORDS = {
    NotSignedIn: (
        "The link is not good, or not good any more. Whoever runs Tallymark for you "
        "gets a new one with: tallymark programme page, and the domain of your store."
    ),
    NotFromHere: (NotFromHere.__doc__ or "").strip(),
    NotInstalled: (NotInstalled.__doc__ or "").strip(),
}

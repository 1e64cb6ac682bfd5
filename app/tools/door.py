"""Takes what an owner's tools report, and answers what became of it."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from app.domain.languages import language_of
from app.doors import the_doors
from app.problems import answer_errors
from app.tools.asking import asking_tool
from app.tools.reports import Told, keep_report, told_of
from app.tools.schemas import ReportedSchema, ReportSchema

# A report is two short texts.
BODY_BYTES_MAX = 4096
KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")

tools = Blueprint("tools", __name__, url_prefix="/tools")
answer_errors(tools)


@tools.post("/actions")
def report() -> Response:
    """Keep that a customer did something, once for each key; a worker decides on it."""
    with asking_tool() as tool:
        key = _idempotency_key()
        request.max_content_length = BODY_BYTES_MAX
        told = ReportSchema().load(request.get_json())
        keep_report(tool, key, told["customer_id"], told["action"])
        what = told_of(tool, key)
    the_doors().bell.ring()
    return _answer(what, 202)


@tools.get("/actions/<key>")
def reported(key: str) -> Response:
    """Answer what became of a report."""
    with asking_tool() as tool:
        # No other key was ever kept, and no database takes all of them.
        what = told_of(tool, key) if KEY.fullmatch(key) else None
    return _answer(what, 200)


def _idempotency_key() -> str:
    """Return the key of a report, in quotes or without; raises BadRequest."""
    written = request.headers.get("Idempotency-Key", "")
    key = written.removeprefix('"').removesuffix('"')
    if not KEY.fullmatch(key):
        words = "send a header Idempotency-Key: 1 to 64 letters, digits, -, _ and ."
        raise BadRequest(words)
    return key


def _answer(what: Told | None, status: int) -> Response:
    if what is None:
        raise NotFound("nothing was reported under this key")
    language = language_of(request.args.get("lang"))
    told = replace(what, reason=what.reason.told_in(language))
    response = jsonify(ReportedSchema().dump(told))
    response.status_code = status
    if status == 202:
        response.headers["Location"] = f"/tools/actions/{what.key}"
    return response

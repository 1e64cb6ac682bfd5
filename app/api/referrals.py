"""A member's link, and a friend's word that it brought them."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify, request
from marshmallow import Schema
from sqlalchemy import Connection

from app.api.asking import (
    BODY_BYTES_MAX,
    asking_customer,
    asking_language,
    asking_member,
    asking_store,
    in_store,
    keep_asked,
)
from app.api.referrals_shown import against, gift
from app.api.schemas import ClaimedSchema, ClaimSchema, CodeSchema
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.reasons import Reason
from app.domain.referral_code import as_code, member_of_code
from app.doors import Doors, the_doors
from app.problems import answer_errors
from app.storage import referrals, stores
from app.storage.stores import Store

friends = Blueprint("friends", __name__, url_prefix="/proxy")
answer_errors(friends)

# The page leads to the store's own, whose script keeps the code: the proxy takes
# cookies away, and follows redirects itself.
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A friend sent you</title>
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={url}"></head>
<body><p><a href="{url}">On to the store</a></p></body></html>
"""


@friends.get("/r/<code>")
def follow(code: str) -> Response:
    """Lead a friend to the store, with the code of the link where it is somebody's."""
    doors = the_doors()
    domain = asking_store(doors)
    with in_store(doors, domain) as (connection, store):
        program = stores.program_history(connection, store.program_id).at(doors.now())
        is_known = program.referral and _whose(doors, connection, store, code)
    # A known code has nothing but letters and digits.
    url = f"/?tallymark_friend={as_code(code)}" if is_known else "/"
    return Response(_PAGE.format(url=url), content_type="text/html; charset=utf-8")


@friends.get("/referrals/<code>")
def look(code: str) -> Response:
    """Answer what a code brings whoever asks, before it is claimed."""
    doors = the_doors()
    domain = asking_store(doors)
    with in_store(doors, domain) as (connection, store):
        program = stores.program_history(connection, store.program_id).at(doors.now())
        advocate_id = _whose(doors, connection, store, code)
        member_id = asking_member(connection, store)
        reason = against(connection, store, program, advocate_id, member_id)
    return _answer(CodeSchema(), store, program, reason)


@friends.post("/referrals")
def claim() -> Response:
    """Keep a friend's word for whose link or code brought them; a worker decides on it.

    A code that is nobody's is kept nowhere. What speaks against another is told at
    once, as far as it is known.
    """
    doors = the_doors()
    domain = asking_store(doors)
    with in_store(doors, domain) as (connection, store):
        customer_id = asking_customer()
        request.max_content_length = BODY_BYTES_MAX
        told = ClaimSchema().load(request.get_json())
        program = stores.program_history(connection, store.program_id).at(doors.now())
        code = as_code(told["code"])
        # Keyed, since the ledger keeps it for ever and must name nobody.
        named = f"referral {domain}/{store.identity(customer_id)}/{code}".encode()
        digest = hmac.digest(doors.secret_key.encode(), named, "sha256")
        referral_id = digest.hex()[:32]
        ids = {"referral_id": referral_id, "customer_id": customer_id}
        message_id = f"referral/{referral_id}"
        advocate_id = _whose(doors, connection, store, code)
        member_id = asking_member(connection, store)
        reason = against(connection, store, program, advocate_id, member_id)
        if program.referral and advocate_id is not None:
            topic, body = "referrals/claim", told | ids | {"code": code}
            keep_asked(doors, connection, store, customer_id, topic, message_id, body)
    doors.bell.ring()
    answer = _answer(ClaimedSchema(), store, program, reason, id=referral_id)
    answer.status_code = 202
    return answer


def _whose(doors: Doors, connection: Connection, store: Store, code: str) -> int | None:
    """Return whose code it is now; None for nobody's, or of somebody forgotten."""
    program_id = store.program_id
    member_id = member_of_code(doors.secret_key, program_id, code)
    if member_id is None:
        return None
    return referrals.member_now(connection, program_id, member_id)


def _answer(
    schema: Schema, store: Store, program: Program, reason: Reason, **more: str
) -> Response:
    """Tell what a code brings, or why nothing."""
    say = Translator(store.currency, asking_language())
    told = {
        "gift": None if reason else gift(program, say),
        "reason": reason.told_in(say.language),
    }
    return jsonify(schema.dump(told | more))

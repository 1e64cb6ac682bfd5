"""What the store's pages ask through Shopify's app proxy, which says who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from marshmallow import ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.api.actions import NotOffered, keep_action
from app.api.schemas import AcceptedSchema, ActionSchema, CartSchema, EstimateSchema
from app.api.standing import Answers, shown
from app.domain.estimate import estimate as estimate_cart
from app.domain.orders import Line
from app.doors import Doors
from app.platforms.shopify.platform import normal_domain
from app.storage import stores
from app.storage.stores import Store
from app.storage.views import Question
from app.together import NotInTime

BODY_BYTES_MAX = 64 * 1024

_ANSWERS = "tallymark.answers"

proxy = Blueprint("proxy", __name__, url_prefix="/proxy")


class Refused(HTTPException):
    """The query is not one that the store signed just now."""

    code = 401


class SignedOut(HTTPException):
    """Only shoppers who are signed in have anything to report."""

    code = 403


class NoSuchStore(HTTPException):
    """The store has not installed the app."""

    code = 404


@proxy.record_once
def _set_up(state: BlueprintSetupState) -> None:
    doors: Doors = state.app.extensions["tallymark"]
    state.app.extensions[_ANSWERS] = Answers(doors.database)


@proxy.get("/standing")
def standing() -> Response:
    """Answer where the signed-in shopper stands, or the program in short."""
    doors: Doors = current_app.extensions["tallymark"]
    domain = _asking_store(doors)
    customer_id = request.args.get("logged_in_customer_id") or None
    view = doors.viewing.ask(Question("shopify", domain, customer_id))
    if view is None:
        raise NoSuchStore
    what = shown(view, doors.now(), is_signed_in=customer_id is not None)
    response = Response(content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.set_etag(what.etag)
    if request.if_none_match.contains(what.etag):
        response.status_code = 304
    else:
        answers: Answers = current_app.extensions[_ANSWERS]
        response.set_data(answers.answer(what, view))
    return response


@proxy.post("/estimate")
def estimate() -> Response:
    """Answer how many points a cart would earn; the cart is the shopper's own word."""
    doors: Doors = current_app.extensions["tallymark"]
    domain = _asking_store(doors)
    request.max_content_length = BODY_BYTES_MAX
    cart = CartSchema().load(request.get_json())
    with _in_store(doors, domain) as (connection, store):
        program = stores.program_history(connection, store.program_id).at(doors.now())
        lines = _with_products(connection, store, _lines(cart))
    assessed = estimate_cart(
        program,
        lines,
        cart["currency"],
        doors.now(),
        taxes_included=cart["taxes_included"],
        timezone=store.timezone,
    )
    answer = {"points": assessed.points, "reason": assessed.award.reason}
    response = jsonify(EstimateSchema().dump(answer))
    response.headers["Cache-Control"] = "no-store"
    return response


@proxy.post("/actions")
def report() -> tuple[Response, int]:
    """Take what the signed-in shopper did; it is worked on soon, and once."""
    doors: Doors = current_app.extensions["tallymark"]
    domain = _asking_store(doors)
    request.max_content_length = BODY_BYTES_MAX
    told = ActionSchema().load(request.get_json())
    with _in_store(doors, domain) as (connection, store):
        customer_id = request.args.get("logged_in_customer_id")
        if not customer_id:
            raise SignedOut
        kept = keep_action(doors, connection, store, customer_id, told)
    if isinstance(kept, NotOffered):
        raise ValidationError({"action": ["This store has no such action."]})
    doors.bell.ring()
    response = jsonify(AcceptedSchema().dump({"id": kept}))
    response.headers["Cache-Control"] = "no-store"
    return response, 202


@proxy.errorhandler(HTTPException)
def refused(error: HTTPException) -> Response:
    """Say in JSON what is wrong, and nothing of why a signature was refused."""
    description = (type(error).__doc__ or "").strip() or error.description
    if not isinstance(error, Refused | SignedOut | NoSuchStore):
        description = error.description or error.name
    response = jsonify({"error": description})
    response.status_code = error.code or 500
    response.headers["Cache-Control"] = "no-store"
    return response


@proxy.errorhandler(ValidationError)
def invalid(error: ValidationError) -> Response:
    """Say which fields of a body are wrong."""
    response = jsonify({"error": "the body makes no sense", "fields": error.messages})
    response.status_code = 422
    return response


@proxy.errorhandler(DBAPIError)
@proxy.errorhandler(PoolTimeout)
@proxy.errorhandler(NotInTime)
def unavailable(_: Exception) -> Response:
    """Say that this is no time to ask."""
    response = jsonify({"error": "the database is away; ask again in a moment"})
    response.status_code = 503
    response.headers["Retry-After"] = "5"
    return response


def _asking_store(doors: Doors) -> str:
    """Return the domain of the store that signed the query; a body is not signed."""
    query = {name: request.args.getlist(name) for name in request.args}
    if not doors.shopify.verify_proxy(query, doors.now()):
        raise Refused
    return normal_domain(request.args["shop"])


@contextmanager
def _in_store(doors: Doors, domain: str) -> Iterator[tuple[Connection, Store]]:
    """Open a transaction on the program of the store at that domain."""
    with doors.database.receiver() as connection:
        found = stores.addresses(connection, "shopify", [domain])
    if domain not in found:
        raise NoSuchStore
    program_id, _ = found[domain]
    with doors.database.program(program_id) as connection:
        yield connection, stores.the_store(connection, "shopify", domain)


def _lines(cart: dict[str, Any]) -> list[Line]:
    return [
        Line(
            id=str(number),
            product_id=None if line["product_id"] is None else str(line["product_id"]),
            quantity=line["quantity"],
            current_quantity=None,
            price_minor=line["price_minor"],
            discount_minor=line["discount_minor"],
            tax_minor=line["tax_minor"],
            is_gift_card=line["gift_card"],
            tags=tuple(line["tags"]),
        )
        for number, line in enumerate(cart["lines"])
    ]


def _with_products(
    connection: Connection, store: Store, lines: list[Line]
) -> list[Line]:
    """Return the lines with the tags and collections that we know of their products."""
    ids = [line.product_id for line in lines if line.product_id]
    known = stores.products(connection, store.program_id, ids)
    found = []
    for line in lines:
        product = known.get((store.store_id, line.product_id or ""))
        if product:
            tags = tuple({*line.tags, *product.tags})
            line = replace(line, tags=tags, collection_ids=product.collection_ids)
        found.append(line)
    return found

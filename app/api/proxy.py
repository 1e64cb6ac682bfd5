"""What the store's pages ask through Shopify's app proxy, which says who asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from marshmallow import ValidationError
from sqlalchemy import Connection

from app.api.actions import NotOffered, keep_action
from app.api.asking import (
    BODY_BYTES_MAX,
    FAILED,
    TooOften,
    asker,
    asking_customer,
    asking_member,
    asking_store,
    in_store,
)
from app.api.schemas import AcceptedSchema, ActionSchema, CartSchema, EstimateSchema
from app.api.standing import ANSWERS, Answers
from app.domain.credits import TierThen
from app.domain.estimate import Bound, bound
from app.domain.estimate import estimate as estimate_cart
from app.domain.labels import NO_LABELS, LabelsThen
from app.domain.orders import Line
from app.domain.program import Program
from app.doors import Doors, the_doors
from app.problems import answer_errors
from app.storage import budgets, orders, stores
from app.storage.labels import labels_by_member
from app.storage.products import known_products
from app.storage.stores import Store
from app.storage.tier_standings import find_tier

proxy = Blueprint("proxy", __name__, url_prefix="/proxy")


answer_errors(proxy)


@proxy.record_once
def _set_up(state: BlueprintSetupState) -> None:
    doors: Doors = state.app.extensions["tallymark"]
    state.app.extensions[ANSWERS] = Answers(doors.database, doors.secret_key)


@proxy.get("/standing")
def standing() -> Response:
    """Answer where the signed-in shopper stands, or the program in short."""
    if FAILED in request.environ:
        raise request.environ[FAILED]
    doors, answers = the_doors(), current_app.extensions[ANSWERS]
    told = answers.told(doors, asker(doors), request.if_none_match)
    return Response(told.body, told.status, told.headers)


@proxy.post("/estimate")
def estimate() -> Response:
    """Answer how many points a cart would earn; the cart is the shopper's own word."""
    doors = the_doors()
    who = asker(doors)
    domain = who.domain
    if not who.customer_id and not doors.limits.estimates.takes(domain):
        raise TooOften
    request.max_content_length = BODY_BYTES_MAX
    cart = CartSchema().load(request.get_json())
    with in_store(doors, domain) as (connection, store):
        program = stores.program_history(connection, store.program_id).at(doors.now())
        lines = _with_products(connection, store, _lines(cart))
        whose = asking_member(connection, store) if program.looks_at_history else None
        tier = _tier(connection, store, whose) if program.tiers else None
        labels = _labels(connection, store, whose) if program.labels else None
        is_numbered = program.numbers_orders
        number = _number(connection, store, whose) if is_numbered else None
        left = _left(connection, store, program) if program.budgets else {}
    assessed = estimate_cart(
        program,
        lines,
        cart["currency"],
        doors.now(),
        taxes_included=bool(cart["taxes_included"]),
        timezone=store.timezone,
        tier=tier,
        labels=labels,
        left=left,
        number=number,
    )
    taxes = [line["tax_minor"] for line in cart["lines"]]
    holds = bound(program.counting, taxes, taxes_included=cart["taxes_included"])
    answer: tuple[int | None, Bound, str]
    answer = assessed.points, holds, assessed.award.reason
    if cart["currency"] != store.currency:
        # At which rate the store will reckon, nobody knows before the order.
        answer = None, Bound.AT_LEAST, f"the cart is not in {store.currency}"
    told = dict(zip(("points", "bound", "reason"), answer, strict=True))
    return jsonify(EstimateSchema().dump(told))


@proxy.post("/actions")
def report() -> tuple[Response, int]:
    """Take what the signed-in shopper did; it is worked on soon, and once."""
    doors = the_doors()
    domain = asking_store(doors)
    request.max_content_length = BODY_BYTES_MAX
    told = ActionSchema().load(request.get_json())
    with in_store(doors, domain) as (connection, store):
        kept = keep_action(doors, connection, store, asking_customer(), told)
    if isinstance(kept, NotOffered):
        raise ValidationError({"action": ["This store has no such action."]})
    doors.bell.ring()
    return jsonify(AcceptedSchema().dump({"id": kept})), 202


def _tier(
    connection: Connection, store: Store, member_id: int | None
) -> TierThen | None:
    if member_id is None:
        return None
    standing = find_tier(connection, store.program_id, member_id)
    return TierThen(standing.tier, standing.reason) if standing else None


def _labels(
    connection: Connection, store: Store, member_id: int | None
) -> LabelsThen | None:
    if member_id is None:
        return None
    called = labels_by_member(connection, store.program_id, [member_id])
    return called.get(member_id, NO_LABELS).last


def _left(
    connection: Connection, store: Store, program: Program
) -> dict[str, int | None]:
    """Return how many points are left of each budget."""
    used = budgets.used_of(connection, store.program_id, program.budgets)
    limits = program.budgets.items()
    return {name: max(0, limit - used.get(name, 0)) for name, limit in limits}


def _number(connection: Connection, store: Store, member_id: int | None) -> int | None:
    """Return the how many-th order it would be; nobody knows that of a guest."""
    if member_id is None:
        return 1 if request.args.get("logged_in_customer_id") else None
    paid = orders.paid_orders(connection, store.program_id, [member_id])
    return paid.get(member_id, 0) + 1


def _lines(cart: dict[str, Any]) -> list[Line]:
    return [
        Line(
            id=str(number),
            product_id=None if line["product_id"] is None else str(line["product_id"]),
            quantity=line["quantity"],
            current_quantity=None,
            price_minor=line["price_minor"],
            discount_minor=line["discount_minor"],
            tax_minor=line["tax_minor"] or 0,
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
    known = known_products(connection, store.program_id, ids)
    found = []
    for line in lines:
        product = known.get((store.store_id, line.product_id or ""))
        if product:
            tags = tuple({*line.tags, *product.tags})
            line = replace(line, tags=tags, collection_ids=product.collection_ids)
        found.append(line)
    return found

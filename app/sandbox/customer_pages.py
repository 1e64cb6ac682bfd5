"""The owner's page about customers: requests, deleting, merging, tags, segments."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response

from app.sandbox.forms import identifier, to
from app.sandbox.label_desk import SEGMENTS
from app.sandbox.orders import RefusedError
from app.sandbox.store import the_store

blueprint = Blueprint("customers", __name__, url_prefix="/admin/customers")


@blueprint.get("")
def customers_page() -> str:
    """List all customers."""
    with the_store().data.reading() as rows:
        customers = [(item, len(rows.orders(item.id))) for item in rows.customers()]
    return render_template(
        "admin/customers.html", customers=customers, segments=SEGMENTS
    )


@blueprint.post("/<int:customer_id>/data-request")
def request_data(customer_id: int) -> Response:
    """Let a customer ask for their data."""
    return _act(
        lambda: the_store().customers.request_data(customer_id),
        "The customer's data is requested.",
    )


@blueprint.post("/<int:customer_id>/redact")
def redact(customer_id: int) -> Response:
    """Let a customer ask to be forgotten."""
    return _act(
        lambda: the_store().customers.redact(customer_id),
        "The app is asked to forget the customer.",
    )


@blueprint.post("/<int:customer_id>/delete")
def delete(customer_id: int) -> Response:
    """Delete a customer."""
    return _act(
        lambda: the_store().customers.delete(customer_id), "The customer is deleted."
    )


@blueprint.post("/tags")
def tag() -> Response:
    """Add tags to a customer, or remove them."""
    customer_id, written = identifier("customer_id"), request.form.get("tags", "")
    desk = the_store().labels
    if request.form.get("action") == "remove":
        return _act(
            lambda: desk.remove_tags(customer_id, written), "The tags are removed."
        )
    return _act(lambda: desk.add_tags(customer_id, written), "The tags are added.")


@blueprint.post("/segments")
def move() -> Response:
    """Put a customer into a segment, or take them out."""
    customer_id, segment = identifier("customer_id"), identifier("segment")
    desk = the_store().labels
    if request.form.get("action") == "leave":
        return _act(
            lambda: desk.leave(customer_id, segment), "The customer left the segment."
        )
    return _act(
        lambda: desk.join(customer_id, segment), "The customer joined the segment."
    )


@blueprint.post("/merge")
def merge() -> Response:
    """Make two customers one."""
    kept, gone = identifier("kept_id"), identifier("gone_id")
    return _act(
        lambda: the_store().customers.merge(kept, gone),
        "The customers are merged.",
    )


def _act(action: Callable[[], None], done: str) -> Response:
    try:
        action()
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
    else:
        flash(done, "done")
    return to("customers.customers_page")

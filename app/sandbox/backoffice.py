"""The owner's pages about orders."""

from __future__ import annotations

from collections.abc import Callable

from flask import (
    Blueprint,
    abort,
    flash,
    jsonify,
    render_template,
    request,
)
from werkzeug.wrappers import Response

from app.sandbox import money, order_steps
from app.sandbox.announcements import whole_order_body
from app.sandbox.forms import identifier, is_ticked, to
from app.sandbox.order_steps import EditRequest
from app.sandbox.orders import RefusedError
from app.sandbox.refunds import RefundRequest
from app.sandbox.store import the_store

blueprint = Blueprint("backoffice", __name__, url_prefix="/admin")


@blueprint.get("")
def orders_page() -> str:
    """List all orders."""
    with the_store().data.reading() as rows:
        return render_template("admin/orders.html", orders=rows.orders())


@blueprint.get("/themes/current/editor")
def theme_editor() -> Response:
    """Show the shop: its theme has all blocks, and cannot be edited."""
    return to("shop.catalogue_page")


@blueprint.get("/orders.json")
def orders_json() -> Response:
    """List all orders as the messages tell them, newest first."""
    store = the_store()
    with store.data.reading() as rows:
        bodies = [
            whole_order_body(
                order, rows.customer(order.customer_id), store.settings.domain
            )
            for order in rows.orders()
        ]
    return jsonify(orders=bodies)


@blueprint.get("/orders/<int:order_id>")
def order_page(order_id: int) -> str:
    """Show an order and what can be done to it."""
    with the_store().data.reading() as rows:
        order = rows.order(order_id) or abort(404)
        return render_template(
            "admin/order.html",
            order=order,
            customer=rows.customer(order.customer_id),
            customers=rows.customers(),
            reasons=order_steps.CANCEL_REASONS,
        )


@blueprint.post("/orders/<int:order_id>/refund")
def refund(order_id: int) -> Response:
    """Give units, postage or money back."""
    is_pending = is_ticked("pending")
    if request.form.get("action") == "everything":
        return _act(
            order_id,
            lambda: the_store().refund_everything(order_id, is_pending),
            "Everything is refunded.",
        )

    def chosen() -> object:
        wish = RefundRequest(
            units=_units(),
            shipping=is_ticked("shipping"),
            restock=is_ticked("restock"),
            amount_minor=_amount(),
            with_money=not is_ticked("no_money"),
            pending=is_pending,
            note=request.form.get("note", "").strip()[:200],
        )
        return the_store().refund(order_id, wish)

    return _act(order_id, chosen, "The refund is made.")


@blueprint.post("/orders/<int:order_id>/refunds/<int:refund_id>/settle")
def settle_refund(order_id: int, refund_id: int) -> Response:
    """Let a pending refund succeed."""
    return _act(
        order_id,
        lambda: the_store().settle_refund(order_id, refund_id),
        "The refund's money has arrived.",
    )


@blueprint.post("/orders/<int:order_id>/cancel")
def cancel(order_id: int) -> Response:
    """Cancel an order."""
    reason = request.form.get("reason", "")
    give_back, restock = is_ticked("refund"), is_ticked("restock")
    return _act(
        order_id,
        lambda: the_store().cancel(order_id, reason, give_back, restock),
        "The order is cancelled.",
    )


@blueprint.post("/orders/<int:order_id>/pay")
def pay(order_id: int) -> Response:
    """Mark an order as paid."""
    return _act(
        order_id, lambda: the_store().collect(order_id), "The order is marked as paid."
    )


@blueprint.post("/orders/<int:order_id>/fulfil")
def fulfil(order_id: int) -> Response:
    """Send units."""
    return _act(
        order_id,
        lambda: the_store().fulfil(order_id, _units()),
        "The parcel is on its way.",
    )


@blueprint.post("/orders/<int:order_id>/edit")
def edit(order_id: int) -> Response:
    """Change units."""
    return _act(
        order_id,
        lambda: the_store().edit(
            order_id, EditRequest(_units(), is_ticked("settle_now"))
        ),
        "The order is edited.",
    )


@blueprint.post("/orders/<int:order_id>/dispute")
def open_dispute(order_id: int) -> Response:
    """Open a chargeback."""
    return _act(
        order_id, lambda: the_store().open_dispute(order_id), "A dispute is open."
    )


@blueprint.post("/orders/<int:order_id>/disputes/<int:dispute_id>/settle")
def settle_dispute(order_id: int, dispute_id: int) -> Response:
    """End a chargeback."""
    status = request.form.get("status", "")
    return _act(
        order_id,
        lambda: the_store().settle_dispute(order_id, dispute_id, status),
        f"The dispute is {status}.",
    )


@blueprint.post("/orders/<int:order_id>/attach")
def attach(order_id: int) -> Response:
    """Give a guest's order to a customer."""
    customer_id = identifier("customer_id")
    return _act(
        order_id,
        lambda: the_store().attach(order_id, customer_id),
        "The order belongs to a customer now.",
    )


@blueprint.post("/orders/<int:order_id>/delete")
def delete(order_id: int) -> Response:
    """Delete a cancelled order."""
    try:
        the_store().delete(order_id)
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
        return to("backoffice.order_page", order_id=order_id)
    flash("The order is deleted.", "done")
    return to("backoffice.orders_page")


def _act(order_id: int, action: Callable[[], object], done: str) -> Response:
    try:
        action()
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
    else:
        flash(done, "done")
    return to("backoffice.order_page", order_id=order_id)


def _units() -> dict[int, int]:
    """Read fields such as `units.1234=2`."""
    found = {}
    for field, written in request.form.items():
        name, _, line_id = field.partition(".")
        if name == "units" and line_id.isdecimal() and written.strip():
            if not written.isdecimal() or len(written) > 5:
                raise RefusedError("Units are whole numbers.")
            found[int(line_id)] = int(written)
    return found


def _amount() -> int | None:
    written = request.form.get("amount", "")
    if not written.strip():
        return None
    amount = money.cents(written)
    if not amount:
        raise RefusedError("Please write the amount as 12.50.")
    return amount

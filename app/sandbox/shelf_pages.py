"""The owner's page about products: their tags and collections."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response

from app.sandbox import shelves
from app.sandbox.forms import to
from app.sandbox.orders import RefusedError
from app.sandbox.store import the_store

blueprint = Blueprint("shelves", __name__, url_prefix="/admin/products")


@blueprint.get("")
def products_page() -> str:
    """List all products."""
    with the_store().data.reading() as rows:
        standing = shelves.standing(rows)
    return render_template(
        "admin/products.html", standing=standing, collections=shelves.COLLECTIONS
    )


@blueprint.post("/<handle>/tags")
def tag(handle: str) -> Response:
    """Give a product other tags."""
    written = request.form.get("tags", "").split(",")
    tags = list(dict.fromkeys(tag.strip() for tag in written if tag.strip()))
    try:
        the_store().shelves.tag(handle, tags)
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
    else:
        flash("The product is tagged.", "done")
    return to("shelves.products_page")


@blueprint.post("/<handle>/collections")
def collect(handle: str) -> Response:
    """Put a product into other collections."""
    chosen = request.form.getlist("collection", type=int)
    try:
        the_store().shelves.collect(handle, chosen)
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
    else:
        flash("The product is in its collections.", "done")
    return to("shelves.products_page")

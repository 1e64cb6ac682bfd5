"""The owner's page about messages to the app: what was sent, and the weather."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from werkzeug.wrappers import Response

from app.sandbox import outbox
from app.sandbox.forms import is_ticked, to, whole_number
from app.sandbox.outbox import Weather
from app.sandbox.store import the_store

blueprint = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks")


@blueprint.get("")
def log_page() -> str:
    """Show every delivery, newest first."""
    with the_store().data.reading() as rows:
        return render_template(
            "admin/webhooks.html",
            deliveries=outbox.latest(rows),
            weather=Weather.of(rows),
        )


@blueprint.post("/switches")
def switch() -> Response:
    """Set what goes wrong on the way."""
    weather = Weather(
        duplicate=is_ticked("duplicate"),
        shuffle=is_ticked("shuffle"),
        hold=is_ticked("hold"),
        lose_percent=min(100, whole_number("lose_percent", 0)),
    )
    with the_store().data.transaction() as rows:
        weather.save(rows)
    return _back("The switches are set.")


@blueprint.post("/release")
def release() -> Response:
    """Let held deliveries go, and those that wait for a retry."""
    store = the_store()
    with store.data.transaction() as rows:
        store.outbox.release(rows)
    return _back("All waiting deliveries are on their way.")


@blueprint.post("/<int:delivery_id>/redeliver")
def redeliver(delivery_id: int) -> Response:
    """Send one message once more."""
    store = the_store()
    with store.data.transaction() as rows:
        store.outbox.redeliver(rows, delivery_id)
    return _back("The message is sent once more.")


def _back(done: str) -> Response:
    the_store().wake()
    flash(done, "done")
    return to("webhooks.log_page")

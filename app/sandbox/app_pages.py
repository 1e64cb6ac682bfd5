"""The owner's page about the app: it is opened, installed and taken out here."""

from __future__ import annotations

from collections.abc import Callable

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response

from app.sandbox import app_home, grants
from app.sandbox.admin import set_up, trouble
from app.sandbox.forms import to, whole_number
from app.sandbox.orders import RefusedError
from app.sandbox.store import the_store
from app.sandbox_token import sandbox_token

POLICY = "default-src 'self'; img-src 'self' data:"

_SCOPES = (*grants.SCOPES, grants.ALL_ORDERS)

blueprint = Blueprint("app", __name__, url_prefix="/admin/app")


@blueprint.get("")
def app_page() -> Response:
    """Show the app within the store, and what it was let do."""
    store = the_store()
    with store.data.reading() as rows:
        page = render_template(
            "admin/app.html",
            is_installed=grants.is_installed(rows),
            given=grants.all_grants(rows),
            allowed=grants.scopes(rows),
            scopes=_SCOPES,
            definitions=set_up.definitions(rows),
            custom_token=sandbox_token(store.settings.secret),
            kinds=trouble.TOKEN_KINDS,
            waiting=trouble.waiting(rows, trouble.TOKENS),
        )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        f"{POLICY}; frame-src 'self' {store.settings.app_url}"
    )
    return response


@blueprint.get("/home")
def home() -> Response:
    """Lead to the app, with word of who opens it."""
    return redirect(app_home.home_url(the_store().settings), 303)


@blueprint.post("/install")
def install() -> Response:
    """Let the app in."""
    return _act(the_store().app.install, "The app is installed.")


@blueprint.post("/uninstall")
def uninstall() -> Response:
    """Take the app out."""
    return _act(the_store().app.uninstall, "The app is taken out.")


@blueprint.post("/redact")
def redact() -> Response:
    """Have the app forget everybody, as two days after it was taken out."""
    return _act(the_store().app.redact, "The app is asked to forget everybody.")


@blueprint.post("/scopes")
def set_scopes() -> Response:
    """Change what the app may do."""
    wanted = [each for each in _SCOPES if each in request.form.getlist("scope")]
    return _act(lambda: the_store().app.set_scopes(wanted), "The app was told.")


@blueprint.post("/expire")
def expire() -> Response:
    """End the app's tokens before their time."""
    return _act(the_store().app.expire_tokens, "The app has to renew its tokens.")


@blueprint.post("/trouble")
def make_trouble() -> Response:
    """Let the next questions for tokens go wrong, or none."""
    kind, count = request.form.get("kind", ""), whole_number("count", 1)
    with the_store().data.transaction() as rows:
        trouble.arrange(rows, kind, count, trouble.TOKENS)
    flash("The next answers of the token endpoint are arranged.", "done")
    return to("app.app_page")


def _act(action: Callable[[], None], done: str) -> Response:
    try:
        action()
    except RefusedError as refusal:
        flash(str(refusal), "wrong")
    else:
        flash(done, "done")
    return to("app.app_page")

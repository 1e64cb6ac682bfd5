"""Where owners open the app: within the store's own pages, which say who asks.

An ID token in the address proves the store. Without a good one App Bridge is asked for
it, and outside of those pages the owner is asked for leave (`leave.py`).
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.access import Access
from app.domain.dates import local
from app.domain.languages.translator import Translator
from app.domain.words import program_in_words
from app.doors import Doors, the_doors, when_away
from app.install.arrivals import Arrivals
from app.owner.sign_in import link_path
from app.platforms.base import Forged, StoreAway
from app.platforms.shopify.platform import normal_domain
from app.platforms.shopify.scopes import lacking
from app.platforms.shopify.tokens import TokensRefused
from app.storage import access, stores
from app.storage.stores import Store

_STYLE = (Path(__file__).parent / "templates" / "home.css").read_text()
_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_SCRIPTS = "https://cdn.shopify.com"
_ADMIN = "https://admin.shopify.com"
BOUNCE = "/shopify/bounce"
# The block of storefront_widget/theme that stands on all pages, by its file's name.
_EMBED = "launcher"
# By this name an application knows its way into stores.
WAY = "tallymark.way"

home = Blueprint("home", __name__, url_prefix="/shopify", template_folder="templates")

_log = structlog.get_logger()


def the_way() -> Access:
    """Return the way into stores of this application."""
    way: Access = current_app.extensions[WAY]
    return way


def arrivals() -> Arrivals:
    """Return what lets stores in."""
    return Arrivals(the_way(), the_doors().bell)


@home.get("")
def show() -> ResponseReturnValue:
    """Show the app to whoever opened it in a store, which is installed by that."""
    doors = the_doors()
    token = doors.shopify.id_token(request.args.get("id_token", ""), doors.now())
    if isinstance(token, Forged):
        return _without_token(doors)
    store = arrivals().by_id_token(token)
    where = store.platform, store.domain
    link = link_path(doors.secret_key, *where, doors.now(), token.user_id)
    return _installed(doors, store, f"{the_way().url(store.domain)} {_ADMIN}", link)


def _installed(
    doors: Doors, store: Store, ancestors: str, program_page: str = ""
) -> Response:
    """Say that the app is there; whoever may change the programme gets a link to it."""
    with doors.database.program(store.program_id) as connection:
        kept = access.find(connection, doors.keys, store)
        history = stores.program_history(connection, store.program_id)
    now = datetime.now(UTC)
    return _page(
        200,
        ancestors,
        store=store,
        words=program_in_words(
            history.at(now), Translator(store.currency), local(now, store.timezone)
        ),
        lacking=lacking(kept.scopes) if kept else (),
        program_page=program_page,
        theme_editor=_theme_editor(doors, store),
    )


def _theme_editor(doors: Doors, store: Store) -> str:
    """Return where a theme is edited, with our button turned on there to be saved."""
    app = doors.shopify.client_id
    if not app:
        return ""
    editor = f"{the_way().url(store.domain)}/admin/themes/current/editor"
    return f"{editor}?context=apps&activateAppId={app}/{_EMBED}"


def _without_token(doors: Doors) -> ResponseReturnValue:
    """Have App Bridge fetch a token, or the owner give leave where they have not."""
    if request.args.get("embedded") == "1" and doors.shopify.client_id:
        words = {
            name: value for name, value in request.args.items() if name != "id_token"
        }
        again = f"{request.path}?{urlencode(words)}"
        return redirect(f"{BOUNCE}?{urlencode({'shopify-reload': again})}", 302)
    query = {name: request.args.getlist(name) for name in request.args}
    if doors.shopify.verify_oauth(query, doors.now()):
        store = arrivals().in_place(normal_domain(request.args["shop"]))
        if store:
            # A signed address names no person, and can be used again for a while: it
            # opens nothing that shoppers may not read.
            return _installed(doors, store, "'none'")
        return redirect(f"/shopify/install?{request.query_string.decode()}", 302)
    return _page(401, "'none'", told="Open Tallymark in the admin of your store.")


@home.get("/bounce")
def bounce() -> ResponseReturnValue:
    """Have App Bridge lead back to where it came from, with a token that is good."""
    if not the_doors().shopify.client_id:
        return _page(404, "'none'", told="This is no app of a store yet.")
    return _page(200, f"https://*.myshopify.com {_ADMIN}", told="One moment …")


def answer_errors(door: Blueprint) -> None:
    """Have a door say in words what went wrong with a store, or with us."""
    door.register_error_handler(TokensRefused, _refused)
    door.register_error_handler(StoreAway, _away)
    when_away(door, _database_away)


def _refused(error: TokensRefused) -> Response:
    _log.warning("installation refused", reason=str(error))
    told = "The store did not let Tallymark in. Close it, and open it again."
    return _page(502, _anybody(), told=told)


def _away(error: StoreAway) -> Response:
    _log.warning("installation not finished", error=str(error))
    told = "The store does not answer Tallymark. Open it again in a moment."
    return _page(503, _anybody(), told=told)


def _database_away() -> Response:
    return _page(503, _anybody(), told="Open Tallymark again in a moment.")


answer_errors(home)


def _anybody() -> str:
    """Return who may show a page that says nothing of anybody."""
    return f"https://*.myshopify.com {_ADMIN}"


def _page(
    status: int,
    ancestors: str,
    *,
    told: str = "",
    store: Store | None = None,
    words: list[str] | None = None,
    lacking: tuple[str, ...] = (),
    program_page: str = "",
    theme_editor: str = "",
) -> Response:
    """Return a page that only `ancestors` may show in a frame."""
    doors = the_doors()
    # The sandbox has no App Bridge, and may have no way to it.
    has_bridge = bool(doors.shopify.client_id) and not doors.sandbox_url
    page = render_template(
        "home.html",
        client_id=doors.shopify.client_id if has_bridge else None,
        style=_STYLE,
        told=told,
        store=store,
        words=words or [],
        lacking=lacking,
        program_page=program_page,
        theme_editor=theme_editor,
    )
    response = Response(page, status)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; script-src {_SCRIPTS}; "
        f"connect-src {_SCRIPTS}; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {ancestors}"
    )
    return response

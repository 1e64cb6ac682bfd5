"""Who looks at the owner's pages, at which programme, and how all pages are made."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from app.audit_log import note
from app.domain.dates import local
from app.domain.languages import ENGLISH
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.words import program_in_words
from app.doors import the_doors
from app.owner import sign_in
from app.owner.sign_in import Owner
from app.storage import ledger, stores
from app.storage.stores import ProgramHistory, Store

_STYLE = (Path(__file__).parent / "templates" / "owner" / "owner.css").read_text()
_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
# The pages have forms for themselves, and no script.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class NotSignedIn(HTTPException):
    """The link that opens this page is not good, or not good any more."""

    code = 401


class NotInstalled(HTTPException):
    """Tallymark is not installed in your store any more: install it, and come back."""

    code = 403


class NotFromHere(HTTPException):
    """This was sent from a page that you were not shown: open the programme again."""

    code = 403


@dataclass(frozen=True)
class Visit:
    """An owner who looks at the programme of their store, as it is at this moment."""

    asker: Owner
    store: Store
    history: ProgramHistory
    now: datetime

    @property
    def newest(self) -> Program:
        """The version that was saved last, whether or not it is in force yet."""
        return self.history.versions[-1][1]

    def note(self, what: str, **about: object) -> None:
        """Log that they did something, once it is certain."""
        where = {"program_id": self.asker.program_id, "store_id": self.asker.store_id}
        note(what, self.asker.by, **where, **about)

    def in_words(self, program: Program, language: str = ENGLISH) -> list[str]:
        """Return a programme as shoppers of this store read it, in a language."""
        now = local(self.now, self.store.timezone)
        return program_in_words(program, Translator(self.store.currency, language), now)


def visiting() -> Visit:
    """Return who asks, and the programme of their store; raises NotSignedIn."""
    shared = the_doors()
    asker = sign_in.who_asks(request, shared.secret_key, shared.now())
    if asker is None:
        raise NotSignedIn
    if request.method == "POST" and not sign_in.is_from(asker, request):
        raise NotFromHere
    with shared.database.program(asker.program_id) as connection:
        store = stores.stores_of(connection, asker.program_id).get(asker.store_id)
        # A sign-in ends with the installation that it was made in.
        if store is None or store.install_count != asker.install_count:
            raise NotSignedIn
        if store.uninstalled_at:
            raise NotInstalled
        history = stores.program_history(connection, asker.program_id)
        return Visit(asker, store, history, ledger.now(connection))


def page(name: str, visit: Visit, *, status: int = 200, **told: Any) -> Response:
    """Return a page of somebody who is let in."""
    text = render_template(
        f"owner/{name}", style=_STYLE, visit=visit, token=visit.asker.token, **told
    )
    return _guarded(Response(text, status))


def told(title: str, words: str, status: int) -> Response:
    """Return a page that only says something, to anybody."""
    text = render_template("owner/told.html", style=_STYLE, title=title, words=words)
    return _guarded(Response(text, status))


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    return response

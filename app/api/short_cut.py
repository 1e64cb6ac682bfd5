"""The question that every page of every store asks, answered without going by Flask.

Flask would take longer over it than reading, reckoning and telling do together. It has
the same answers: what goes wrong here is left to it to tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from flask import Flask
from werkzeug.http import parse_etags

from app.api.asking import FAILED, asker_by_query
from app.api.standing import ANSWERS, Answers, Told
from app.domain.languages import language_of
from app.doors import Doors

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

STANDING = "/proxy/standing"


class ShortCut:
    """An application that asks Flask for all but standings."""

    def __init__(self, app: Flask) -> None:
        """Answer for this application."""
        self._app = app
        self._flask = app.wsgi_app

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer as WSGI asks."""
        if environ["PATH_INFO"] == STANDING and environ["REQUEST_METHOD"] == "GET":
            try:
                told = self._told(environ)
            except Exception as error:
                environ[FAILED] = error
            else:
                start_response(told.status, told.headers)
                return [told.body]
        return self._flask(environ, start_response)

    def _told(self, environ: dict[str, Any]) -> Told:
        doors: Doors = self._app.extensions["tallymark"]
        answers: Answers = self._app.extensions[ANSWERS]
        # Read as Flask's own requests read it.
        query = parse_qs(
            environ["QUERY_STRING"],
            keep_blank_values=True,
            errors="werkzeug.url_quote",
        )
        seen = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
        language = language_of(query.get("lang", [""])[0])
        return answers.told(doors, asker_by_query(doors, query), seen, language)

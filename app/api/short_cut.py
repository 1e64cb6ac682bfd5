"""The question that every page of every store asks, answered without going by Flask.

Flask would take longer over it than reading, reckoning and telling do together. It has
the same answers: what goes wrong here is left to it to tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.http import parse_etags

from app.api.asking import FAILED, asker_by_query
from app.api.standing import ANSWERS, Answers, Told
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
        # Nothing else that strangers write is read before it is known who asks.
        who = asker_by_query(doors, environ["QUERY_STRING"])
        seen = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
        return answers.told(doors, who, seen)

"""What a door that speaks JSON says is wrong with a request."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from app.doors import when_away

# What is said beside the words: how to come back, and when.
_SAID = ("Retry-After", "WWW-Authenticate")


class Problem(HTTPException):
    """Something is wrong with the request: each kind says what in its docstring.

    One that may be sent again after a while says so by `retry_after_s`.
    """

    retry_after_s: int | None = None

    def __init__(self, description: str | None = None) -> None:
        """Say `description`, or what the docstring of the kind says."""
        super().__init__(description or (type(self).__doc__ or "").strip())


def answer_errors(door: Blueprint) -> None:
    """Have a door tell in JSON what is wrong."""
    door.register_error_handler(HTTPException, _refused)
    door.register_error_handler(ValidationError, _invalid)
    when_away(door, _unavailable)


def _refused(error: HTTPException) -> Response:
    """Say what is wrong."""
    response = jsonify({"error": error.description or error.name})
    response.status_code = error.code or 500
    for name, text in error.get_headers():
        if name in _SAID:
            response.headers[name] = text
    if isinstance(error, Problem) and error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _invalid(error: ValidationError) -> Response:
    """Say which fields are wrong."""
    response = jsonify({"error": "the body cannot be read", "fields": error.messages})
    response.status_code = 422
    return response


def _unavailable() -> Response:
    """Say that this is no time to ask."""
    return jsonify({"error": "the database is away; ask again in a moment"})

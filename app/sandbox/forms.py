"""What a form says, read with care."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

LONGEST_ID = 18


def whole_number(field: str, otherwise: int) -> int:
    """Read a small whole number."""
    written = request.form.get(field, "").strip()
    return int(written) if written.isdecimal() and len(written) < 6 else otherwise


def identifier(field: str) -> int:
    """Read an id; 0, which nothing has, where there is none."""
    written = request.form.get(field, "").strip()
    is_id = written.isdecimal() and len(written) <= LONGEST_ID
    return int(written) if is_id else 0


def is_ticked(field: str) -> bool:
    """Whether a box is ticked."""
    return bool(request.form.get(field))


def to(page: str, **values: str | int) -> Response:
    """Send the browser on to a page."""
    return redirect(url_for(page, **values), 303)  # type: ignore[arg-type]

"""What a browser sends of a form, read from the page as a browser would read it."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser

Pairs = list[tuple[str, str]]


class SentForm(HTMLParser):
    """The fields of the form with this action, as they are when nobody touches them."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self._action = action
        self._is_in = False
        self._named: str | None = None
        self._chosen: str | None = None
        self._first: str | None = None
        self._lines: list[str] | None = None
        self.pairs: Pairs = []
        # A browser knows one sort of line end.
        self.feed(re.sub("\r\n?", "\n", page))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is sent of a field."""
        told = {name: text or "" for name, text in attrs}
        if tag == "form":
            self._is_in = told.get("action") == self._action
        elif self._is_in and tag == "input":
            self._input(told)
        elif self._is_in and tag == "textarea":
            self._named, self._lines = told["name"], []
        elif self._is_in and tag == "select":
            self._named, self._chosen, self._first = told["name"], None, None
        elif self._is_in and tag == "option":
            if self._first is None:
                self._first = told["value"]
            if "selected" in told:
                self._chosen = told["value"]

    def handle_data(self, data: str) -> None:
        """Note the text of a field of several lines."""
        if self._lines is not None:
            self._lines.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Note what the field has come to."""
        if tag == "textarea" and self._lines is not None and self._named:
            text = "".join(self._lines).removeprefix("\n").replace("\n", "\r\n")
            self.pairs.append((self._named, text))
            self._lines = None
        elif tag == "select" and self._is_in and self._named:
            chosen = self._first if self._chosen is None else self._chosen
            self.pairs.append((self._named, chosen or ""))
        elif tag == "form":
            self._is_in = False

    def _input(self, told: dict[str, str]) -> None:
        kind = told.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in told:
            return
        text = told.get("value", "on" if kind == "checkbox" else "")
        if kind != "hidden":
            text = _CLEANED.get(kind, _one_line)(text)
        if "name" in told:
            self.pairs.append((told["name"], text))


def changed(pairs: Pairs, **values: str) -> Pairs:
    """The same form with other values; a name's dots are written as two underscores."""
    names = {name.replace("__", "."): text for name, text in values.items()}
    kept = [(name, text) for name, text in pairs if name not in names]
    return [*kept, *names.items()]


def _one_line(text: str) -> str:
    return text.replace("\n", "")


def _number(text: str) -> str:
    is_one = re.fullmatch(r"-?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text)
    return text if is_one else ""


def _moment(text: str) -> str:
    pattern = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?"
    if not re.fullmatch(pattern, text):
        return ""
    # Nothing smaller than a thousandth fits in, and noughts at the end go.
    at = datetime.fromisoformat(text)
    milliseconds = at.microsecond // 1000
    written = f"{at:%Y-%m-%dT%H:%M}"
    if at.second or milliseconds:
        written += f":{at:%S}"
    return written + (f".{milliseconds:03}" if milliseconds else "")


_CLEANED = {"number": _number, "datetime-local": _moment}

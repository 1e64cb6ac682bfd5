"""A request as WSGI names it, and an answer taken whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, Response, request

from app.wsgi import call


@dataclass
class Scope:
    """A request as Granian describes it."""

    path: str = "/"
    method: str = "POST"
    query_string: str = ""
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "192.0.2.7:1234"
    scheme: str = "http"
    headers: Any = field(default_factory=lambda: Headers(("host", "shop.example")))


class Headers:
    """The headers of a request, each as often as it was sent."""

    def __init__(self, *items: tuple[str, str]) -> None:
        self._items = items

    def items(self) -> list[tuple[str, str]]:
        return list(self._items)


@pytest.fixture
def echo() -> Flask:
    """An application that says what it was asked."""
    app = Flask("echo")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def say(path: str) -> dict[str, Any]:
        return {
            "path": path,
            "arguments": request.args.to_dict(),
            "from": request.remote_addr,
            "host": request.host,
            "type": request.content_type,
            "listed": request.headers.get("X-Listed"),
            "body": request.get_data(as_text=True),
        }

    return app


def _asked(echo: Flask, scope: Any, body: bytes = b"") -> dict[str, Any]:
    with echo.app_context():
        return echo.json.loads(call(echo, scope, body).body)


def test_path_query_and_addresses_arrive_as_they_were_sent(echo: Flask):
    said = _asked(echo, Scope(path="/café/x", query_string="a=%C3%A9&b=1"))

    assert ("café/x", {"a": "é", "b": "1"}) == (said["path"], said["arguments"])
    assert ("192.0.2.7", "shop.example") == (said["from"], said["host"])


def test_headers_sent_twice_are_joined(echo: Flask):
    sent = Headers(("host", "x"), ("x-listed", "a"), ("x-listed", "b"))

    assert "a,b" == _asked(echo, Scope("/x", headers=sent))["listed"]


def test_a_header_cannot_pass_for_another(echo: Flask):
    sent = Headers(("host", "x"), ("x_listed", "forged"), ("content-type", "a/b"))

    said = _asked(echo, Scope("/x", headers=sent))

    assert (None, "a/b") == (said["listed"], said["type"])


@pytest.mark.parametrize(
    "length", [("content-length", "4"), ("transfer-encoding", "chunked")]
)
def test_a_body_is_read_however_it_travelled(echo: Flask, length: tuple[str, str]):
    sent = Headers(("host", "x"), length)

    assert "body" == _asked(echo, Scope("/x", headers=sent), b"body")["body"]


def test_an_answer_in_pieces_is_taken_whole_and_closed():
    app = Flask("pieces")
    closed = []

    @app.get("/")
    def pieces() -> Response:
        def each() -> Iterator[bytes]:
            yield b"one "
            yield b"two"

        answer = Response(each(), status=207, headers={"X-Kind": "pieces"})
        answer.call_on_close(lambda: closed.append(True))
        return answer

    answer = call(app, Scope(method="GET"), b"")  # type: ignore[arg-type]

    assert (207, b"one two", [True]) == (answer.status, answer.body, closed)
    assert ("X-Kind", "pieces") in answer.headers

"""Past Flask or by it, standings are guarded and answered in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api import asking, short_cut
from app.hardening import Hardened
from app.main import create_app
from tests.builders.line import DOMAIN, TestLine, proxy_query, proxy_signature
from tests.builders.shopify import an_order
from tests.security.test_headers import HARD, JSON

PATH = "/proxy/standing"
METHODS = "HEAD POST PUT PATCH DELETE OPTIONS TRACE FOO get".split()
PATHS = (
    f"{PATH}/",
    f"/{PATH}",
    "/proxy//standing",
    "/proxy/./standing",
    "/PROXY/standing",
    "/proxy/%73tanding",
    f"{PATH};x",
    f"{PATH}%00",
    f"{PATH}%2F",
)


@pytest.fixture(scope="module")
def known(module_line: TestLine) -> TestLine:
    """A store with a customer who has points, and another store."""
    module_line.add_store("other.myshopify.com")
    module_line.settle(("orders/paid", an_order()))
    return module_line


@pytest.fixture(scope="module")
def by_flask(known: TestLine) -> Iterator[FlaskClient]:
    """A client of the application without the short cut."""
    app = create_app(known.settings)
    plain = Flask.wsgi_app.__get__(app)
    app.wsgi_app = Hardened(plain)  # type: ignore[method-assign]
    yield app.test_client()
    app.extensions["tallymark"].database.close()


def _signed(**params: str) -> str:
    return proxy_query("7001", **params)


def _signed_list(*pairs: tuple[str, str]) -> str:
    """A query that is signed as Shopify does, with names that come more than once."""
    values: dict[str, list[str]] = {}
    now = ("timestamp", str(int(time.time())))
    for name, value in (("shop", DOMAIN), now, *pairs):
        values.setdefault(name, []).append(value)
    joined = {name: ",".join(each) for name, each in values.items()}
    query = [(name, each) for name, some in values.items() for each in some]
    return urlencode([*query, ("signature", proxy_signature(joined))])


QUERIES: dict[str, tuple[Callable[[], str], int]] = {
    "a customer": (_signed, 200),
    "a guest": (proxy_query, 200),
    "nothing": (lambda: "", 401),
    "ampersands": (lambda: "&" * 1000, 401),
    "no value": (lambda: "shop&signature&timestamp", 401),
    "no signature": (lambda: f"shop={DOMAIN}&logged_in_customer_id=7001", 401),
    "an empty signature": (lambda: _signed().rpartition("=")[0] + "=", 401),
    "another secret": (lambda: proxy_query("7001", secret="guess"), 401),
    "another customer": (lambda: _signed().replace("7001", "7002"), 401),
    "a customer more": (lambda: f"{_signed()}&logged_in_customer_id=7002", 401),
    "a customer before": (lambda: f"logged_in_customer_id=7002&{_signed()}", 401),
    "a store more": (lambda: f"{_signed()}&shop=other.myshopify.com", 401),
    "a signature more": (lambda: f"{_signed()}&signature=0", 401),
    "a name in other letters": (lambda: f"{_signed()}&Shop=other.myshopify.com", 401),
    "two customers, signed": (
        lambda: _signed_list(
            ("logged_in_customer_id", "7001"), ("logged_in_customer_id", "7002")
        ),
        401,
    ),
    "two stores, signed": (lambda: _signed_list(("shop", "other.myshopify.com")), 401),
    "a name twice, signed": (lambda: _signed_list(("v", "1"), ("v", "2")), 200),
    "a name unsigned": (lambda: f"{_signed()}&v=1", 401),
    "a name signed": (lambda: _signed(v="ä ü+%&=;/?#"), 200),
    "names in percents": (lambda: _signed().replace("shop=", "%73hop="), 200),
    "spaces as percents": (lambda: _signed(v="a b").replace("a+b", "a%20b"), 200),
    "a semicolon": (lambda: f"{_signed()};logged_in_customer_id=7002", 401),
    "no such bytes": (lambda: f"{_signed()}&v=%ff%fe", 401),
    "half a percent": (lambda: f"{_signed()}&v=%", 401),
    "raw bytes": (lambda: f"{_signed()}&v=\xe4\xff", 401),
    "a NUL, signed": (lambda: _signed(v="\0"), 401),
    "a NUL in the customer": (lambda: proxy_query("7001\0"), 401),
    "a line in the customer": (lambda: proxy_query("7001\n"), 200),
    "no store of ours": (lambda: _signed(shop="no.example"), 404),
    "no store at all": (lambda: _signed(shop=""), 404),
    "another store": (lambda: _signed(shop="other.myshopify.com"), 200),
    "too old": (lambda: _signed(timestamp="1317327555"), 401),
    "no time": (lambda: _signed(timestamp="soon"), 401),
    "digits of another script": (lambda: _signed(timestamp="١٣"), 401),
    "long, signed": (lambda: _signed(v="x" * (asking.QUERY_MAX // 2)), 200),
    "too long, signed": (lambda: _signed(v="x" * asking.QUERY_MAX), 401),
    "much too long": (lambda: f"{_signed()}&{'a=1&' * 50_000}", 401),
}


def _answers(
    client: FlaskClient, query: str, method: str = "GET", **headers: str
) -> tuple[int, bytes, list[tuple[str, str]]]:
    answer = client.open(
        environ_overrides={
            "PATH_INFO": PATH,
            "REQUEST_METHOD": method,
            "QUERY_STRING": query,
            **headers,
        },
    )
    # Flask says how long an answer is, which the server does for both.
    told = [
        each for each in answer.headers if each[0] not in ("Content-Length", "Date")
    ]
    return answer.status_code, answer.get_data(), sorted(told)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_answered_as_flask_would(
    known: TestLine, by_flask: FlaskClient, name: str
):
    make, status = QUERIES[name]
    query = make()
    short, flask = (_answers(each, query) for each in (known.client, by_flask))

    assert (status, short) == (short[0], flask)
    assert dict(short[2]).items() >= (HARD | JSON).items()
    assert ("ETag" in dict(short[2])) == (status == 200)


@pytest.mark.parametrize("method", METHODS)
def test_other_methods_are_answered_as_flask_would(
    known: TestLine, by_flask: FlaskClient, method: str
):
    for query in (_signed(), ""):
        short, flask = (
            _answers(each, query, method) for each in (known.client, by_flask)
        )
        assert short == flask
        if method == "HEAD":
            assert (200 if query else 401, b"") == short[:2]


@pytest.mark.parametrize("path", PATHS)
def test_other_paths_are_not_answered_without_a_signature(
    known: TestLine, by_flask: FlaskClient, path: str
):
    for client in (known.client, by_flask):
        assert client.get(f"{path}?shop={DOMAIN}").status_code in (308, 401, 404)
    assert {client.get(path).status_code for client in (known.client, by_flask)} in (
        {308},
        {401},
        {404},
    )


SEEN: tuple[tuple[str, int], ...] = (
    ("{}", 304),
    ("W/{}", 304),
    ('"other", {}', 304),
    ("*", 304),
    ('"other"', 200),
    ("{", 200),
    (", ,,", 200),
    ('"' * 999, 200),
    ("x" * 30_000, 200),
)


@pytest.mark.parametrize(("seen", "status"), SEEN)
def test_what_was_seen_is_told_as_flask_would(
    known: TestLine, by_flask: FlaskClient, seen: str, status: int
):
    query = _signed()
    etag = dict(_answers(known.client, query)[2])["ETag"]
    header = {"HTTP_IF_NONE_MATCH": seen.replace("{}", etag)}
    short, flask = (
        _answers(each, query, **header) for each in (known.client, by_flask)
    )

    assert (status, short) == (short[0], flask)
    # To have seen it is no way in.
    assert 401 == _answers(known.client, "", **header)[0]


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError("it was read")


def test_strangers_have_nothing_read_that_takes_its_time(
    known: TestLine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(short_cut, "parse_etags", _never)
    assert 401 == _answers(known.client, "", HTTP_IF_NONE_MATCH="," * 30_000)[0]
    monkeypatch.setattr(asking, "parse_qs", _never)
    for method in ("GET", "HEAD"):
        long = f"v={quote('ä') * asking.QUERY_MAX}"
        assert 401 == _answers(known.client, long, method)[0]


def test_no_header_passes_for_what_went_wrong_before(known: TestLine):
    for name in ("Tallymark.failed", "Tallymark-Failed", "X-Original-Url"):
        headers = {name: "1"}
        assert 401 == known.client.get(PATH, headers=headers).status_code

"""The headers of every answer, good and bad, as a snapshot that is checked in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.counter.link import counter_path
from app.main import create_app
from app.owner.sign_in import link_path
from tests.builders.draws import hold_a_draw
from tests.builders.line import DOMAIN, TestLine, proxy_query
from tests.security.callers import ask
from tests.security.matrix import ROUTES, Caller, Route

HARD = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
LATER = {"Retry-After": "5"}
LET_IN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Max-Age": "7200",
}
# They differ from one answer to the next.
VARYING = ("Content-Length", "Date", "ETag")
METHODS = "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT PROPFIND FOO".split()
ORIGINS = [
    "https://evil.example",
    "null",
    "",
    "https://test.myshopify.com",
    "https://test.myshopify.com.evil.example",
    "https://evil.example/test.myshopify.com",
    "https://admin.shopify.com",
    "http://127.0.0.1:8000",
    "https://évil.example",
]
by_page = pytest.mark.parametrize(
    "route", [each for each in ROUTES if not each.is_by_token], ids=str
)
by_token = pytest.mark.parametrize(
    "route", [each for each in ROUTES if each.is_by_token], ids=str
)
by_proxy = pytest.mark.parametrize(
    "route", [each for each in ROUTES if each.path.startswith("/proxy/")], ids=str
)
# A redemption that is not there is told so without a look at the programme.
reads_program = pytest.mark.parametrize(
    "route",
    [
        each
        for each in ROUTES
        if each.path.startswith("/proxy/") and "{" not in each.path
    ],
    ids=str,
)
every_route = pytest.mark.parametrize("route", ROUTES, ids=str)


def _headers(answer: TestResponse) -> dict[str, str]:
    return {name: text for name, text in answer.headers if name not in VARYING}


def _is_generic(answer: TestResponse) -> bool:
    """Whether an answer tells a stranger nothing of what goes on inside."""
    text = answer.get_data(as_text=True).lower()
    inside = ("traceback", "psycopg", "sqlalchemy", "/app/", "file ", "keyerror")
    return len(text) < 400 and not any(word in text for word in inside)


@pytest.fixture(scope="module", autouse=True)
def _drawn(module_line: TestLine) -> None:
    """So that there is a draw to be asked for."""
    hold_a_draw(module_line)


@pytest.fixture
def gone(line: TestLine) -> FlaskClient:
    """A client of an app whose database is not there."""
    away = line.database.url.set(drivername="postgresql", database="nowhere")
    settings = line.settings_with(database_url=away.render_as_string(False))
    return create_app(settings).test_client()


def _caller(route: Route) -> Caller:
    """Somebody whom the route lets in, a customer where it can be one."""
    return next(who for who in reversed(Caller) if route.answers[who] < 300)


@every_route
def test_a_good_answer(module_line: TestLine, route: Route):
    answer = ask(module_line.client, route, _caller(route))

    extra = LET_IN if route.is_by_token else {}
    extra |= {name: text for name, text in route.headers.items() if name != "ETag"}
    assert HARD | extra | {"Content-Type": route.content} == _headers(answer)
    assert ("ETag" in route.headers) == ("ETag" in answer.headers)


@every_route
def test_a_refusal(module_line: TestLine, route: Route):
    answer = ask(module_line.client, route, Caller.ANYBODY)
    if answer.status_code == 401:
        kind = PAGE if route.path.startswith("/webhooks/") else JSON
        extra = LET_IN if route.is_by_token else {}
        if route.path.startswith("/tools/"):
            extra = {"WWW-Authenticate": "Bearer realm=tallymark"}
        assert HARD | extra | kind == _headers(answer)


@every_route
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_no_route_has(module_line: TestLine, route: Route, method: str):
    caller = _caller(route)
    answer = ask(module_line.client, route, caller, method=method)
    allowed = {route.method, "OPTIONS"} | ({"HEAD"} if route.method == "GET" else set())

    assert _headers(answer).items() >= HARD.items()
    if method in allowed:
        expected = route.answers[caller] if method == route.method else 200
        assert expected == answer.status_code
    else:
        assert 405 == answer.status_code
        assert allowed == {name.strip() for name in answer.headers["Allow"].split(",")}
        assert _is_generic(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/static/app.js",
        "/webhooks/shopify/",
        "/proxy",
        "/proxy/../metrics/x",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/console",
        "/?__debugger__=yes&cmd=resource&f=style.css",
        "/.git/config",
        "/.env",
    ],
)
def test_what_is_not_there(module_line: TestLine, path: str):
    answer = module_line.client.get(path)

    assert _headers(answer).items() >= HARD.items()
    assert _is_generic(answer)
    assert answer.status_code == (200 if path.startswith("/?") else 404)


@by_proxy
def test_a_store_that_is_not_there(module_line: TestLine, route: Route):
    answer = ask(module_line.client, route, Caller.CUSTOMER, domain="no.example")

    assert 404 == answer.status_code
    assert HARD | JSON == _headers(answer)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"currency=EUR", "application/x-www-form-urlencoded", 415),
        (b"{}", "multipart/form-data; boundary=x", 415),
        (b" " * (64 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_taken(
    module_line: TestLine, body: bytes, kind: str, status: int
):
    """A page elsewhere can send forms and text without being asked; never JSON."""
    answer = module_line.client.post(
        f"/proxy/estimate?{proxy_query()}", data=body, content_type=kind
    )

    assert status == answer.status_code
    assert HARD | JSON == _headers(answer)
    assert _is_generic(answer)


@every_route
def test_the_database_is_gone(gone: FlaskClient, route: Route):
    answer = ask(gone, route, _caller(route))
    needs_it = Caller.ANYBODY not in (
        who for who in Caller if route.answers[who] == 200
    )

    assert _headers(answer).items() >= HARD.items()
    assert _is_generic(answer)
    if needs_it:
        assert 503 == answer.status_code
        assert _headers(answer).items() >= LATER.items()


@pytest.mark.parametrize(
    "path",
    [
        link_path("secret", "shopify", DOMAIN, datetime.now(UTC)),
        counter_path("secret", 1, 1),
    ],
    ids=["owner", "counter"],
)
def test_pages_for_people_say_so_too(gone: FlaskClient, path: str):
    answer = gone.get(path)

    assert 503 == answer.status_code
    assert _headers(answer).items() >= LATER.items()
    assert "The database is away" in answer.get_data(as_text=True)


@reads_program
def test_a_handler_that_fails_is_a_500_without_a_reason(line: TestLine, route: Route):
    """A programme that cannot be read, as after a fault of ours, breaks its readers."""
    line.tamper("update program_version set document = '[\"canary\"]'")

    answer = ask(line.client, route, Caller.CUSTOMER)

    assert 500 == answer.status_code
    assert HARD | JSON == _headers(answer)
    assert _is_generic(answer)
    assert "canary" not in answer.get_data(as_text=True)


def test_tables_that_are_gone_are_the_stores_reason_to_send_again(line: TestLine):
    line.tamper("alter table inbox rename to elsewhere")

    answer = line.deliver("orders/paid", b"{}")
    line.tamper("alter table elsewhere rename to inbox")

    assert 503 == answer.status_code
    assert HARD | LATER | PAGE == _headers(answer)
    assert b"" == answer.get_data()


@by_token
def test_an_extension_may_ask_from_anywhere_but_brings_no_cookie(
    module_line: TestLine, route: Route
):
    """A browser asks first, without the token, whether it may send one."""
    url = route.url.replace("{order_id}", "1")
    answer = module_line.client.options(url, headers={"Origin": "null"})

    assert 200 == answer.status_code
    assert LET_IN.items() <= _headers(answer).items()
    assert "credentials" not in str(answer.headers).lower()


@by_page
@pytest.mark.parametrize("origin", ORIGINS)
def test_no_origin_is_ever_let_in(module_line: TestLine, route: Route, origin: str):
    """The widget asks its own store; nobody else's page has business here."""
    for method in (route.method, "OPTIONS"):
        answer = ask(
            module_line.client, route, _caller(route), method=method, origin=origin
        )
        told = str(answer.headers).lower()

        assert "access-control-" not in told
        assert "evil" not in told
        assert "set-cookie" not in told


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "Host", "X-Original-URL"])
def test_no_header_of_the_asker_comes_back(module_line: TestLine, name: str):
    for route in ROUTES:
        answer = module_line.client.open(
            route.url, method=route.method, headers={name: "evil.example"}
        )
        assert "evil" not in str(answer.headers) + answer.get_data(as_text=True)


@pytest.mark.parametrize("shop", ["evil.example", "a'; frame-ancestors *", "*"])
def test_the_policy_is_the_same_whatever_store_is_named(
    module_line: TestLine, shop: str
):
    for query in (f"shop={shop}", proxy_query(shop=shop)):
        answer = module_line.client.get(f"/proxy/standing?{query}")
        assert _headers(answer).items() >= HARD.items()

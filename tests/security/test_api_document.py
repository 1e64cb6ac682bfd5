"""docs/openapi.json says all that is served, and what is served does as it says."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import AuthContext, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.main import create_app
from tests.builders.line import (
    DOMAIN,
    TestLine,
    lift_limits,
    proxy_query,
    proxy_signature,
    sign,
)
from tests.builders.shopify import an_order
from tests.builders.tokens import a_session_token
from tests.builders.tool_keys import a_tool_key
from tests.security.api_document import PATH, written
from tests.security.matrix import REPORT_KEY, ROUTES, WISH, Caller, Route, a_report


class _Late:
    """The app, which is there only once there are servers to test on."""

    def __init__(self) -> None:
        self.app: Any = None
        self.client: Any = None
        self.answered: Counter[tuple[str, str]] = Counter()

    def __call__(self, environment: Any, start: Any) -> Any:
        """Hand a request on, and count the answers."""

        def counted(status: str, *rest: Any) -> Any:
            self.answered[environment["PATH_INFO"], status[:3]] += 1
            return start(status, *rest)

        return self.app(environment, counted)


LATE = _Late()
API = schemathesis.openapi.from_path(PATH)
API.app = LATE
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    allow_header_conformance,
    ignored_auth,
]


@API.auth()
class Signed:
    """Signs what was made up, as the store would: its queries and its bodies."""

    def get(self, case: Case, _: AuthContext) -> str:
        """Nothing is fetched: the secret is known."""
        return case.path

    def set(self, case: Case, path: str, _: AuthContext) -> None:
        """Put the signature where it belongs."""
        if path.startswith("/proxy/"):
            query = {name: str(text) for name, text in (case.query or {}).items()}
            query |= {"shop": DOMAIN, "timestamp": str(int(time.time()))}
            query.pop("signature", None)
            case.query = query | {"signature": proxy_signature(query)}
        elif path.startswith("/api/"):
            # Somebody, or a guest, as what was made up has it.
            whose = "" if case.query else "7001"
            case.headers["Authorization"] = f"Bearer {a_session_token(whose)}"
        elif path.startswith("/tools/"):
            case.headers["Authorization"] = f"Bearer {a_tool_key(LATE.client)}"
        elif path.startswith("/webhooks/"):
            sent = case.as_transport_kwargs()
            raw = json.dumps(sent["json"]) if "json" in sent else sent.get("data", b"")
            raw = raw.encode() if isinstance(raw, str) else raw
            case.headers["X-Shopify-Hmac-Sha256"] = sign(raw)


@pytest.fixture(scope="module", autouse=True)
def _served(module_line: TestLine) -> None:
    """The API of a store with a customer who has points."""
    module_line.settle(("orders/paid", an_order()))
    LATE.app = create_app(module_line.settings)
    lift_limits(LATE.app)
    LATE.client = LATE.app.test_client()


def test_the_document_is_the_one_that_the_schemas_make():
    """`make openapi` writes it anew."""
    assert written() == PATH.read_text()


def test_the_document_and_the_routes_are_the_same():
    document = json.loads(PATH.read_text())
    described = {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }

    assert {str(route) for route in ROUTES} == set(described)
    for route in ROUTES:
        answers = described[str(route)]["responses"]
        assert {str(status) for status in route.answers.values()} <= set(answers)
        is_closed = route.answers[Caller.ANYBODY] == 401
        assert is_closed == bool(described[str(route)].get("security"))


# Where nothing is sent, nothing can be sent wrong.
MADE = [
    pytest.param(route, made, id=f"{route}-{made}")
    for route in ROUTES
    for made in GenerationMode
    if made is GenerationMode.POSITIVE
    or any(API[route.path][route.method].iter_parameters())
]


@pytest.mark.parametrize(("route", "made"), MADE)
def test_what_is_served_does_as_the_document_says(route: Route, made: GenerationMode):
    operation = API[route.path][route.method]
    # Extensions are answered by what answers the app proxy.
    examples = 8 if route.is_by_token else 40

    @given(operation.as_strategy(made))
    @settings(max_examples=examples)
    def holds(case: Case) -> None:
        case.call_and_validate(checks=CHECKS)

    holds()


def test_what_is_offered_is_taken_as_the_document_says():
    """What is made up names no action that there is."""
    query = dict(parse_qsl(proxy_query("7001")))
    body = {"action": "newsletter", "key": "spring"}
    case = API["/proxy/actions"]["POST"].Case(
        query=query, body=body, media_type="application/json"
    )

    case.call_and_validate(checks=CHECKS)


@pytest.mark.parametrize("path", ["/proxy/redemptions", "/api/redemptions"])
def test_a_wish_for_a_reward_is_taken_as_the_document_says(path: str):
    """What is made up names no reward that there is."""
    proof = {"Authorization": f"Bearer {a_session_token('7001')}"}
    case = API[path]["POST"].Case(
        query=dict(parse_qsl(proxy_query("7001"))) if "proxy" in path else {},
        headers={} if "proxy" in path else proof,
        body=WISH,
        media_type="application/json",
    )

    assert 202 == case.call_and_validate(checks=CHECKS).status_code


def test_a_tools_report_is_taken_and_told_as_the_document_says():
    """What is made up names no action that there is, and no key that was used."""
    proof = {"Authorization": f"Bearer {a_tool_key(LATE.client)}"}
    for case in (
        API["/tools/actions"]["POST"].Case(
            headers=proof | {"Idempotency-Key": REPORT_KEY},
            body=a_report(0),
            media_type="application/json",
        ),
        API["/tools/actions/{key}"]["GET"].Case(
            headers=proof, path_parameters={"key": REPORT_KEY}
        ),
    ):
        answer = case.call_and_validate(checks=CHECKS)
        assert answer.status_code < 300, answer.text


def test_every_route_was_really_reached_and_refused():
    """After the tests above, so that they cannot pass by asking nothing."""
    good = {path for path, status in LATE.answered if status in ("200", "202")}
    refused = {path for path, status in LATE.answered if status == "401"}

    fixed = [route for route in ROUTES if "{" not in route.path]
    paths = {route.path for route in fixed}
    assert {
        one.path for one in fixed if min(one.answers.values()) < 300
    } == good & paths
    closed = {one.path for one in fixed if 401 in one.answers.values()}
    assert closed == refused & paths
    some = [path for path, status in LATE.answered if "/redemptions/" in path]
    assert len(some) > 5
    assert LATE.answered["/proxy/redemptions", "422"] > 5
    assert LATE.answered["/proxy/estimate", "422"] > 5
    assert LATE.answered["/api/estimate", "422"] > 2


def test_what_was_made_up_left_a_ledger_that_holds(module_line: TestLine):
    module_line.worker.drain()

    assert (module_line.audit(), module_line.violations()) == (None, [])
    # An order, the shopper's own word, and the tool's, which is one too many. Somebody
    # who was made up may have done what there is to do.
    assert 150 == module_line.standing(7001).available
    assert {"available", "issued"} == set(module_line.totals())

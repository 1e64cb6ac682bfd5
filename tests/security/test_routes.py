"""Every route has an entry in the matrix, and answers each caller as it says."""

from __future__ import annotations

import pytest
from flask import Flask

from app.domain.actions import Newsletter
from app.domain.program import Counting, Program
from app.main import create_app
from app.storage import stores
from tests.builders.draws import hold_a_draw
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, a_line, an_order
from tests.security.callers import ask, names_somebody, told
from tests.security.matrix import PAGES, ROUTES, Caller, Route

OTHER = "other.myshopify.com"
CANARIES = ("#CANARY-1", "canary@example.com", "Canary", "4242.42", "4242")
NAMING = [route for route in ROUTES if names_somebody(route)]
PRODUCT, NO_PRODUCT, NO_CUSTOMER = 21, 99, "4711"


@pytest.fixture(scope="module")
def known(module_line: TestLine) -> TestLine:
    """A store whose customer and product are known, and another one without."""
    sale = Counting(excluded_tags=frozenset({"sale"}))
    reported = Newsletter(shoppers_report=True)
    program = Program(counting=sale, actions=(reported,))
    module_line.set_program(program)
    other = module_line.add_store(OTHER)
    with module_line.database.program(other.program_id) as connection:
        stores.save_program(connection, other.program_id, program, None)
    customer = ADA | {"email": "canary@example.com", "first_name": "Canary"}
    product = {"id": PRODUCT, "tags": "sale", "variants": []}
    module_line.settle(
        (
            "orders/paid",
            an_order(
                a_line("4242.42", product_id=22),
                name="#CANARY-1",
                customer=customer,
                email="canary@example.com",
            ),
        ),
        ("customers/update", ADA | {"id": 7002, "email": None}),
        ("products/update", product),
    )
    hold_a_draw(module_line)
    return module_line


def _served(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_an_entry_and_every_entry_a_route(module_line: TestLine):
    served = _served(create_app(module_line.settings))

    assert served == {str(route) for route in ROUTES} | {str(page) for page in PAGES}
    assert len(served) == len(ROUTES) + len(PAGES)


def test_no_route_serves_files_or_debugs(module_line: TestLine):
    app = create_app(module_line.settings)

    assert "static" not in app.view_functions
    assert not app.debug
    assert not app.testing


@pytest.mark.parametrize("caller", Caller)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_route_answers_each_caller_as_the_matrix_says(
    known: TestLine, route: Route, caller: Caller
):
    assert route.answers[caller] == ask(known.client, route, caller).status_code


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_refusal_keeps_nothing_and_says_no_reason(known: TestLine, route: Route):
    before = len(known.inbox())
    refused = [who for who in Caller if route.answers[who] == 401]
    answers = {told(ask(known.client, route, who))[1] for who in refused}

    assert before == len(known.inbox())
    assert len(answers) <= 1
    for words in ("signature", "secret", "hmac", "base64"):
        assert words not in b"".join(answers).decode().lower()


@pytest.mark.parametrize("route", NAMING, ids=str)
@pytest.mark.parametrize("caller", [Caller.GUEST, Caller.CUSTOMER, Caller.STORE])
def test_another_stores_people_and_things_are_as_if_there_were_none(
    known: TestLine, route: Route, caller: Caller
):
    """Under the same ids: what is there in one store is nothing in another."""
    there = {"customer_id": "7001", "object_id": PRODUCT}
    nowhere = {"customer_id": NO_CUSTOMER, "object_id": NO_PRODUCT}
    asked = [
        ask(known.client, route, caller, domain=OTHER, **ids)  # type: ignore[arg-type]
        for ids in (there, nowhere)
    ]

    assert told(asked[0]) == told(asked[1])
    assert not any(canary in asked[0].get_data(as_text=True) for canary in CANARIES)


@pytest.mark.parametrize("route", NAMING, ids=str)
@pytest.mark.parametrize("domain", [DOMAIN, OTHER])
def test_a_customer_who_has_nothing_is_told_the_same_as_one_who_is_not_there(
    known: TestLine, route: Route, domain: str
):
    asked = [
        ask(known.client, route, Caller.CUSTOMER, domain=domain, customer_id=whose)
        for whose in ("7002", NO_CUSTOMER)
    ]

    assert told(asked[0]) == told(asked[1])
    assert not any(canary in asked[0].get_data(as_text=True) for canary in CANARIES)


@pytest.mark.parametrize("route", NAMING, ids=str)
def test_a_guest_is_told_the_same_whoever_is_there(known: TestLine, route: Route):
    """What a guest may see of a store has nobody's name or points in it."""
    answers = {
        told(ask(known.client, route, Caller.GUEST, object_id=id_))
        for id_ in (NO_PRODUCT, NO_PRODUCT + 1)
    }

    assert 1 == len(answers)
    body = next(iter(answers))[1].decode()
    assert not any(canary in body for canary in CANARIES)


@pytest.mark.parametrize("caller", [Caller.GUEST, Caller.CUSTOMER])
def test_a_store_that_never_installed_the_app_is_told_one_thing(
    known: TestLine, caller: Caller
):
    proxied = [
        route
        for route in ROUTES
        if route.answers[caller] != route.answers[Caller.ANYBODY]
    ]
    answers = {
        told(ask(known.client, route, caller, domain=domain))[:2]
        for route in proxied
        for domain in ("nobody.myshopify.com", "evil.example", "localhost", "x" * 300)
    }

    assert {404} == {status for status, _ in answers}
    assert 1 == len(answers)


def test_the_canaries_are_really_there(known: TestLine):
    """So that their absence above means something."""
    standing = next(route for route in ROUTES if route.path == "/proxy/standing")
    answer = ask(known.client, standing, Caller.CUSTOMER).get_data(as_text=True)
    estimate = next(route for route in ROUTES if route.path == "/proxy/estimate")
    points = [
        ask(known.client, estimate, Caller.GUEST, object_id=id_).get_json()["points"]
        for id_ in (PRODUCT, NO_PRODUCT)
    ]

    assert "#CANARY-1" in answer
    assert "4242" in answer
    assert [0, 100] == points

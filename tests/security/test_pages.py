"""Every page answers each visitor as the matrix says, with nothing of another store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.main import create_app
from app.owner.sign_in import link_path
from tests.app.owner.conftest import send
from tests.builders.line import DOMAIN, TestLine, lift_limits, proxy_query
from tests.security.furnished import CANARY, OTHER, Furnished, furnish
from tests.security.matrix import PAGES, Page, Visitor

STRANGERS = set(Visitor) - {Visitor.MEMBER, Visitor.STAFF, Visitor.OWNER}
_STORES = {Visitor.OWNER: DOMAIN, Visitor.OTHER_OWNER: OTHER}


@pytest.fixture(scope="module")
def furnished(module_line: TestLine) -> Furnished:
    """The store, its pages, and another store."""
    return furnish(module_line)


@pytest.fixture(scope="module")
def app(furnished: Furnished) -> Flask:
    """The app as it is where owners can install it."""
    settings = furnished.line.settings_with(public_url="https://points.example")
    made = create_app(settings)
    lift_limits(made)
    return made


def _link(domain: str) -> str:
    return link_path("secret", "shopify", domain, datetime.now(UTC))


def _browser(app: Flask, visitor: Visitor) -> FlaskClient:
    client = app.test_client()
    if visitor in _STORES:
        assert 303 == client.get(_link(_STORES[visitor])).status_code
    return client


def _visited(
    furnished: Furnished, app: Flask, page: Page, visitor: Visitor
) -> TestResponse:
    counters = {
        Visitor.STAFF: furnished.counter,
        Visitor.OTHER_STAFF: furnished.other_counter,
    }
    counter = counters.get(visitor, "/counter/nothing")
    link = _link(_STORES[visitor]) if visitor in _STORES else "/owner/open/nothing"
    path = page.path.replace("/{uuid:message}/{redemption_id}", furnished.taken_in)
    path = path.replace("/counter/{key}", counter)
    path = path.replace("/owner/open/{words}", link)
    path = path.replace("{redemption_id}", furnished.wish)
    if visitor in (Visitor.GUEST, Visitor.MEMBER):
        path += f"?{proxy_query('7001' if visitor is Visitor.MEMBER else '')}"
    client = _browser(app, visitor)
    if page.method == "GET":
        return client.get(path)
    # Who is not signed in sends what the owner's own page would.
    signed_in = client if visitor in _STORES else _browser(app, Visitor.OWNER)
    return send(client, path, furnished.filled_in(page.path, signed_in))


@pytest.mark.parametrize("visitor", Visitor, ids=lambda who: who.name.lower())
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_answers_each_visitor_as_the_matrix_says(
    furnished: Furnished, app: Flask, page: Page, visitor: Visitor
):
    before = furnished.ours()

    answer = _visited(furnished, app, page, visitor)

    assert page.answers[visitor] == answer.status_code
    if visitor in STRANGERS:
        assert before == furnished.ours()
        assert CANARY not in answer.get_data(as_text=True)


def test_the_owner_and_the_staff_are_shown_what_is_theirs(
    furnished: Furnished, app: Flask
):
    """So that its absence above means something."""
    shown = {
        str(page)
        for page in PAGES
        for who in (Visitor.OWNER, Visitor.STAFF)
        if page.method == "GET"
        and CANARY in _visited(furnished, app, page, who).get_data(as_text=True)
    }

    assert {
        "GET /owner/program",
        "GET /owner/program/form",
        "GET /counter/{key}/{uuid:message}/{redemption_id}",
    } <= shown

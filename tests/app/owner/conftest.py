"""An owner who has been let in, and reads and sends pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.owner.sign_in import link_path
from tests.builders.line import DOMAIN, TestLine
from tests.builders.sent_form import Pairs, SentForm, changed

FORM, LOOK, SAVE = (f"/owner/program/{name}" for name in ("form", "look", "save"))
APPROVALS = "/owner/approvals"


class Owning:
    """The owner of a store, in a browser of their own."""

    def __init__(
        self, client: FlaskClient, domain: str = DOMAIN, user_id: str | None = None
    ) -> None:
        self.client = client
        path = link_path("secret", "shopify", domain, datetime.now(UTC), user_id)
        assert client.get(path).status_code == 303

    def form(self, **query: int) -> Pairs:
        """The fields of the form as it is shown."""
        return fields(self.client.get(FORM, query_string=query), LOOK)

    def look(self, pairs: Pairs, **values: str) -> TestResponse:
        """Look at what a form would change, some of its values typed anew."""
        return send(self.client, LOOK, changed(pairs, **values))

    def save(self, looked_at: TestResponse, **values: str) -> TestResponse:
        """Save what was looked at."""
        pairs = fields(looked_at, SAVE)
        return send(self.client, SAVE, changed(pairs, **values))

    def decide(self, about: str, way: str, **more: str) -> TestResponse:
        """Press a button beside what waits, as it is shown now."""
        [(_, token)] = fields(self.waiting(), "/owner/leave")
        data = {"_token": token, "about": about, "way": way} | more
        return self.client.post(APPROVALS, data=data)

    def waiting(self, **query: int) -> TestResponse:
        """The page of what waits."""
        return self.client.get(APPROVALS, query_string=query)

    def press(self, pairs: Pairs, wish: str, **values: str) -> TestResponse:
        """Press a button of the form that adds, removes or moves something."""
        return send(self.client, FORM, [*changed(pairs, **values), ("_do", wish)])


def told(answer: TestResponse) -> str:
    """The text of a page, its spaces made one."""
    page = re.sub("(?s)<style>.*?</style>", " ", answer.get_data(as_text=True))
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())


def fields(answer: TestResponse, action: str) -> Pairs:
    """What a browser would send of a page's form."""
    return SentForm(answer.get_data(as_text=True), action).pairs


def send(client: FlaskClient, path: str, pairs: Pairs) -> TestResponse:
    """Send a form as a browser does."""
    data: dict[str, list[str]] = {}
    for name, text in pairs:
        data.setdefault(name, []).append(text)
    return client.post(path, data=data)


@pytest.fixture
def owning(line: TestLine) -> Owning:
    """The owner of the store."""
    return Owning(line.client)


@pytest.fixture
def let_in(line: TestLine) -> Callable[..., Owning]:
    """Let somebody in at a store, in one more browser; the store may say who."""
    application = line.client.application
    return lambda *who: Owning(application.test_client(), *who)

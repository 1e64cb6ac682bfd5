"""Whatever else is sent to a route that writes, nothing of it is kept or counts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.main import create_app
from tests.app.owner.conftest import APPROVALS, FORM, LOOK, SAVE, Owning, fields, send
from tests.builders.line import TestLine
from tests.security.callers import ask
from tests.security.furnished import LEAVE, Furnished, furnish
from tests.security.matrix import ROUTES, Caller, Route

# Numbers and words that are found wherever they are kept.
EXTRA: dict[str, int | str] = {
    "points": 987654321,
    "shop_id": 987654322,
    "program_id": 987654323,
    "member_id": 987654324,
    "state": "an-extra-state",
    "is_admin": "an-extra-right",
}
WORDS = [str(value) for value in EXTRA.values()]
# What a route asks for by itself, and checks.
OWN = {
    "POST /proxy/redemptions": {"points"},
    "POST /api/redemptions": {"points"},
}
# The body of a store's message is kept as it was signed.
KEPT = {"POST /webhooks/shopify": {"inbox"}}


@pytest.fixture(scope="module")
def furnished(module_line: TestLine) -> Furnished:
    """The store, with what each form is about."""
    return furnish(module_line)


# What forms are answered that their pages would send, but for the fields more.
FORMS = {
    "POST /counter/<key>": 303,
    f"POST {FORM}": 200,
    f"POST {LOOK}": 200,
    f"POST {SAVE}": 303,
    f"POST {APPROVALS}": 303,
    f"POST {LEAVE}": 200,
}
SENT = {
    f"{each.method} {each.path.replace('{', '<').replace('}', '>')}": each
    for each in ROUTES
    if each.method != "GET"
}


def test_every_route_that_writes_has_an_entry(module_line: TestLine):
    served = {
        f"{method} {rule.rule}"
        for rule in create_app(module_line.settings).url_map.iter_rules()
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }

    assert served == set(SENT) | set(FORMS)


def _with(route: Route, number: int, name: str) -> bytes:
    body = route.body(number) if route.body else {}
    return json.dumps({name: EXTRA[name]} | body).encode()


@pytest.mark.parametrize("name", SENT)
def test_a_field_more_in_a_body_is_refused_or_passed_over(
    furnished: Furnished, name: str
):
    route, line = SENT[name], furnished.line
    [caller] = [each for each in _WRITING if route.answers[each] in (200, 202)][:1]
    good = route.answers[caller]
    # Without them it is taken, so that nothing else is what is refused.
    assert good == ask(line.client, route, caller, object_id=8999).status_code
    for number, extra in enumerate(sorted(set(EXTRA) - OWN.get(name, set()))):
        sent = dict(route.sent)
        if "Idempotency-Key" in sent:
            sent["Idempotency-Key"] += f"-{number}"
        asked = replace(route, sent=sent)
        raw = _with(route, 9000 + number, extra)
        answer = ask(line.client, asked, caller, object_id=9000 + number, raw=raw)
        assert answer.status_code in (good, 422), (extra, answer.get_data())
    line.worker.drain()

    assert KEPT.get(name, set()) >= set(line.mentions(*WORDS))
    if name in KEPT:
        line.tamper("delete from inbox where topic = 'orders/create'")


_WRITING = (Caller.STORE, Caller.CUSTOMER, Caller.BUYER, Caller.TOOL)


@pytest.mark.parametrize("name", FORMS)
def test_a_field_more_in_a_form_is_refused_or_passed_over(
    furnished: Furnished, name: str
):
    line, path = furnished.line, name.removeprefix("POST ")
    owning = Owning(line.client.application.test_client())
    pairs = furnished.filled_in(path, owning.client)

    where = path.replace("/counter/<key>", furnished.counter)
    answer = send(owning.client, where, [*pairs, *zip(EXTRA, WORDS, strict=True)])

    assert FORMS[name] == answer.status_code
    line.worker.drain()
    assert [] == line.mentions(*WORDS)


def test_a_field_more_in_what_was_looked_at_is_not_saved(furnished: Furnished):
    line = furnished.line
    owning = Owning(line.client.application.test_client())
    looked_at = fields(owning.look(owning.form()), SAVE)

    answer = send(owning.client, SAVE, [*looked_at, *EXTRA.items()])

    assert 303 == answer.status_code
    assert [] == line.mentions(*WORDS)

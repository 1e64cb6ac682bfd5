"""What an owner's tools report, and what they are told became of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.actions import Custom, Newsletter, Review
from app.domain.program import Program
from app.storage import tool_keys
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA
from tests.builders.tool_keys import a_key, made_key

PROGRAM = Program(
    actions=(
        Custom(named="visit", points=30, times_per_day_max=1),
        Review(points=40, needs_approval=True),
        Newsletter(points=10),
    )
)
VISIT = {"customer_id": 7001, "action": "custom-visit"}
OTHER = "other.myshopify.com"


@pytest.fixture
def desk(line: TestLine) -> TestLine:
    """A store whose owner made a key for an event desk; Ada is its customer."""
    line.set_program(PROGRAM)
    line.settle(("customers/create", ADA))
    made_key(line.database)
    return line


def _proof(domain: str = DOMAIN, label: str = "desk") -> dict[str, str]:
    return {"Authorization": f"Bearer {a_key(domain, label)}"}


def _report(line: TestLine, key: str, body: Any, **proof: str) -> TestResponse:
    headers = {"Idempotency-Key": key} | _proof() | proof
    return line.client.post("/tools/actions", json=body, headers=headers)


def _told(line: TestLine, key: str, **query: str) -> Any:
    answer = line.client.get(
        f"/tools/actions/{key}", headers=_proof(), query_string=query
    )
    return answer.get_json() if answer.status_code == 200 else answer.status_code


def _state(line: TestLine, key: str) -> tuple[str, int, str]:
    told = _told(line, key)
    return told["state"], told["points"], told["reason_code"]


def _decide(line: TestLine, key: str, *, is_approved: bool) -> None:
    told = {"action": "review", "key": key, "is_approved": is_approved, "by": "Bo"}
    line.ask_own("actions/decide", f"decide/{key}", told)


def test_a_report_is_kept_worked_on_and_told(desk: TestLine):
    answer = _report(desk, "771", VISIT)

    assert 202 == answer.status_code
    assert "/tools/actions/771" == answer.headers["Location"]
    kept = {"key": "771", "action": "custom-visit", "points": 0}
    nothing = {"reason": "", "reason_code": ""}
    assert kept | nothing | {"state": "waiting"} == answer.get_json()
    desk.worker.drain()
    granted = kept | nothing | {"state": "granted", "points": 30}
    assert granted == _told(desk, "771")
    assert 30 == desk.standing(7001).available
    assert (desk.audit(), desk.violations()) == (None, [])


def test_the_same_again_is_one_report_whenever_it_comes(desk: TestLine):
    before = len(desk.inbox())
    _report(desk, "771", VISIT)
    # As the draft of the header has it, a key stands in quotes.
    _report(desk, '"771"', {"customer_id": "7001", "action": "custom-visit"})
    desk.worker.drain()
    desk.set_program(Program())
    again = _report(desk, "771", VISIT)

    assert (202, "granted") == (again.status_code, again.get_json()["state"])
    assert before + 1 == len(desk.inbox())
    assert 30 == desk.standing(7001).available


@pytest.mark.parametrize(
    "change", [{"customer_id": 7002}, {"action": "newsletter"}], ids=str
)
def test_a_key_that_was_another_reports_is_409(desk: TestLine, change: dict[str, Any]):
    desk.settle(("customers/create", ADA | {"id": 7002, "email": None}))
    _report(desk, "771", VISIT)
    answer = _report(desk, "771", VISIT | change)
    desk.worker.drain()

    assert 409 == answer.status_code
    assert "another report" in answer.get_json()["error"]
    assert ("granted", 30, "") == _state(desk, "771")


def test_of_two_reports_under_one_key_at_one_moment_one_is_kept(desk: TestLine):
    actions = ["custom-visit", "newsletter"] * 8
    before = len(desk.inbox())

    def ask(action: str) -> int:
        headers = {"Idempotency-Key": "771"} | _proof()
        client = desk.client.application.test_client()
        body = VISIT | {"action": action}
        return client.post("/tools/actions", json=body, headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = set(zip(actions, pool.map(ask, actions), strict=True))
    desk.worker.drain()

    kept = _told(desk, "771")["action"]
    other = next(each for each in actions if each != kept)
    assert {(kept, 202), (other, 409)} == answers
    assert before + 1 == len(desk.inbox())


def test_why_it_brought_nothing_is_told_in_a_language(desk: TestLine):
    for key in ("a", "b"):
        _report(desk, key, VISIT)
    desk.worker.drain()

    told = _told(desk, "b", lang="de-AT")
    assert ("refused", 0, "so_often_a_day") == _state(desk, "b")
    assert "Punkte gibt es dafür höchstens einmal am Tag" == told["reason"]
    assert "it earns at most once a day" == _told(desk, "b")["reason"]


def test_what_waits_for_approval_is_granted_or_refused_later(desk: TestLine):
    review = VISIT | {"action": "review"}
    for key in ("good", "bad"):
        _report(desk, key, review)
    desk.worker.drain()
    waits = ("awaiting_approval", 0, "action_waits")
    assert [waits, waits] == [_state(desk, key) for key in ("good", "bad")]

    _decide(desk, "good", is_approved=True)
    _decide(desk, "bad", is_approved=False)
    assert ("granted", 40, "") == _state(desk, "good")
    assert ("refused", 0, "action_refused") == _state(desk, "bad")


@pytest.mark.parametrize(
    ("customer", "state"),
    [(7001, ("granted", 30, "")), (7002, ("refused", 0, "key_was_used"))],
)
def test_what_was_reported_by_command_before_is_told(
    desk: TestLine, customer: int, state: tuple[str, int, str]
):
    desk.settle(("customers/create", ADA | {"id": 7002, "email": None}))
    told = {"customer_id": "7001", "action": "custom-visit", "key": "771", "by": "Bo"}
    desk.ask_own("actions/report", "report/custom-visit/771", told)
    _report(desk, "771", VISIT | {"customer_id": customer})
    desk.worker.drain()

    assert state == _state(desk, "771")
    assert 30 == desk.totals()["available"]


def test_two_tools_may_use_the_same_key(desk: TestLine):
    made_key(desk.database, label="till")
    _report(desk, "1", VISIT)
    other = _report(desk, "1", VISIT | {"action": "newsletter"}, **_proof(label="till"))
    desk.worker.drain()

    assert 202 == other.status_code
    assert 40 == desk.standing(7001).available


@pytest.mark.parametrize(
    ("key", "body", "field"),
    [
        ("771", {}, "customer_id"),
        ("771", VISIT | {"customer_id": 4711}, "customer_id"),
        ("771", VISIT | {"customer_id": True}, "customer_id"),
        ("771", VISIT | {"customer_id": "7001\0"}, "customer_id"),
        ("771", VISIT | {"action": "custom-free"}, "action"),
        ("771", VISIT | {"action": "joining"}, "action"),
        ("771", VISIT | {"action": "a\n"}, "action"),
        ("771", VISIT | {"points": 5}, "points"),
        ("visit-7001", VISIT, "Idempotency-Key"),
        ("771", [], "_schema"),
    ],
)
def test_what_cannot_be_reported_is_422_and_says_where(
    desk: TestLine, key: str, body: Any, field: str
):
    before = len(desk.inbox())
    answer = _report(desk, key, body)

    assert 422 == answer.status_code
    assert field in answer.get_json()["fields"]
    assert before == len(desk.inbox())


@pytest.mark.parametrize("key", ["", "a b", "a/b", "x" * 65, "é", "a\tb"])
def test_a_report_without_a_key_is_400(desk: TestLine, key: str):
    answer = _report(desk, key, VISIT)

    assert 400 == answer.status_code
    assert "Idempotency-Key" in answer.get_json()["error"]


def test_a_body_is_short(desk: TestLine):
    answer = _report(desk, "771", VISIT | {"action": "x" * 5000})

    assert 413 == answer.status_code
    assert answer.get_json()["error"]


def _proofs(key: str) -> list[str]:
    return [f"Basic {key}", key, f"Bearer {key}x", "Bearer ", f"Bearer {'x' * 5000}"]


@pytest.mark.parametrize("proof", _proofs(a_key(DOMAIN)))
def test_without_a_true_key_nothing_is_told(desk: TestLine, proof: str):
    answers = [
        _report(desk, "771", VISIT, Authorization=proof),
        desk.client.get("/tools/actions/771", headers={"Authorization": proof}),
    ]

    assert [401, 401] == [answer.status_code for answer in answers]
    assert 1 == len({answer.get_data() for answer in answers})


def test_a_key_opens_nothing_once_it_is_revoked(desk: TestLine):
    with desk.in_program() as connection:
        [key] = tool_keys.keys_of(connection, desk.store)
        assert tool_keys.revoke(connection, desk.store, key.key_id)
        assert not tool_keys.revoke(connection, desk.store, key.key_id)

    assert 401 == _report(desk, "771", VISIT).status_code


def test_a_key_ends_with_the_installation_that_it_was_made_in(desk: TestLine):
    gone = {"id": 1, "myshopify_domain": DOMAIN}
    desk.settle_at(desk.clock(), "app/uninstalled", gone)
    assert 401 == _report(desk, "771", VISIT).status_code

    desk.add_store(DOMAIN)
    assert 401 == _report(desk, "771", VISIT).status_code


def test_a_key_opens_its_own_store_alone(desk: TestLine):
    desk.add_store(OTHER)
    made_key(desk.database, OTHER)
    _report(desk, "771", VISIT)
    answer = desk.client.get("/tools/actions/771", headers=_proof(OTHER))
    # Her number is nobody's in the other store.
    there = _report(desk, "772", VISIT, **_proof(OTHER))

    assert (404, 422) == (answer.status_code, there.status_code)
    assert "customer_id" in there.get_json()["fields"]


def test_a_tool_reports_no_more_than_so_often_in_an_hour(
    desk: TestLine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.tools.reports.REPORTS_MAX", 2)
    before = len(desk.inbox())
    told = [_report(desk, key, VISIT) for key in ("a", "b", "c", "a")]

    assert [202, 202, 429, 202] == [answer.status_code for answer in told]
    assert 0 < int(told[2].headers["Retry-After"]) <= 3600
    assert before + 2 == len(desk.inbox())
    made_key(desk.database, label="till")
    assert 202 == _report(desk, "c", VISIT, **_proof(label="till")).status_code

    desk.tamper("update tool_key set hour_at = hour_at - interval '1 hour'")
    assert 202 == _report(desk, "c", VISIT).status_code


def test_nothing_that_a_tool_reported_names_the_forgotten(desk: TestLine):
    _report(desk, "771", VISIT)
    desk.worker.drain()
    request = {"shop_id": 1, "shop_domain": DOMAIN, "customer": {"id": 7001}}
    desk.deliver("customers/redact", request | {"orders_to_redact": []})
    _report(desk, "772", VISIT)
    desk.worker.drain()

    assert ("granted", 30, "") == _state(desk, "771")
    assert ("refused", 0, "customer_forgotten") == _state(desk, "772")
    assert not desk.mentions("7001", "ada@example.com")
    assert 422 == _report(desk, "773", VISIT).status_code

"""Points for the newsletter: the store says who has subscribed, and since when."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.actions import Newsletter, Review
from app.domain.program import Program
from app.storage.actions import actions_of, outcome_of
from tests.builders.line import TestLine
from tests.builders.shopify import ADA

TOPIC = "customers_email_marketing_consent/update"
FIRST, LATER = "2026-11-01T10:00:00Z", "2026-11-05T10:00:00Z"
PROGRAM = Program(actions=(Newsletter(points=10, shoppers_report=True),))


def _consent(at: str | None = FIRST, state: str = "subscribed") -> tuple[str, Any]:
    consent = {"state": state, "opt_in_level": None, "consent_updated_at": at}
    told = {"customer_id": 7001, "email_address": ADA["email"]}
    return TOPIC, told | {"email_marketing_consent": consent}


def _codes(line: TestLine) -> list[str]:
    with line.in_program() as connection:
        rows = actions_of(connection, line.store.program_id, line.member_id(7001))
    found = (outcome_of(row) for row in rows)
    return [each.unearned_because.code for each in found if each]


def test_who_subscribes_earns_once_and_keeps_it(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(_consent(None, "not_subscribed"), _consent(FIRST, "pending"))
    assert ["ignored", "ignored"] == [row.state for row in line.inbox()]
    line.settle(_consent(), _consent())
    assert 10 == line.standing(7001).available

    line.settle(_consent(LATER, "unsubscribed"), _consent("2026-11-09T10:00:00Z"))
    assert 10 == line.standing(7001).available
    assert ["", "so_often_in_all"] == _codes(line)
    assert (line.audit(), line.violations()) == (None, [])


def test_the_earliest_counts_whichever_is_heard_of_first(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(_consent(LATER))
    line.settle(_consent(FIRST))

    assert 10 == line.standing(7001).available
    assert ["", "so_often_in_all"] == _codes(line)
    assert (line.audit(), line.violations()) == (None, [])


def test_the_shoppers_own_word_beside_it_earns_nothing_more(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(_consent())
    line.post("actions", "7001", {"action": "newsletter"})
    line.worker.drain()

    assert 10 == line.standing(7001).available


def test_a_rule_may_let_it_earn_again_or_want_it_approved(line: TestLine):
    often = Newsletter(points=10, times_per_member_max=2, needs_approval=True)
    line.set_program(Program(actions=(often,)))
    line.settle(_consent(), _consent(LATER), _consent("2026-11-09T10:00:00Z"))

    assert ["action_waits", "action_waits", "so_often_in_all"] == _codes(line)


@pytest.mark.parametrize(
    ("program", "states"),
    [(Program(), ["ignored"]), (Program(actions=(Review(),)), ["settled"])],
)
def test_where_the_programme_gives_nothing_for_it_nothing_is_given(
    line: TestLine, program: Program, states: list[str]
):
    line.set_program(program)
    line.settle(_consent())

    assert states == [row.state for row in line.inbox()]
    assert {} == line.totals()


def test_nothing_of_it_names_the_forgotten_or_brings_them_back(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(("customers/create", ADA), _consent())
    person = {"id": 7001, "email": ADA["email"], "phone": None}
    request = {"shop_id": 1, "shop_domain": line.store.domain, "customer": person}
    line.settle(("customers/redact", request | {"orders_to_redact": []}))
    line.settle(_consent(LATER))

    assert "ignored" == line.inbox()[-1].state
    assert not line.mentions("7001", "ada@example.com")
    assert {"available": 10, "issued": -10} == line.totals()
    assert (line.audit(), line.violations()) == (None, [])

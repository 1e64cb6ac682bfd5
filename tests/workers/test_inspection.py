"""The daily look recomputes ledgers, and folds facts again, as `verify` does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import structlog
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from app.domain.program import Limits, Program
from app.storage import tables
from app.storage.data_requests import ANSWERED
from app.storage.database import Database
from app.storage.findings import last_look
from app.storage.sealing import Keyring
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, a_refund, an_order
from workers.proof import proven, whose_turn


def _looked(line: TestLine) -> tuple[dict[str, int | None], list[tuple[str, str]]]:
    """What the clock's look found, by name, and what it logged."""
    inspection = line.a_clock(line.home).inspection
    with structlog.testing.capture_logs() as logs:
        inspection.begin()
        inspection.wait()
    told = last_look(line.home)
    assert told is not None
    logged = [
        (each["log_level"], each.get("invariant") or each["event"]) for each in logs
    ]
    return {name: count for name, count in told.violations.items() if count}, logged


def test_a_ledger_that_holds_is_found_to(line: TestLine):
    line.settle(("orders/paid", an_order()))

    assert ({}, []) == _looked(line)
    told = last_look(line.home)
    assert told is not None
    assert 0 == told.violations["ledgers-recompute"]
    assert 0 == told.violations["effects-follow-facts"]


def test_content_that_does_not_fit_its_hash_is_found(line: TestLine):
    line.settle(("orders/paid", an_order()))
    line.tamper("update ledger_transaction set reason = reason || ' '")

    name = "ledgers-recompute"
    assert ({name: 1}, [("error", name)]) == _looked(line)


def test_facts_without_their_effect_are_found(line: TestLine):
    line.settle(("orders/paid", an_order()), ("refunds/create", a_refund("30.00")))
    with line.as_superuser() as connection:
        facts = connection.execute(tables.order_fact.select()).one().facts
        facts["snapshot"]["lines"][0]["quantity"] = 2
        connection.execute(update(tables.order_fact).values(facts=facts))

    name = "effects-follow-facts"
    assert ({name: 1}, [("error", name)]) == _looked(line)


def test_terms_that_changed_for_the_past_are_nothing_wrong(line: TestLine):
    line.set_program(Program(limits=Limits(order_amount_min=Decimal(500))))
    line.settle(("orders/paid", an_order()))
    line.set_program(Program())

    assert ({}, []) == _looked(line)


@pytest.mark.parametrize(("days", "found"), [(19, {}), (21, {ANSWERED.name: 1})])
def test_a_data_request_that_lies_here_for_long_is_told(
    line: TestLine, days: int, found: dict[str, int]
):
    body = {"shop_domain": DOMAIN, "customer": ADA, "data_request": {"id": 99}}
    asked_at = line.clock() - timedelta(days=days)
    line.settle_at(asked_at, "customers/data_request", body)

    assert (found, [("warning", name) for name in found]) == _looked(line)


def test_a_request_of_a_person_that_was_set_aside_is_told(line: TestLine):
    body = {"shop_domain": DOMAIN, "customer": None}
    line.settle(("customers/redact", body))

    name = "requests-of-people-are-understood"
    assert ({name: 1}, [("warning", name)]) == _looked(line)


def test_one_who_cannot_be_reckoned_hides_nobody_else(line: TestLine):
    other = an_order(id=5002, customer={"id": 7002})
    line.settle(("orders/paid", an_order()), ("orders/paid", other))
    line.tamper(
        "update order_fact set facts = '{}' where order_id = '5001';"
        "update ledger_transaction set points = points + 1"
        f" where member_id = {line.member_id(7002)}"
    )

    found, logged = _looked(line)

    assert 1 == found["ledgers-recompute"]
    assert ("warning", "members not looked at") in logged


def test_everybody_has_a_turn_in_as_few_days_as_it_takes(line: TestLine):
    orders = [an_order(id=5000 + n, customer={"id": 7000 + n}) for n in range(7)]
    line.settle(*(("orders/paid", order) for order in orders))
    today = datetime(2026, 11, 23, tzinfo=UTC)

    with line.database.auditor() as connection:
        turns = [
            whose_turn(connection, today + timedelta(days=day), most=3)
            for day in range(4)
        ]
        everybody = whose_turn(connection, today)

    # Seven in three shares: each once, and the fourth day begins anew.
    assert sorted(turns[0] + turns[1] + turns[2]) == everybody
    assert 7 == len(everybody)
    assert all(turns[:3])
    assert turns[3] == turns[0]


def test_a_database_that_is_away_ends_the_look_rather_than_hiding_everybody():
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(OperationalError):
        proven(nowhere, Keyring(["sealing"]), [(1, 1), (1, 2)])

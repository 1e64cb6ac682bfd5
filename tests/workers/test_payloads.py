"""Every real body goes the whole line, and what became of it is explained."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.credits import assess, credits
from app.domain.explain import explain
from app.platforms.shopify.topics import TOPICS
from app.storage import orders
from tests.builders.line import TestLine
from workers.terms import Terms

FOLDER = Path(__file__).parent.parent / "payloads"
PAYLOADS = sorted(path.name for path in FOLDER.glob("*.json"))

# What real orders earn after the refunds in their own bodies, worked out by hand.
EARNED = {
    "orders_create__shopify-api-ruby-2026-07_percentage_code": 181,
    "orders_create__shopify-api-ruby-2026-07_pending_unpaid": 0,
    "orders_create__shopify-api-ruby-2026-07_partially_paid": 0,
    "orders_cancelled__shopify-api-ruby-2026-07_cancelled_fully_refunded": 0,
    "orders_updated__go-shopify_voided_test_two_line_items": 0,
    "orders_updated__shopify-python-api_authorized": 0,
}


def _topic(name: str) -> str:
    stem = name.split("__")[0]
    known = [topic for topic in TOPICS if topic.replace("/", "_") == stem]
    return known[0] if known else stem.replace("_", "/", 1)


@pytest.mark.parametrize("name", PAYLOADS)
def test_every_body_is_received_and_has_an_explained_end(line: TestLine, name: str):
    answer = line.deliver(_topic(name), (FOLDER / name).read_bytes())
    line.worker.drain()

    [row] = line.inbox()
    assert 200 == answer.status_code
    if _topic(name) in TOPICS:
        assert row.state == "settled" or (row.state == "ignored" and row.note)
    else:
        assert ("ignored", "the topic is of no use here") == (row.state, row.note)
    if row.order_id and row.state == "settled":
        assert _story(line, row.order_id)
    assert (line.audit(), line.violations()) == (None, [])


@pytest.mark.parametrize("name", sorted(EARNED))
def test_real_orders_earn_what_they_should(line: TestLine, name: str):
    body = json.loads((FOLDER / f"{name}.json").read_text())
    line.settle((_topic(name), body))

    story = _story(line, str(body["id"]))
    assert EARNED[name] == line.totals().get("available", 0), story


def test_all_of_them_together_leave_a_ledger_that_holds(line: TestLine):
    for name in PAYLOADS:
        line.deliver(_topic(name), (FOLDER / name).read_bytes())
    line.worker.drain()
    line.make_due()
    line.worker.drain()

    # Of tags, the published bodies are one and the same, moment and all; and the same
    # tags are not given and taken at one moment.
    aside = [row.topic for row in line.inbox() if row.state == "quarantined"]
    assert aside == ["customer.tags_removed"]
    assert {row.state for row in line.inbox()} == {"settled", "ignored", "quarantined"}
    assert (line.audit(), line.violations()) == (None, [])


def _story(line: TestLine, order_id: str) -> list[str]:
    with line.in_program() as connection:
        program_id, store_id = line.store.program_id, line.store.store_id
        kept: Any = orders.find_order(connection, program_id, store_id, order_id)
        [order] = Terms(connection, program_id, line.keys).applied([kept])
        assessed = assess(order)
        given = credits([assessed])
        return explain(assessed, given[0] if given else None)

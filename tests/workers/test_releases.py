"""Two releases on one database: what this one does not know waits for the other."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from app.domain.errors import InvalidProgram
from app.storage import stores
from app.storage.inbox import ATTEMPTS_MAX
from app.storage.views import Question, View, Views
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order

GIVEN = {"customer_id": "7001", "points": 5, "reason": "Sorry"}

_WRITTEN_LATER = "update program_version set document = document || '{\"new\": 1}'"
_WRITTEN_HERE = "update program_version set document = document - 'new'"


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        # Nothing here is called so, or is asked for in these words.
        ("points/lend", GIVEN),
        ("points/adjust", {"customer_id": "7001", "amount": 5}),
        ("redemptions/step", {"redemption_id": "1", "step": "halved"}),
    ],
)
def test_what_another_release_asks_for_waits_for_it_and_holds_nobody_up(
    line: TestLine, topic: str, body: dict[str, Any]
):
    line.ask_own(topic, str(uuid4()), body)
    line.settle(("orders/paid", an_order()))
    [asked, order] = line.inbox()

    # At once tried and put off, and by now perhaps again.
    assert ("waiting", "settled") == (asked.state, order.state)
    assert 1 <= asked.attempts < ATTEMPTS_MAX
    assert asked.next_attempt_at > asked.received_at
    assert 100 == line.standing(7001).available

    for _ in range(ATTEMPTS_MAX):
        line.make_due()
        line.worker.drain()

    # It is not lost, and somebody is told: `tallymark replay` brings it back.
    assert "quarantined" == line.inbox()[0].state
    assert 1 == line.replay("quarantined")


def test_a_programme_of_a_later_release_is_left_to_it_however_long_that_takes(
    line: TestLine,
):
    line.settle(("orders/paid", an_order()))
    line.tamper(_WRITTEN_LATER)
    for number in range(2):
        line.deliver("orders/paid", an_order(id=5002 + number))
    for _ in range(ATTEMPTS_MAX + 1):
        line.make_due()
        assert 0 == line.worker.drain()
    _, *left = line.inbox()

    assert {("waiting", 0)} == {(row.state, row.attempts) for row in left}
    assert all(row.next_attempt_at > row.received_at for row in left)

    # Time goes on for members, too: whoever cannot settle one looks at the next.
    line.tamper("update member set due_at = now()")
    assert (1, 0) == (line.worker.settle_due(), line.worker.settle_due())

    line.tamper(_WRITTEN_HERE)
    line.make_due()

    assert 2 == line.worker.drain()
    assert {"settled"} == {row.state for row in line.inbox()}
    assert 300 == line.standing(7001).available


def test_a_programme_of_a_later_release_hides_no_other_stores_standings(line: TestLine):
    other = stores.install(
        line.database, "shopify", "other.myshopify.com", "EUR", "UTC"
    )
    line.tamper(f"{_WRITTEN_LATER} where program_id = {line.store.program_id}")
    questions = [Question("shopify", each, "7001") for each in (DOMAIN, other.domain)]

    unread, view = Views(line.database).look(questions)

    assert isinstance(unread, InvalidProgram)
    assert isinstance(view, View)
    assert other == view.store

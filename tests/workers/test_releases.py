"""Two releases on one database: what this one does not know waits for the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import structlog

from app.domain.errors import InvalidProgram
from app.storage import inbox, stores
from app.storage.inbox import ATTEMPTS_MAX
from app.storage.views import Question, View, Views
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order
from workers.process import BATCH

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


_MANY_LEFT = """
    insert into inbox (program_id, store_id, platform, domain, topic, delivery_id, body,
                       received_at, next_attempt_at)
    select program_id, store_id, platform, domain, topic, 'left ' || number, body,
           now() - interval '10 minutes', now() - interval '10 minutes'
    from (select * from inbox limit 1) as one, generate_series(1, 450) as number
"""


def test_what_many_messages_wait_for_keeps_newer_ones_of_others_waiting_no_longer(
    line: TestLine,
):
    """Nor does whoever leaves them say so more than once."""
    other = line.add_store("other.myshopify.com")
    line.settle(("orders/paid", an_order()))
    line.tamper(f"{_WRITTEN_LATER} where program_id = {line.store.program_id}")
    line.tamper(_MANY_LEFT)
    theirs = {"X-Shopify-Shop-Domain": other.domain}
    line.deliver("orders/paid", an_order(id=6001), **theirs)

    with structlog.testing.capture_logs() as logs:
        assert 1 == line.worker.drain()
    assert ["program of another release"] == [each["event"] for each in logs]
    assert "settled" == line.inbox()[-1].state

    # Ten seconds later they are not in the way of the next one, though they are older.
    line.tamper(
        "update inbox set next_attempt_at = next_attempt_at - interval '10 seconds'"
    )
    line.deliver("orders/paid", an_order(id=6002), **theirs)
    with line.database.sweeper() as connection:
        claimed = inbox.claim(connection, BATCH)
    assert [other.store_id] == [each.store_id for each in claimed]


def test_what_is_left_to_others_waits_a_tenth_of_its_age(line: TestLine):
    """Though never less than a moment, nor longer than a minute."""
    waits = {5002: (0, 2), 5003: (300, 30), 5004: (86_400, 60)}
    line.tamper(_WRITTEN_LATER)
    for number in waits:
        line.deliver("orders/paid", an_order(id=number))
    first = line.inbox()[0].message_id
    for n, (age_s, _) in enumerate(waits.values()):
        line.tamper(
            f"update inbox set received_at = now() - interval '{age_s} seconds'"
            f" where message_id = {first + n}"
        )
    before = line.clock()
    line.worker.drain()
    after = line.clock()

    for row, (_, wait_s) in zip(line.inbox(), waits.values(), strict=True):
        least, most = timedelta(seconds=wait_s), timedelta(seconds=wait_s + 1)
        assert before + least <= row.next_attempt_at <= after + most
        assert 0 == row.attempts


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

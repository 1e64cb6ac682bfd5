"""Messages that come again, make no sense, or harm whoever reads them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from app.storage.inbox import ATTEMPTS_MAX, LEASE_S
from tests.builders import dying
from tests.builders.line import TestLine
from tests.builders.shopify import an_order
from tests.faults.bounds import GROWTH_MB_MAX
from tests.faults.conftest import PATIENCE_S, Shop
from tests.faults.history import Webhook, webhook
from tests.faults.malformed import deal_malformed
from tests.faults.verifier import settle
from workers.clock import FORGOTTEN_S

_IS_LONG = bool(os.environ.get("TALLYMARK_LONG_TESTS"))
_LONG = "takes minutes: set TALLYMARK_LONG_TESTS=1 to run it"

# So long others wait at most for one that harms its worker: until that one is ended or
# noticed, and what it had is taken singly.
_HELD_UP_S_MAX = 30.0


def test_everything_five_times_in_any_order_is_done_once(shop: Shop, chance: Random):
    """Each time under an id of its own, so that only what it says makes it the same."""
    # Of 800 orders there are some 2,000 messages.
    webhooks = [
        replace(each, delivery_id=f"{each.delivery_id}-{time}")
        for each in shop.sells(800 if _IS_LONG else 40)
        for time in range(5)
    ]
    chance.shuffle(webhooks)
    shop.send(webhooks, hands=16 if _IS_LONG else 8)

    assert {200} == shop.answers()
    assert {} == shop.wrong()


def test_bodies_that_make_no_sense_are_set_aside_and_harm_nobody(shop: Shop):
    malformed = deal_malformed(1, shop.domain, 10_000 if _IS_LONG else 1_000)
    # What a process loads only for its first work is no growth.
    shop.send(malformed[:200])
    settle(shop.site)
    malformed = malformed[200:]
    good = shop.sells(20)
    before = dict(shop.site.starts), shop.site.said("message failed")
    sizes = shop.site.sizes()
    every = len(malformed) // len(good)
    for place, each in enumerate(good):
        malformed.insert(place * (every + 1), each)
    shop.send(malformed)

    assert {} == shop.wrong()
    # Half are forged, and soon told so less exactly. On a machine that is too slow a
    # store is asked to come again, and that is all.
    assert {200, 401, 429} <= shop.answers() <= {200, 401, 429, 503}
    assert before == (dict(shop.site.starts), shop.site.said("message failed"))
    grown = {
        name: (size.memory_bytes - sizes[name].memory_bytes) / 2**20
        for name, size in shop.site.sizes().items()
    }
    assert max(grown.values()) < GROWTH_MB_MAX, grown
    assert all(_notes(shop, "quarantined"))


def test_a_message_that_always_fails_is_tried_so_often_and_set_aside(shop: Shop):
    failed = shop.site.said("message failed")
    poisons = [_poison(shop, "fails"), _poison(shop, "eats")]
    shop.send([*poisons, *shop.sells(10)])
    _hasten(shop, *poisons)

    assert {} == shop.wrong()
    assert [ATTEMPTS_MAX] * 2 == [_attempts(shop, each) for each in poisons]
    assert 2 * ATTEMPTS_MAX == shop.site.said("message failed") - failed
    assert all(_notes(shop, "quarantined"))


@pytest.mark.skipif(not _IS_LONG, reason=_LONG)
def test_a_message_that_kills_its_worker_is_set_aside_at_last(shop: Shop):
    deaths = shop.site.said("was killed by SIGKILL")
    poison = _poison(shop, "kills")
    shop.send([poison])
    _hasten(shop, poison, kills=True)
    shop.send(shop.sells(10))

    assert {} == shop.wrong()
    assert ATTEMPTS_MAX == _attempts(shop, poison)
    assert ATTEMPTS_MAX == shop.site.said("was killed by SIGKILL") - deaths


@pytest.mark.parametrize(
    ("harm", "code"), [("kills", dying.KILLED), ("runs away", dying.OVERDUE)]
)
def test_a_message_that_costs_every_worker_its_life_is_set_aside(
    line: TestLine, harm: str, code: int
):
    """Each worker is a process of its own, which is killed or ends itself."""
    line.deliver("orders/paid", an_order(id=666, name=f"poison that {harm}"))
    for number in range(5):
        line.deliver("orders/paid", an_order(id=700 + number))
    clock = line.a_clock(line.home)

    for life in range(1, ATTEMPTS_MAX + 1):
        assert "waiting" == line.inbox()[0].state
        dying.dies(dying.drain, line.settings, code=code)
        clock.give_up()
        assert ("waiting", life) == _fate(line)
        if life == 1:
            _end_leases(line, "message_id > (select min(message_id) from inbox)")
            # The poison has its lease: whoever lives goes on with all others.
            line.worker.drain()
            assert ["settled"] * 5 == [row.state for row in line.inbox()][1:]
        _end_leases(line, "state = 'waiting'")
    clock.give_up()

    assert ("quarantined", ATTEMPTS_MAX) == _fate(line)
    assert "every worker that took it died" == line.inbox()[0].note
    line.settle(("orders/paid", an_order(id=800)))
    assert 600 == line.standing(7001).available


def _fate(line: TestLine) -> tuple[str, int]:
    poison = line.inbox()[0]
    return poison.state, poison.attempts


def _end_leases(line: TestLine, which: str) -> None:
    """Have the leases of the dead be over, of all these messages."""
    line.tamper(f"update inbox set lease_until = received_at where {which}")


@pytest.mark.skipif(not _IS_LONG, reason=_LONG)
def test_a_message_that_never_ends_holds_up_nobody(shop: Shop):
    poison = _poison(shop, "hangs")
    with _set_aside_at_last(shop, poison):
        shop.send([poison])
        # Both workers and the clock have had it once.
        shop.site.wait_until(lambda: _is_taken_again(shop, poison, 3), PATIENCE_S)
        shop.send(shop.sells(5))
        shop.site.wait_until(lambda: _waiting(shop) <= 1, PATIENCE_S)
    assert {} == shop.wrong()
    assert _waits_s(shop, poison)[-1] < _HELD_UP_S_MAX


@pytest.mark.skipif(not _IS_LONG, reason=_LONG)
@pytest.mark.parametrize("harm", ["kills", "hangs"])
def test_what_shares_a_batch_with_poison_waits_half_a_minute_at_most(
    shop: Shop, harm: str
):
    poison = _poison(shop, harm)
    with _set_aside_at_last(shop, poison):
        with _at_rest(shop):
            shop.send([poison, *shop.sells(10)])
            # The clock leaves to the bell what is newer.
            time.sleep(FORGOTTEN_S)
        shop.site.wait_until(lambda: _waiting(shop) <= 1, PATIENCE_S)
    assert {} == shop.wrong()
    waits_s = _waits_s(shop, poison)
    assert waits_s[0] > LEASE_S, "they were not in the batch that was lost"
    assert waits_s[-1] < _HELD_UP_S_MAX


@contextmanager
def _at_rest(shop: Shop) -> Iterator[None]:
    """Have nobody look at the inbox meanwhile, so that all of it is one batch."""
    pids = shop.site.pids("worker") + shop.site.pids("clock")
    for pid in pids:
        shop.site.tell(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            shop.site.tell(pid, signal.SIGCONT)


@contextmanager
def _set_aside_at_last(shop: Shop, poison: Webhook) -> Iterator[None]:
    """Set it aside by hand afterwards, and end whoever works on it still."""
    try:
        yield
    finally:
        shop.site.execute(
            "update inbox set state = 'quarantined', lease_until = null,"
            " finished_at = clock_timestamp() where delivery_id = %(id)s",
            id=poison.delivery_id,
        )
        for name in ("worker", "clock"):
            shop.site.kill(name, lambda pids: pids)
        shop.site.let_leases_end()


def _poison(shop: Shop, harm: str) -> Webhook:
    order = an_order(id=666, name=f"poison that {harm}")
    made = webhook(Random(shop.domain + harm), shop.domain, "orders/paid", order)
    return replace(made, is_poison=True)


def _hasten(shop: Shop, *poisons: Webhook, kills: bool = False) -> None:
    """Have each next attempt at them at once, until they are set aside.

    Only where they kill is a lease ended early: the lease of a worker that lives would
    be lost, and that attempt would be counted without having failed.
    """

    def is_over() -> bool:
        for poison in poisons:
            shop.site.execute(_AT_ONCE, id=poison.delivery_id, most=ATTEMPTS_MAX)
        if kills:
            shop.site.let_leases_end()
        return all(_row(shop, each)[0] == "quarantined" for each in poisons)

    shop.site.wait_until(is_over, 3 * PATIENCE_S)


_AT_ONCE = """
    update inbox set next_attempt_at = received_at
    where delivery_id = %(id)s and state = 'waiting' and attempts < %(most)s
"""


def _is_taken_again(shop: Shop, poison: Webhook, times: int) -> bool:
    if _attempts(shop, poison) >= times:
        return True
    shop.site.let_leases_end()
    return False


def _row(shop: Shop, webhook: Webhook) -> Any:
    [row] = shop.site.rows(
        "select state, attempts from inbox where delivery_id = %(id)s",
        id=webhook.delivery_id,
    )
    return row


def _attempts(shop: Shop, webhook: Webhook) -> int:
    return int(_row(shop, webhook)[1])


def _notes(shop: Shop, state: str) -> list[str | None]:
    rows = shop.site.rows(
        "select note from inbox where domain = %(domain)s and state = %(state)s",
        domain=shop.domain,
        state=state,
    )
    assert rows
    return [note for (note,) in rows]


def _waits_s(shop: Shop, poison: Webhook) -> list[float]:
    """How long all but that one waited from their answer to their effect, by length."""
    rows = shop.site.rows(
        "select extract(epoch from finished_at - received_at)::float8 from inbox"
        " where domain = %(domain)s and delivery_id <> %(id)s order by 1",
        domain=shop.domain,
        id=poison.delivery_id,
    )
    return [waited_s for (waited_s,) in rows]


def _waiting(shop: Shop) -> int:
    [(count,)] = shop.site.rows("select count(*) from inbox where state = 'waiting'")
    return int(count)

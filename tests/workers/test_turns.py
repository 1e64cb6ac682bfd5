"""A store that is silent, slow or has much to do keeps no other store's rewards."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import pytest

from app.domain.grants import Grant, Granted, GrantRefused
from app.domain.program import Program
from app.domain.rewards import AmountOff
from app.platforms.shopify.admin_api import StoreBusy
from app.storage import due_redemptions
from app.storage.stores import Store
from tests.builders.line import TestLine
from tests.builders.pretended_store import PretendedStore
from workers import turns
from workers.fulfil import Fulfilling

FIVE_OFF = AmountOff(points_cost=500, amount=Decimal(5), key="five")


class SlowStore(PretendedStore):
    """Does what it is asked once it is let; notes how many ask at one time."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.answers.set()
        self.waiting = self.most = 0
        self.busy_s = 0.0

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it once."""
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        assert self.answers.wait(30)
        self.waiting -= 1
        if self.busy_s:
            self.calls += 1
            raise StoreBusy(self.busy_s)
        return super().grant(grant)


class Stores:
    """Stores of one programme each, and the wishes of their customers."""

    def __init__(self, line: TestLine, *domains: str) -> None:
        self.line = line
        self.ways: dict[int, SlowStore] = defaultdict(SlowStore)
        self.stores = [line.store, *map(line.add_store, domains)]
        self._wishes = 0
        for store in self.stores:
            line.store = store
            line.set_program(Program(rewards=(FIVE_OFF,)))
            told = {"id": 7001, "updated_at": "2026-11-01T10:00:00Z"}
            told |= {"told_by": store.domain}
            header = {"X-Shopify-Shop-Domain": store.domain}
            line.deliver("customers/update", told, **header)
            line.worker.drain()
            line.adjust(7001, 20_000)

    def working(self) -> Fulfilling:
        """One more process."""
        line = self.line
        return Fulfilling(
            line.database,
            lambda store: self.ways[store.store_id],
            "secret",
            line.keys,
            line.this_moment,
        )

    def wish(self, store: Store, times: int = 1) -> None:
        """Have a customer of a store ask for so many rewards; it is not asked yet."""
        self.line.store = store
        for _ in range(times):
            self._wishes += 1
            name = f"wish-{self._wishes}"
            body = {
                "redemption_id": name,
                "customer_id": "7001",
                "reward_id": "five",
            }
            self.line.ask_own("redemptions/request", name, body)

    def of(self, store: Store) -> SlowStore:
        """Return the way into a store."""
        return self.ways[store.store_id]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody's patience last long."""
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)


@pytest.fixture
def two(line: TestLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """Two stores; on a machine that is slow itself no other lane begins."""
    monkeypatch.setattr(turns, "PATIENCE_S", 60.0)
    found = Stores(line, "other.myshopify.com")
    yield found
    for each in found.ways.values():
        each.answers.set()


def _until(holds: object) -> None:
    assert callable(holds)
    for _ in range(400):
        if holds():
            return
        time.sleep(0.025)
    raise AssertionError("it did not come to that within ten seconds")


def test_the_reward_of_another_is_made_while_a_slow_store_is_waited_for(
    two: Stores, quick: None
):
    slow, other = two.stores
    two.of(slow).answers.clear()
    two.wish(slow, 12)
    working = two.working()
    at_work = threading.Thread(target=working.work, daemon=True)
    at_work.start()
    _until(lambda: two.of(slow).waiting)
    two.wish(other)

    _until(lambda: two.of(other).made)
    assert not two.of(slow).made
    # It has some of the lanes, of all processes together, and never all.
    time.sleep(0.3)
    assert two.of(slow).most == turns.AT_ONCE // turns.TURN < turns.LANES
    two.of(slow).answers.set()
    at_work.join(30)
    assert (12, 1) == (len(two.of(slow).made), len(two.of(other).made))


def test_one_lane_is_closed_to_stores_that_were_slow(
    line: TestLine, quick: None, monkeypatch: pytest.MonkeyPatch
):
    """However many of them there are."""
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    names = [f"slow{number}.myshopify.com" for number in range(turns.LANES)]
    found = Stores(line, *names)
    other, *slow = found.stores
    working = found.working()
    for store in slow:
        found.wish(store)
    working.work()
    monkeypatch.setattr(turns, "TURN_S", 10.0)
    for store in slow:
        found.of(store).answers.clear()
        found.wish(store, 8)
    at_work = threading.Thread(target=working.work, daemon=True)
    at_work.start()
    _until(lambda: sum(found.of(one).waiting for one in slow) == turns.LANES - 1)
    found.wish(other)
    _until(lambda: found.of(other).made)
    for store in slow:
        found.of(store).answers.set()
    at_work.join(30)
    assert not at_work.is_alive()


def test_what_a_store_has_no_more_time_for_is_left_to_others(
    two: Stores, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    slow, other = two.stores
    two.wish(slow, 6)
    two.wish(other)
    working = two.working()

    # One of each store, and what is left of the slow one is free and not tried yet.
    assert 2 == working.work()
    assert (1, 1) == (two.of(slow).calls, two.of(other).calls)
    with two.line.database.auditor() as connection:
        query = "select attempts, lease_until from redemption where state = 'granting'"
        assert [(0, None)] * 5 == [
            tuple(row) for row in connection.exec_driver_sql(query)
        ]
    assert [1] * 5 + [0] == [working.work() for _ in range(6)]


def test_stores_are_asked_in_turn(two: Stores):
    first, second = two.stores
    two.wish(first, 3 * turns.TURN)
    two.wish(second)
    order: list[int] = []
    for store in two.stores:
        _note(two.of(store), order, store.store_id)

    assert 3 * turns.TURN + 1 == two.working().work()
    assert order.index(second.store_id) == turns.TURN


def _note(way: SlowStore, order: list[int], store_id: int) -> None:
    grant = way.grant

    def noted(one: Grant) -> Granted | GrantRefused:
        order.append(store_id)
        return grant(one)

    way.grant = noted  # type: ignore[method-assign]


def test_a_lost_answer_rests_its_reward_and_a_second_in_a_row_the_store(two: Stores):
    silent, other = two.stores
    two.of(silent).away_before = 1
    two.wish(silent, 2)
    working = two.working()
    working.work()
    assert (2, 1) == (two.of(silent).calls, len(two.of(silent).made))

    two.of(silent).away_before = 9
    two.wish(silent, 3)
    two.wish(other, 2)
    for _ in range(3):
        working.work()
    assert (4, 2) == (two.of(silent).calls, two.of(other).calls)
    # After its rest one lost answer will do, and one that comes ends it.
    two.line.pass_days(0.1)
    working.work()
    assert 5 == two.of(silent).calls
    two.of(silent).away_before = 0
    two.line.pass_days(0.1)
    working.work()
    assert 5 == len(two.of(silent).made)
    assert (None, []) == (two.line.audit(), two.line.violations())


def test_a_store_that_asks_for_patience_rests_at_once(two: Stores):
    busy, other = two.stores
    two.of(busy).busy_s = 30
    two.wish(busy, 3)
    two.wish(other)
    working = two.working()
    for _ in range(3):
        working.work()

    assert (1, 1) == (two.of(busy).calls, two.of(other).calls)


def test_of_one_store_only_so_many_are_taken_at_once(two: Stores):
    busy, other = two.stores
    two.wish(busy, turns.AT_ONCE + 3)
    two.wish(other)
    taken = []
    for _ in range(4):
        with two.line.database.sweeper() as connection:
            now = two.line.this_moment(connection)
            claimed = due_redemptions.claim(connection, now, turns.TURN, turns.AT_ONCE)
            taken.append([each.store_id for each in claimed])

    whole = [busy.store_id] * turns.TURN
    assert [whole, whole, [other.store_id], []] == taken


def test_no_more_are_taken_where_the_database_believes_that_there_are_few(two: Stores):
    """It may look for what is to be taken once for each row: others each time."""
    two.wish(two.stores[0], 3 * turns.TURN)
    with two.line.as_superuser() as connection:
        connection.exec_driver_sql("analyze redemption")
        connection.exec_driver_sql(
            "update pg_class set reltuples = 1, relpages = 100"
            " where oid = 'redemption'::regclass"
        )
    with two.line.database.sweeper() as connection:
        now = two.line.this_moment(connection)
        claimed = due_redemptions.claim(connection, now, turns.TURN, turns.AT_ONCE)

    assert turns.TURN == len(claimed)

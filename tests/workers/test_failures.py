"""What fails holds nothing else up, is tried again, and is never done twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from redis import Redis
from sqlalchemy import Connection

from app.domain import events
from app.domain.program import Program
from app.domain.rewards import AmountOff
from app.jobs import ANSWERING_S, Bell, connect
from app.storage import inbox
from app.storage.inbox import ATTEMPTS_MAX, LEASE_S, Claimed, LostLease, Outcome
from tests.builders.line import TestLine
from tests.builders.shopify import ADA, an_order
from workers import bell, process
from workers.aside import Aside
from workers.clock import Errand
from workers.handlers import HANDLERS
from workers.process import DRAIN_S, LONG_WORK_S, TRY_AGAIN_S, WORK_S, Line
from workers.scene import Scene

POISON = an_order(id=666)
LEASES = """
    select topic, lease_until > clock_timestamp() + interval '10 minutes'
    from inbox where lease_until is not null
"""
FIVE_OFF = AmountOff(points_cost=50, amount=Decimal(5), key="five")


@pytest.fixture(autouse=True)
def _poisoned(line: TestLine) -> None:
    """Have the database fail at one order; its own rules nothing here ever breaks."""
    with line.as_superuser() as connection:
        connection.exec_driver_sql(
            "alter table order_fact add check (1 / (order_id <> '666')::int = 1)"
        )


def test_a_message_that_fails_holds_up_no_other(line: TestLine):
    line.settle(("orders/paid", POISON), ("orders/paid", an_order()))

    assert 100 == line.standing(7001).available
    assert ["waiting", "settled"] == [row.state for row in line.inbox()]


def test_a_message_that_fails_is_tried_again_each_time_later(line: TestLine):
    began = line.clock()
    line.settle(("orders/paid", POISON))
    [first] = line.inbox()
    line.worker.drain()
    line.make_due()
    again = line.clock()
    line.worker.drain()
    [second] = line.inbox()

    assert (1, 2) == (first.attempts, second.attempts)
    assert timedelta(seconds=1) <= first.next_attempt_at - began
    assert timedelta(seconds=2) <= second.next_attempt_at - again


def test_a_message_that_never_works_is_quarantined_with_its_error(line: TestLine):
    line.settle(("orders/paid", POISON))
    for _ in range(ATTEMPTS_MAX):
        line.make_due()
        line.worker.drain()

    [row] = line.inbox()
    assert ("quarantined", ATTEMPTS_MAX) == (row.state, row.attempts)
    assert row.note
    assert "ada" not in row.note


def test_a_quarantined_message_can_be_replayed(line: TestLine):
    line.settle(("orders/paid", b"{"))
    assert 1 == line.replay("quarantined")

    assert ["waiting"] == [row.state for row in line.inbox()]
    assert [0] == [row.attempts for row in line.inbox()]


def test_replaying_everything_changes_nothing(line: TestLine):
    line.settle(("orders/paid", an_order()), ("customers/update", ADA))
    line.replay("settled")
    line.worker.drain()

    assert 100 == line.standing(7001).available
    assert 1 == len(line.transactions(7001))


def test_a_worker_that_lost_its_lease_changes_nothing(line: TestLine):
    line.deliver("orders/paid", an_order())
    with line.database.sweeper() as connection:
        [stale] = inbox.claim(connection, 10, lease_s=0)
    line.worker.drain()

    with pytest.raises(LostLease), line.in_program() as connection:
        inbox.finish(connection, [Outcome(stale, "settled")])
    assert 1 == len(line.transactions(7001))


def test_neither_work_nor_a_statement_outlasts_a_lease(line: TestLine):
    limits_ms: list[int] = []

    def clock(connection: Connection) -> datetime:
        query = "select setting::int from pg_settings where name = 'statement_timeout'"
        limits_ms.append(connection.exec_driver_sql(query).scalar_one())
        return line.this_moment(connection)

    line.worker.clock = clock
    line.settle(("orders/paid", an_order()))

    assert limits_ms
    assert 0 < max(limits_ms) < LEASE_S * 1000
    # Whoever watches looks once a second.
    assert WORK_S + 1 < LEASE_S


@pytest.mark.parametrize("beside", [0, 1])
def test_forgetting_a_store_may_take_longer_than_a_lease_and_holds_nobody_up(
    line: TestLine, monkeypatch: pytest.MonkeyPatch, beside: int
):
    line.settle(("orders/paid", an_order()))
    leases, limits_ms = [], []
    forget = HANDLERS[events.StoreRedacted]

    def slow(scene: Scene, event: events.StoreRedacted) -> object:
        with line.database.sweeper() as connection:
            leases.extend(connection.exec_driver_sql(LEASES).all())
        query = "select setting::int from pg_settings where name = 'statement_timeout'"
        limits_ms.append(scene.connection.exec_driver_sql(query).scalar_one())
        return forget(scene, event)

    monkeypatch.setitem(HANDLERS, events.StoreRedacted, slow)
    for _ in range(beside):
        line.deliver("customers/update", ADA)
    line.be_left()

    assert [("shop/redact", True)] == [(topic, left) for topic, left in leases]
    assert [LONG_WORK_S * 1000] == limits_ms
    told = {row.topic: row.state for row in line.inbox()}
    assert {"settled"} == set(told.values())
    assert DRAIN_S + LONG_WORK_S < ANSWERING_S


def test_what_a_dead_worker_left_is_soon_done_though_others_keep_coming(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
):
    for number in (1, 2, 3, 4, 5):
        line.deliver("orders/paid", an_order(id=number))
    with line.database.sweeper() as connection:
        assert 5 == len(inbox.claim(connection, 10, lease_s=0))
    for number in (6, 7, 8, 9):
        line.deliver("orders/paid", an_order(id=number))
    # What is new takes as long as is waited for another try, and a try less than half.
    passed, work = [0.0], line.worker._work

    def slow_work(claimed: list[Claimed]) -> int:
        is_new = [each.attempts for each in claimed] == [1]
        passed[0] += TRY_AGAIN_S * (1 if is_new else 0.4)
        return work(claimed)

    monkeypatch.setattr(line.worker, "_work", slow_work)
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: passed[0]))
    monkeypatch.setattr(process, "BATCH", 1)
    line.worker.drain()

    done = sorted(line.inbox(), key=lambda row: row.finished_at)
    assert {"settled"} == {row.state for row in done}
    # One is due before the first try; then both have their turn for as long.
    tried_again = [row.attempts > 1 for row in done]
    assert tried_again == [False] * 2 + [True] * 3 + [False] + [True] * 2 + [False]


def test_others_are_called_where_a_message_is_tried_again(
    line: TestLine, redis_url: str, redis: Redis
):
    worker: Line = line.worker
    worker.bell = Bell(connect(redis_url))
    line.deliver("orders/paid", an_order())
    worker.bell.answered()
    worker.drain()
    assert not redis.exists("tallymark:rung")

    line.settle(("orders/paid", POISON))
    worker.bell.answered()
    line.make_due()
    worker.drain()
    assert redis.exists("tallymark:rung")


def test_a_leased_message_is_nobody_elses(line: TestLine):
    line.deliver("orders/paid", an_order())
    with line.database.sweeper() as connection:
        assert 1 == len(inbox.claim(connection, 10))
    with line.database.sweeper() as connection:
        assert [] == inbox.claim(connection, 10)


def test_workers_side_by_side_do_everything_once(line: TestLine):
    customers = [
        ADA | {"id": 7001 + number % 5, "email": None} for number in range(120)
    ]
    for number, customer in enumerate(customers):
        order = an_order(id=6000 + number, customer=customer, email=None)
        for _ in range(2):
            line.deliver("orders/paid", order)

    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda worker: worker.drain(), [line.another_worker() for _ in "1234"]
            )
        )
    line.make_due()
    line.worker.drain()

    assert {"settled"} == {row.state for row in line.inbox()}
    assert [2400] * 5 == [line.standing(7001 + number).available for number in range(5)]
    assert (line.audit(), line.violations()) == (None, [])


# What PostgreSQL says where a transaction may be tried again as a whole.
_ONCE = """
create sequence failures;
grant usage on sequence failures to public;
create function fail_at_first() returns trigger language plpgsql as $$
begin
    if nextval('failures') <= {times} then
        raise exception 'try again' using errcode = '{code}';
    end if;
    return new;
end $$;
create trigger fails before insert or update on {table}
    for each row execute function fail_at_first()
"""


def _fail(line: TestLine, code: str, table: str, times: int) -> None:
    with line.as_superuser() as connection:
        made = _ONCE.format(code=code, table=table, times=times)
        connection.exec_driver_sql(made)


@pytest.mark.parametrize("code", ["40P01", "40001"])
@pytest.mark.parametrize("table", ["member", "ledger_transaction", "ledger_entry"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_deadlock_is_tried_again_and_its_effect_is_there_once(
    line: TestLine, code: str, table: str, times: int
):
    _fail(line, code, table, times)
    line.settle(("orders/paid", an_order()), ("orders/paid", an_order(id=5002)))
    for _ in range(3):
        line.make_due()
        line.worker.drain()

    assert ["settled"] * 2 == [row.state for row in line.inbox()]
    assert 200 == line.standing(7001).available
    assert 2 == len(line.transactions(7001))
    assert (line.audit(), line.violations()) == (None, [])


@pytest.mark.parametrize("code", ["40P01", "40001"])
@pytest.mark.parametrize("table", ["command", "redemption", "ledger_entry"])
def test_a_deadlock_is_never_told_as_too_few_points(
    line: TestLine, code: str, table: str
):
    line.set_program(Program(rewards=(FIVE_OFF,)))
    line.settle(("orders/paid", an_order()))
    _fail(line, code, table, 2)
    told = line.post(
        "redemptions", "7001", {"request_id": "w" * 8, "reward_id": "five"}
    )
    for _ in range(3):
        line.make_due()
        line.worker.drain()
    line.fulfilling.work()

    assert "granted" == line.redemption(7001, told.get_json()["id"])["state"]
    assert (50, 1) == (line.standing(7001).available, len(line.pretended.made))
    assert (line.audit(), line.violations()) == (None, [])


def test_a_worker_that_is_asked_to_end_takes_no_more_messages(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
):
    for number in range(2):
        line.deliver("orders/paid", an_order(id=5001 + number))
    monkeypatch.setattr("workers.process.BATCH", 1)
    # With a batch in hand it rings for another worker, and is asked to end.
    monkeypatch.setattr(Bell, "ring", lambda _: line.worker.stop())
    line.worker.bell = Bell(connect("redis://127.0.0.1:1"))

    assert 1 == line.worker.drain()
    assert ["settled", "waiting"] == [row.state for row in line.inbox()]


def test_the_clock_settles_what_no_bell_brought(line: TestLine, tmp_path: Path):
    line.deliver("orders/paid", an_order())
    with line.as_superuser() as connection:
        connection.exec_driver_sql(
            "update inbox set received_at = received_at - interval '5 s'"
        )

    line.a_clock(tmp_path).tick(now=0)

    assert 100 == line.standing(7001).available


def test_the_clock_goes_on_after_a_chore_that_failed(line: TestLine, tmp_path: Path):
    clock = line.a_clock(tmp_path / "no" / "home")
    (tmp_path / "no").write_text("a file where a folder should be")
    line.settle(("orders/paid", an_order()))

    clock.tick(now=0)
    (tmp_path / "no").unlink()
    clock.tick(now=100)

    assert 1 == len(list((tmp_path / "no" / "home" / "checkpoints").glob("*.json")))


def test_a_store_that_hangs_holds_up_neither_the_sweep_nor_the_bell(
    line: TestLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked, answered, heard = threading.Semaphore(0), threading.Event(), []

    def ask() -> int:
        asked.release()
        heard.append(answered.wait(30))
        return 0

    monkeypatch.setattr(line.fulfilling, "work", ask)
    clock = line.a_clock(tmp_path, Errand("ask", 1, ask))
    asking = Aside("ask", ask)
    bell.install(line.worker, [asking])
    turns = [lambda: clock.tick(0), bell.answer, lambda: clock.tick(10), bell.answer]
    for number, turn in enumerate(turns):
        line.deliver("orders/paid", an_order(id=5001 + number))
        line.tamper("update inbox set received_at = received_at - interval '5 s'")
        turn()
        assert 100 * (number + 1) == line.standing(7001).available
    assert all(asked.acquire(timeout=10) for _ in range(3))
    assert heard == []
    answered.set()
    for each in (clock, asking):
        each.wait()
    assert heard == [True] * 6


def test_bodies_are_dropped_after_their_retention(line: TestLine, tmp_path: Path):
    line.settle(("orders/paid", an_order()), ("orders/paid", b"{"))
    with line.as_superuser() as connection:
        connection.exec_driver_sql(
            "update inbox set finished_at = finished_at - interval '31 days'"
        )
    line.a_clock(tmp_path).drop_bodies()

    assert [None, None] == [row.body for row in line.inbox()]
    assert 0 == line.replay("settled", "quarantined")


def test_a_message_that_kills_its_workers_is_set_aside(line: TestLine):
    line.deliver("orders/paid", an_order())
    with line.database.sweeper() as connection:
        assert 1 == len(inbox.claim(connection, 10, lease_s=0))
    for _ in range(ATTEMPTS_MAX - 1):
        with line.database.sweeper() as connection:
            assert 1 == len(inbox.claim_again(connection, lease_s=0))
    with line.database.sweeper() as connection:
        assert 1 == inbox.give_up(connection)
    line.deliver("orders/paid", an_order(id=5002))
    line.worker.drain()

    states = [row.state for row in line.inbox()]
    assert ["quarantined", "settled"] == states
    assert "every worker that took it died" == line.inbox()[0].note


def test_an_answered_bell_drains_the_inbox(
    line: TestLine, redis_url: str, redis: Redis
):
    worker: Line = line.worker
    worker.bell = Bell(connect(redis_url))
    bell.install(worker)
    line.deliver("orders/paid", an_order())

    assert 1 == bell.answer()
    assert 100 == line.standing(7001).available
    assert not redis.exists("tallymark:rung")

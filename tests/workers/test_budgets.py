"""Budgets over the whole line: members who settle at once share what there is."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from app.domain.actions import Review
from app.domain.allotments import Allotment
from app.domain.earning import Bonus, Multiplier, PurchasePoints
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.engagement.surprise import After, Surprise
from app.domain.program import Program
from app.domain.valuation import Valuation
from app.storage import inbox
from app.storage.actions import actions_of, outcome_of
from app.storage.budgets import lock_budgets, rebuild_sums, save_allotments, used_of
from tests.app.commands.conftest import Run, run
from tests.builders.line import DOMAIN, TestLine, proxy_query
from tests.builders.shopify import ADA, a_line, a_merge, a_refund, an_order, later

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
SPRING = Multiplier(times=Decimal(2), name="spring", budget=Budget(points=150))
PROGRAM = Program(earning=(PurchasePoints(), SPRING))
# Ada's for 100.00 and Grace's too, so that there is enough for one and a half.
FIRST = an_order()
HERS = {"customer": GRACE, "email": GRACE["email"]}
SECOND = an_order(id=5002, name="#1002", **HERS)
THIRD = an_order(a_line("40.00"), id=5003, name="#1003", **HERS)

__all__ = ["run"]


def _used(line: TestLine, name: str = "spring") -> int:
    with line.in_program() as connection:
        return used_of(connection, line.store.program_id, [name]).get(name, 0)


def _available(line: TestLine) -> list[int]:
    return [line.standing(each).available for each in (7001, 7002)]


def _holds(line: TestLine) -> None:
    assert [] == line.violations()
    assert line.audit() is None


def test_workers_side_by_side_allot_no_more_than_there_is(line: TestLine):
    line.set_program(PROGRAM)
    before = an_order(a_line("10.00"), id=5000, customer={"id": 7003}, email=None)
    line.settle(("orders/paid", before))
    line.deliver("orders/paid", FIRST)
    with line.database.sweeper() as connection:
        claimed = inbox.claim(connection, 1)
    line.deliver("orders/paid", SECOND)
    other = line.another_worker()
    with ThreadPoolExecutor(1) as at_once:
        with line.in_program() as connection:
            line.worker._process(connection, claimed)
            draining = at_once.submit(other.drain)
            _until_one_waits(line)
        draining.result(30)

    assert [200, 140] == _available(line)
    assert 150 == _used(line)
    _holds(line)


def test_a_worker_waits_as_soon_as_another_looks_what_is_left(line: TestLine):
    line.set_program(PROGRAM)
    before = an_order(a_line("10.00"), id=5000, customer={"id": 7003}, email=None)
    line.settle(("orders/paid", before))
    line.deliver("orders/paid", FIRST)
    program_id = line.store.program_id
    with ThreadPoolExecutor(1) as at_once:
        with line.in_program() as connection:
            assert {"spring": 10} == lock_budgets(connection, program_id, ["spring"])
            draining = at_once.submit(line.worker.drain)
            _until_one_waits(line)
            taken = Allotment("spring", "order/1/1", 100, 100)
            save_allotments(connection, program_id, [(None, taken)])
        draining.result(30)

    assert 100 + 40 == line.standing(7001).available


def _until_one_waits(line: TestLine) -> None:
    """Wait until the other worker is kept waiting for the budget."""
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at:
        with line.as_superuser() as connection:
            if connection.execute(_WAITING).scalar():
                return
        time.sleep(0.02)
    pytest.fail("the other worker did not wait")


_WAITING = text("""
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
      and query like '%budget_use%'
""")


def test_what_went_back_is_there_for_the_next_order(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(("orders/paid", FIRST), ("orders/paid", SECOND))
    assert 150 == _used(line)
    line.settle(("refunds/create", a_refund("100.00", (11, 1, "100.00"))))
    assert [0, 150, 50] == [*_available(line), _used(line)]
    line.settle(("orders/paid", THIRD))
    assert [0, 150 + 80, 90] == [*_available(line), _used(line)]

    assert line.replay("settled") == 4
    line.worker.drain()
    assert [0, 150 + 80, 90] == [*_available(line), _used(line)]
    _holds(line)


def test_a_refund_before_its_order_leaves_room(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(("refunds/create", a_refund("100.00", (11, 1, "100.00"))))
    line.settle(("orders/paid", FIRST), ("orders/paid", SECOND))

    assert [0, 200, 100] == [*_available(line), _used(line)]
    _holds(line)


def test_an_order_that_changes_hands_takes_along_what_it_was_allotted(line: TestLine):
    welcome = Bonus(
        points=30,
        name="welcome",
        budget=Budget(points=30),
        conditions=Conditions(order_to=1),
    )
    gift = Surprise(name="thanks", points=20, seed="s", budget=Budget(points=20))
    line.set_program(Program(earning=(PurchasePoints(), welcome), surprises=(gift,)))
    guest = an_order(customer=None, email=GRACE["email"])
    line.settle(("orders/paid", guest))
    line.settle(("customers/create", GRACE | {"updated_at": line.days_ago(0)}))

    assert 150 == line.standing(7002).available
    assert (30, 20) == (_used(line, "welcome"), _used(line, "thanks"))
    line.settle(("orders/paid", an_order(id=5002, customer=ADA)))
    assert 100 == line.standing(7001).available
    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))
    assert 250 == line.standing(7001).available
    assert (30, 20) == (_used(line, "welcome"), _used(line, "thanks"))
    _holds(line)


def test_surprises_after_actions_end_with_their_budget(line: TestLine):
    gift = Surprise(
        name="words", points=20, seed="s", after=After.ACTION, budget=Budget(points=30)
    )
    line.set_program(Program(actions=(Review(points=5),), surprises=(gift,)))
    line.settle(("customers/create", ADA), ("customers/create", GRACE))
    for customer in (7001, 7002):
        told = {"customer_id": str(customer), "action": "review", "by": "owner"}
        line.ask_own("actions/report", f"r{customer}", told | {"key": str(customer)})

    assert [25, 5] == _available(line)
    assert 20 == _used(line, "words")
    with line.in_program() as connection:
        whose = line.store.program_id, line.member_id(7002)
        [kept] = map(outcome_of, actions_of(connection, *whose))
    assert kept
    assert ["budget_too_low"] == [each.reason.code for each in kept.missed]
    _holds(line)


def test_owners_and_shoppers_are_told_what_is_left(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    worth = Valuation(per_100_points=Decimal(5), spent_percent=Decimal(80))
    line.set_program(Program(earning=PROGRAM.earning, valuation=worth))
    line.settle(("orders/paid", FIRST))
    cart = {
        "currency": "EUR",
        "lines": [{"product_id": 21, "price_minor": 8000, "quantity": 1}],
    }
    answer = line.client.post(f"/proxy/estimate?{proxy_query()}", json=cart)
    assert 80 + 50 == answer.get_json()["points"]
    ways = line.ask("standing").get_json()["program"]["ways_to_earn"]
    assert "2 times the points, while they last" == ways[1]

    line.settle(("orders/paid", SECOND))
    run(line, "programme", "budgets", DOMAIN)
    [_, told] = capsys.readouterr().out.splitlines()
    assert ["spring", "150", "150", "0", "6.00", "EUR"] == told.split()
    run(line, "explain", DOMAIN, "5002")
    told = capsys.readouterr().out
    assert "limited to 50 by the budget of “spring”" in told
    assert "Allotted of the budget of “spring”: 50 points, 50 held." in told
    assert 150 == _used(line)


def test_what_is_used_can_be_made_anew(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(PROGRAM)
    line.settle(("orders/paid", FIRST), ("orders/paid", later(SECOND)))
    line.tamper("update allotment set used = 7; update budget_use set used = 99")

    run(line, "rebuild")

    assert "1 were different" in capsys.readouterr().out
    assert 150 == _used(line)
    with line.in_program() as connection:
        assert 0 == rebuild_sums(connection, line.store.program_id)
    _holds(line)


def _rows(connection: Connection) -> list[tuple[object, ...]]:
    found = connection.exec_driver_sql("select * from allotment order by lot")
    return [tuple(row) for row in found]


def test_only_settling_allots(
    line: TestLine, run: Run, tmp_path, capsys: pytest.CaptureFixture[str]
):
    line.set_program(PROGRAM)
    line.settle(("orders/paid", later(FIRST, financial_status="pending")))
    line.settle(("orders/paid", SECOND))
    line.tamper("delete from allotment; delete from budget_use")
    document = tmp_path / "program.json"
    document.write_text(json.dumps({"tiers": {"ladder": [{"name": "Gold"}]}}))

    run(line, "programme", "apply", DOMAIN, str(document), "--dry-run")
    run(line, "explain", DOMAIN, "5002")
    capsys.readouterr()
    line.violations()

    with line.database.auditor() as connection:
        assert [] == _rows(connection)
    assert 0 == _used(line)

"""Two hundred wishes at one moment, by two web processes and without a Redis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
import requests

from app.api.asking import ASKED_MAX
from app.domain.program import Program
from app.domain.rewards import AmountOff
from tests.builders.at_once import ask_at_once, wish
from tests.builders.line import SECRET_KEY, TestLine
from tests.builders.logins import as_login
from tests.builders.shopify import a_line, an_order
from tests.builders.side_by_side import deadlocks, drain_side_by_side
from tests.faults.web import Web

FIVE = AmountOff(points_cost=500, amount=Decimal(5), key="five")
ADA, EVE = "7001", "7002"
MANY = 200
LIMITED, UNLIMITED = (
    f"tests.faults.patient_web:create_{sort}server" for sort in ("", "unlimited_")
)
# Nothing listens there.
NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
def factory() -> str:
    """What makes the application of the web processes."""
    return LIMITED


@pytest.fixture
def web(line: TestLine, factory: str) -> Iterator[Web]:
    """Two web processes of a store where Ada and Eve have 1,000 points each.

    Redis is gone: limits and wishes are kept in the database alone.
    """
    line.set_program(Program(rewards=(FIVE,)))
    for number, customer in enumerate((ADA, EVE)):
        order = an_order(
            a_line("1000.00"), id=5001 + number, customer={"id": int(customer)}
        )
        line.settle(("orders/paid", order))
    before = deadlocks(line)
    started = Web(
        factory,
        WEB_CONCURRENCY="2",
        DATABASE_URL=as_login(str(line.settings.database_url)),
        REDIS_URL=NO_REDIS,
        TALLYMARK_HOME=str(line.home),
        TALLYMARK_SECRET_KEY=SECRET_KEY,
        TALLYMARK_ENCRYPTION_KEY="sealing",
    )
    yield started
    started.end()
    assert before == deadlocks(line)


def _settle(line: TestLine) -> None:
    drain_side_by_side(line, at_a_time=5)
    while line.fulfilling.work():
        pass


def _own(customer_id: str) -> list[bytes]:
    return [wish(customer_id, f"request-{number}", FIVE.key) for number in range(MANY)]


def test_two_hundred_wishes_at_one_moment_spend_what_is_there(web: Web, line: TestLine):
    own = ask_at_once(web.port, _own(ADA))
    same = ask_at_once(web.port, [wish(EVE, "the-same-wish", FIVE.key)] * MANY)
    _settle(line)

    ready = requests.get(f"http://127.0.0.1:{web.port}/readyz", timeout=20).json()
    assert {"database": True, "migrations": True, "redis": False} == ready
    limited = [202] * ASKED_MAX + [429] * (MANY - ASKED_MAX)
    assert limited == own.statuses, f"p99 {own.p99_s:.2f} s"
    assert [202] * MANY == same.statuses, f"p99 {same.p99_s:.2f} s"
    assert 1 == len(set(same.answers))
    assert (0, 500) == tuple(line.standing(each).available for each in (ADA, EVE))
    assert 3 == len(line.pretended.made)
    assert (line.audit(), line.violations()) == (None, [])


@pytest.mark.parametrize(
    "factory", ["tests.faults.patient_web:create_unlimited_server"]
)
def test_where_all_two_hundred_are_kept_no_more_is_spent(web: Web, line: TestLine):
    own = ask_at_once(web.port, _own(ADA))
    _settle(line)

    assert [202] * MANY == own.statuses, f"p99 {own.p99_s:.2f} s"
    assert (0, 1000) == tuple(line.standing(each).available for each in (ADA, EVE))
    assert 2 == len(line.pretended.made)
    with line.as_superuser() as connection:
        states = connection.exec_driver_sql("select state from redemption").scalars()
        assert Counter(states) == {"granted": 2, "refused": MANY - 2}
    assert (line.audit(), line.violations()) == (None, [])

"""Standings read in a second, against the same server with a constant answer."""

from __future__ import annotations

import requests

from tests.benchmarks.backlog import Backlog
from tests.benchmarks.home import Home, temporary_home, wait_until_idle
from tests.benchmarks.load import Load, Readings, load_process
from tests.benchmarks.orders import customer_id
from tests.benchmarks.program import Program
from tests.benchmarks.rounds import Row, Size, interleaved, ratio, spread
from tests.builders.line import proxy_query

BASELINE = "the same server answering a constant JSON of the same length"
_CHECKED_A_ROUND = 8


def measure(size: Size) -> list[Row]:
    """Ask plainly, ask on condition, and ask for a constant, in turn."""
    with temporary_home() as home, load_process() as load:
        web, worker = home.web(), home.worker()
        backlog = Backlog(home.inbox, load, web, [worker], size.customers)
        backlog.settled_per_second(size.orders)
        constant = _constant(home, web)
        customers = list(range(size.customers))
        etags = [_ask(web, customer).headers["ETag"] for customer in customers]
        times = max(1, size.orders * 2 // size.customers)

        def read(port: int, what: Readings, status: int) -> float:
            return load.fire(port, what, times=times).expect(status).per_second

        plain, conditional, theirs = interleaved(
            size.rounds,
            lambda: read(web.port, Readings(customers), 200),
            lambda: read(web.port, Readings(customers, etags), 304),
            lambda: read(constant.port, Readings(customers), 200),
        )
        checked = _CHECKED_A_ROUND * size.rounds
        stale = _stale_answers(home, load, web, backlog, checked)
    return [
        _row("Standings read", plain, theirs, 0.28),
        _row("Standings read that are unchanged (304)", conditional, theirs, 0.5),
        Row(
            "Standings that were stale after their order had settled",
            f"of {checked}",
            spread([stale]),
            at_most=0,
            note="asked with the old etag the moment the new balance was in the table,"
            " while 16 connections read",
        ),
    ]


def _row(what: str, ours: list[float], theirs: list[float], at_least: float) -> Row:
    return Row(
        what,
        "a second",
        spread(ours),
        BASELINE,
        spread(theirs),
        ratio(ours, theirs),
        at_least=at_least,
    )


def _constant(home: Home, web: Program) -> Program:
    answer = home.folder / "answer.json"
    answer.write_bytes(_ask(web, 1).content)
    factory = "tests.benchmarks.bare.web:create_constant"
    return home.web(factory, BARE_ANSWER=str(answer))


def _ask(web: Program, customer: int, etag: str = "") -> requests.Response:
    query = proxy_query(customer_id(customer))
    return requests.get(
        f"http://127.0.0.1:{web.port}/proxy/standing?{query}",
        headers={"If-None-Match": etag} if etag else {},
        timeout=10,
    )


def _stale_answers(
    home: Home, load: Load, web: Program, backlog: Backlog, count: int
) -> int:
    """Count answers that tell an old balance while others read the same standing."""
    stale = 0
    for customer in range(count):
        others = load.start(web.port, Readings([customer] * 200))
        before = _ask(web, customer)
        backlog.deliver_one(customer)
        wait_until_idle(home.inbox)
        name = customer_id(customer)
        now = home.inbox.available([name])[name]
        assert now > before.json()["available"]
        answer = _ask(web, customer, before.headers["ETag"])
        told = answer.json()["available"] if answer.status_code == 200 else None
        stale += told != now
        others.result().expect(200)
    return stale

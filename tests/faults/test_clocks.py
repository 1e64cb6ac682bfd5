"""Processes whose clocks are wrong: leases and points go by the database's clock."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import psutil
import pytest
import requests

from app.domain.dates import months_after
from app.domain.expiry import expires_at
from app.domain.program import ExpiryRounding, Program
from app.storage.stores import Store
from tests.builders.shopify import an_order
from tests.builders.tokens import a_session_token
from tests.faults import points
from tests.faults.conftest import PATIENCE_S, Shop
from tests.faults.history import Webhook, stamp, webhook
from tests.faults.journal import Journal
from tests.faults.oracle import Terms
from tests.faults.site import Site

_HELD = Program(version=2, credit_after_days=1)
_DAYS = timedelta(days=2)
_WEB = -timedelta(minutes=10)
_LOOKED_AGAIN_S = 5


@pytest.fixture(scope="module")
def skewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site each of whose parts takes it to be another day."""
    clocks = {"web": _WEB, "clock": _DAYS}
    clocks |= {"worker.1": _DAYS, "worker.2": -_DAYS}
    home = tmp_path_factory.mktemp("skewed") / "site"
    opened = Site(home, clocks=clocks, SHOPIFY_API_KEY="key")
    opened.start()
    try:
        for part, ahead in clocks.items():
            log, day = opened.logs / f"{part}.log", datetime.now(UTC) + ahead
            opened.wait_until(
                lambda file=log, at=day: f"it is {at:%Y-%m-%d}" in _read(file),  # type: ignore[misc]
                PATIENCE_S,
            )
        yield opened
    finally:
        opened.stop()


def _read(log: Path) -> str:
    return log.read_text() if log.exists() else ""


@pytest.fixture
def shop(skewed: Site, request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """A store with plain terms that nothing has happened to yet."""
    domain = f"{sha256(request.node.name.encode()).hexdigest()[:12]}.myshopify.com"
    return Shop(skewed, domain, Journal(tmp_path / "journal.jsonl"))


def _sell(shop: Shop, domain: str, program: Program, at: Iterable[datetime]) -> Store:
    """Have a store with this programme sell something at these moments."""
    store = _open(shop, domain, program)
    shop.send([_sale(domain, number, at) for number, at in enumerate(at, 1)])
    return store


def _open(shop: Shop, domain: str, program: Program) -> Store:
    store = shop.site.add_store(domain, program)
    shop.terms[domain] = Terms(store.store_id, program)
    return store


def _sale(domain: str, number: int, placed_at: datetime) -> Webhook:
    """An order of a customer of its own, placed at a moment."""
    names = ("created_at", "processed_at", "updated_at")
    times = dict.fromkeys(names, stamp(placed_at))
    nobody = {"email": None, "customer": {"id": number, "email": None}}
    order = an_order(id=number, **nobody, **times)
    return webhook(Random(f"{domain}/{number}"), domain, "orders/paid", order)


def _points(shop: Shop, store: Store, account: str) -> int:
    [(total,)] = shop.site.rows(
        "select coalesce(sum(amount), 0)::int from ledger_entry"
        " where program_id = %(program)s and account = %(account)s",
        program=store.program_id,
        account=account,
    )
    return int(total)


def _leases(shop: Shop) -> list[tuple[int, int]]:
    """How often messages of a shop were leased, and by which epoch."""
    return shop.site.rows(
        "select distinct attempts, lease_epoch from inbox where domain = %(domain)s",
        domain=shop.domain,
    )


def test_clocks_that_are_days_apart_release_nothing_early(shop: Shop):
    shop.send(shop.sells(30))
    held, sold = _sell_by_both_workers(shop, "held.myshopify.com")
    # The clock looks every two seconds after what is due, as each part sees it.
    time.sleep(_LOOKED_AGAIN_S)

    assert {} == shop.wrong()
    # On a busy machine a store may have been asked to come again.
    assert {200} == shop.answers() - {503}
    assert 0 == shop.site.said("lease lost")
    assert [(1, 1)] == _leases(shop)
    assert 100 * sold == _points(shop, held, "pending")


def _sell_by_both_workers(shop: Shop, domain: str) -> tuple[Store, int]:
    """Have orders held until each worker has credited one; return of how many."""
    site, store, sold = shop.site, _open(shop, domain, _HELD), 0
    point, by = "worker before points is committed", set[str]()
    while by != {"worker.1", "worker.2"}:
        # That sets no clock, and tells who came by.
        points.arm(site.faults, point, "0")
        sold += 1
        a_minute_ago = datetime.now(UTC) - timedelta(minutes=1)
        shop.send([_sale(domain, sold, a_minute_ago)])
        site.wait_until(
            lambda: _points(shop, store, "pending") == 100 * sold,  # noqa: B023
            PATIENCE_S,
        )
        came = set(points.struck(site.faults, point).values())
        by = {name for name in ("worker.1", "worker.2") if came & {*site.pids(name)}}
    points.disarm(site.faults, point)
    return store, sold


def test_points_expire_at_their_moment_by_no_clock_but_the_databases(shop: Shop):
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
    # As long ago as leads to this very moment, which not every month does.
    months = next(
        each
        for each in range(1, 12)
        if months_after(months_after(soon, -each), each) == soon
    )
    exact = Program(version=2, expires_after_months=months)
    hours = (-36, -12, 0, 12, 36)
    first = months_after(soon, -months)
    placed = [first + timedelta(hours=each) for each in hours]
    ends = [expires_at(at, exact, "UTC") for at in placed]
    by_month = _sell(shop, "month.myshopify.com", exact, placed)
    by_day = [
        _sell(
            shop,
            f"day{days}.myshopify.com",
            Program(
                version=2,
                expires_after_months=months,
                expiry_rounding=ExpiryRounding.FIXED_DAY,
                expires_on=f"{soon + timedelta(days=days):%m-%d}",
            ),
            [first - timedelta(days=10)],
        )
        for days in (-1, 1)
    ]

    due = [end for end in ends if end and end <= soon]
    expired = (
        "select effective_at, recorded_at from ledger_transaction"
        " where kind = 'expire' and program_id = %(program)s order by 1"
    )
    shop.site.wait_until(
        lambda: _points(shop, by_month, "expired") == 100 * len(due), PATIENCE_S
    )

    assert {} == shop.wrong()
    done = shop.site.rows(expired, program=by_month.program_id)
    assert due == [effective_at for effective_at, _ in done]
    assert all(end <= recorded_at for end, recorded_at in done)
    assert 100 * (len(hours) - len(due)) == _points(shop, by_month, "available")
    assert [100, 0] == [_points(shop, each, "expired") for each in by_day]
    assert [0, 100] == [_points(shop, each, "available") for each in by_day]
    midnight = soon.replace(hour=0, minute=0, second=0)
    [(effective_at, _)] = shop.site.rows(expired, program=by_day[0].program_id)
    assert midnight == effective_at


def test_a_clock_that_is_set_back_or_ahead_takes_nobodys_lease(shop: Shop):
    # The lease is kept then, and no row is locked.
    point, faults = "worker after a message is committed", shop.site.faults
    told = shop.site.said("it is ")
    points.arm(faults, point, str(_WEB.total_seconds()))
    shop.send(shop.sells(3))
    shop.site.wait_until(lambda: shop.site.said("it is ") == told + 1, PATIENCE_S)
    assert {} == shop.wrong()

    leased = Shop(shop.site, f"leased-{shop.domain}", shop.journal)
    # One whose clock is behind, so that its lease would seem to have ended long ago to
    # the clock process, which is ahead, and looks every second after what waits.
    while not _frozen(shop.site, "worker.2"):
        for pid in _frozen(shop.site, "worker"):
            shop.site.tell(pid, signal.SIGCONT)
        points.arm(faults, point, "SIGSTOP")
        leased.send(leased.sells(1))
        shop.site.wait_until(lambda: bool(_frozen(shop.site, "worker")), PATIENCE_S)
    leased.site.wait_until(lambda: _waits_for_s(leased) > 4, PATIENCE_S)
    shop.send(shop.sells(3))
    assert [(1, 1)] == _leases(leased)
    for pid in _frozen(shop.site, "worker"):
        shop.site.tell(pid, signal.SIGCONT)

    assert {} == shop.wrong() == leased.wrong()
    assert [(1, 1)] == _leases(shop) == _leases(leased)


def _frozen(site: Site, name: str) -> list[int]:
    return [
        pid
        for pid in site.pids(name)
        if psutil.Process(pid).status() == psutil.STATUS_STOPPED
    ]


def _waits_for_s(shop: Shop) -> float:
    [(seconds,)] = shop.site.rows(
        "select extract(epoch from clock_timestamp() - max(received_at))::float"
        " from inbox where domain = %(domain)s and state = 'waiting'",
        domain=shop.domain,
    )
    # What waits no more was taken, and its leases tell by how many.
    return float("inf") if seconds is None else float(seconds)


def test_session_tokens_are_read_by_the_clock_of_the_web_with_ten_seconds(shop: Shop):
    def status(begins_s: int, ends_s: int) -> int:
        web = int((datetime.now(UTC) + _WEB).timestamp())
        at = {"iat": web + begins_s, "nbf": web + begins_s, "exp": web + ends_s}
        return _standing(shop, a_session_token("100", dest=shop.domain, **at))

    assert [200, 200, 200] == [status(0, 60), status(5, 60), status(-60, -2)]
    assert [401, 401] == [status(30, 60), status(-60, -12)]
    # By the clock of everybody else this one is made just now.
    assert 401 == _standing(shop, a_session_token("100", dest=shop.domain))


def _standing(shop: Shop, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{shop.site.url}/api/standing"
    return requests.get(url, headers=headers, timeout=PATIENCE_S).status_code

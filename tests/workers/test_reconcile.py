"""What lost messages would have told is found in the store's list, and settled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from structlog.testing import capture_logs

from app.domain.earning import Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.program import Program
from app.platforms.base import AccessDenied, Listed, PastOrders, StoreAway
from app.storage import reconciliations
from app.storage.reconciliations import Reconciliation
from app.storage.stores import Store
from tests.builders.line import SECRET_KEY, TestLine
from tests.builders.past_customers import CustomersInMemory, a_customer
from tests.builders.past_orders import OrdersInMemory
from tests.builders.shopify import a_refund, an_order, later
from workers.clock import Errand
from workers.compare_customers import ComparingCustomers
from workers.compare_disputes import ComparingDisputes
from workers.deleted_orders import weeks_since
from workers.reconcile import OVERLAP, Reconciling

SINCE = datetime(2026, 10, 1, tzinfo=UTC)
UNTIL = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def past() -> OrdersInMemory:
    return OrdersInMemory()


@pytest.fixture
def reconciling(line: TestLine, past: OrdersInMemory) -> Reconciling:
    nobody = CustomersInMemory()
    where = line.database, line.keys, SECRET_KEY, line.home
    here = line.database, line.keys
    comparing = ComparingCustomers(*where, lambda _: nobody)
    disputes = ComparingDisputes(*here, lambda _: None)
    return Reconciling(
        *here, lambda _: past, comparing, disputes, clock=line.this_moment
    )


def _with_refund(order: dict[str, object], paid: str) -> dict[str, object]:
    back = a_refund(paid, order_id=order["id"], id=7000 + int(str(order["id"])))
    return later(order, refunds=[back], financial_status="partially_refunded")


def test_one_in_twenty_messages_lost_for_ever_are_all_found(line, past, reconciling):
    chance, lost = Random(5), 0
    arrived = []
    for number in range(60):
        order = an_order(id=5000 + number, name=f"#{number}")
        returned = _with_refund(order, "30.00")
        past.put(returned if number % 3 == 0 else order)
        told = [("orders/paid", order)]
        told += [("orders/updated", returned)] if number % 3 == 0 else []
        kept = [each for each in told if chance.random() > 0.05]
        lost += kept[-1:] != told[-1:]
        arrived += kept
    line.settle(*arrived)
    found = reconciling.reconcile(line.store, past, SINCE, UNTIL)
    line.worker.drain()

    assert found.looked_at == 60
    assert found.missed == lost == past.reads > 3
    assert line.standing(7001).available == 40 * 100 + 20 * 70
    again = reconciling.reconcile(line.store, past, SINCE, UNTIL)
    assert again.missed == 0
    assert past.reads == lost
    assert line.audit() is None
    assert line.violations() == []


def test_looking_only_says_what_was_missed(line, past, reconciling):
    past.put(an_order(id=5001), an_order(id=5002))
    line.settle(("orders/paid", an_order(id=5001)))
    line.settle(("refunds/create", a_refund("30.00", order_id=5003)))
    past.put(_with_refund(an_order(id=5003), "30.00"))
    *_, found = reconciling.steps(line.store, past, SINCE, UNTIL, only_look=True)
    line.worker.drain()

    assert found == Reconciliation(SINCE, UNTIL, looked_at=3, unknown=1, outdated=1)
    assert line.standing(7001).available == 100
    assert past.reads == 0


def test_a_store_that_goes_away_midway_is_asked_for_the_rest(line, past, reconciling):
    past.put(*(an_order(id=5000 + number) for number in range(5)))
    past.answers = 3
    with pytest.raises(StoreAway):
        reconciling.reconcile(line.store, past, SINCE, UNTIL)
    line.worker.drain()
    assert line.standing(7001).available == 300
    past.answers = None
    reconciling.reconcile(line.store, past, SINCE, UNTIL)
    line.worker.drain()

    assert line.standing(7001).available == 500
    assert past.reads == 5


class _WithoutSegments(CustomersInMemory):
    def segments(self, names: Collection[str]) -> set[str]:
        raise StoreAway(f"no answer about {names}")


def test_each_night_segments_are_compared_and_nothing_waits_for_them(
    line, past, reconciling
):
    chosen = Conditions(segments=frozenset({"31"}))
    double = Multiplier(times=Decimal(2), conditions=chosen)
    line.set_program(Program(earning=(PurchasePoints(), double)))
    people = _WithoutSegments(a_customer(7001))
    comparing = replace(reconciling.customers, customers_of=lambda _: people)
    found = replace(reconciling, customers=comparing).reconcile(
        line.store, past, SINCE, UNTIL
    )
    assert (found.segments_missed, found.customers_missed) == (0, 1)

    people = CustomersInMemory(a_customer(7001))
    people.in_segments = {"31": ["7001"]}
    found = replace(reconciling, customers=comparing).reconcile(
        line.store, past, SINCE, UNTIL
    )
    assert found.segments_missed == 1
    with line.in_program() as connection:
        last, _ = reconciliations.latest(connection, line.store, 2)
    assert last == found
    assert last.is_anything_missed


def test_what_was_told_late_counts_once(line, past, reconciling):
    order = an_order()
    past.put(order)
    reconciling.reconcile(line.store, past, SINCE, UNTIL)
    line.settle(("orders/create", order), ("orders/paid", order))

    assert line.standing(7001).available == 100


def test_a_shopper_who_is_forgotten_stays_so(line, past, reconciling):
    order = an_order()
    line.settle(("orders/paid", order))
    person = {"id": 7001, "email": "ada@example.com"}
    about = {"shop_domain": line.store.domain, "customer": person}
    line.settle(("customers/redact", about | {"orders_to_redact": [5001]}))
    past.put(_with_refund(order, "30.00"))
    found = reconciling.reconcile(line.store, past, SINCE, UNTIL)
    line.worker.drain()

    assert found.outdated == 1
    assert line.mentions("ada@example.com", "7001") == []
    assert line.audit() is None


def test_an_order_that_the_store_has_no_more_gives_its_points_back(
    line, past, reconciling
):
    def placed(number: int, at: str) -> dict[str, object]:
        return an_order(id=5000 + number, updated_at=at, processed_at=at)

    days = {1: 1, 2: 3, 3: 20, 4: 100}
    bodies = {n: placed(n, line.days_ago(days[n])) for n in days}
    line.settle(*(("orders/paid", body) for body in bodies.values()))
    past.put(bodies[1])
    past.overlooked = {"5001"}
    now = datetime.now(UTC)

    def looked(week: int) -> int:
        found = Reconciliation(now, now)
        *_, found = reconciling.deleted.steps(line.store, past, found, [week])
        line.worker.drain()
        return found.deleted

    # The first is only not in the list yet; the last is too old to be shown to an app.
    assert (1, 1, 0) == (looked(0), looked(2), looked(6))
    assert 200 == line.standing(7001).available
    assert (0, 0) == (looked(0), looked(2))
    assert line.audit() is None
    assert line.violations() == []


def _old_orders(line, *days: int) -> list[dict[str, object]]:
    """Orders that were placed so many days ago."""
    times = [line.days_ago(each) for each in days]
    return [
        an_order(id=5000 + number, updated_at=at, processed_at=at)
        for number, at in enumerate(times)
    ]


def _long_look(line, past, reconciling, days: int) -> Reconciliation:
    """What is found where all is looked for that is older than a nightly look."""
    now = datetime.now(UTC)
    found = Reconciliation(now - timedelta(days=days), now)
    weeks = weeks_since(found.since, found.until)
    steps = reconciling.deleted.steps(line.store, past, found, weeks)
    *_, found = found, *steps
    line.worker.drain()
    return found


def test_deleted_orders_are_looked_for_as_far_back_as_is_asked(line, past, reconciling):
    bodies = _old_orders(line, 3, 50, 90, 400, 500, 800)
    line.settle(*(("orders/paid", body) for body in bodies))
    past.put(bodies[4], bodies[5])
    past.overlooked = {"5004"}

    assert 1 == _long_look(line, past, reconciling, 60).deleted
    assert (2, 4) == (_long_look(line, past, reconciling, 510).deleted, past.reads)
    assert 0 == _long_look(line, past, reconciling, 820).deleted
    assert 300 == line.standing(7001).available
    assert line.violations() == []


@pytest.mark.parametrize("hides_at", [0, 1])
def test_what_a_store_does_not_show_is_not_taken_for_deleted(
    line, past, reconciling, hides_at
):
    """Nor where leave to see it ends while it is looked for."""
    bodies = _old_orders(line, 90, 400)
    line.settle(*(("orders/paid", body) for body in bodies))
    past.put(*bodies)
    past.hides_after = hides_at

    with pytest.raises(AccessDenied, match="more than 60 days"):
        _long_look(line, past, reconciling, 500)
    assert 200 == line.standing(7001).available


def test_only_weeks_beyond_each_nights_are_a_long_look():
    until = datetime(2026, 11, 20, tzinfo=UTC)
    days = {1: 0, 49: 0, 50: 1, 56: 1, 57: 2, 365: 46}

    for count, weeks in days.items():
        assert weeks == len(weeks_since(until - timedelta(days=count), until))


def test_each_day_begins_where_the_last_one_ended(line, past, reconciling):
    clock = line.a_clock(line.home, Errand("reconcile", 600, reconciling.daily))

    def look(seconds: float) -> None:
        clock.tick(now=seconds)
        clock.wait()
        line.worker.drain()

    for day in range(3):
        at = line.days_ago(0)
        past.put(an_order(id=5000 + day, updated_at=at, processed_at=at))
        line.pass_days(1)
        look(86_400 * day)
    assert line.standing(7001).available == 300
    past.put(an_order(id=5009, updated_at=line.days_ago(0)))
    line.pass_days(0.5)
    look(86_400 * 2 + 43_200)
    assert past.reads == 3


def test_a_look_from_any_moment_leaves_nothing_out_before_it(line, past, reconciling):
    """The daily look begins where the last one ended, whoever asked for that."""
    installed_from = line.store.installed_at - OVERLAP
    assert installed_from == reconciling.unseen_from(line.store)
    reconciling.reconcile(line.store, past, SINCE, UNTIL)
    assert UNTIL - OVERLAP == reconciling.unseen_from(line.store)

    # An older look that is made anew reaches no farther.
    reconciling.reconcile(line.store, past, SINCE, SINCE + OVERLAP)
    assert UNTIL - OVERLAP == reconciling.unseen_from(line.store)


class _Unreadable(OrdersInMemory):
    def changed(self, since: datetime, until: datetime) -> Iterator[Sequence[Listed]]:
        raise TypeError(f"what changed from {since} to {until} has a new shape")


def test_whatever_goes_wrong_with_a_store_the_next_one_is_looked_at(
    line, past, reconciling
):
    names = "unopened.myshopify.com", "well.myshopify.com"
    locked, well = (line.add_store(domain) for domain in names)
    past.put(an_order(updated_at=line.days_ago(0)))

    def past_of(store: Store) -> PastOrders:
        if store == locked:
            raise ValueError("its token cannot be opened")
        return past if store == well else _Unreadable()

    line.pass_days(1)
    with capture_logs() as logs:
        replace(reconciling, pasts_of=past_of).daily()

    assert 1 == past.reads
    failed = {line.store.store_id: "TypeError", locked.store_id: "ValueError"}
    assert failed == {
        each["store_id"]: each["error"] for each in logs if "error" in each
    }


def test_a_store_without_access_or_gone_is_left_alone(line, past, reconciling):
    past.put(an_order())
    line.settle(("app/uninstalled", {"id": 1, "myshopify_domain": line.store.domain}))
    line.pass_days(2)
    reconciling.daily()

    assert past.reads == 0

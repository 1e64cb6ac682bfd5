"""What lost messages would have told of customers is found, and settled."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.actions import Joining, Newsletter
from app.domain.earning import Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.labels import LabelKind
from app.domain.program import Program
from app.platforms.past_customers import ListedCustomer
from app.sandbox import cart
from app.sandbox.order_steps import CARD, Buyer
from app.storage import labels
from app.storage.reconciliations import Reconciliation
from tests.builders.installation import Installation
from tests.builders.line import SECRET_KEY, TestLine
from tests.builders.open_store import served
from tests.builders.past_customers import CustomersInMemory, a_customer
from tests.builders.shopify import ADA, a_merge, an_order, later
from workers.compare_customers import NIGHTS, ComparingCustomers
from workers.runtime import make_reconciling

NOTHING = Reconciliation(
    datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
)


@pytest.fixture
def past() -> CustomersInMemory:
    return CustomersInMemory()


@pytest.fixture
def comparing(line: TestLine, past: CustomersInMemory) -> ComparingCustomers:
    where = line.database, line.keys, SECRET_KEY, line.home
    return ComparingCustomers(*where, lambda _: past)


def _look(
    line: TestLine, comparing: ComparingCustomers, *, only_look: bool = False
) -> tuple[int, int, int, int]:
    """Look at all of them; return how many were compared, missed, sought and gone."""
    past = comparing.customers_of(line.store)
    assert past
    how = {"only_look": only_look}
    *_, found = NOTHING, *comparing.changed(line.store, past, NOTHING, **how)
    *_, found = found, *comparing.gone(line.store, past, found, **how)
    line.worker.drain()
    return found.customers, found.customers_missed, found.looked_for, found.gone


def _put(past: CustomersInMemory, *customers: ListedCustomer) -> None:
    past.customers = {each.customer_id: each for each in customers}


def _tags(line: TestLine, customer_id: int) -> frozenset[str]:
    member_id = line.member_id(customer_id)
    with line.in_program() as connection:
        told = labels.labels_by_member(connection, line.store.program_id, [member_id])
    return told[member_id].last.tags if told else frozenset()


def test_a_lost_subscription_is_found_once_and_not_where_nothing_earns(
    line, past, comparing
):
    at = datetime(2026, 11, 1, 10, tzinfo=UTC)
    line.settle(("customers/create", ADA))
    _put(past, a_customer(7001, ADA["email"], subscribed_at=at))
    _look(line, comparing)
    assert (1, 0, 1, 0) == _look(line, comparing)
    line.set_program(Program(actions=(Newsletter(points=50),)))
    assert (1, 1, 1, 0) == _look(line, comparing, only_look=True)
    assert (1, 1, 1, 0) == _look(line, comparing)
    assert 50 == line.standing(7001).available

    assert (1, 0, 1, 0) == _look(line, comparing)
    consent = {"state": "subscribed", "consent_updated_at": "2026-11-01T10:00:00.5Z"}
    body = {"customer_id": 7001, "email_marketing_consent": consent}
    line.settle(("customers_email_marketing_consent/update", body))
    assert "ignored" == line.inbox()[-1].state
    assert 50 == line.standing(7001).available


def test_a_lost_joining_an_address_and_tags_are_found(line, past, comparing):
    line.set_program(Program(actions=(Joining(points=50),)))
    guest = an_order(id=5009, customer=None, email="bob@example.com")
    line.settle(("orders/paid", guest), ("orders/paid", an_order()))
    _put(
        past,
        a_customer(7001, "ada@example.com", "VIP", "tallymark:gold"),
        a_customer(7002, "bob@example.com"),
        a_customer(7003),
    )
    assert (3, 3, 1, 0) == _look(line, comparing, only_look=True)
    assert _tags(line, 7001) == frozenset()

    assert (3, 3, 1, 0) == _look(line, comparing)
    assert 150 == line.standing(7001).available
    assert 150 == line.standing(7002).available
    assert 50 == line.standing(7003).available
    assert {"vip"} == _tags(line, 7001)
    past.customers["7001"] = a_customer(7001, "ada@example.com", day=2)
    assert (3, 1, 3, 0) == _look(line, comparing)
    assert frozenset() == _tags(line, 7001)
    assert (3, 0, 3, 0) == _look(line, comparing)
    assert (None, []) == (line.audit(), line.violations())


def _look_at_segments(
    line: TestLine, comparing: ComparingCustomers, *, only_look: bool = False
) -> int:
    """Look at who is in segments; return how many joins and leaves were missed."""
    past = comparing.customers_of(line.store)
    assert past
    steps = comparing.segments(line.store, past, NOTHING, only_look=only_look)
    *_, found = NOTHING, *steps
    line.worker.drain()
    return found.segments_missed


def _name_segments(line: TestLine, *names: str) -> None:
    conditions = Conditions(segments=frozenset(names))
    double = Multiplier(times=Decimal(2), conditions=conditions)
    line.set_program(Program(earning=(PurchasePoints(), double)))


def _segments(line: TestLine, customer_id: int) -> frozenset[str]:
    member_id = line.member_id(customer_id)
    with line.in_program() as connection:
        told = labels.labels_by_member(connection, line.store.program_id, [member_id])
    return told[member_id].last.segments if told else frozenset()


def _moved(what: str, customer_id: int, segment: int = 31) -> tuple[str, object]:
    return f"customer.{what}_segment", {
        "shop_id": "gid://shopify/Shop/1",
        "customer_id": f"gid://shopify/Customer/{customer_id}",
        "segment_id": f"gid://shopify/Segment/{segment}",
    }


def test_lost_joins_and_leaves_are_found_once_of_the_unknown_too(line, past, comparing):
    _name_segments(line, "31", "32", "VIP")
    line.settle(_moved("joined", 7001), _moved("joined", 7002), _moved("joined", 7004))
    past.in_segments = {"31": ["7001", "7003", "7005"], "32": ["7001"], "33": ["7002"]}
    assert 5 == _look_at_segments(line, comparing, only_look=True)
    assert {"31"} == _segments(line, 7002) == _segments(line, 7004)

    assert 5 == _look_at_segments(line, comparing)
    assert {"31", "32"} == _segments(line, 7001)
    assert frozenset() == _segments(line, 7002) == _segments(line, 7004)
    assert {"31"} == _segments(line, 7003) == _segments(line, 7005)
    told = len(line.inbox())
    assert 0 == _look_at_segments(line, comparing)
    assert len(line.inbox()) == told

    past.in_segments["31"] = ["7001", "7002", "7005"]
    assert 2 == _look_at_segments(line, comparing)
    assert {"31"} == _segments(line, 7002)
    assert frozenset() == _segments(line, 7003)
    now = datetime.now(UTC).isoformat()
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), now)
    for id_ in (7002, 7003):
        order = an_order(id=id_, customer={"id": id_}, **times)
        line.settle(("orders/paid", order))
    assert (200, 100) == (line.standing(7002).available, line.standing(7003).available)
    assert (None, []) == (line.audit(), line.violations())


def test_a_join_that_waits_for_a_worker_is_kept_once(line, past, comparing):
    _name_segments(line, "31")
    past.in_segments = {"31": ["7001"]}
    for _ in range(2):
        [*comparing.segments(line.store, past, NOTHING)]

    assert ["waiting"] == [each.state for each in line.inbox()]


def test_what_messages_tell_while_a_segment_is_listed_holds(line, comparing):
    class Busy(CustomersInMemory):
        def members(self, segment: str) -> Iterator[Collection[str]]:
            line.settle(_moved("joined", 7001), _moved("left", 7002))
            yield from super().members(segment)

    _name_segments(line, "31")
    line.settle(_moved("joined", 7002))
    busy = Busy()
    busy.in_segments = {"31": ["7002"]}

    assert 0 == _look_at_segments(line, replace(comparing, customers_of=lambda _: busy))
    assert {"31"} == _segments(line, 7001)
    assert frozenset() == _segments(line, 7002)


def test_segments_that_nothing_asks_for_or_that_are_gone_change_nothing(
    line, past, comparing
):
    line.settle(_moved("joined", 7001), _moved("joined", 7002, 32))
    past.in_segments = {"31": []}
    assert (0, 0) == (_look_at_segments(line, comparing), past.segments_asked)

    _name_segments(line, "VIP")
    assert (0, 0) == (_look_at_segments(line, comparing), past.segments_asked)
    _name_segments(line, "32")
    assert (0, 1) == (_look_at_segments(line, comparing), past.segments_asked)
    assert {"31"} == _segments(line, 7001)
    assert {"32"} == _segments(line, 7002)


def test_who_is_forgotten_joins_nothing_and_who_is_gone_leaves_nothing(
    line, past, comparing
):
    _name_segments(line, "31")
    line.settle(
        *(_moved("joined", id_) for id_ in (7001, 7002, 7003)),
        ("customers/delete", {"id": 7002}),
    )
    about = {"shop_domain": line.store.domain, "customer": {"id": 7001}}
    line.settle(("customers/redact", about | {"orders_to_redact": []}))
    past.in_segments = {"31": ["7001", "7003"]}

    assert 0 == _look_at_segments(line, comparing)
    assert [] == line.mentions("7001")


def test_tags_held_when_they_did_whatever_comes_late(line, past, comparing):
    def told(what: str, day: int) -> tuple[str, object]:
        body = {"customerId": "gid://shopify/Customer/7001", "tags": ["vip"]}
        at = f"2026-11-{day:02}T10:00:00Z"
        return f"customer.tags_{what}", body | {"occurredAt": at}

    line.settle(("customers/update", {"id": 7001}))
    _put(past, a_customer(7001, None, "vip", day=3))
    _look(line, comparing)
    _put(past, a_customer(7001, None, day=8))
    _look(line, comparing)
    line.settle(told("added", 2), told("removed", 6))

    with line.in_program() as connection:
        id_ = line.member_id(7001)
        found = labels.labels_by_member(connection, line.store.program_id, [id_])
    [span] = found[id_].spans
    assert (LabelKind.TAG, 2, 6) == (span.kind, span.since.day, span.until.day)


def test_a_lost_merge_is_told_by_whose_the_orders_are(line, past, comparing):
    line.settle(
        ("orders/paid", an_order()),
        ("orders/paid", an_order(id=5002, customer={"id": 7002})),
        ("customers/update", {"id": 7003}),
        ("customers/update", {"id": 7004}),
    )
    line.settle(("orders/paid", an_order(id=5004, customer={"id": 7004})))
    line.adjust(7002, 5)
    _put(past, a_customer(7001))
    past.buyers = {"5002": "7001", "5004": "7004"}
    assert (1, 1, 4, 2) == _look(line, comparing)

    # The orders of 7004 are still theirs, so nobody knows what happened to them.
    assert 205 == line.standing(7001).available == line.standing(7002).available
    assert 100 == line.standing(7004).available
    assert (1, 0, 2, 0) == _look(line, comparing)
    line.settle(("customers/merge", a_merge(7001, 7002)))
    assert 205 == line.standing(7001).available
    assert (None, []) == (line.audit(), line.violations())


def test_whose_orders_came_again_as_anothers_was_merged_and_not_deleted(
    line, past, comparing
):
    order = an_order(id=5005, customer={"id": 7005})
    line.settle(("orders/paid", order), ("customers/update", {"id": 7001}))
    line.adjust(7005, 5)
    line.settle(("orders/updated", later(order, customer={"id": 7001})))
    assert (5, 100) == (
        line.standing(7005).available,
        line.standing(7001).available,
    )
    _put(past, a_customer(7001))
    past.buyers = {"5005": "7001"}
    _look(line, comparing)

    assert 105 == line.standing(7001).available == line.standing(7005).available
    assert (None, []) == (line.audit(), line.violations())


def test_who_is_forgotten_stays_so_and_no_name_tells_an_id(line, past, comparing):
    _put(past, a_customer(7001, "ada@example.com", "vip"))
    _look(line, comparing)
    person = {"id": 7001, "email": "ada@example.com"}
    about = {"shop_domain": line.store.domain, "customer": person}
    line.settle(("customers/redact", about | {"orders_to_redact": []}))
    _put(past, a_customer(7001, "ada@example.com", "vip", "new", day=2))

    assert (1, 0, 0, 0) == _look(line, comparing)
    assert [] == line.mentions("ada@example.com", "7001")


def test_all_are_asked_after_in_a_week(line, past, comparing):
    line.settle(*(("customers/update", {"id": 7000 + n}) for n in range(30)))
    _put(past, *(a_customer(7000 + n) for n in range(30)))
    nights = [
        [*comparing.nightly(line.store, NOTHING, night)][-1].looked_for
        for night in range(NIGHTS)
    ]

    assert sum(nights) == 30
    assert max(nights) < 15


def test_a_day_without_any_message_is_made_up_for(line: TestLine, tmp_path: Path):
    with served(tmp_path / "shop") as shop:
        site = Installation(line, shop)
        site.open()
        assert site.store
        line.store = site.store
        _name_segments(line, "31")
        desk, reconciling = shop.store, make_reconciling(site.settings, site.way)
        since = datetime.now(UTC) - timedelta(minutes=1)

        def look() -> Reconciliation:
            store, comparing = line.store, reconciling.customers
            past, people = reconciling.pasts_of(store), comparing.customers_of(store)
            assert past
            assert people
            until = datetime.now(UTC) + timedelta(minutes=1)
            *_, found = reconciling.steps(store, past, since, until)
            *_, found = reconciling.deleted.steps(store, past, found)
            *_, found = found, *reconciling.disputes.steps(store, found)
            *_, found = comparing.changed(store, people, found)
            *_, found = found, *comparing.segments(store, people, found)
            *_, found = found, *comparing.gone(store, people, found)
            line.worker.drain()
            return found

        mary, twin = (
            desk.customers.register("Mary", f"{name}@example.com")
            for name in ("mary", "twin")
        )
        buyer = Buyer(twin.email, twin.name, twin.id)
        bowl = cart.price({"low-bowl": 1}, None)
        order = desk.place_order(bowl, buyer, CARD)
        desk.labels.add_tags(mary.id, "regular")
        desk.labels.join(mary.id, 31)
        first = look()
        points = line.standing(twin.id).available
        assert (first.unknown, points > 0) == (1, True)
        assert {"regular"} == _tags(line, mary.id)
        assert (1, {"31"}) == (first.segments_missed, _segments(line, mary.id))

        desk.customers.merge(mary.id, twin.id)
        desk.labels.remove_tags(mary.id, "regular")
        desk.labels.leave(mary.id, 31)
        second = look()
        assert (second.missed, second.customers_missed, second.gone) == (0, 1, 1)
        assert points == line.standing(mary.id).available
        assert frozenset() == _tags(line, mary.id)
        assert (1, frozenset()) == (second.segments_missed, _segments(line, mary.id))
        third = look()
        assert not third.is_anything_missed

        [dispute] = desk.open_dispute(order.id).disputes
        desk.settle_dispute(order.id, dispute.id, "lost")
        # Not in the second in which she left the segment, which was hers still.
        then = replace(desk, clock=lambda: datetime.now(UTC) + timedelta(seconds=2))
        other = then.place_order(bowl, Buyer(mary.email, mary.name, mary.id), CARD)
        fourth = look()
        assert (fourth.unknown, fourth.disputes, fourth.deleted) == (1, 1, 0)
        assert points == line.standing(mary.id).available
        desk.cancel(other.id, "staff", give_back=False, restock=False)
        desk.delete(other.id)
        fifth = look()
        assert (fifth.disputes, fifth.deleted) == (0, 1)
        assert 0 == line.standing(mary.id).available
        assert not look().is_anything_missed
        assert [] == line.violations()
        site.close()

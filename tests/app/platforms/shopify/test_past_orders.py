"""An order that is asked for is heard as its own messages told it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.events import OrderChanged
from app.platforms.shopify import admin_api
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.line_plans import find_plans
from app.platforms.shopify.past_orders import ShopifyPastOrders
from app.platforms.shopify.tokens import FixedToken
from app.sandbox import cart, catalogue, order_steps
from app.sandbox.announcements import whole_order_body
from app.sandbox.order_steps import BANK, CARD, Buyer, Stamp
from app.sandbox.orders import Order, RefusedError
from app.sandbox.refunds import RefundRequest, refund
from tests.app.platforms.said import heard
from tests.builders.open_store import TOKEN, OpenStore

THEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
CHOICES = [
    catalogue.choice(product, plan)
    for product in catalogue.PRODUCTS
    for plan in (None, *product.plans)
]
quantities = st.dictionaries(
    st.sampled_from(CHOICES),
    st.integers(min_value=1, max_value=5),
    min_size=1,
)


@pytest.fixture
def past(open_store: OpenStore) -> ShopifyPastOrders:
    return ShopifyPastOrders(AdminApi(open_store.url, FixedToken(TOKEN)))


def _bought(
    open_store: OpenStore,
    wanted: dict[str, int],
    *,
    gateway: str = CARD,
    is_guest: bool = False,
) -> Order:
    ada = open_store.ada
    buyer = Buyer(ada.email, ada.name, None if is_guest else ada.id)
    with open_store.store.data.transaction() as rows:
        stamp = Stamp(rows.next_number(), "abcdef", THEN.isoformat(), "EUR")
        order = order_steps.place(
            cart.price(wanted, None), buyer, gateway, rows.next_id, stamp
        )
        rows.save_order(order)
    return order


def _some_went_back(
    open_store: OpenStore, order: Order, request: RefundRequest, at: datetime
) -> Order:
    with open_store.store.data.transaction() as rows:
        order = refund(order, request, rows.next_id, at.isoformat())
        rows.save_order(replace(order, updated_at=at.isoformat()))
    return replace(order, updated_at=at.isoformat())


def _facts(topic: str, body: object) -> object:
    event = heard(topic, body).event
    assert isinstance(event, OrderChanged)
    assert event.facts.marks
    # By which plans lines were bought, no message tells.
    return replace(event.facts, marks=(), plans={})


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), wanted=quantities)
def test_it_says_what_the_messages_said(open_store, past, data, wanted):
    order = _bought(
        open_store,
        wanted,
        gateway=data.draw(st.sampled_from([CARD, BANK])),
        is_guest=data.draw(st.booleans()),
    )
    for hour in range(data.draw(st.integers(min_value=0, max_value=2))):
        units = {
            line.id: data.draw(st.integers(min_value=0, max_value=line.current_units))
            for line in order.lines
        }
        request = RefundRequest(
            units={id_: count for id_, count in units.items() if count},
            shipping=data.draw(st.booleans()),
            amount_minor=data.draw(st.sampled_from([None, 1, 500])),
            pending=data.draw(st.booleans()),
        )
        try:
            at = THEN + timedelta(hours=hour + 1)
            order = _some_went_back(open_store, order, request, at)
        except RefusedError:
            continue
    told = past.read(str(order.id))
    with open_store.store.data.reading() as rows:
        buyer = rows.customer(order.customer_id)
    body = whole_order_body(order, buyer, "sandbox.myshopify.com")

    assert told is not None
    assert told.at.isoformat() == order.updated_at
    assert _facts(told.topic, told.body) == _facts("orders/updated", body)


def _by_plans(order: Order) -> dict[str, str]:
    return {str(line.id): str(line.plan_id or "") for line in order.lines}


def test_by_which_plans_lines_were_bought_is_told_to_who_asks(
    open_store, past, pages_of_one
):
    api = AdminApi(open_store.url, FixedToken(TOKEN))
    order = _bought(open_store, dict.fromkeys(CHOICES[:3], 1))
    told = past.read(str(order.id))
    with open_store.store.data.reading() as rows:
        buyer = rows.customer(order.customer_id)
    body = whole_order_body(order, buyer, "sandbox.myshopify.com")

    plans = _by_plans(order)
    assert sorted(plans.values()) == ["", "", str(catalogue.MONTHLY.plan_id)]
    assert find_plans(api, str(order.id)) == plans
    assert heard(told.topic, told.body).event.facts.plans == plans
    assert heard("orders/paid", body).event.facts.plans == {}
    assert find_plans(api, "1") is None


def test_long_answers_are_read_page_by_page(open_store, past, pages_of_one):
    order = _bought(
        open_store, {product.handle: 1 for product in catalogue.PRODUCTS[:3]}
    )
    request = RefundRequest(units={line.id: 1 for line in order.lines})
    _some_went_back(open_store, order, request, THEN + timedelta(hours=1))
    told = past.read(str(order.id))
    facts = _facts(told.topic, told.body)
    [back] = facts.refunds.values()

    assert len(facts.snapshot.lines) == len(back.lines) == 3
    assert len(list(past.changed(THEN, THEN + timedelta(days=1)))) > 1


@pytest.fixture
def pages_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every list comes in pages of one."""
    folder = Path(admin_api.__file__).parent / "documents"
    for path in folder.glob("*.graphql"):
        text = re.sub(r"first: (50|100|250)\b", "first: 1", path.read_text())
        (tmp_path / path.name).write_text(text)
    with monkeypatch.context() as patch:
        patch.setattr(admin_api, "_DOCUMENTS", tmp_path)
        admin_api.document_text.cache_clear()
        yield
    admin_api.document_text.cache_clear()


def test_what_changed_in_a_time_is_listed_by_its_change(open_store, past):
    first, second, third = (
        _bought(open_store, {catalogue.PRODUCTS[0].handle: 2}) for _ in range(3)
    )
    for order, minutes in ((second, 30), (first, 40), (third, 90)):
        request = RefundRequest(amount_minor=100)
        _some_went_back(open_store, order, request, THEN + timedelta(minutes=minutes))
    since, until = THEN + timedelta(minutes=10), THEN + timedelta(minutes=60)
    listed = [
        each.order_id
        for page in past.changed(since, until)
        for each in page
        if each.order_id in {str(order.id) for order in (first, second, third)}
    ]

    assert listed == [str(second.id), str(first.id)]


def test_an_order_that_is_gone_is_none(past):
    assert past.read("1") is None

"""By which plans orders were bought is asked of the store, and moves their members."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.program import Program
from app.domain.tiers import Tier, Tiers
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.past_orders import ShopifyPastOrders
from app.platforms.shopify.tokens import FixedToken
from app.sandbox import cart, catalogue
from app.sandbox.admin import trouble
from app.sandbox.order_steps import BANK, CARD, Buyer, EditRequest
from app.sandbox.orders import Order
from app.sandbox.refunds import RefundRequest
from app.storage import orders
from app.storage.tier_standings import find_tier
from tests.builders.line import SECRET_KEY, TestLine
from tests.builders.open_store import TOKEN, served
from tests.builders.past_customers import CustomersInMemory
from tests.builders.shopify import an_order
from tests.builders.shown_store import Shop
from workers.compare_customers import ComparingCustomers
from workers.compare_disputes import ComparingDisputes
from workers.plans import TOPIC, ReadingPlans
from workers.reconcile import Reconciling

BLEND = catalogue.PRODUCTS[0]
MONTHLY = catalogue.choice(BLEND, catalogue.MONTHLY)
GOLD = Tier(
    name="Gold",
    selling_plan_ids=frozenset({str(catalogue.MONTHLY.plan_id)}),
    percent_off=20,
    entry_points=50,
)
BY_PLAN = Program(tiers=Tiers(ladder=(GOLD,)))


class PlanShop(Shop):
    """A sandbox store that is open to the app, which asks it for plans."""

    def __post_init__(self) -> None:
        """Have the store let the app in."""
        super().__post_init__()
        self.api: AdminApi | None = AdminApi(self.shop.url, FixedToken(TOKEN))
        self.reading = self.another_reading()

    def another_reading(self) -> ReadingPlans:
        """One more process that asks for plans."""
        return ReadingPlans(self.line.database, self.line.keys, lambda _: self.api)

    def buy(self, *choices: str) -> Order:
        """Have Ada buy one of each choice."""
        ada, wanted = self.shop.ada, dict.fromkeys(choices, 1)
        buyer = Buyer(ada.email, ada.name, ada.id)
        return self.shop.store.place_order(cart.price(wanted, None), buyer, CARD)

    def read(self) -> int:
        """Ask for the plans that are due, and have what was told settled."""
        count = self.reading.work()
        self.line.worker.drain()
        return count

    def make_due(self) -> None:
        """Have whoever waits for the store to answer again wait no longer."""
        self.line.tamper(
            "update plan_reading set due_at = now(), lease_until = null where true"
        )

    def waiting(self, columns: str = "order_id") -> list[Any]:
        """The orders of which the store is to be asked."""
        with self.line.database.auditor() as connection:
            query = f"select {columns} from plan_reading order by order_id"
            return list(connection.execute(text(query)).scalars())

    def answers(self) -> list[dict[str, Any]]:
        """What the store told when it was asked."""
        return [
            json.loads(self.line.opened(row))
            for row in self.line.inbox()
            if row.topic == TOPIC
        ]

    def tier(self) -> str | None:
        """The tier in which Ada is."""
        found = self.tier_standing()
        return found.tier if found else None

    def tier_standing(self) -> Any:
        """How Ada stands in it."""
        member_id = self.line.member_id(self.shop.ada.id)
        with self.line.in_program() as connection:
            return find_tier(connection, self.line.store.program_id, member_id)

    def plans(self, order: Order) -> dict[str, str]:
        """What is known of an order's plans."""
        with self.line.in_program() as connection:
            store = self.line.store
            where = store.program_id, store.store_id, str(order.id)
            found = orders.find_order(connection, *where)
        assert found
        return dict(found.facts.plans)

    def must_hold(self) -> None:
        """Nothing lies, and nobody's facts and ledger differ."""
        assert self.line.audit() is None
        assert self.line.violations() == []


@pytest.fixture
def shop(line: TestLine, tmp_path: Path) -> Iterator[PlanShop]:
    """A store that was opened under a programme with a tier for subscribers."""
    with served(tmp_path / "shop") as opened:
        made = PlanShop(line, opened)
        made.open()
        assert made.store
        line.store = made.store
        line.set_program(BY_PLAN)
        made.setting_up.work()
        made.hear()
        yield made
        made.close()


def test_a_subscription_brings_its_tier_with_all_perks_and_a_refund_ends_it(
    shop: PlanShop,
):
    order = shop.buy(MONTHLY, "low-bowl")
    shop.hear()
    assert (shop.tier(), shop.waiting()) == (None, [str(order.id)])

    assert shop.read() == 1
    assert shop.tier() == "Gold"
    assert shop.waiting() == []
    shop.show()
    ada = shop.shop.ada
    assert ada.tags == ("tallymark:gold",)
    reduced = shop.shop.store.priced({"house-blend": 1}, None, ada)
    assert reduced.discount_minor == BLEND.price_minor // 5
    assert shop.tier_standing().reason.startswith("Gold comes with a subscri")
    earned = shop.line.standing(ada.id).available

    line = next(each for each in order.lines if each.plan_id)
    shop.shop.store.refund(order.id, RefundRequest(units={line.id: 1}))
    shop.hear()
    assert shop.tier() is None
    assert shop.line.standing(ada.id).available == earned - 50 - 12
    shop.show()
    assert shop.shop.ada.tags == ()
    assert shop.read() == 0
    shop.must_hold()


def test_a_tier_ends_with_its_month_and_goes_on_with_the_next_payment(shop: PlanShop):
    shop.buy(MONTHLY)
    shop.hear()
    shop.read()
    shop.line.pass_days(40)
    shop.line.worker.settle_due()
    assert shop.tier() is None

    shop.buy(MONTHLY)
    shop.hear()
    shop.read()
    assert shop.tier() == "Gold"
    shop.must_hold()


def test_nothing_is_asked_where_no_version_names_a_plan(shop: PlanShop):
    plain = Program(tiers=Tiers(ladder=(Tier(name="Gold"),)))
    shop.line.set_program(plain, shop.line.clock() - timedelta(days=1))
    order = shop.buy(MONTHLY)
    shop.hear()
    assert shop.waiting() == []

    later = shop.line.clock() + timedelta(days=30)
    shop.line.set_program(BY_PLAN, later)
    shop.shop.store.fulfil(order.id, {order.lines[0].id: 1})
    shop.hear()
    assert shop.waiting() == [str(order.id)]


def test_an_order_that_waits_for_its_payment_is_asked_about_once_it_is_paid(
    shop: PlanShop,
):
    ada = shop.shop.ada
    buyer, chosen = Buyer(ada.email, ada.name, ada.id), cart.price({MONTHLY: 1}, None)
    order = shop.shop.store.place_order(chosen, buyer, BANK)
    shop.hear()
    assert shop.waiting() == []

    shop.shop.store.collect(order.id)
    shop.hear()
    assert shop.waiting() == [str(order.id)]


@pytest.mark.parametrize(
    "kind", [trouble.BROKEN, trouble.TOO_MANY, trouble.THROTTLED, trouble.HANG_BEFORE]
)
def test_a_store_that_gives_no_answer_is_asked_later(shop: PlanShop, kind: str):
    shop.buy(MONTHLY)
    shop.hear()
    shop.shop.let_happen(kind)
    assert shop.read() == 1
    assert len(shop.waiting()) == 1
    assert shop.read() == 0
    assert shop.waiting("due_at > clock_timestamp() and note is not null") == [True]

    shop.make_due()
    assert shop.another_reading().work() == 1
    shop.line.worker.drain()
    assert (shop.tier(), shop.waiting()) == ("Gold", [])


def test_an_answer_whose_keeper_died_is_asked_for_again(
    shop: PlanShop, monkeypatch: pytest.MonkeyPatch
):
    order = shop.buy(MONTHLY)
    shop.hear()
    with monkeypatch.context() as patch:
        patch.setattr("workers.plans.own_messages.keep", None)
        shop.read()
    assert (shop.waiting(), shop.answers()) == ([str(order.id)], [])

    shop.make_due()
    shop.read()
    shop.line.tamper(
        "insert into plan_reading (program_id, store_id, order_id, due_at)"
        f" select program_id, store_id, '{order.id}', now() from store_access"
    )
    assert shop.read() == 1
    assert len(shop.answers()) == 1
    assert (shop.tier(), shop.waiting()) == ("Gold", [])


def test_a_store_that_is_not_open_is_not_asked(line: TestLine):
    line.set_program(BY_PLAN)
    line.settle(("orders/paid", an_order()))

    with line.database.auditor() as connection:
        assert connection.execute(text("select from plan_reading")).all() == []


def test_an_order_that_is_gone_ends_quietly(shop: PlanShop):
    order = shop.buy(MONTHLY)
    shop.hear()
    with shop.shop.store.data.transaction() as rows:
        rows.delete_order(order.id)

    assert shop.read() == 1
    assert (shop.waiting(), shop.answers(), shop.tier()) == ([], [], None)


def test_a_store_that_nothing_opens_keeps_nobody_waiting(shop: PlanShop):
    shop.buy(MONTHLY)
    shop.hear()
    shop.api = None

    assert shop.read() == 1
    assert shop.waiting() == []


def test_a_line_that_an_edit_adds_is_asked_about_too(shop: PlanShop):
    order = shop.buy("low-bowl")
    shop.hear()
    shop.read()
    assert shop.plans(order) == {str(order.lines[0].id): ""}
    added = replace(shop.buy(MONTHLY).lines[0], id=4711)
    with shop.shop.store.data.transaction() as rows:
        rows.save_order(replace(order, lines=(*order.lines, added)))
    shop.shop.store.edit(order.id, EditRequest({order.lines[0].id: 2}, settle_now=True))
    shop.hear()
    shop.read()

    assert shop.plans(order)["4711"] == str(catalogue.MONTHLY.plan_id)


def test_orders_from_before_a_plan_was_named_are_asked_about_when_reconciled(
    shop: PlanShop,
):
    shop.line.set_program(Program(), shop.line.clock() - timedelta(days=1))
    order = shop.buy(MONTHLY)
    shop.hear()
    shop.line.set_program(BY_PLAN, shop.line.clock())
    assert shop.waiting() == []
    where = shop.line.database, shop.line.keys
    nobody = CustomersInMemory()
    comparing = ComparingCustomers(*where, SECRET_KEY, shop.line.home, lambda _: nobody)
    disputes = ComparingDisputes(*where, lambda _: None)
    assert shop.api
    past = ShopifyPastOrders(shop.api)
    reconciling = Reconciling(*where, lambda _: past, comparing, disputes)
    now = shop.line.clock()
    since, until = now - timedelta(days=9), now + timedelta(minutes=1)
    list(reconciling.steps(shop.line.store, past, since, until, only_look=True))
    assert shop.waiting() == []

    list(reconciling.steps(shop.line.store, past, since, until))
    shop.read()
    assert shop.plans(order) == {str(order.lines[0].id): str(catalogue.MONTHLY.plan_id)}
    assert shop.tier() == "Gold"
    shop.must_hold()

"""All that one shopper of a sandbox store does with the app, and the app for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from app.domain.actions import Birthday, Joining, Newsletter, Review
from app.domain.earning import Multiplier, PurchasePoints
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.program import Program
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import AmountOff, Donation, GiveawayEntry, Goods, Service, Slot
from app.domain.tiers import Spending, Tier, Tiers
from app.sandbox import cart, customer_bodies, order_steps
from app.sandbox.customers import Customer
from app.sandbox.order_steps import CARD, Buyer, Stamp
from app.sandbox.orders import Order
from app.sandbox.outbox import latest
from app.sandbox.refunds import RefundRequest, refund
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from tests.builders.installation import Installation
from tests.builders.line import TestLine
from workers.fulfil import Fulfilling
from workers.runtime import makers
from workers.show import Showing

Run = Callable[..., None]

FROM_SHOP = {"X-Shopify-Shop-Domain": SANDBOX_DOMAIN}
LAST_YEAR = datetime(2025, 11, 1, 10, tzinfo=UTC)
# What a store tells of people beside what the sandbox does.
MORE = {
    "phone": "+4915770001234",
    "note": "rings at the canary bell",
    "browser_ip": "203.0.113.77",
}


def a_full_program(slot: datetime) -> Program:
    """A programme that has something of every sort that is kept of members."""
    return Program(
        earning=(
            PurchasePoints(rate=Decimal(10)),
            Multiplier(
                times=Decimal(2),
                name="regulars",
                conditions=Conditions(customer_tags=frozenset({"vip"})),
            ),
            Multiplier(times=Decimal(2), name="spring", budget=Budget(points=900)),
        ),
        rewards=(
            AmountOff(points_cost=50, key="five", amount=Decimal(5)),
            Goods(points_cost=10, key="visit", slots=(Slot(starts_at=slot),)),
            Service(points_cost=10, key="mending", service="Mending"),
            Donation(points_cost=10, key="trees", cause="Trees", amount=Decimal(1)),
            GiveawayEntry(points_cost=10, key="draw", prize="A kiln"),
        ),
        actions=(
            Joining(),
            Review(needs_approval=True),
            Newsletter(shoppers_report=True),
            Birthday(days_known_before=0),
        ),
        stamp_cards=(StampCard(name="bowls", stamps=2, points=10),),
        surprises=(
            Surprise(name="hello", points=7, seed="long and random"),
            Surprise(name="repair", reward="mending", seed="random and long"),
        ),
        tiers=Tiers(
            ladder=(Tier(name="Silver", needs=(Spending(amount=Decimal(20)),)),)
        ),
        referral=ReferralTerms(stand_days=0),
    )


def words_of(line: TestLine, who: Customer) -> list[str]:
    """All that tells who a customer of the sandbox store is."""
    return [
        str(who.id),
        f"gid://shopify/Customer/{who.id}",
        who.email,
        line.worker.conceal(who.email),
        # Shorter names are in any hash by chance.
        *(name for name in who.name.split() if len(name) > 4),
        customer_bodies.street(who.email),
    ]


def tokens_of(line: TestLine) -> list[bytes | None]:
    """What opens stores, sealed; None for a store that nothing opens."""
    query = "select tokens from store_access order by store_id"
    with line.as_superuser() as connection:
        return list(connection.exec_driver_sql(query).scalars())


@dataclass
class MemberLife:
    """A store that has the app, and a shopper whose every trace must be found."""

    site: Installation
    run: Run
    person: Customer = field(init=False)
    former: Customer = field(init=False)
    friend: Customer = field(init=False)

    def __post_init__(self) -> None:
        people = self.site.shop.store.customers
        self.person = people.register("Canarina Quillfeather", "canarina@example.com")
        self.former = people.register("Canarina Featherquill", "quill@example.com")

    @property
    def words(self) -> list[str]:
        """All that tells who they are."""
        line, shop = self.site.line, self.site.shop
        theirs = [*words_of(line, self.person), *words_of(line, self.former)]
        ada = code_of_member(
            "secret", line.store.program_id, line.member_id(shop.ada.id)
        )
        claim = f"{SANDBOX_DOMAIN}/{self.person.id}/{ada}"
        return [*theirs, claim, *MORE.values()]

    def marks(self) -> list[str]:
        """By what they are known again: keyed hashes of address, phone and the like."""
        query = (
            "select distinct unnest(marks) from customer where customer_id = any(%s)"
        )
        ids = [str(each.id) for each in (self.person, self.former)]
        with self.site.line.as_superuser() as connection:
            return sorted(set(connection.exec_driver_sql(query, (ids,)).scalars()))

    def command(self, *arguments: str) -> None:
        """Run a command as whoever runs the app."""
        self.run(
            self.site.line,
            *arguments,
            SANDBOX_URL=self.site.shop.url,
            SHOPIFY_API_KEY=SANDBOX_CLIENT_ID,
            SHOPIFY_API_SECRET="hush",
        )

    def install(self) -> None:
        """Have the owner open the app, and all be set up."""
        self.site.open()
        assert self.site.setting_up.work() == 1
        assert self.site.store
        line = self.site.line
        line.store = self.site.store
        reach = makers(self.site.settings, self.site.way)
        line.fulfilling = Fulfilling(
            line.database, reach, "secret", line.keys, self._soon
        )
        self.showing = Showing(self.site.way, self._soon)
        self.slot = (line.clock() + timedelta(days=9)).replace(tzinfo=None, second=0)
        self.slot = self.slot.replace(microsecond=0)
        line.set_program(a_full_program(self.slot))

    def _soon(self, connection: Connection) -> datetime:
        """Two seconds on, when all is due that follows from what happened just now.

        The sandbox store lets a second pass between two steps of one order.
        """
        return self.site.line.this_moment(connection) + timedelta(seconds=2)

    def bought_before(self) -> None:
        """Have orders from before the app was there, one of them partly returned."""
        ada = self.site.shop.ada
        buyers = (self.person, self.person, self.former, ada)
        with self.site.shop.store.data.transaction() as rows:
            for day, who in enumerate(buyers):
                at = (LAST_YEAR + timedelta(days=day)).isoformat()
                stamp = Stamp(rows.next_number(), f"token{day}", at, "EUR")
                buyer = Buyer(who.email, who.name, who.id)
                chosen = cart.price({"low-bowl": 2}, None)
                order = order_steps.place(chosen, buyer, CARD, rows.next_id, stamp)
                if day == 0:
                    request = RefundRequest(units={order.lines[0].id: 1})
                    order = refund(order, request, rows.next_id, at)
                rows.save_order(order)

    def work(self) -> None:
        """Have the store's messages come, and everybody do their part."""
        line = self.site.line
        self.site.hear()
        assert not [row for row in line.inbox() if row.state == "waiting"]
        line.worker.settle_due()
        line.fulfilling.work()
        self.showing.work()

    def tell(self, topic: str, body: dict[str, Any]) -> None:
        """Have the store say something that the sandbox does not."""
        assert self.site.line.deliver(topic, body, **FROM_SHOP).status_code == 200

    def buy(self, who: Customer | None = None, code: str = "") -> Order:
        """Have somebody buy bowls, by a code or without."""
        who, shop = who or self.person, self.site.shop.store
        chosen = shop.priced({"low-bowl": 2}, code or None, who)
        assert not chosen.refusal, chosen.refusal
        return shop.place_order(chosen, Buyer(who.email, who.name, who.id), CARD)

    def ask(self, path: str, who: Customer | None = None) -> dict[str, Any]:
        """Read what somebody is told through the app proxy."""
        whom = str((who or self.person).id)
        answer = self.site.line.ask(path, whom, shop=SANDBOX_DOMAIN)
        assert answer.status_code == 200, answer.get_json()
        told: dict[str, Any] = answer.get_json()
        return told

    def say(self, path: str, who: Customer | None = None, **body: Any) -> Any:
        """Ask for something through the app proxy; the answer once all is done."""
        whom = str((who or self.person).id)
        answer = self.site.line.post(path, whom, body, shop=SANDBOX_DOMAIN)
        assert answer.status_code == 202, answer.get_json()
        self.work()
        return answer.get_json()

    def redeem(self, reward_id: str, **more: Any) -> dict[str, Any]:
        """Redeem points; what became of it."""
        body = {"request_id": str(uuid4()), "reward_id": reward_id} | more
        told = self.ask(f"redemptions/{self.say('redemptions', **body)['id']}")
        assert told["state"] not in ("waiting", "granting"), told
        return told

    def shown(self) -> dict[str, str]:
        """What the store's own pages say of the shopper."""
        return self.site.shop.said_of(self.person.id)

    def tell_more(self, order: Order) -> None:
        """Have the store say more of the shopper than the sandbox knows."""
        body = customer_bodies.whole_customer_body(self.person, "EUR")
        self.tell("customers/update", body | MORE)
        with self.site.shop.store.data.reading() as rows:
            paid = [each for each in latest(rows) if each.topic == "orders/paid"]
        [told] = [
            said for each in paid if (said := json.loads(each.body))["id"] == order.id
        ]
        address = body["default_address"]
        later = {"updated_at": "2030-01-01T00:00:00Z", "billing_address": address}
        self.tell("orders/updated", told | MORE | later)
        # What nobody can read is kept, to be looked at.
        self.tell("orders/updated", told | MORE | {"currency": "much"})

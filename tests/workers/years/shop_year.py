"""A year of a shop: what its members buy, return, do and take, week by week."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from app.domain.program import Program
from app.domain.rewards import Handling, Reward
from app.storage import tables
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_refund, an_order

MEMBERS = range(7001, 7009)
WEEKS = 52
# What the shop sells: id, price, tags.
GOODS = [
    (21, "4.00", "coffee"),
    (22, "35.00", "skincare, new"),
    (23, "90.00", "new"),
    (24, "60.00", "sale"),
    (25, "240.00", ""),
    (9001, "49.00", "membership"),
]
# So many days before the year they joined; so their anniversary lies in it.
JOINED_BEFORE = 100
# Points of so many months end after the year: some members have not spent theirs.
QUIET_MONTHS = 4


class ShopYear:
    """Members who shop, return, do things and take rewards, week by week.

    It begins on the first Monday of a year, whenever it is lived, so that the same
    happens on the same days of the week and of the year.
    """

    def __init__(self, line: TestLine, program: Program) -> None:
        """Open the shop, with everybody in it who is a member from the beginning."""
        self.line, self.program = line, program
        self.chance = Random(2026)
        self.bought: list[dict[str, Any]] = []
        self.orders = 0
        self.seen: Counter[str] = Counter()
        self.tiers: set[str] = set()
        self.had: set[str] = set()
        self._pass(_until_monday(line.clock()))
        line.set_program(program)
        for id_, _, tags in GOODS:
            told = {"id": id_, "tags": tags, "variants": [], "updated_at": self.now}
            self.tell("products/update", told)
        for member in MEMBERS:
            self.join(member, self.moment - timedelta(days=JOINED_BEFORE))
        line.worker.drain()

    @property
    def now(self) -> str:
        """This moment, as the store writes it."""
        return self.moment.isoformat()

    def live(self) -> None:
        """Let a year pass."""
        self._say_when_they_were_born()
        for week in range(WEEKS):
            self.buy()
            if self.chance.random() < 0.3:
                self._return_some()
            self._do_something()
            self._call_somebody()
            self._take_a_reward()
            self.happens(week)
            self._pass(timedelta(days=3))
            if self.chance.random() < 0.5:
                self.buy()
            self._pass(timedelta(days=4))
            self.line.worker.drain()
            while self.line.worker.settle_due():
                pass
            self._look_at_tiers()
        for member in MEMBERS:
            self._take_what_was_won(member)
        if self.program.expires_after_months:
            self._wait_until_points_expire(self.program.expires_after_months)

    def _wait_until_points_expire(self, months: int) -> None:
        """Let a time without a customer pass, in which the year's first points end."""
        self._pass(timedelta(days=31 * (months + QUIET_MONTHS), weeks=-WEEKS))
        while self.line.worker.settle_due():
            pass

    def _pass(self, by: timedelta) -> None:
        """Let time pass; all that happens until it does again, happens at one time."""
        self.line.pass_days(by / timedelta(days=1))
        self.moment = datetime.fromisoformat(self.line.days_ago(0))

    def happens(self, week: int) -> None:
        """Have happen what is in this week of the year alone."""

    def tell(self, topic: str, body: dict[str, Any]) -> None:
        """Have the store say something now."""
        at = {"X-Shopify-Triggered-At": self.now}
        assert self.line.deliver(topic, body, **at).status_code == 200

    def ask(self, topic: str, **body: Any) -> None:
        """Have somebody ask something of us now."""
        self.seen["asked of us"] += 1
        name = f"own-{self.seen['asked of us']}"
        self.line.ask_own(topic, name, body, self.moment)

    def join(self, member: int, joined_at: datetime, **more: Any) -> None:
        """Have somebody open an account."""
        times = {"created_at": joined_at.isoformat(), "updated_at": self.now}
        self.tell("customers/create", {"id": member, **times, **more})

    def order(
        self, customer: dict[str, Any], *lines: tuple[int, str, int], code: str = ""
    ) -> dict[str, Any]:
        """Have somebody buy so many of each product, at its price, and get it."""
        self.orders += 1
        placed = an_order(
            *(
                a_line(price, units, id=10 * self.orders + place, product_id=id_)
                for place, (id_, price, units) in enumerate(lines)
            ),
            id=100_000 + self.orders,
            name=f"#{self.orders}",
            customer=customer,
            email=customer.get("email"),
            processed_at=self.now,
            created_at=self.now,
            updated_at=self.now,
            fulfillment_status="fulfilled",
            discount_codes=[{"code": code}] if code else [],
        )
        for topic in ("orders/paid", "orders/fulfilled"):
            self.tell(topic, placed)
        self._tell_plans(placed)
        return placed

    def _tell_plans(self, order: dict[str, Any]) -> None:
        """Have every fifth order bought by a plan, where one brings a tier."""
        plans = sorted(self.program.tiers.grants_by_plan)
        if plans:
            is_by_plan = self.orders % 5 == 0
            first, *others = [str(line["id"]) for line in order["line_items"]]
            told = dict.fromkeys(others, "") | {first: plans[0] if is_by_plan else ""}
            self.ask("orders/plans", order_id=str(order["id"]), plans=told)
            self.seen["by plans"] += is_by_plan

    def send_back(self, order: dict[str, Any], line: dict[str, Any], back: int) -> None:
        """Have so many units of a line come back, and the store say so twice."""
        amount = f"{float(line['price']) * back:.2f}"
        self.seen["returns"] += 1
        refund = a_refund(
            amount,
            (line["id"], back, amount),
            id=500_000 + self.seen["returns"],
            order_id=order["id"],
            created_at=self.now,
            processed_at=self.now,
        )
        for _ in range(2):
            self.tell("refunds/create", refund)

    def buy(self, code: str = "", member: int | None = None) -> None:
        """Have a member buy something."""
        chosen = self.chance.sample(GOODS, self.chance.randint(1, 3))
        lines = [(id_, price, self.chance.randint(1, 3)) for id_, price, _ in chosen]
        customer = {"id": member or self.chance.choice(MEMBERS)}
        self.bought.append(self.order(customer, *lines, code=code))

    def _return_some(self) -> None:
        order = self.bought.pop(self.chance.randrange(len(self.bought)))
        line = self.chance.choice(order["line_items"])
        self.send_back(order, line, self.chance.randint(1, line["quantity"]))

    def _say_when_they_were_born(self) -> None:
        """Have two members say that their birthdays lie in summer and autumn."""
        for number, member in enumerate(MEMBERS[:2] if self.program.birthday else ()):
            told = {"customer_id": str(member), "key": "1", "day": 15}
            self.ask("birthdays/tell", month=7 + 3 * number, **told)

    def _do_something(self) -> None:
        reported = [
            rule for rule in self.program.actions if hasattr(rule, "shoppers_report")
        ]
        if not reported:
            return
        rule = self.chance.choice(reported)
        self.seen["actions"] += 1
        key = f"key-{self.seen['actions']}"
        told = {"action": rule.action, "key": key, "by": "staff"}
        whose = {"customer_id": str(self.chance.choice(MEMBERS))}
        self.ask("actions/report", **told, **whose)
        if rule.needs_approval:
            is_approved = self.chance.random() < 0.8
            self.ask("actions/decide", **told, is_approved=is_approved)

    def _call_somebody(self) -> None:
        """Have the store tag a customer, or take the tag back."""
        tags = sorted(name for _, name in self.program.labels)
        if tags:
            body = {
                "customerId": f"gid://shopify/Customer/{self.chance.choice(MEMBERS)}",
                "tags": [self.chance.choice(tags)],
                "occurredAt": self.now,
            }
            what = self.chance.choice(["added", "removed"])
            self.tell(f"customer.tags_{what}", body)

    def _take_a_reward(self) -> None:
        """Have somebody ask for a reward; more often for what nobody has had yet."""
        member, reward = self.chance.choice(MEMBERS), self._reward()
        told = self.line.redeem(member, reward.id)
        self.seen[told["state"]] += 1
        if told["state"] == "refused":
            assert told["reason"]
            return
        if reward.handling is Handling.STAFF:
            step = self.chance.choice(["approve", "refuse"])
            self._step(told["id"], step)
            self.had |= {reward.id} if step == "approve" else set()
            return
        self.had.add(reward.id)
        if reward.handling is Handling.COUNTER:
            self._step(told["id"], "take_in")
        elif told["code"] and self.chance.random() < 0.7:
            self.buy(told["code"], member)

    def _reward(self) -> Reward:
        wanted = [each for each in self.program.rewards if each.id not in self.had]
        is_new = wanted and self.chance.random() < 0.5
        return self.chance.choice(wanted if is_new else self.program.rewards)

    def _take_what_was_won(self, member: int) -> None:
        """Have a member take a reward that a card brought, and use it."""
        prizes = self.line.ask("standing", str(member)).get_json()["prizes"]
        for each in prizes[:1]:
            wish = {"reward_id": each["id"], "prize": each["prize"]}
            wish["request_id"] = f"won-{self.seen['won']:06}"
            asked = self.line.post("redemptions", str(member), wish).get_json()
            self.line.worker.drain()
            self.line.fulfilling.work()
            told = self.line.redemption(member, asked["id"])
            assert ("granted", 0) == (told["state"], told["points"])
            self.seen["won"] += 1
            self.buy(told["code"], member)
            self.line.worker.drain()

    def _step(self, redemption_id: str, step: str) -> None:
        self.ask("redemptions/step", redemption_id=redemption_id, step=step)

    def _look_at_tiers(self) -> None:
        with self.line.in_program() as connection:
            found = connection.execute(select(tables.member.c.tier).distinct())
            self.tiers |= {tier for tier in found.scalars() if tier}


def _until_monday(now: datetime) -> timedelta:
    """How long it is until nine o'clock on the first Monday of the next year."""
    begin = datetime(now.year + 1, 1, 1, 9, tzinfo=UTC)
    return begin + timedelta(days=-begin.weekday() % 7) - now

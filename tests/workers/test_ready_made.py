"""Every ready-made programme through a year of shopping, and what holds at its end."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.domain.program import Program
from app.domain.rewards import Handling
from app.storage.budgets import used_of
from app.storage.program_document import load_program
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_refund, an_order

FOLDER = Path(__file__).parents[2] / "docs" / "programmes"
FILES = sorted(FOLDER.glob("*.json"))
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


class Year:
    """Members who shop, return, do things and take rewards, week by week."""

    def __init__(self, line: TestLine, document: dict[str, Any]) -> None:
        self.line = line
        self.chance = Random(2026)
        self.program = load_program(document)
        self.bought: list[dict[str, Any]] = []
        self.seen: Counter[str] = Counter()
        line.set_program(self.program)
        for id_, _, tags in GOODS:
            told = {"id": id_, "tags": tags, "variants": [], "updated_at": self.now}
            line.settle(("products/update", told))
        for member in MEMBERS:
            joined = {"id": member, "created_at": self.now, "updated_at": self.now}
            line.settle(("customers/create", joined))

    @property
    def now(self) -> str:
        """This moment, as the store writes it."""
        return self.line.days_ago(0)

    def live(self) -> None:
        """Let a year pass."""
        for _ in range(WEEKS):
            for _ in range(self.chance.randint(1, 2)):
                self._buy()
            if self.chance.random() < 0.3:
                self._return_some()
            self._do_something()
            self._call_somebody()
            self._take_a_reward()
            self.line.pass_days(7)
            self.line.worker.drain()
            while self.line.worker.settle_due():
                pass
        for member in MEMBERS:
            self._take_what_was_won(member)

    def budgets_must_hold(self) -> None:
        """No budget gave more than it has, and none was for nothing."""
        limits = self.program.budgets
        with self.line.in_program() as connection:
            used = used_of(connection, self.line.store.program_id, limits)
        assert all(0 < used[name] <= limit for name, limit in limits.items())

    def _buy(self, code: str | None = None, member: int | None = None) -> None:
        number = len(self.bought) + 1
        chosen = self.chance.sample(GOODS, self.chance.randint(1, 3))
        lines = [
            a_line(
                price,
                quantity=self.chance.randint(1, 3),
                id=10 * number + place,
                product_id=id_,
            )
            for place, (id_, price, _) in enumerate(chosen)
        ]
        order = an_order(
            *lines,
            id=100_000 + number,
            name=f"#{number}",
            customer={"id": member or self.chance.choice(MEMBERS)},
            processed_at=self.now,
            created_at=self.now,
            updated_at=self.now,
            fulfillment_status="fulfilled",
            discount_codes=[{"code": code}] if code else [],
        )
        self.bought.append(order)
        for topic in ("orders/paid", "orders/fulfilled"):
            self.line.deliver(topic, order)
        self.seen["orders"] += 1

    def _return_some(self) -> None:
        order = self.bought.pop(self.chance.randrange(len(self.bought)))
        line = self.chance.choice(order["line_items"])
        price, quantity = line["price"], line["quantity"]
        back = self.chance.randint(1, quantity)
        amount = f"{float(price) * back:.2f}"
        refund = a_refund(
            amount,
            (line["id"], back, amount),
            id=500_000 + self.seen["orders"] * 10 + self.seen["returns"],
            order_id=order["id"],
            created_at=self.now,
        )
        for _ in range(2):
            self.line.deliver("refunds/create", refund)
        self.seen["returns"] += 1

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
        self.line.ask_own("actions/report", f"report/{key}", told | whose)
        if rule.needs_approval:
            decision = told | {"is_approved": self.chance.random() < 0.8}
            self.line.ask_own("actions/decide", f"decide/{key}", decision)

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
            self.line.deliver(f"customer.tags_{what}", body)

    def _take_a_reward(self) -> None:
        member = self.chance.choice(MEMBERS)
        reward = self.chance.choice(self.program.rewards)
        told = self.line.redeem(member, reward.id)
        self.seen[told["state"]] += 1
        if told["state"] == "refused":
            assert told["reason"]
        elif reward.handling is Handling.STAFF:
            step = self.chance.choice(["approve", "refuse"])
            self.line.take_step(told["id"], step, "as we like")
        elif reward.handling is Handling.COUNTER:
            self.line.take_step(told["id"], "take_in")
        elif told["code"] and self.chance.random() < 0.7:
            self._buy(told["code"], member)

    def _take_what_was_won(self, member: int) -> None:
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
            self._buy(told["code"], member)
            self.line.worker.drain()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_year_of_shopping_holds_every_promise(line: TestLine, path: Path):
    year = Year(line, json.loads(path.read_text()))
    year.live()

    assert line.audit() is None
    assert [] == line.violations()
    assert 0 == sum(line.totals().values())
    year.budgets_must_hold()
    assert year.seen["returns"] > 5
    assert bool(year.seen["won"]) == _brings_rewards(year.program)
    assert year.seen["granted"] + year.seen["used"] + year.seen["asked"] > 5
    before = {member: line.standing(member) for member in MEMBERS}
    line.replay("settled", "ignored")
    line.worker.drain()
    assert before == {member: line.standing(member) for member in MEMBERS}


def _brings_rewards(program: Program) -> bool:
    ways = *program.stamp_cards, *program.challenges, *program.surprises
    return any(each.reward for each in ways)


def test_there_is_a_program_for_every_trade():
    assert [path.stem for path in FILES] == [
        "beauty",
        "charity",
        "coffee-bar",
        "fashion",
        "membership-club",
        "outdoor-club",
    ]

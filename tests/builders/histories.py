"""A history in which everything happened once, in two programmes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.actions import Review
from app.domain.earning import Bonus, PurchasePoints
from app.domain.earning.budget import Budget
from app.domain.program import Limits, Program
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import AmountOff, Goods, Slot
from app.storage import rows, tables
from tests.builders.line import TestLine
from tests.builders.shopify import ADA, a_line, a_merge, a_refund, an_order, later
from workers.settle import Unsettled, settle
from workers.terms import Terms

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
JOAN = {"id": 7003, "email": "joan@example.com", "verified_email": True}
ALAN = {"id": 7004, "email": "alan@example.com", "verified_email": True}
OTHER = "other.myshopify.com"


def live_through_everything(line: TestLine) -> TestLine:
    """Have orders, returns, debts, a guest's claim, a merge, expiry, and rewards."""
    _another_program(line)
    line.settle(("orders/paid", an_order()))
    line.settle(("refunds/create", a_refund("30.00")))
    line.adjust(7001, 15)
    line.adjust(7001, -90)
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))
    line.settle(("orders/paid", an_order(id=5003, name="#1003", customer=GRACE)))
    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))
    _a_guest_who_joins(line)
    _rewards(line)
    _a_review(line)
    line.settle(_a_tag())
    _a_friend(line)
    _a_budget(line)
    return line


def _a_tag() -> tuple[str, dict[str, Any]]:
    return "customer.tags_added", {
        "customerId": "gid://shopify/Customer/7001",
        "tags": ["VIP"],
        "occurredAt": "2026-11-01T10:00:00Z",
    }


def _a_review(line: TestLine) -> None:
    """Have Ada write a review, for points from now on, and say when she was born."""
    line.set_program(Program(actions=(Review(points=20),)), line.clock())
    told = {"customer_id": "7001", "action": "review", "key": "1", "by": "owner"}
    line.ask_own("actions/report", "review/1", told)
    born = {"customer_id": "7001", "key": "1", "month": 12, "day": 10}
    line.ask_own("birthdays/tell", "birthday/1", born)


def _another_program(line: TestLine) -> None:
    """Hold the other store's points for three days, end them after a year."""
    other = line.add_store(OTHER)
    program = Program(
        credit_after_days=3,
        expires_after_months=12,
        limits=Limits(points_per_member_max=150),
    )
    first, line.store = line.store, other
    line.set_program(program, None)
    headers = {"X-Shopify-Shop-Domain": OTHER}
    recent = {"processed_at": line.days_ago(1), "created_at": line.days_ago(1)}
    old = {"processed_at": line.days_ago(300)}
    for number, when in ((8001, recent), (8002, old), (8003, recent)):
        order = an_order(id=number, name=f"#{number}", **when)
        line.deliver("orders/paid", order, **headers)
    line.worker.drain()
    line.pass_days(100)
    line.worker.settle_due()
    line.store = first


def _a_guest_who_joins(line: TestLine) -> None:
    guest = an_order(a_line("40.00"), id=5004, customer=None, email=JOAN["email"])
    line.settle(("orders/paid", guest))
    line.settle(("customers/create", JOAN | {"updated_at": line.days_ago(0)}))
    # All of it is spent, so what goes back is owed; the next order repays some.
    line.adjust(7003, -40)
    line.settle(("refunds/create", a_refund("40.00", id=9004, order_id=5004)))
    line.settle(("orders/updated", later(guest, customer=JOAN)))
    today = {"processed_at": line.days_ago(0), "updated_at": line.days_ago(0)}
    paying = an_order(a_line("10.00"), id=5005, customer=JOAN, **today)
    line.settle(("orders/paid", paying))


def _rewards(line: TestLine) -> None:
    """Have Ada ask for rewards: open, used, voided, returned in part, for a date."""
    now = line.clock()
    asked = [
        {
            "program_id": line.store.program_id,
            "command_id": name,
            "member_id": line.member_id(ADA["id"]),
            "kind": "redemption",
            "points": 20,
            "accepted_at": now,
            "captured_at": now + timedelta(seconds=1) if name == "used" else None,
            "voided_at": now + timedelta(seconds=1) if name == "voided" else None,
            "reason": "test",
        }
        for name in ("open", "used", "voided")
    ]
    with line.in_program() as connection:
        rows.add(connection, tables.command, asked)
        terms = Terms(connection, line.store.program_id, line.keys)
        everybody = Unsettled({line.member_id(ADA["id"])})
        settle(connection, terms, everybody, line.clock() + timedelta(minutes=1))
    # One that a member asked for, and whose order was returned in part.
    tiny = AmountOff(points_cost=10, amount=Decimal(1), key="tiny")
    line.set_program(Program(rewards=(tiny,)), line.clock())
    told = line.redeem(7001, "tiny")
    code = {"discount_codes": [{"code": told["code"]}]}
    bought = an_order(a_line("20.00"), id=5006, customer=ADA, **code)
    line.settle(("orders/paid", bought))
    line.settle(("refunds/create", a_refund("10.00", id=9006, order_id=5006)))
    # And one for a date, which is theirs until then.
    starts_at = datetime.fromisoformat(line.days_ago(-9)).replace(tzinfo=None)
    visit = Goods(points_cost=1, key="visit", slots=(Slot(starts_at=starts_at),))
    line.set_program(Program(rewards=(visit,)), line.clock())
    assert "asked" == line.redeem(7001, "visit", slot=starts_at)["state"]


def _a_friend(line: TestLine) -> None:
    """Have Ada bring a friend, whose first order is returned."""
    terms = ReferralTerms(stand_days=0)
    line.set_program(Program(rewards=(), referral=terms), line.clock())
    line.settle(("customers/create", ALAN))
    code = code_of_member("secret", line.store.program_id, line.member_id(7001))
    assert 202 == line.post("referrals", "7004", {"code": code}).status_code
    line.worker.drain()
    line.fulfilling.work()
    today = {"processed_at": line.days_ago(0), "updated_at": line.days_ago(0)}
    bought = an_order(a_line("50.00"), id=5007, customer=ALAN, **today)
    line.settle(("orders/paid", bought))
    line.settle(("refunds/create", a_refund("50.00", id=9007, order_id=5007)))


def _a_budget(line: TestLine) -> None:
    """Have Alan use all of a campaign's budget, and return a part of what he bought."""
    bonus = Bonus(points=50, name="spring", budget=Budget(points=40))
    line.set_program(Program(earning=(PurchasePoints(), bonus)), line.clock())
    today = {"processed_at": line.days_ago(0), "updated_at": line.days_ago(0)}
    line.settle(("orders/paid", an_order(id=5008, customer=ALAN, **today)))
    line.settle(("refunds/create", a_refund("50.00", id=9008, order_id=5008)))

"""Past orders are looked at before they count, and then count as any other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.earning import Bonus, Multiplier, PurchasePoints
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.engagement.stamp_card import StampCard
from app.domain.program import Limits, Program
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import ReferralTerms
from app.domain.tiers import Spending, Tier, Tiers
from app.platforms.base import Archive, FileOver, FileState, Listed, StoreAway, Told
from app.platforms.shopify import Shopify
from app.storage import tables
from tests.builders.line import TestLine
from tests.builders.shopify import a_refund, an_order, later
from workers import backfill
from workers.archive import PastFile, forget_past
from workers.backfill import Backfilling
from workers.prospect import Prospect
from workers.steps import Step

BOB = {"id": 7002, "email": "bob@example.com", "verified_email": True}


class ArchiveInMemory(Archive):
    """A store whose file is there at once."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self._orders = orders

    def count(self, since: datetime | None) -> int:  # noqa: ARG002
        return len(self._orders)

    def begin(self, since: datetime | None) -> str:
        return f"since {since}"

    def state(self, name: str) -> FileState:  # noqa: ARG002
        return FileState(len(self._orders), is_done=True, url="here")

    def fetch(self, url: str, file: Path) -> None:  # noqa: ARG002
        file.write_text(json.dumps(self._orders))

    def orders(self, file: Path) -> Iterator[tuple[Listed, Told | None]]:
        for body in json.loads(file.read_text()):
            told = _told(body)
            yield Listed(str(body["id"]), told.at), None if body["refunds"] else told

    def read(self, order_id: str) -> Told | None:
        found = (body for body in self._orders if str(body["id"]) == order_id)
        return next(map(_told, found), None)


def _told(body: dict[str, Any]) -> Told:
    at = datetime.fromisoformat(body["updated_at"])
    return Told("orders/updated", json.dumps(body).encode(), at)


class Bell:
    """Counts how often it is rung."""

    rung = 0

    def ring(self) -> None:
        self.rung += 1


@pytest.fixture
def backfilling(line: TestLine) -> Backfilling:
    return Backfilling(
        line.database,
        line.keys,
        Shopify(line.settings.shopify_secrets),
        line.worker.conceal,
        lambda _: None,
        Bell(),  # type: ignore[arg-type]
        line.settings.secret_key,
        line.home,
        line.this_moment,
    )


def _made(folder: Path, *orders: dict[str, Any]) -> PastFile:
    file = PastFile(folder / "past", ArchiveInMemory(*orders))
    list(file.make(None))
    return file


def test_what_is_foretold_is_what_comes(line: TestLine, backfilling, tmp_path):
    line.set_program(Program(credit_after_days=7, expires_after_months=12))
    now, old, older = line.days_ago(1), line.days_ago(100), line.days_ago(500)
    known = an_order(id=5001, processed_at=old, updated_at=old)
    line.settle(("orders/paid", known))
    returned = later(
        an_order(id=5002, processed_at=old, updated_at=old),
        refunds=[a_refund("30.00", order_id=5002, created_at=old)],
        financial_status="partially_refunded",
    )
    file = _made(
        tmp_path,
        known,
        returned,
        an_order(id=5003, processed_at=older, updated_at=older),
        an_order(id=5004, customer=BOB, processed_at=now, updated_at=now),
        an_order(id=5005, customer=None, email=None, processed_at=now),
    )
    before = line.totals()
    *_, found = backfilling.prospect(line.store, file)

    assert found == Prospect(3, 2, earned=300, available=70, pending=100, looked_at=5)
    assert line.totals() == before
    *_, told = backfilling.tell(line.store, file)
    line.worker.drain()
    assert told == Step("Orders go into the inbox", 5, 5)
    assert backfilling.bell.rung == 1
    assert line.standing(7001).available == 100 + 70
    assert line.standing(7002).pending == 100
    assert line.audit() is None
    again = list(backfilling.prospect(line.store, file))
    assert again == [] or again[-1].earned == 0


GOLD = Tier(
    name="Gold",
    needs=(Spending(amount=Decimal(250)),),
    earn_times=Decimal(3),
    entry_points=50,
)
TWICE = Multiplier(times=Decimal(2), name="spring", budget=Budget(points=330))
THIRD = Bonus(points=40, conditions=Conditions(order_from=3, order_to=3))


@pytest.mark.parametrize(
    ("program", "comes"),
    [
        # Ada spent 100.00 that are known: her third order is one of Gold.
        (Program(tiers=Tiers(ladder=(GOLD,))), (100 + 50 + 100 + 3 * 100) + 200),
        # One stamp is there already, of four.
        (Program(stamp_cards=(StampCard(name="c", stamps=4, points=70),)), 570),
        # 100 are used already; what is left is for Ada and Bob together.
        (Program(earning=(PurchasePoints(), TWICE)), 500 + 330 - 100),
        # Ada has 100 already of the day of her second order.
        (Program(limits=Limits(points_per_day_max=130)), 30 + 100 + 100 + 130),
        (Program(earning=(PurchasePoints(), THIRD)), 500 + 40),
        (Program(expires_after_inactive_months=1), None),
    ],
    ids=["tiers", "stamps", "budget", "day", "third order", "inactivity"],
)
def test_the_past_is_reckoned_with_all_that_is_known(
    line: TestLine, backfilling, tmp_path, monkeypatch, program: Program, comes
):
    # What one shopper uses of a budget is used for the next, whom another look is at.
    monkeypatch.setattr(backfill, "_SHOPPERS", 1)
    line.set_program(program)

    def placed(number: int, days: int, **more: Any) -> dict[str, Any]:
        at = line.days_ago(days)
        return an_order(id=number, processed_at=at, updated_at=at, **more)

    known = placed(5001, 50)
    line.settle(("orders/paid", known))
    file = _made(
        tmp_path,
        known,
        *(placed(5001 + each, days) for each, days in ((1, 50), (2, 9), (3, 8))),
        *(placed(5007 + each, 7, customer=BOB) for each in (1, 2)),
    )
    before, rows = line.totals(), _all_rows(line)
    *_, found = backfilling.prospect(line.store, file)

    assert _all_rows(line) == rows
    assert (found.orders, found.shoppers) == (5, 2)
    list(backfilling.tell(line.store, file))
    line.worker.drain()
    after = line.totals()
    assert found.available == after["available"] - before.get("available", 0)
    assert found.earned == before["issued"] - after["issued"]
    assert comes in (None, found.available)
    assert line.violations() == []


def test_a_refund_that_was_missed_is_in_the_forecast(line, backfilling, tmp_path):
    line.settle(("orders/paid", an_order()))
    refunded = later(an_order(), refunds=[a_refund("30.00")])
    file = _made(tmp_path, refunded, an_order(id=5002))
    *_, found = backfilling.prospect(line.store, file)

    assert (found.orders, found.available) == (1, 100 - 30)
    list(backfilling.tell(line.store, file))
    line.worker.drain()
    assert line.standing(7001).available == 100 + found.available


def test_who_brought_a_friend_of_the_file_is_in_the_forecast(
    line: TestLine, backfilling, tmp_path
):
    terms = ReferralTerms(advocate_points=200, stand_days=14)
    line.set_program(Program(rewards=(), referral=terms))
    line.settle(("orders/paid", an_order()), ("customers/create", BOB))
    code = code_of_member("secret", line.store.program_id, line.member_id(7001))
    claim = {"code": code, "device": "d6b5e6a4-2f0e-4f7b-9d67-2d8f7a3c1e55"}
    assert line.post("referrals", "7002", claim).status_code == 202
    line.worker.drain()
    now = line.days_ago(0)
    more = {"created_at": now, "processed_at": now, "updated_at": now}
    file = _made(tmp_path, an_order(id=5002, customer=BOB, email=BOB["email"], **more))
    rows = _all_rows(line)
    *_, found = backfilling.prospect(line.store, file)

    assert (found.available, found.pending) == (100, 200)
    assert _all_rows(line) == rows
    list(backfilling.tell(line.store, file))
    line.worker.drain()
    assert line.standing(7001).pending == 200
    assert line.standing(7002).available == 100


def _all_rows(line: TestLine) -> dict[str, list[Any]]:
    with line.database.auditor() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in tables.metadata.sorted_tables
        }


def test_what_was_told_is_not_told_twice(line: TestLine, backfilling, tmp_path):
    orders = [an_order(id=5000 + number) for number in range(450)]
    file = _made(tmp_path, *orders)
    steps = backfilling.tell(line.store, file)
    assert next(steps).done == 200
    steps.close()
    assert [each.done for each in backfilling.tell(line.store, file)] == [400, 450]
    file.note(0)
    list(backfilling.tell(line.store, file))
    line.worker.drain()

    assert len(line.inbox()) == 450
    assert line.standing(7001).available == 45_000


@pytest.mark.parametrize("url", ["over", None])
def test_a_file_that_the_store_keeps_no_more_is_made_anew(tmp_path, url: str | None):
    class Late(ArchiveInMemory):
        begun = 0

        def begin(self, since: datetime | None) -> str:
            self.begun += 1
            return super().begin(since)

        def state(self, name: str) -> FileState:
            state = super().state(name)
            return state if self.begun > 1 else replace(state, url=url)

        def fetch(self, url: str, file: Path) -> None:
            if url == "over":
                raise FileOver("403")
            super().fetch(url, file)

    archive = Late(an_order())
    file = PastFile(tmp_path / "past", archive)
    with pytest.raises(FileOver):
        list(file.make(None))

    assert [Step("Refunds are read", 1, 1)] == list(file.make(None))
    assert archive.begun == 2


def test_a_body_that_makes_no_sense_is_passed_over(line, backfilling, tmp_path):
    file = _made(tmp_path, an_order(line_items="none"), an_order(id=5002))
    *_, found = backfilling.prospect(line.store, file)

    assert found.orders == 1


def test_the_file_goes_with_whom_it_names_and_is_made_anew(line, backfilling, tmp_path):
    orders = [an_order(id=5000 + number) for number in range(450)]
    file = _made(tmp_path, *orders)
    (tmp_path / "past" / "store.jsonl").write_text(
        '{"id":"gid://shopify/Order/5001"}\n{"id":"gid://shopify/Customer/70011"}'
    )
    forget_past(tmp_path / "past", {"7001", "5"})
    steps = backfilling.tell(line.store, file)
    assert next(steps).done == 200

    forget_past(tmp_path / "past", {"7001", "70011"})
    assert not (tmp_path / "past").exists()
    with pytest.raises(StoreAway, match="forgotten"):
        next(steps)
    with pytest.raises(StoreAway, match="forgotten"):
        list(file.orders())
    list(file.make(None))
    assert list(backfilling.tell(line.store, file))[-1].done == 450

"""When each lot of points ends can be read: by the member, and by the owner."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from app.domain.program import Program
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import a_line, an_order

A_YEAR = Program(expires_after_months=12, expiry_warned_days=365)


def _ordered(line: TestLine, number: int, euros: int, at: str) -> datetime:
    times = {"processed_at": at, "created_at": at, "updated_at": at}
    bought = a_line(f"{euros}.00", id=number)
    line.settle(("orders/paid", an_order(bought, id=number, name="#1", **times)))
    return datetime.fromisoformat(at)


def _is_a_year_after(lot: dict, placed_at: datetime) -> bool:
    passed = datetime.fromisoformat(lot["at"]) - placed_at
    return timedelta(days=365) <= passed <= timedelta(days=366)


def test_a_member_is_told_the_first_lots_that_end_and_the_sum_of_all(line: TestLine):
    line.set_program(A_YEAR)
    # Two of one moment are told as one; the last of seven moments is told in the sum.
    days = [300, 320, 340, 310, 330, 350, 320, 290]
    moments = {day: line.days_ago(day) for day in days}
    placed = {
        day: _ordered(line, 5000 + number, 10 + number, moments[day])
        for number, day in enumerate(days)
    }

    told = line.ask("standing", "7001").get_json()["expiring"]

    assert sum(range(10, 18)) == told["points"]
    assert [15, 12, 14, 11 + 16, 13] == [each["points"] for each in told["lots"]]
    first, *_ = told["lots"]
    assert first["at"] == told["at"]
    for lot, day in zip(told["lots"], [350, 340, 330, 320, 310], strict=True):
        assert _is_a_year_after(lot, placed[day])


def test_the_owner_reads_each_lot_with_its_date(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(A_YEAR)
    early = _ordered(line, 5001, 10, line.days_ago(20))
    late = _ordered(line, 5002, 30, line.days_ago(2))
    line.adjust(7001, 7)
    capsys.readouterr()

    run(line, "member", DOMAIN, "7001", "--json")
    first, second, given = json.loads(capsys.readouterr().out)["lots"]
    assert (10, "expires", f"order/{line.store.store_id}/5001") == _lot(first)
    assert _is_a_year_after(first, early) and _is_a_year_after(second, late)
    assert (7, None) == (given["points"], given["at"])

    run(line, "member", DOMAIN, "7001")
    told = capsys.readouterr().out
    assert f"{'lot':16}{10:>12}  expires {first['at'][:16]}  {first['lot']}\n" in told
    assert f"{'lot':16}{7:>12}  never expires" in told

    run(line, "member", DOMAIN, "7001", "--json", "--at", "2020-01-01")
    assert [] == json.loads(capsys.readouterr().out)["lots"]


def _lot(lot: dict) -> tuple[int, str, str]:
    return lot["points"], lot["ends"], lot["lot"]

"""When points expire follows what is known of their order, and the ledger says so."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from app.domain.program import ExpiryRounding, Program
from app.domain.tiers import Spending, Tier, Tiers
from app.storage import standings
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_refund, an_order, later


def test_an_order_that_turns_out_older_has_its_points_expire_earlier(line: TestLine):
    line.set_program(Program(expires_after_months=1))
    placed, older = line.days_ago(5), line.days_ago(25)
    order = an_order(processed_at=placed)
    line.settle(("orders/paid", order))
    line.settle(("orders/updated", later(order, processed_at=older)))

    assert line.audit() is None
    assert [] == line.violations()
    assert 100 == line.standing(7001).available
    line.settle(("refunds/create", a_refund("30.00", created_at=line.days_ago(0))))
    line.pass_days(10)
    line.worker.settle_due()
    assert 0 == line.standing(7001).available
    assert line.audit() is None
    line.rebuild()
    assert line.audit() is None


def test_a_gift_that_was_never_due_comes_again_with_a_date_of_its_own(line: TestLine):
    needs = (Spending(amount=Decimal(100)),)
    gold = Tier(name="Gold", needs=needs, entry_points=50)
    line.set_program(Program(tiers=Tiers(ladder=(gold,)), expires_after_months=12))
    first = an_order(a_line("100.00", id=1), id=1, **_placed(line, 40))
    cheaper = {**later(first), "line_items": [a_line("60.00", id=1)]}
    second = an_order(a_line("60.00", id=2), id=2, **_placed(line, 10))

    line.settle(("orders/paid", first))
    assert 150 == line.standing(7001).available
    line.settle(("orders/updated", cheaper))
    assert 60 == line.standing(7001).available
    line.settle(("orders/paid", second))

    assert 170 == line.standing(7001).available
    assert line.audit() is None
    assert [] == line.violations()


def test_lots_end_with_the_month_by_the_clock_of_the_store(line: TestLine):
    line.tamper("update store set timezone = 'Pacific/Auckland'")
    gold = Tier(name="Gold", needs=(Spending(amount=Decimal(100)),), entry_points=50)
    line.set_program(
        Program(
            tiers=Tiers(ladder=(gold,)),
            expires_after_months=12,
            expiry_rounding=ExpiryRounding.MONTH_END,
        )
    )
    line.settle(("orders/paid", an_order(a_line("100.00", id=1), **_placed(line, 40))))
    member_id = line.member_id(7001)
    with line.in_program() as connection:
        kept = standings.lots_of(connection, line.store.program_id, [member_id])

    ends = [each.expires_at for each in kept[member_id] if each.expires_at]
    on_the_wall = [at.astimezone(ZoneInfo("Pacific/Auckland")) for at in ends]
    assert [(1, 0), (1, 0)] == [(at.day, at.hour) for at in on_the_wall]
    assert line.audit() is None


def _placed(line: TestLine, days_ago: int) -> dict[str, str]:
    at = line.days_ago(days_ago)
    return {"processed_at": at, "created_at": at, "updated_at": at}

"""Points lapse when members do nothing, who are warned before; news gives them back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from app.domain.program import Program
from app.domain.rewards import AmountOff
from app.storage import standings
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, a_merge, a_refund, an_order

ONE_OFF = AmountOff(points_cost=10, amount=Decimal(1), key="one")
FIVE_OFF = AmountOff(points_cost=500, amount=Decimal(5), key="five")
LAPSING = Program(expires_after_inactive_months=2, rewards=(ONE_OFF, FIVE_OFF))


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store whose points lapse after two months without activity."""
    line.set_program(LAPSING)
    return line


def bought(line: TestLine, days_ago: int, number: int = 1, **more: Any) -> tuple:
    """The message of an order of 100.00 that was paid so many days ago."""
    at = line.days_ago(days_ago)
    times = {"processed_at": at, "created_at": at, "updated_at": at}
    order = an_order(id=5000 + number, name=f"#{number}", **times | more)
    return "orders/paid", order


def wait(line: TestLine, days: float) -> int:
    """Let days pass; return what Ada has then."""
    line.pass_days(days)
    line.worker.settle_due()
    return line.standing(7001).available


def holds(line: TestLine) -> None:
    """The ledger is whole, and says what all facts come to."""
    assert line.audit() is None
    assert [] == line.violations()


def told(line: TestLine) -> tuple[dict[str, Any], str]:
    """What Ada sees, and what tells that answer from others."""
    answer = line.ask("standing", "7001")
    return answer.get_json(), answer.headers["ETag"]


def lots(line: TestLine, customer_id: int = 7001) -> list[Any]:
    """Ada's lots as they are kept."""
    member_id = line.member_id(customer_id)
    with line.in_program() as connection:
        kept = standings.lots_of(connection, line.store.program_id, [member_id])
    return sorted(kept[member_id], key=lambda lot: lot.name)


def test_a_member_is_warned_then_does_nothing_and_the_points_are_gone(
    shop: TestLine,
):
    shop.settle(bought(shop, 50))
    before, etag = told(shop)
    assert {**before["lapsing"], "lots": [before["lapsing"]]} == before["expiring"]
    assert 100 == before["lapsing"]["points"]
    assert 500 == before["next_reward"]["points_needed"]

    # An order too small for a point is activity all the same, and news for the widget.
    shop.settle(bought(shop, 0, 2, line_items=[a_line("0.40", id=12)]))
    after, moved = told(shop)
    assert (after["lapsing"], after["expiring"], after["available"]) == (
        None,
        None,
        100,
    )
    assert 400 == after["next_reward"]["points_needed"]
    assert etag != moved

    assert (100, 0) == (wait(shop, 50), wait(shop, 14))
    end = shop.transactions(7001)[-1]
    assert ("expire", "nothing was done for 2 months") == (end.kind, end.reason)
    holds(shop)


def test_points_of_an_older_version_are_warned_of_under_a_newer_one(shop: TestLine):
    shop.settle(bought(shop, 50))
    shop.set_program(Program(), shop.clock())

    assert 100 == told(shop)[0]["lapsing"]["points"]


def test_news_of_an_earlier_order_undoes_a_lapse_to_the_point(
    shop: TestLine,
):
    shop.settle(bought(shop, 100))
    assert 0 == wait(shop, 0)
    gone = shop.transactions(7001)[-1]
    shop.settle(bought(shop, 70, 2))

    # By what is known now, both lapsed two months after the later order.
    assert 0 == wait(shop, 0)
    ended = {each.lot: each for each in shop.transactions(7001) if each.points > 0}
    first, second = ended["order/1/5001"], ended["order/1/5002"]
    assert "expire" == gone.kind == first.kind == second.kind
    assert first.effective_at == second.effective_at > gone.effective_at
    shop.settle(bought(shop, 30, 3))
    assert [100, 100, 100] == [lot.available for lot in lots(shop)]
    assert {None} == {lot.expires_at for lot in lots(shop)}
    assert 1 == len({lot.lapses_at for lot in lots(shop)})
    holds(shop)


@pytest.mark.parametrize("deed", ["action", "reward", "merge", "refund"])
def test_what_members_do_keeps_their_points_and_a_refund_does_not(
    shop: TestLine, deed: str
):
    grace = {"id": 7002, "email": "grace@example.com"}
    shop.settle(bought(shop, 40))
    shop.settle(bought(shop, 50, 2, customer=grace))
    if deed == "action":
        said = {"customer_id": "7001", "action": "review", "key": "1", "by": "owner"}
        shop.ask_own("actions/report", "review/1", said)
    elif deed == "reward":
        assert "granted" == shop.redeem(7001, "one")["state"]
    elif deed == "merge":
        shop.settle(bought(shop, 0, 3, customer=grace))
        shop.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))
    else:
        at = shop.days_ago(0)
        back = a_refund("10.00", (11, 1, "10.00"), order_id=5001, processed_at=at)
        shop.settle(("refunds/create", back))

    left = {"action": 100, "reward": 90, "merge": 300, "refund": 0}
    assert left[deed] == wait(shop, 40)
    holds(shop)
    shop.rebuild()
    assert shop.audit() is None
    assert 0 == wait(shop, 40)
    holds(shop)


def test_a_wish_finds_nothing_that_ends_before_it_can_be_taken(shop: TestLine):
    """The store's clock is ahead of ours, and nothing is taken before what it told."""
    shop.settle(bought(shop, 55))
    ahead = a_refund(
        "10.00", (11, 1, "10.00"), order_id=5001, processed_at=shop.days_ago(-10)
    )
    shop.settle(("refunds/create", ahead))

    assert 90 == shop.standing(7001).available
    assert "refused" == shop.redeem(7001, "one")["state"]
    assert 0 == wait(shop, 11)
    assert 0 == shop.standing(7001).owed
    holds(shop)


def test_nothing_ends_between_settling_and_deciding_on_a_wish(
    shop: TestLine, monkeypatch: pytest.MonkeyPatch
):
    shop.settle(bought(shop, 55))
    [lot] = lots(shop)
    ticks = (lot.lapses_at + timedelta(hours=hour - 0.5) for hour in count())
    monkeypatch.setattr(shop, "this_moment", lambda _: next(ticks))
    shop.worker = shop.another_worker()
    wish = {"request_id": "on-the-moment", "reward_id": "one"}
    assert 202 == shop.post("redemptions", "7001", wish).status_code
    shop.worker.drain()

    standing = shop.standing(7001)
    assert (90, 10, 0) == (standing.available, standing.reserved, standing.owed)


def test_everything_comes_to_the_same_however_late_it_is_heard(
    shop: TestLine,
):
    news = [bought(shop, days, days) for days in (300, 250, 180, 100, 70, 30)]
    for message in news[::-1]:
        shop.settle(message)
    late = lots(shop)
    for message in news:
        renamed = message[1] | {"id": message[1]["id"] + 100, "customer": {"id": 7002}}
        shop.settle(("orders/paid", renamed))
    same = lots(shop, 7002)

    assert [lot.available for lot in late] == [lot.available for lot in same]
    assert [lot.lapses_at for lot in late] == [lot.lapses_at for lot in same]
    assert [0, 0, 0, 100, 100, 100] == sorted(lot.available for lot in late)
    holds(shop)

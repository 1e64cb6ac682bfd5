"""What members gave to causes is told to every shopper, and summed once a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.program import Program
from app.domain.rewards import AmountOff, Donation
from app.storage import stores
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, an_order

OTHER = "other.myshopify.com"
TREES = Donation(points_cost=40, key="trees", cause="Trees", amount=Decimal("1.5"))
WOOD = replace(TREES, key="wood", points_cost=90, amount=Decimal(4))
SEA = Donation(points_cost=10, key="sea", cause="The sea", amount=Decimal(1))
PROGRAM = Program(rewards=(TREES, WOOD, SEA))


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store whose member has given to trees, once by either reward."""
    line.set_program(PROGRAM)
    line.settle(("orders/paid", an_order(a_line("500.00"))))
    line.redeem(7001, "trees")
    line.redeem(7001, "wood")
    return line


@pytest.fixture
def pass_seconds(shop: TestLine) -> Callable[[int], None]:
    """Set the clock of the web application so many seconds after the test began."""
    app, began = shop.client.application, datetime.now(UTC)

    def pass_so_many(seconds: int) -> None:
        doors, at = app.extensions["tallymark"], began + timedelta(seconds=seconds)
        app.extensions["tallymark"] = replace(doors, now=lambda: at)

    pass_so_many(0)
    return pass_so_many


def _given(line: TestLine, customer_id: str = "", **asked: str) -> dict[str, Any]:
    answer = line.ask("donations", customer_id, **asked)
    assert answer.status_code == 200, answer.get_json()
    told: list[dict[str, Any]] = answer.get_json()["donations"]
    assert all(each["given"]["currency"] == "EUR" for each in told)
    return {
        each["reward_id"]: (each["cause"], each["given"]["amount"]) for each in told
    }


def test_everybody_is_told_the_sum_of_each_cause_beside_its_rewards(shop: TestLine):
    total = {
        "trees": ("Trees", "5.50"),
        "wood": ("Trees", "5.50"),
        "sea": ("The sea", "0.00"),
    }

    assert total == _given(shop) == _given(shop, "7001")


@pytest.mark.parametrize("seconds", [60, 1])
def test_a_sum_is_read_once_a_minute_or_as_often_as_is_set(
    shop: TestLine, pass_seconds: Callable[[int], None], seconds: int
):
    extensions = shop.client.application.extensions
    if seconds != 60:
        extensions["tallymark"] = replace(extensions["tallymark"], totals_s=seconds)
    assert "5.50" == _given(shop)["trees"][1]
    shop.redeem(7001, "trees")
    assert "5.50" == _given(shop)["trees"][1]
    pass_seconds(seconds)
    assert "7.00" == _given(shop)["trees"][1]


def test_another_programme_has_given_nothing(shop: TestLine):
    other = shop.add_store(OTHER)
    with shop.database.program(other.program_id) as connection:
        stores.save_program(connection, other.program_id, PROGRAM, None)

    assert "5.50" == _given(shop)["trees"][1]
    assert {"0.00"} == {amount for _, amount in _given(shop, shop=OTHER).values()}


def test_without_a_cause_there_is_nothing_to_tell(line: TestLine):
    line.set_program(Program(rewards=(AmountOff(points_cost=9, amount=Decimal(1)),)))

    assert {} == _given(line)

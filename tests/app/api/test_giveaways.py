"""What members see of a draw: their entries, the promise, and whether they won."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.giveaway import Published, mistake_in, read
from app.domain.program import Program
from app.domain.rewards import AmountOff, GiveawayEntry
from app.storage import giveaways, stores
from tests.builders.line import TestLine
from tests.builders.shopify import a_line, an_order

OTHER = "other.myshopify.com"
ENDS_AT = datetime(2999, 1, 1)  # noqa: DTZ001 - on the walls of the store
SPA = GiveawayEntry(points_cost=40, key="spa", prize="a spa", ends_at=ENDS_AT)
PROGRAM = Program(rewards=(SPA,))
Pass = Callable[[timedelta], None]


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store with a giveaway that Ada and Eve can enter."""
    line.set_program(PROGRAM)
    for number in (7001, 7002):
        order = an_order(a_line("500.00"), id=number, customer={"id": number})
        line.settle(("orders/paid", order))
    return line


@pytest.fixture
def pass_time(shop: TestLine) -> Pass:
    """Set the clock of the web application so long after the test began."""
    app, began = shop.client.application, datetime.now(UTC)

    def pass_so_much(passed: timedelta) -> None:
        doors, at = app.extensions["tallymark"], began + passed
        app.extensions["tallymark"] = replace(doors, now=lambda: at)

    pass_so_much(timedelta(0))
    return pass_so_much


MINUTE = timedelta(minutes=1)


def _promise(shop: TestLine) -> str:
    with shop.in_program() as connection:
        return giveaways.promise(connection, "secret", shop.store.program_id, "spa")


def _hold(shop: TestLine) -> Published:
    program_id = shop.store.program_id
    with shop.in_program() as connection:
        held = giveaways.hold(connection, "secret", program_id, "spa", 1)
    assert held
    return held


def _told(line: TestLine, customer_id: str = "", **asked: str) -> list[dict[str, Any]]:
    now = line.client.application.extensions["tallymark"].now()
    signed_at = str(int(now.timestamp()))
    answer = line.ask("giveaways", customer_id, timestamp=signed_at, **asked)
    assert 200 == answer.status_code, answer.get_json()
    assert "no-store" == answer.headers["Cache-Control"]
    told: list[dict[str, Any]] = answer.get_json()["giveaways"]
    return told


def test_before_the_draw_everybody_sees_the_promise_and_members_their_entries(
    shop: TestLine,
):
    entries = [shop.redeem(7001, "spa")["id"] for _ in range(2)]
    theirs = shop.redeem(7002, "spa")["id"]
    promised = _promise(shop)

    [ada], [eve], [guest] = _told(shop, "7001"), _told(shop, "7002"), _told(shop)
    committed_at = ada.pop("committed_at")
    assert {
        "reward_id": "spa",
        "prize": "a spa",
        "is_open": True,
        "ends_at": "2999-01-01T00:00:00",
        "commitment": promised,
        "entries": 3,
        "own_entries": entries,
        "draws": [],
    } == ada
    assert [theirs] == eve["own_entries"]
    assert guest == ada | {"own_entries": [], "committed_at": committed_at}
    assert 404 == shop.ask(f"giveaways/{promised}").status_code


def test_after_the_draw_the_winner_sees_it_and_anybody_can_run_it_again(
    shop: TestLine, pass_time: Pass
):
    entries = {
        whose: shop.redeem(int(whose), "spa")["id"] for whose in ("7001", "7002")
    }
    promised = _promise(shop)
    assert [] == _told(shop, "7001")[0]["draws"]
    [winner] = _hold(shop).draw.winners
    pass_time(MINUTE)
    late = shop.redeem(7001, "spa")["id"]

    for whose, entry in entries.items():
        [told] = _told(shop, whose)
        [held] = told["draws"]
        assert (promised, [winner], 2) == (
            held["commitment"],
            held["winners"],
            held["entries"],
        )
        assert ([entry], entry == winner) == (held["own_entries"], held["is_won"])
        assert ([late] if whose == "7001" else []) == told["own_entries"]
        assert told["commitment"] is None
    [held] = _told(shop)[0]["draws"]
    assert ([], False) == (held["own_entries"], held["is_won"])

    document = shop.ask(f"giveaways/{promised}").get_json()
    assert mistake_in(read(document)) is None
    assert held["seed"] == document["seed"]
    assert sorted(entries.values()) == document["entries"]
    assert all(isinstance(step, str) for step in document["recipe"])


def test_what_all_see_is_read_once_a_minute_and_ones_own_entries_at_once(
    shop: TestLine, pass_time: Pass
):
    assert 0 == _told(shop)[0]["entries"]
    entry = shop.redeem(7001, "spa")["id"]
    [ada] = _told(shop, "7001")
    assert ([entry], 1) == (ada["own_entries"], ada["entries"])
    assert 0 == _told(shop)[0]["entries"]
    pass_time(MINUTE)
    assert 1 == _told(shop)[0]["entries"]


def test_only_the_last_draws_are_told_and_no_old_entry_waits_for_the_next(
    shop: TestLine, pass_time: Pass
):
    seeds = []
    for _ in range(4):
        shop.redeem(7001, "spa")
        _promise(shop)
        seeds.append(_hold(shop).draw.seed)
    waiting = shop.redeem(7001, "spa")["id"]

    [ada] = _told(shop, "7001")
    assert seeds[:0:-1] == [each["seed"] for each in ada["draws"]]
    assert all(each["is_won"] for each in ada["draws"])
    assert [waiting] == ada["own_entries"]
    pass_time(timedelta(days=367))
    assert [] == _told(shop, "7001")[0]["draws"]


def test_a_giveaway_that_is_offered_no_more_is_told_of_while_it_has_something_to_say(
    shop: TestLine, pass_time: Pass
):
    off = AmountOff(points_cost=900, amount=Decimal(1))
    shop.redeem(7001, "spa")
    shop.set_program(Program(rewards=(off,)))
    assert [False] == [each["is_open"] for each in _told(shop, "7001")]
    _promise(shop)
    _hold(shop)
    pass_time(MINUTE)
    assert [True] == [each["draws"][0]["is_won"] for each in _told(shop, "7001")]
    pass_time(timedelta(days=367))
    assert [] == _told(shop, "7001")

    shop.set_program(Program(rewards=(replace(SPA, ends_at=datetime(2001, 1, 1)),)))  # noqa: DTZ001
    assert [False] == [each["is_open"] for each in _told(shop, "7001")]


def test_another_store_has_nothing_of_it(shop: TestLine):
    other = shop.add_store(OTHER)
    with shop.database.program(other.program_id) as connection:
        stores.save_program(connection, other.program_id, PROGRAM, None)
    shop.redeem(7001, "spa")
    promised = _promise(shop)
    _hold(shop)

    [told] = _told(shop, "7001", shop=OTHER)
    assert ([], [], 0, None) == tuple(
        told[name] for name in ("draws", "own_entries", "entries", "commitment")
    )
    assert 404 == shop.ask(f"giveaways/{promised}", shop=OTHER).status_code


def test_without_a_giveaway_there_is_nothing_to_tell(line: TestLine):
    assert [] == _told(line)

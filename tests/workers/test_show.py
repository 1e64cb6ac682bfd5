"""A store's own pages show members as they are, with as few calls as will do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.program import Program
from app.domain.rewards import AmountOff
from app.domain.tiers.policy import Tiers
from app.domain.tiers.tier import Tier
from app.platforms.shopify.metafields import Metafields
from app.sandbox import metafields
from app.sandbox.admin import trouble
from tests.builders.line import TestLine
from tests.builders.open_store import served
from tests.builders.shown_store import Shop, hear_of
from workers import bell
from workers.runtime import FORGOTTEN_S, make_asides, make_fulfilling

FIVE_OFF = AmountOff(points_cost=500, amount=Decimal(5), title="Five off")
PROGRAM = Program(rewards=(FIVE_OFF,))


@pytest.fixture
def shop(line: TestLine, tmp_path: Path) -> Iterator[Shop]:
    """A store with one reward, opened, its first customer known."""
    with served(tmp_path / "shop") as opened:
        made = Shop(line, opened)
        made.open()
        made.setting_up.work()
        assert made.store
        line.store = made.store
        line.set_program(PROGRAM)
        hear_of(made, opened.ada.id)
        made.show()
        yield made
        made.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many customers each call was about."""
    counted: list[int] = []
    write = Metafields.write

    def counting(self: Metafields, wishes: Any) -> Any:
        asked = list(wishes)
        counted.append(len(asked))
        return write(self, asked)

    monkeypatch.setattr(Metafields, "write", counting)
    return counted


def test_changes_in_a_row_are_written_once(shop: Shop, calls: list[int]):
    for _ in range(3):
        shop.earn(100)
    assert shop.showing.work() == 0
    shop.show()

    assert calls == [1]
    told = shop.said()
    assert told["balance"] == "300"
    goal = {"name": "Five off", "points_needed": 200}
    assert json.loads(told["next_reward"]) == goal
    assert told.keys() == {"balance", "next_reward"}

    shop.line.tamper("update showing set due_at = now()")
    assert shop.show() == 1
    assert calls == [1]


def test_the_bell_has_them_shown_and_the_clock_what_the_bell_forgot(
    shop: Shop, calls: list[int]
):
    """Changes of a moment are written once, by the worker, without any clock."""
    # The store was shown two seconds ahead of the clock that these go by.
    shop.line.pass_days(-2 / 86400)
    fulfilling = make_fulfilling(shop.settings, shop.way)
    asides = make_asides(shop.settings, shop.way, fulfilling)
    bell.install(shop.line.worker, asides)
    tiers = Tiers(ladder=(Tier(name="Gold", percent_off=20),))
    shop.line.set_program(replace(PROGRAM, tiers=tiers), shop.line.clock())
    for _ in range(2):
        shop.earn(100)
        bell.answer()
    for each in asides:
        each.wait(30)

    assert calls == [1]
    assert shop.said()["balance"] == "200"
    assert [one["name"] for one in shop.setting("customer segments")] == [
        "Tallymark: Gold"
    ]

    shop.earn(100)
    for passed_s, shown in ((1.5, 0), (1, 1)):
        shop.line.pass_days(passed_s / 86400)
        assert shop.showing.work(FORGOTTEN_S) == shown
    assert shop.said()["balance"] == "300"


def test_a_tier_is_there_and_a_reward_that_was_reached_is_not(shop: Shop):
    tiers = Tiers(ladder=(Tier(name="Silver"),))
    shop.line.set_program(replace(PROGRAM, tiers=tiers), shop.line.clock())
    body = {"customer_id": str(shop.shop.ada.id), "tier": "Silver", "reason": "test"}
    shop.line.ask_own("tiers/give", "silver", body)
    shop.earn(400)
    shop.show()
    told = shop.said()
    assert (told["tier"], "next_reward" in told) == ("Silver", True)

    shop.earn(300)
    shop.show()
    assert shop.said() == {"balance": "700", "tier": "Silver", "next_reward": "{}"}


def test_a_reward_that_begins_shows_when_it_does(shop: Shop):
    tomorrow = (shop.line.clock() + timedelta(days=1)).replace(tzinfo=None)
    later = replace(FIVE_OFF, starts_at=tomorrow)
    shop.line.set_program(replace(PROGRAM, rewards=(later,)), shop.line.clock())
    shop.earn(100)
    shop.show()
    assert shop.said() == {"balance": "100"}

    shop.line.pass_days(1)
    assert shop.showing.work() == 1
    assert shop.said().keys() == {"balance", "next_reward"}


def test_a_reward_whose_last_piece_others_took_is_shown_for_a_day_at_most(shop: Shop):
    with shop.shop.store.data.reading() as rows:
        _, grace, *_ = (each.id for each in rows.customers())
    hear_of(shop, grace)
    last = replace(FIVE_OFF, stock=1)
    shop.line.set_program(replace(PROGRAM, rewards=(last,)), shop.line.clock())
    shop.earn(100)
    shop.earn(500, grace)
    shop.show()
    assert json.loads(shop.said()["next_reward"])["points_needed"] == 400
    wish = {"redemption_id": "r1", "customer_id": str(grace), "reward_id": last.id}
    shop.line.ask_own("redemptions/request", "r1", wish)
    shop.show()
    assert json.loads(shop.said()["next_reward"])["points_needed"] == 400

    shop.line.pass_days(1)
    shop.showing.work()
    assert shop.said() == {"balance": "100", "next_reward": "{}"}


def test_a_value_of_somebody_else_is_read_before_it_is_covered(shop: Shop):
    shop.earn(100)
    shop.show()
    with shop.shop.store.data.transaction() as rows:
        kept = metafields.find(rows, shop.shop.ada.id, "$app", "balance")
        assert kept
        metafields.save(rows, replace(kept, value="9999"))
    shop.earn(50)
    shop.show()
    assert shop.said()["balance"] == "9999"
    shop.show()
    assert shop.said()["balance"] == "150"


def test_an_older_view_never_covers_a_newer_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """While one process is at its call, its lease ends and another is faster."""
    shop.earn(100)
    write, faster = Metafields.write, shop.another()

    def slow(self: Metafields, wishes: Any) -> Any:
        monkeypatch.setattr(Metafields, "write", write)
        shop.earn(200)
        shop.line.tamper("update showing set lease_until = now(), due_at = now()")
        shop.line.pass_days(2 / 86400)
        assert faster.work() == 1
        return write(self, wishes)

    monkeypatch.setattr(Metafields, "write", slow)
    shop.show()
    assert shop.said()["balance"] == "300"
    assert shop.rows() != [(None,)]
    shop.show()
    shop.show()
    assert shop.said()["balance"] == "300"
    assert shop.rows("due_at, written::text like '%300%'") == [(None, True)]


def test_what_moves_during_the_call_is_written_after_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    shop.earn(100)
    write = Metafields.write

    def slow(self: Metafields, wishes: Any) -> Any:
        monkeypatch.setattr(Metafields, "write", write)
        asked = list(wishes)
        shop.earn(1)
        return write(self, asked)

    monkeypatch.setattr(Metafields, "write", slow)
    shop.show()
    assert shop.said()["balance"] == "100"
    shop.show()
    assert shop.said()["balance"] == "101"


@pytest.mark.parametrize("kind", [trouble.HANG_AFTER, trouble.THROTTLED])
def test_trouble_rests_the_store_and_is_tried_again(
    shop: Shop, calls: list[int], kind: str
):
    shop.earn(100)
    shop.shop.let_happen(kind)
    shop.show()
    shop.earn(100)
    shop.line.tamper("update showing set due_at = now() - interval '1 second'")
    assert shop.showing.work() == 1
    assert calls == [1]

    for _ in range(2):
        shop.line.pass_days(0.1)
        shop.showing.work()

    assert shop.said()["balance"] == "200"
    assert shop.rows() == [(None,)]


def test_a_value_whose_answer_was_lost_is_written_over_though_it_changed_back(
    shop: Shop,
):
    """What we know the store to say is then what it should say, and yet it does not."""
    shop.earn(100)
    shop.show()
    shop.earn(50)
    shop.shop.let_happen(trouble.HANG_AFTER)
    shop.show()
    assert shop.shop.has_no_trouble_left()
    assert shop.said()["balance"] == "150"

    shop.earn(-50)
    shop.line.pass_days(1)
    for _ in range(3):
        shop.show()

    assert shop.said()["balance"] == "100"
    assert shop.rows() == [(None,)]


def test_a_store_that_is_not_open_costs_no_rows(line: TestLine):
    line.settle(("customers/update", {"id": 17, "updated_at": "2026-11-01T10:00:00Z"}))
    line.adjust(17, 100)
    with line.database.auditor() as connection:
        query = text("select count(*) from showing")
        assert connection.execute(query).scalar() == 0


def test_whoever_was_there_before_is_shown_and_so_is_a_new_program(shop: Shop):
    shop.earn(100)
    shop.line.tamper("delete from showing; update store_access set due_at = now()")
    shop.setting_up.work()
    shop.showing.note_versions()
    shop.show()
    assert shop.said()["balance"] == "100"

    cheaper = replace(PROGRAM, rewards=(replace(FIVE_OFF, points_cost=150),))
    shop.line.set_program(cheaper, shop.line.clock())
    assert shop.showing.note_versions() == 1
    assert shop.showing.note_versions() == 0
    shop.show()
    goal = {"name": "Five off", "points_needed": 50}
    assert json.loads(shop.said()["next_reward"]) == goal


def test_a_merged_customer_hands_over_to_the_one_that_is_kept(shop: Shop):
    with shop.shop.store.data.reading() as rows:
        ada, grace = (each.id for each in rows.customers()[:2])
    hear_of(shop, grace)
    shop.earn(100)
    shop.earn(30, grace)
    shop.show()
    assert shop.said(grace)["balance"] == "30"

    shop.shop.store.customers.merge(grace, ada)
    shop.hear()
    shop.earn(5, grace)
    for _ in range(3):
        shop.show()

    assert shop.said(grace)["balance"] == "135"
    assert shop.said(ada) == {}
    assert [row.due_at for row in shop.rows()] == [None, None]


def test_the_forgotten_the_deleted_and_the_uninstalled_are_shown_no_more(shop: Shop):
    with shop.shop.store.data.reading() as rows:
        ada, grace, linus = (each.id for each in rows.customers())
    for each in (grace, linus):
        hear_of(shop, each)
        shop.earn(10, each)
    shop.earn(10)
    shop.show()
    assert len(shop.rows()) == 3

    shop.shop.store.customers.redact(ada)
    shop.hear()
    assert len(shop.rows()) == 2

    with shop.shop.store.data.transaction() as rows:
        rows.delete_customer(grace)
    shop.earn(1, grace)
    shop.show()
    ended = ("the store has no such customer", None)
    assert ended in shop.rows("note, due_at")

    shop.shop.store.app.uninstall()
    shop.hear()
    shop.earn(1, linus)
    assert shop.rows() == []
    assert shop.line.violations() == []

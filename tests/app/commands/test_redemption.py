"""Staff list, approve, refuse, cancel and take in; a draw is promised and checked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click
import pytest
from sqlalchemy import text

from app.domain.errors import PromiseNotKept, UnknownRedemption
from app.domain.program import Program
from app.domain.rewards import (
    AmountOff,
    Donation,
    GiveawayEntry,
    Goods,
    Service,
    Slot,
)
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import a_line, an_order

THEN = datetime(2090, 12, 24, 18)  # noqa: DTZ001 - on the walls of the store
PROGRAM = Program(
    rewards=(
        Goods(points_cost=10, key="mug"),
        Service(points_cost=20, key="repair", service="Repair"),
        AmountOff(points_cost=30, key="off", amount=Decimal(3)),
        Donation(points_cost=40, key="trees", cause="Trees", amount=Decimal("1.5")),
        GiveawayEntry(points_cost=5, key="spa", prize="a spa"),
        Goods(points_cost=5, key="visit", slots=(Slot(starts_at=THEN),)),
    )
)


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store with rewards of all sorts, where Ada has 500 points."""
    line.set_program(PROGRAM)
    line.settle(("orders/paid", an_order(a_line("500.00"))))
    return line


def test_what_waits_for_the_store_is_listed_and_answered(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    first, second = (shop.redeem(7001, "mug")["id"] for _ in range(2))
    run(shop, "redemption", "list", DOMAIN, "--state", "asked")
    listed = capsys.readouterr().out.splitlines()
    assert {first, second} == {line.split()[0] for line in listed}

    run(shop, "redemption", "approve", DOMAIN, first)
    run(shop, "redemption", "refuse", DOMAIN, second, "--reason", "sold out")
    shop.worker.drain()

    assert "used" == shop.redemption(7001, first)["state"]
    assert "sold out" == shop.redemption(7001, second)["reason"]
    assert 490 == shop.standing(7001).available


def test_the_list_says_for_which_date(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    shop.redeem(7001, "visit", slot=THEN)
    run(shop, "redemption", "list", DOMAIN)

    assert "A reward from the store, 24 December 2090 18:00" in capsys.readouterr().out


def test_a_voucher_is_good_once(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    code = shop.redeem(7001, "repair")["code"]
    run(shop, "redemption", "take-in", DOMAIN, code.lower())
    shop.worker.drain()
    assert "accepted\nRepair\n" == capsys.readouterr().out

    with pytest.raises(UnknownRedemption, match="it is used"):
        run(shop, "redemption", "take-in", DOMAIN, code)
    with pytest.raises(UnknownRedemption, match="no such voucher"):
        run(shop, "redemption", "take-in", DOMAIN, "TMAAAAAAAAAA")


def test_staff_cancel_what_was_not_used(shop: TestLine, run: Run):
    told = shop.redeem(7001, "off")
    run(shop, "redemption", "cancel", DOMAIN, told["id"], "--reason", "a mistake")
    shop.worker.drain()
    shop.fulfilling.work()

    assert "ended" == shop.redemption(7001, told["id"])["state"]
    assert 500 == shop.standing(7001).available


def test_staff_say_what_is_there_of_what_a_store_may_not_be_asked(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    shop.pretended.away_after = 1
    id_ = shop.redeem(7001, "off")["id"]
    run(shop, "redemption", "stuck", DOMAIN)
    assert "none\n" == capsys.readouterr().out
    with pytest.raises(UnknownRedemption, match="is not stuck"):
        run(shop, "redemption", "decide", DOMAIN, id_, "--not-made")

    shop.pretended.is_denied = True
    shop.pass_days(0.1)
    shop.fulfilling.work()
    run(shop, "redemption", "stuck", DOMAIN)
    [code] = shop.pretended.made
    told = capsys.readouterr().out
    assert told.startswith(id_)
    assert f"{code}  €3.00 off  (it is not allowed)" in told
    run(shop, "redemption", "decide", DOMAIN, id_, "--made")
    shop.worker.drain()

    assert code == shop.redemption(7001, id_)["code"]
    assert 470 == shop.standing(7001).available
    with pytest.raises(UnknownRedemption, match="redemption cancel` ends it"):
        run(shop, "redemption", "decide", DOMAIN, id_, "--not-made")

    shop.pretended.is_denied, shop.pretended.away_after = False, 1
    id_ = shop.redeem(7001, "off")["id"]
    shop.pretended.is_denied = True
    shop.pass_days(0.1)
    shop.fulfilling.work()
    for said in ("--not-made", "--made"):
        run(shop, "redemption", "decide", DOMAIN, id_, said)
        shop.worker.drain()
    assert "granted" == shop.redemption(7001, id_)["state"]
    assert 440 == shop.standing(7001).available


def test_a_redemption_that_is_not_there_is_told_so(shop: TestLine, run: Run):
    with pytest.raises(UnknownRedemption, match="there is no redemption nothing"):
        run(shop, "redemption", "approve", DOMAIN, "nothing")


def test_donations_are_summed_by_cause(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    shop.redeem(7001, "trees")
    shop.redeem(7001, "trees")

    run(shop, "redemption", "donations", DOMAIN)
    assert "Trees: 3.00 EUR\n" == capsys.readouterr().out


def test_a_draw_is_promised_held_once_and_checked_from_its_file(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    with pytest.raises(click.ClickException, match="no seed was promised"):
        run(shop, "giveaway", "draw", DOMAIN, "spa")
    for command in ("promise", "draw", "winners"):
        with pytest.raises(click.ClickException, match="“sap”: name one of spa"):
            run(shop, "giveaway", command, DOMAIN, "sap")
    with pytest.raises(click.ClickException, match="there was no draw yet"):
        run(shop, "giveaway", "winners", DOMAIN, "spa")
    run(shop, "giveaway", "promise", DOMAIN, "spa")
    with pytest.raises(click.ClickException, match="there are no entries"):
        run(shop, "giveaway", "draw", DOMAIN, "spa")
    entries = {shop.redeem(7001, "spa")["id"] for _ in range(5)}
    run(shop, "giveaway", "promise", DOMAIN, "spa")
    first, again = capsys.readouterr().out.split()
    assert first == again

    changed = {"TALLYMARK_SECRET_KEY": "another"}
    with pytest.raises(PromiseNotKept):
        run(shop, "giveaway", "draw", DOMAIN, "spa", **changed)
    run(shop, "giveaway", "draw", DOMAIN, "spa", "--winners", "2")
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (first, entries) == (told["commitment"], set(told["entries"]))
    assert 2 == len(told["winners"])
    assert told["committed_at"] < told["drawn_at"]
    named = [f"{winner}  customer 7001" for winner in told["winners"]]
    assert f"tallymark giveaway winners {DOMAIN} spa" in printed.err
    assert "7001" not in printed.out + printed.err
    run(shop, "giveaway", "winners", DOMAIN, "spa")
    assert named == capsys.readouterr().out.splitlines()[1:]

    path = tmp_path / "draw.json"
    path.write_text(json.dumps(told))
    run(shop, "giveaway", "check", str(path))
    said = capsys.readouterr().out
    assert said.startswith("the draw holds: ")
    assert f"its promise {first} is said to be of " in said
    path.write_text(json.dumps(told | {"winners": told["entries"][:2]}))
    if told["winners"] != told["entries"][:2]:
        with pytest.raises(click.ClickException, match="other winners"):
            run(shop, "giveaway", "check", str(path))
    with pytest.raises(click.ClickException, match="no seed was promised"):
        run(shop, "giveaway", "draw", DOMAIN, "spa")
    late = shop.redeem(7001, "spa")["id"]
    run(shop, "giveaway", "promise", DOMAIN, "spa")
    second = capsys.readouterr().out.strip()
    assert first != second
    run(shop, "giveaway", "draw", DOMAIN, "spa")
    assert [late] == json.loads(capsys.readouterr().out)["entries"]


def test_an_entry_granted_after_a_draw_is_in_the_next_one(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    run(shop, "giveaway", "promise", DOMAIN, "spa")
    shop.redeem(7001, "spa")
    late = shop.redeem(7001, "spa")["id"]
    _set_state(shop, late, "asked")
    run(shop, "giveaway", "draw", DOMAIN, "spa")
    _set_state(shop, late, "used")
    run(shop, "giveaway", "promise", DOMAIN, "spa")
    capsys.readouterr()

    run(shop, "giveaway", "draw", DOMAIN, "spa")
    assert [late] == json.loads(capsys.readouterr().out)["entries"]


def _set_state(shop: TestLine, redemption_id: str, state: str) -> None:
    """Have a redemption be where it would be a moment earlier or later."""
    with shop.database.program(shop.store.program_id) as connection:
        connection.execute(
            text("update redemption set state = :s where redemption_id = :r"),
            {"s": state, "r": redemption_id},
        )


def test_no_draw_is_held_before_the_end_that_members_were_told_of(
    shop: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    run(shop, "giveaway", "promise", DOMAIN, "spa")
    entry = shop.redeem(7001, "spa")["id"]
    _offered_until(shop, datetime(2999, 1, 1))  # noqa: DTZ001 - by the store's clock
    with pytest.raises(click.ClickException, match="part until the end of 31 December"):
        run(shop, "giveaway", "draw", DOMAIN, "spa")

    _offered_until(shop, datetime(2001, 1, 1))  # noqa: DTZ001
    capsys.readouterr()
    run(shop, "giveaway", "promise", DOMAIN, "spa")
    promised = capsys.readouterr().out.strip()
    run(shop, "giveaway", "draw", DOMAIN, "spa")
    told = json.loads(capsys.readouterr().out)
    assert (promised, [entry]) == (told["commitment"], told["winners"])
    with pytest.raises(click.ClickException, match="promise made now proves nothing"):
        run(shop, "giveaway", "promise", DOMAIN, "spa")


def _offered_until(shop: TestLine, ends_at: datetime) -> None:
    """Have the giveaway end at a moment."""
    rewards = (
        replace(each, ends_at=ends_at) if each.id == "spa" else each
        for each in PROGRAM.rewards
    )
    shop.set_program(replace(PROGRAM, rewards=tuple(rewards)))

"""An owner reports actions, decides on them, and asks why."""

from __future__ import annotations

import json
from datetime import timedelta

import click
import pytest

from app.domain.actions import Birthday, Review
from app.domain.engagement.stamp_card import StampCard
from app.domain.program import Program
from app.domain.tiers import OrdersPlaced, Tier, Tiers
from app.storage import own_messages
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, an_order


def test_an_action_is_reported_listed_decided_and_explained(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    card = StampCard(name="coffee", stamps=4)
    rule = Review(points=30, needs_approval=True)
    line.set_program(Program(actions=(rule,), stamp_cards=(card,)))
    line.settle(("orders/paid", an_order()))
    for key in ("good", "bad", "good"):
        run(line, "action", "report", DOMAIN, "7001", "review", "--key", key)
    line.worker.drain()
    assert "this was reported before" in capsys.readouterr().out

    run(line, "action", "list", DOMAIN)
    assert "2 waiting" in capsys.readouterr().out
    run(line, "action", "approve", DOMAIN, "review", "good")
    run(line, "action", "refuse", DOMAIN, "review", "bad")
    line.worker.drain()
    assert 100 + 30 == line.standing(7001).available

    capsys.readouterr()
    run(line, "action", "explain", DOMAIN, "7001")
    good, bad, stamps = capsys.readouterr().out.splitlines()
    assert "review (good): earned 30 points by version 2 of the programme" in good
    assert "review (bad): no points, since the store refused it." in bad
    assert "Coffee: 1 of 4 stamps, 0 cards full." == stamps
    run(line, "action", "list", DOMAIN, "--unearned")
    refused, count = capsys.readouterr().out.splitlines()
    assert "bad" in refused
    assert "reported by owner: the store refused it" in refused
    assert "1 without points" == count
    with pytest.raises(click.ClickException, match="was accepted before"):
        run(line, "action", "refuse", DOMAIN, "review", "good")


def test_what_a_tier_gave_on_a_birthday_is_explained(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    needs = (OrdersPlaced(orders=1),)
    tier = Tier(name="Regular", needs=needs, birthday_points=40)
    line.set_program(Program(tiers=Tiers(ladder=(tier,))))
    at, day = line.days_ago(20), line.clock() - timedelta(days=2)
    line.settle(("orders/paid", an_order(processed_at=at, updated_at=at)))
    with line.in_program() as connection:
        told = {"customer_id": "7001", "key": "b", "month": day.month, "day": day.day}
        whose = line.keys, line.store, "birthdays/tell", "b", json.dumps(told)
        own_messages.keep(connection, *whose)
    line.tamper("update inbox set received_at = received_at - interval '60 days'")
    line.worker.drain()

    assert 100 + 40 == line.standing(7001).available
    run(line, "action", "explain", DOMAIN, "7001")
    [told_of] = capsys.readouterr().out.splitlines()
    assert "earned 40 points by version 2 of the programme: a birthday in" in told_of


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["birthday"], "there are: review"),
        (["review", "--key", "a b"], "a key is letters"),
    ],
)
def test_what_cannot_be_reported_is_refused_in_words(
    line: TestLine, run: Run, arguments: list[str], words: str
):
    line.set_program(Program(actions=(Review(), Birthday())))
    line.settle(("customers/create", ADA))

    with pytest.raises(click.ClickException, match=words):
        run(line, "action", "report", DOMAIN, "7001", *arguments)

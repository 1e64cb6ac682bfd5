"""An owner gives a member a tier, and sees it with the reason."""

from __future__ import annotations

import json

import click
import pytest

from app.domain.program import Program
from app.domain.tiers import Tier, Tiers
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order

FRIENDS = Program(tiers=Tiers(ladder=(Tier(name="Friend"),)))


def test_a_tier_is_given_once_for_each_key_and_shown_with_its_reason(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    line.set_program(FRIENDS)
    line.settle(("orders/paid", an_order()))
    give = "give-tier", DOMAIN, "7001", "Friend", "--reason", "since school"

    run(line, *give, "--until", "2099-01-01", "--key", "k-1")
    run(line, *give, "--key", "k-1")
    line.worker.drain()

    told = capsys.readouterr().out
    assert told == "accepted\nthis key was used before; nothing changes\n"
    run(line, "member", DOMAIN, "7001")
    told = capsys.readouterr().out
    assert "Friend was given by hand until 1 January 2099: since school" in told
    run(line, "member", DOMAIN, "7001", "--json")
    assert json.loads(capsys.readouterr().out)["tier"] == "Friend"


def test_a_tier_that_the_program_does_not_have_is_refused(line: TestLine, run: Run):
    line.set_program(FRIENDS)
    line.settle(("orders/paid", an_order()))

    with pytest.raises(click.ClickException, match="no tier named King"):
        run(line, "give-tier", DOMAIN, "7001", "King", "--reason", "why not")

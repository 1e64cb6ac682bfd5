"""Every ready-made programme through a year of shopping, and what holds at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.program import Program
from app.storage.budgets import used_of
from app.storage.program_document import load_program
from tests.builders.line import TestLine
from tests.workers.years.came_about import never_came_about
from tests.workers.years.friends_year import FriendsYear
from tests.workers.years.shop_year import MEMBERS

FOLDER = Path(__file__).parents[2] / "docs" / "programmes"
FILES = sorted(FOLDER.glob("*.json"))


def _budgets_must_hold(year: FriendsYear) -> None:
    """No budget gave more than it has, and none was for nothing."""
    limits = year.program.budgets
    with year.line.in_program() as connection:
        used = used_of(connection, year.line.store.program_id, limits)
    assert all(0 < used[name] <= limit for name, limit in limits.items())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_year_of_shopping_holds_every_promise(line: TestLine, path: Path):
    year = FriendsYear(line, load_program(json.loads(path.read_text())))
    year.live()

    assert line.audit() is None
    assert [] == line.violations()
    assert 0 == sum(line.totals().values())
    _budgets_must_hold(year)
    assert set() == never_came_about(year)
    assert year.seen["returns"] > 5
    assert bool(year.seen["won"]) == _brings_rewards(year.program)
    names_plans = bool(year.program.tiers.grants_by_plan)
    assert bool(year.seen["by plans"]) == names_plans
    assert year.seen["granted"] + year.seen["used"] + year.seen["asked"] > 5
    before = {member: line.standing(member) for member in MEMBERS}
    line.replay("settled", "ignored")
    line.worker.drain()
    assert before == {member: line.standing(member) for member in MEMBERS}


def _brings_rewards(program: Program) -> bool:
    ways = *program.stamp_cards, *program.challenges, *program.surprises
    return any(each.reward for each in ways)


def test_there_is_a_program_for_every_trade():
    assert [path.stem for path in FILES] == [
        "beauty",
        "charity",
        "coffee-bar",
        "fashion",
        "membership-club",
        "outdoor-club",
    ]


def test_two_trades_pay_members_for_bringing_friends():
    programs = {path.stem: load_program(json.loads(path.read_text())) for path in FILES}

    found = {name for name, program in programs.items() if program.referral}
    assert found == {"coffee-bar", "fashion"}

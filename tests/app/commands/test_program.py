"""An owner looks at a programme, checks a new one, and makes it the store's."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import click
import pytest
from redis import Redis
from rq import Queue

from app.domain.errors import InvalidProgram
from app.domain.program import Program
from app.domain.tiers import Spending, Tier, Tiers, Window
from app.jobs import QUEUE
from app.storage.program_document import dump_program
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import an_order


def test_a_program_is_shown_changed_and_told(
    line: TestLine,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    redis: Redis,
):
    run(line, "programme", "show", DOMAIN)
    document = json.loads(capsys.readouterr().out)
    assert dump_program(Program()) == document

    file = tmp_path / "program.json"
    file.write_text(json.dumps(document | {"expires_after_months": 6}))
    run(line, "programme", "validate", str(file), "--currency", "jpy")
    assert "1 point for each ¥1" in capsys.readouterr().out
    slots = [{"starts_at": "2020-02-29T18:00"}]
    dinner = {"kind": "goods", "points_cost": 9, "slots": slots}
    old = tmp_path / "old.json"
    old.write_text(json.dumps({"rewards": [dinner]}))
    run(line, "programme", "validate", str(old))
    note = "Note: rewards.0.slots.0: 29 February 2020 18:00 is over, so nobody can "
    assert f"{note}choose it\n" == capsys.readouterr().err
    old.write_text('{"rewards": [{"a": 1}], "rewards": []}')
    with pytest.raises(InvalidProgram, match="“rewards” comes twice"):
        run(line, "programme", "validate", str(old))
    run(line, "programme", "apply", DOMAIN, str(file))
    assert "version 2 is in force" in capsys.readouterr().out
    # A worker is to have the store do what it promises.
    assert 1 == len(Queue(QUEUE, connection=redis))

    run(line, "programme", "show", DOMAIN, "--words")
    told = capsys.readouterr().out
    assert "Points expire 6 months after they were earned." in told
    run(line, "programme", "show", DOMAIN, "--language", "de")
    told = capsys.readouterr().out
    assert "Wie lange Punkte gelten\n  Punkte verfallen 6 Monate, nachdem" in told


def test_who_would_change_their_tier_is_told_before_a_program_is_saved(
    line: TestLine, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    line.set_program(_with_silver(100))
    guest = an_order(id=5002, name="#1002", customer=None, email="g@example.com")
    line.settle(("orders/paid", an_order()), ("orders/paid", guest))
    file = tmp_path / "program.json"
    file.write_text(json.dumps(dump_program(_with_silver(101))))

    run(line, "programme", "apply", DOMAIN, str(file), "--dry-run")

    told = capsys.readouterr().out
    assert [
        "2 of 2 members would change their tier",
        "       2  Silver -> no tier",
        "  customer 7001: Silver -> no tier",
        "  the guest of order #1002: Silver -> no tier",
    ] == told.splitlines()
    run(line, "programme", "show", DOMAIN)
    assert dump_program(_with_silver(100)) == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("euros", "answer", "option", "is_asked", "saved"),
    [
        (101, "n\n", [], True, 100),
        (101, "", [], True, 100),
        (101, "y\n", [], True, 101),
        (101, "", ["--yes"], False, 101),
        # Other tiers of which nobody notices anything, and the same as before.
        (99, "", [], False, 99),
        (100, "", [], False, 100),
    ],
)
def test_a_version_that_moves_somebody_is_saved_only_when_that_is_meant(
    line: TestLine,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    euros: int,
    answer: str,
    option: list[str],
    is_asked: bool,
    saved: int,
):
    line.set_program(_with_silver(100))
    line.settle(("orders/paid", an_order()))
    file = tmp_path / "program.json"
    file.write_text(json.dumps(dump_program(_with_silver(euros))))
    monkeypatch.setattr("sys.stdin", StringIO(answer))

    with suppress(click.Abort):
        run(line, "programme", "apply", DOMAIN, str(file), *option)

    told = capsys.readouterr().out
    assert ("1 of 1 members would change their tier" in told) == (euros == 101)
    assert ("Save it?" in told) == is_asked
    run(line, "programme", "show", DOMAIN)
    assert dump_program(_with_silver(saved)) == json.loads(capsys.readouterr().out)


def test_who_would_move_is_told_of_the_day_from_which_a_version_is_to_hold(
    line: TestLine, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    line.set_program(_with_silver(100))
    placed = line.days_ago(10)
    line.settle(("orders/paid", an_order(processed_at=placed, updated_at=placed)))
    file = tmp_path / "program.json"
    tiers = replace(_with_silver(100).tiers, window=Window.ROLLING, months=1)
    file.write_text(json.dumps(dump_program(Program(tiers=tiers))))
    day = line.days_ago(-60)[:10]
    apply = ("programme", "apply", DOMAIN, str(file))
    nobody = "0 of 1 members would change their tier"

    capsys.readouterr()
    run(line, *apply, "--dry-run")
    assert [nobody] == capsys.readouterr().out.splitlines()
    run(line, *apply, "--dry-run", "--from", day)
    when = f"on {day} 00:00 UTC, by what is known now"
    told = capsys.readouterr().out.splitlines()
    assert f"1 of 1 members would change their tier {when}" == told[0]
    assert "  customer 7001: Silver -> no tier" == told[-1]

    # A version that holds from the past on holds now, so who moves, moves now.
    run(line, *apply, "--from", "2026-01-01")
    moves, version, *kept = capsys.readouterr().out.splitlines()
    assert nobody == moves
    assert version.endswith("is in force from 2026-01-01 00:00 UTC")
    assert "have earned keep the version they earned under" in kept[0]
    line.worker.settle_due()
    run(line, "member", DOMAIN, "7001")
    assert re.search("tier +Silver", capsys.readouterr().out)


def _with_silver(euros: int) -> Program:
    need = Spending(amount=Decimal(euros))
    return Program(tiers=Tiers(ladder=(Tier(name="Silver", needs=(need,)),)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "the JSON cannot be read"),
        ("[]", "must hold one JSON object"),
        ('{"expires_on": "02-30"}', "expires_on: there is no 02-30"),
        (
            '{"tiers": 5, "limits": {"most": 1}, "expires_on": "02-30"}',
            "limits.most: there is no such setting; tiers: must be an object of "
            "settings; expires_on: there is no 02-30",
        ),
    ],
)
def test_a_file_with_mistakes_changes_nothing_and_is_told_why(
    line: TestLine,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
    told: str,
):
    file = tmp_path / "program.json"
    file.write_text(text)

    for arguments in (["validate"], ["apply", DOMAIN]):
        with pytest.raises(InvalidProgram, match=told):
            run(line, "programme", *arguments, str(file))

    run(line, "programme", "show", DOMAIN)
    assert dump_program(Program()) == json.loads(capsys.readouterr().out)


def test_an_owner_is_let_in_by_a_link_from_the_command_line(
    line: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    run(line, "programme", "page", DOMAIN)
    path = capsys.readouterr().out.split()[0]

    assert 401 == line.client.get("/owner/program").status_code
    shown = line.client.get(path, follow_redirects=True)
    assert DOMAIN in shown.get_data(as_text=True)

"""An owner looks at a program, checks a new one, and makes it the store's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.errors import InvalidProgram
from app.domain.program import Program
from app.storage.program_document import dump_program
from tests.app.commands.conftest import Run
from tests.builders.line import DOMAIN, TestLine


def test_a_program_is_shown_changed_and_told(
    line: TestLine, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    run(line, "program", "show", DOMAIN)
    document = json.loads(capsys.readouterr().out)
    assert dump_program(Program()) == document

    file = tmp_path / "program.json"
    file.write_text(json.dumps(document | {"expires_after_months": 6}))
    run(line, "program", "validate", str(file), "--currency", "jpy")
    assert "1 point for each 1 JPY" in capsys.readouterr().out
    run(line, "program", "apply", DOMAIN, str(file))
    assert "version 2 is in force" in capsys.readouterr().out

    run(line, "program", "show", DOMAIN, "--words")
    told = capsys.readouterr().out
    assert "Points expire 6 months after the order that earned them." in told


@pytest.mark.parametrize("text", ["{", "[]", '{"rounding": "sideways"}'])
def test_a_file_with_mistakes_changes_nothing_and_is_told_why(
    line: TestLine,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
):
    file = tmp_path / "program.json"
    file.write_text(text)

    for arguments in (["validate"], ["apply", DOMAIN]):
        with pytest.raises(InvalidProgram):
            run(line, "program", *arguments, str(file))

    run(line, "program", "show", DOMAIN)
    assert dump_program(Program()) == json.loads(capsys.readouterr().out)

"""docs/security.md names only what there is, and says of each check how it stands."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "docs" / "security.md"
CHECKS = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for row in DOCUMENT.read_text().partition("## The checks")[2].splitlines()
    if row.startswith("| ") and not row.startswith("| check")
]


def test_every_file_that_is_named_is_there():
    named = re.findall(r"\]\(([^)#]+)\)", DOCUMENT.read_text())

    assert len(named) > 20
    assert [] == [name for name in named if not (DOCUMENT.parent / name).exists()]


def test_every_check_has_numbers_a_state_and_a_place_or_a_reason():
    assert len(CHECKS) > 30
    for check, numbers, state, where in CHECKS:
        assert check
        assert re.fullmatch(r"(\d+\.\d+\.\d+(, | to )?)+", numbers), check
        assert state in ("met", "open", "not yet"), check
        assert ".py" in where or "`" in where or state != "met", check
        assert len(where) > 20, check


def test_every_file_of_this_folder_is_named():
    """A check that nobody can find from the document would be forgotten."""
    files = {path.name for path in Path(__file__).parent.glob("test_*.py")}

    assert {name for name in files if name not in DOCUMENT.read_text()} == {
        Path(__file__).name
    }

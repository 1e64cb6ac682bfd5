"""Taste as a test: what a reader may rely on in every file."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("app", "webhooks", "workers", "storefront_widget")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "common", "misc", "models", "services", "manager"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_says_what_it_is_for_and_is_named_for_it(path: Path):
    assert ast.get_docstring(ast.parse(path.read_text()))
    assert path.stem not in VAGUE


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_and_a_function_fit_the_readers_head(path: Path):
    text = path.read_text()
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = [
        function.name
        for function in functions
        if (function.end_lineno or 0) - function.lineno >= 50
    ]
    # The inbox, the fold and a few others are one thing and read best in one piece.
    assert len(text.splitlines()) <= 400
    assert [] == too_long


@pytest.mark.parametrize(
    "path", sorted((ROOT / "app" / "domain").rglob("*.py")), ids=_name
)
def test_the_domain_is_pure(path: Path):
    outside = {"os", "random", "secrets", "socket", "subprocess", "threading", "time"}
    for name in _imports(path):
        first = name.partition(".")[0]
        assert first in sys.stdlib_module_names or name.startswith("app.domain")
        assert first not in outside
    assert ".now(" not in path.read_text()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_the_settings_read_the_environment(path: Path):
    reads = any(word in path.read_text() for word in ("os.environ", "os.getenv"))

    # These hand their own environment on to the processes that they start.
    handing_on = (
        "app/commands/run.py",
        "app/commands/backup.py",
        "app/local/account.py",
    )
    assert not reads or _name(path) in ("app/config.py", *handing_on)

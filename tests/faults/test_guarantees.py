"""The page of promises: every test that it names is there, and is run with the rest."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.faults.site import ROOT

_PAGE = (ROOT / "docs" / "guarantees.md").read_text()
_NAMED = sorted(set(re.findall(r"`(tests/\S+\.py)::(\w+)`", _PAGE)))
_LEFT_OUT = ("skip", "xfail", "scaling")


@pytest.mark.parametrize(("file", "name"), _NAMED)
def test_a_promise_has_its_test(file: str, name: str):
    module = _parsed(file)
    [test] = [
        each
        for each in module.body
        if isinstance(each, ast.FunctionDef) and each.name == name
    ]

    assert name.startswith("test_")
    assert [] == [mark for mark in _marks(module, test) if _leaves_out(mark)]


def test_every_row_of_promises_names_a_test():
    rows = [line for line in _PAGE.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if row != "| promise | test |"]

    assert promises
    assert [] == [row for row in promises if "::test_" not in row]


def test_a_test_that_is_left_out_would_be_found():
    module = ast.parse(
        "pytestmark = pytest.mark.scaling\n@pytest.mark.xfail()\ndef f(): ..."
    )
    test = module.body[1]

    assert isinstance(test, ast.FunctionDef)
    assert [True, True] == [_leaves_out(mark) for mark in _marks(module, test)]


@cache
def _parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text())


def _marks(module: ast.Module, test: ast.FunctionDef) -> list[str]:
    """What is said of a test by decorators of its own, and of its whole file."""
    of_all = [
        each.value
        for each in module.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets) == "pytestmark"
    ]
    return [ast.unparse(each) for each in (*of_all, *test.decorator_list)]


def _leaves_out(mark: str) -> bool:
    return any(f"mark.{word}" in mark for word in _LEFT_OUT)

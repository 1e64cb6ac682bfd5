"""The page of promises: every test that it names is there."""

from __future__ import annotations

import re

import pytest

from tests.faults.site import ROOT

_PAGE = (ROOT / "docs" / "guarantees.md").read_text()
_NAMED = sorted(set(re.findall(r"`(tests/\S+\.py)::(\w+)`", _PAGE)))


@pytest.mark.parametrize(("file", "name"), _NAMED)
def test_a_promise_has_its_test(file: str, name: str):
    assert f"def {name}(" in (ROOT / file).read_text()


def test_every_row_of_promises_names_a_test():
    rows = [line for line in _PAGE.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if row != "| promise | test |"]

    assert promises
    assert [] == [row for row in promises if "::test_" not in row]

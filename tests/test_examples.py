"""Worked examples hold wherever they stand, and pages name all that can be added."""

from __future__ import annotations

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

from app.domain.actions import ACTION_RULES
from app.domain.challenges import STEPS
from app.domain.earning import EARNING_RULES
from app.domain.rewards import REWARDS
from app.domain.tiers import NEEDS
from app.platforms.base import Platform

ROOT = Path(__file__).parents[1]
WITH_EXAMPLES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for room in ("app", "webhooks", "workers")
    for path in (ROOT / room).rglob("*.py")
    if ">>> " in path.read_text()
)
PAGES = {
    "earning-rules": EARNING_RULES,
    "rewards": REWARDS,
    "tiers": NEEDS,
    "actions": ACTION_RULES,
    "challenges": STEPS,
}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_docstrings_hold(name: str):
    found = doctest.testmod(importlib.import_module(name))

    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("kind", [each for kinds in PAGES.values() for each in kinds])
def test_every_kind_has_a_worked_example(kind: type):
    assert ">>> " in (inspect.getdoc(kind) or "")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_all_kinds_and_says_how_one_is_added(page: str):
    told = (ROOT / "docs" / f"{page}.md").read_text()

    titles = [line for line in told.splitlines() if line.startswith(("#", "|"))]
    kinds = [f"`{kind.kind}`" for kind in PAGES[page]]
    assert [] == [kind for kind in kinds if not any(kind in line for line in titles)]
    assert "one line in the list of its `__init__.py`" in " ".join(told.split())


def test_a_page_says_what_a_platform_must_do():
    told = (ROOT / "docs" / "platforms.md").read_text()

    asked = Platform.__abstractmethods__
    assert [] == [name for name in asked if f"`{name}`" not in told]

"""A new kind of rule is one file: it shows in documents, in the schema and in words."""

import importlib.util
import sys

import pytest

from app.domain.earning import EARNING_RULES, EarningRule
from app.domain.settings import settings_of
from app.domain.words import program_in_words
from app.storage.program_document import KINDS, dump_program, load_program, schema_of
from app.storage.program_schema import program_schema

FILE = '''
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.earning.base import Award, EarningRule, Eligible
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Flat(EarningRule):
    """The same for every order."""

    kind: ClassVar[str] = "flat"

    points: int = setting("Points for each order", default=5, least=1)

    def _award(self, eligible: Eligible) -> Award:
        return Award(Decimal(self.points), f"{self.points} for the order")

    def in_words(self, currency: str) -> str:
        return f"{self.points} points with every order"
'''


@pytest.fixture
def flat(tmp_path, monkeypatch):
    """A kind that somebody wrote, listed with the others."""
    path = tmp_path / "flat.py"
    path.write_text(FILE)
    spec = importlib.util.spec_from_file_location("flat", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "flat", module)
    spec.loader.exec_module(module)
    monkeypatch.setitem(KINDS, EarningRule, (*EARNING_RULES, module.Flat))
    schema_of.cache_clear()
    yield module.Flat
    schema_of.cache_clear()


def test_a_new_kind_needs_nothing_else(flat):
    document = {"earning": [{"kind": "flat", "points": 7}]}

    program = load_program(document)

    assert program.earning == (flat(points=7),)
    assert document["earning"] == dump_program(program)["earning"]
    assert program_in_words(program, "EUR")[0] == "You earn 7 points with every order."
    assert [each.about.label for each in settings_of(flat)] == ["Points for each order"]
    kinds = program_schema()["properties"]["earning"]["items"]["oneOf"]
    [told] = [kind for kind in kinds if kind["properties"]["kind"] == {"const": "flat"}]
    assert told["properties"]["points"] == {
        "title": "Points for each order",
        "default": 5,
        "type": "integer",
        "minimum": 1,
        "maximum": 10**9,
    }

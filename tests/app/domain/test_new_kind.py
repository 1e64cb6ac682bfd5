"""A new kind is one file: it shows in documents, schema, words and the owner's form."""

import importlib.util
import json
import sys
from datetime import datetime
from decimal import Decimal

import pytest

from app.domain.actions import ACTION_RULES, ActionRule
from app.domain.challenges import STEPS, Step
from app.domain.earning import (
    EARNING_RULES,
    EarningRule,
    Eligible,
    Multiplier,
    Occasion,
    Part,
)
from app.domain.languages.translator import Translator
from app.domain.program import Program
from app.domain.rewards import REWARDS, Reward
from app.domain.settings import settings_of
from app.domain.tiers import NEEDS, Need
from app.domain.words import program_in_words
from app.owner.editing import edited
from app.owner.fields import Drawing
from app.owner.form import document_of
from app.storage.program_document import KINDS, dump_program, load_program, schema_of
from app.storage.program_schema import program_schema

EUROS = Translator("EUR")
RULE = '''
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.earning.base import Award, EarningRule, Eligible
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Flat(EarningRule):
    """The same for every order."""

    kind: ClassVar[str] = "flat"
    english: ClassVar[dict[str, str]] = {"in_words": "{points:points} with every order"}

    points: int = setting("Points for each order", default=5, least=1)

    def _award(self, eligible: Eligible) -> Award:
        return Award(Decimal(self.points), f"{self.points} for the order")
'''


REWARD = '''
from dataclasses import dataclass
from typing import ClassVar

from app.domain.rewards.base import Handling, Reward
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Tree(Reward):
    """A tree that the store has planted."""

    kind: ClassVar[str] = "tree"
    english: ClassVar[dict[str, str]] = {"name": "A tree in {forest}"}
    handling: ClassVar[Handling] = Handling.STAFF

    forest: str = setting("Where it grows", default="Harz", most=40)

    def _benefit(self, points: int, currency: str) -> None:
        return None
'''


ACTION = '''
from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Repair(Reported):
    """Something that was mended."""

    kind: ClassVar[str] = "repair"
    english: ClassVar[dict[str, str]] = {
        "name": "Mend something",
        "deed": "mending something",
    }

    cafe: str = setting("Where it is mended", default="Here", most=40)
'''


STEP = '''
from dataclasses import dataclass
from typing import ClassVar

from app.domain.challenges.base import Step
from app.domain.engagement.kept import Kept
from app.domain.engagement.products import Products
from app.domain.languages.translator import Translator
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Units(Step):
    """So many units."""

    kind: ClassVar[str] = "units"
    english: ClassVar[dict[str, str]] = {"in_words": "Buy {units:number} units"}

    units: int = setting("Units", default=3, least=1)

    def target(self, currency: str) -> int:
        return self.units

    def of_order(self, kept: Kept) -> int:
        return kept.items(Products())

    def in_words(self, say: Translator) -> str:
        return say.of(self, "in_words", units=self.units)
'''


NEED = '''
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from app.domain.languages.translator import Translator
from app.domain.settings import setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Deeds(Need):
    """So many actions."""

    kind: ClassVar[str] = "deeds"
    english: ClassVar[dict[str, str]] = {"in_words": "{deeds:number} deeds"}

    deeds: int = setting("Deeds", default=4, least=1)

    def share(self, tally: Tally) -> Fraction:
        return Fraction(tally.actions, self.deeds)

    def in_words(self, say: Translator) -> str:
        return say.of(self, "in_words", deeds=self.deeds)

    def reached_in_words(self, tally: Tally, say: Translator) -> str:
        return say.of(self, "in_words", deeds=tally.actions)

    def missing_in_words(self, tally: Tally, say: Translator) -> str:
        return say.of(self, "in_words", deeds=self.deeds - tally.actions)
'''


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a kind in a file of its own, and list it with the others."""

    def write(text, name, base, listed):
        path = tmp_path / f"{name.lower()}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, path.stem, module)
        spec.loader.exec_module(module)
        monkeypatch.setitem(KINDS, base, (*listed, getattr(module, name)))
        schema_of.cache_clear()
        return getattr(module, name)

    yield write
    schema_of.cache_clear()


@pytest.fixture
def flat(written):
    """A way to earn that somebody wrote."""
    return written(RULE, "Flat", EarningRule, EARNING_RULES)


@pytest.fixture
def tree(written):
    """A reward that somebody wrote."""
    return written(REWARD, "Tree", Reward, REWARDS)


def test_a_new_kind_needs_nothing_else(flat):
    document = {"earning": [{"kind": "flat", "points": 7}]}

    program = load_program(document)

    assert program.earning == (flat(points=7),)
    assert document["earning"] == dump_program(program)["earning"]
    told = "You earn 7 points with every order."
    assert told == program_in_words(program, EUROS)[0]
    # What a language lacks is told in English.
    told = "Du bekommst 7 points with every order."
    assert told == program_in_words(program, Translator("EUR", "de"))[0]
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


def test_a_new_kind_is_multiplied_once_however_many_lines_an_order_has(flat):
    program = Program(earning=(flat(points=5), Multiplier(times=Decimal(2))))
    friday = Occasion(datetime.fromisoformat("2026-11-06T18:00"))

    for lines in (1, 2, 3):
        parts = tuple(Part(None, 1000) for _ in range(lines))
        order = Eligible(1000 * lines, "EUR", parts, friday)
        assert 10 == program.award(order).points


def test_a_new_kind_of_reward_needs_nothing_else(tree):
    program = load_program(
        {"rewards": [{"kind": "tree", "points_cost": 90, "forest": "Eifel"}]}
    )

    assert program.rewards == (tree(points_cost=90, forest="Eifel"),)
    assert "90 points buy: A tree in Eifel." in program_in_words(program, EUROS)
    kinds = program_schema()["properties"]["rewards"]["items"]["oneOf"]
    assert {"const": "tree"} in [kind["properties"]["kind"] for kind in kinds]


# What a document has it in, and what the programme then says of it.
OTHERS = {
    "an action": (
        (ACTION, "Repair", ActionRule, ACTION_RULES),
        {"actions": [{"kind": "repair", "points": 40, "cafe": "There"}]},
        "mending something",
    ),
    "a step": (
        (STEP, "Units", Step, STEPS),
        {"challenges": [{"name": "c", "steps": [{"kind": "units", "units": 6}]}]},
        "Buy 6 units",
    ),
    "a need": (
        (NEED, "Deeds", Need, NEEDS),
        {
            "tiers": {
                "ladder": [{"name": "G", "needs": [{"kind": "deeds", "deeds": 5}]}]
            }
        },
        "5 deeds",
    ),
}


@pytest.mark.parametrize(("kind", "document", "words"), OTHERS.values(), ids=OTHERS)
def test_a_new_kind_of_any_other_sort_needs_nothing_else(
    written, kind, document, words
):
    # The programme is told in English where a language lacks the kind.
    of = written(*kind)
    program = load_program(document)

    assert program == load_program(dump_program(program))
    for language in ("en", "de"):
        told = "\n".join(program_in_words(program, Translator("EUR", language)))
        assert words in told
    assert f'"const": "{of.kind}"' in json.dumps(program_schema())
    label = settings_of(of)[-1].about.label
    drawn = Drawing("EUR").program(dump_program(program))
    assert label in str(drawn)


def test_owners_find_a_new_kind_in_their_form(flat, tree):
    document = dump_program(load_program({}))
    assert edited(document, "add:earning", "flat") == "earning.1"
    assert edited(document, "add:rewards", "tree") == "rewards.3"
    document["rewards"][3]["points_cost"] = 90
    fields = {each.path: each for each in Drawing("EUR").program(document).fields}
    rule, reward = fields["earning"].entries[1], fields["rewards"].entries[3]

    assert "Flat" in [option.label for option in fields["earning"].options]
    assert "Tree" in [option.label for option in fields["rewards"].options]
    assert rule.title == "5 points with every order"
    assert [each.setting.about.label for each in rule.fields] == [
        "Points for each order"
    ]
    assert reward.title == "90 points: A tree in Harz"
    assert "Where it grows" in [each.setting.about.label for each in reward.fields]
    sent = [("earning.0", "flat"), ("earning.0.points", "7"), ("rewards.0", "tree")]
    assert document_of(sent) == {
        "earning": [{"kind": "flat", "points": 7}],
        "rewards": [{"kind": "tree"}],
    }

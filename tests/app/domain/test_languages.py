"""Every language says all that English says, and nothing that shoppers cannot read."""

from __future__ import annotations

import ast
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.actions import ACTION_RULES
from app.domain.challenges import STEPS, Challenge, SpendStep
from app.domain.earning import EARNING_RULES, Bonus, PurchasePoints
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions
from app.domain.engagement.products import Products
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.languages import ENGLISH, LANGUAGES, Language, sentence
from app.domain.languages.translator import Kind, Translator
from app.domain.money import Money
from app.domain.program import Counting, Program
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import REWARDS, FreeShipping, GivenBack, name_of
from app.domain.rewards.base import LIMITS
from app.domain.tiers import NEEDS, Tally, Tier, Tiers
from app.domain.valuation import Valuation
from app.domain.words import program_in_words
from tests.builders.settings import any_of

ROOT = Path(__file__).parent.parent.parent.parent
KINDS = (*EARNING_RULES, *REWARDS, *ACTION_RULES, *STEPS, *NEEDS)
OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
# Sentences that may be the same in two languages.
ALIKE = {
    "all",
    "either",
    "expiry.exact",
    "brought.points",
    "card.of",
    "reward.service.name",
    "action.custom.name",
    "tier.brings",
    "channel.web",
}
# What owners name, and nobody else.
NAMED_BY_OWNERS = {"service", "custom", "action"}
# What stands for a value in a sentence, by its shape.
VALUES = {
    "day": "2026-12-24T18:00:00",
    "end": "2026-12-02T00:00:00",
    "yearly": "02-29",
    "money": Money("1200.50", "EUR"),
    "listed": ["A", "B"],
    "either": ["A", "B"],
    "quoted": ["a", "b"],
    "weekdays": [0, 4],
    "": "this",
}


def _told_in_english() -> dict[str, str]:
    """Every sentence that there is, by its code: those of all, and those of kinds."""
    of_kinds = {
        f"{kind.family}.{kind.kind}.{name}": words
        for kind in KINDS
        for name, words in kind.english.items()
    }
    assert not of_kinds.keys() & LANGUAGES[ENGLISH].sentences.keys()
    return {**LANGUAGES[ENGLISH].sentences, **of_kinds}


def _values(words: str) -> dict[str, str]:
    """Return the first shape of each value that stands in a sentence."""
    found = ((name, shape or "") for _, name, shape, _ in Formatter().parse(words))
    return {name: shape.partition(" ")[0] for name, shape in found if name}


def _plurals(words: str) -> list[list[str]]:
    shapes = (shape or "" for _, _, shape, _ in Formatter().parse(words))
    return [each[7:].split("|") for each in shapes if each.startswith("plural ")]


@pytest.mark.parametrize("tag", OTHERS)
def test_a_language_says_all_that_english_says_and_nothing_else(tag):
    told, english = LANGUAGES[tag].sentences, _told_in_english()

    assert {"missing": english.keys() - told.keys()} == {"missing": set()}
    assert {"said of nothing": told.keys() - english.keys()} == {
        "said of nothing": set()
    }
    for code, words in told.items():
        assert (code, _values(words).keys()) == (code, _values(english[code]).keys())
        assert words != english[code] or code in ALIKE, f"{code} is English"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_sentence_can_be_said_whatever_stands_in_it(tag):
    language, english = LANGUAGES[tag], _told_in_english()
    forms = {language.form(number) for number in range(200)}

    for code, words in {**english, **language.sentences}.items():
        assert all(len(each) == len(forms) for each in _plurals(words))
        for number in (0, 1, 2, 1200):
            values = {
                name: VALUES.get(shape, number)
                for name, shape in _values(words).items()
            }
            said = sentence(tag, code, values, english[code])
            assert said or code == "expiry.exact"
            assert not re.search(r"[{}#|]|T\d\d:|  ", said)


def test_all_that_is_asked_for_is_there_and_all_that_is_there_is_asked_for():
    """Codes are written out where they are asked for, or begin there as they do."""
    asked, begun = set[str](), set[str]()
    for file in (ROOT / "app").rglob("*.py"):
        if "languages/" in file.as_posix() and file.stem != "which":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr) and isinstance(
                node.values[0], ast.Constant
            ):
                begun.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                asked.add(node.value)
    # What limits rewards is asked for by the name of the setting.
    asked |= {f"reward.{name}" for name in LIMITS if name in asked}
    asked |= {f"reward.back_{each}" for each in GivenBack if "back_" in begun}
    families = tuple(each for each in begun if re.fullmatch(r"[a-z]+\.", each))

    for code in _told_in_english():
        if "." not in code or code.count(".") == 2:
            continue
        written = code.removesuffix("_for")
        assert code in asked or written.startswith(families), code


class _Brief(Language):
    """A language that somebody has begun to add."""

    name = "Polski"
    sentences = {"earn": "Ty: {what}"}
    point_forms = "# p|# pp"
    time_forms = "1|#"
    last_day = "#"
    days_of_week = "1234567"
    percents = "#%"
    thousands = " "
    decimal_point = ","
    conjunction = "i"
    disjunction = "lub"
    quotes = ("<", ">")

    def money(self, value: Money) -> str:
        return f"{self.digits(value.amount)} zl"

    def ordinal(self, value: int) -> str:
        return f"{value}-"

    def day(self, at: datetime) -> str:
        return str(at)

    def day_of_year(self, on: date) -> str:
        return str(on)


def test_what_a_language_lacks_is_told_in_english(monkeypatch):
    monkeypatch.setitem(LANGUAGES, "xx", _Brief())

    told = program_in_words(Program(), Translator("EUR", "xx"))

    assert told[:2] == [
        "Ty: 1 point for each €1.00 you spend",
        "There are no points for taxes, shipping and buying gift cards.",
    ]


@pytest.mark.parametrize("tag", OTHERS)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(data=st.data())
def test_every_kind_is_told_in_every_language_and_not_in_english(kind, tag, data):
    drawn = data.draw(any_of(kind))
    told = [_told(drawn, Translator("EUR", each)) for each in (ENGLISH, tag)]

    english, other = told
    assert all(english)
    assert all(other)
    # Where the owner gave it a name, there is nothing to tell in another language.
    if not getattr(drawn, "title", "") and kind.kind not in NAMED_BY_OWNERS:
        own = {getattr(drawn, name, "") for name in ("description", "prize", "cause")}
        assert set(english) & set(other) <= own


def _told(kind: Kind, say: Translator) -> list[str]:
    if hasattr(kind, "points_cost"):
        return [name_of(kind, say)]
    told = [kind.in_words(say)]
    if hasattr(kind, "missing_in_words"):
        told += [kind.reached_in_words(Tally(), say)]
        told += [kind.missing_in_words(Tally(), say)]
    if hasattr(kind, "action") and hasattr(kind, "most"):
        told += [kind.name(say.language)]
    return told


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_is_the_owners_alone_is_told_to_nobody(tag):
    hidden, names = iter(range(7001, 7100)), list[str]()

    def some() -> frozenset[str]:
        names.append(f"x{next(hidden)}")
        return frozenset(names[-1:])

    products = Products(product_ids=some(), collection_ids=some())
    conditions = Conditions(
        product_ids=some(),
        collection_ids=some(),
        customer_tags=some(),
        segments=some(),
    )
    program = Program(
        earning=(
            PurchasePoints(),
            Bonus(
                name="b", points=1, conditions=conditions, budget=Budget(points=7100)
            ),
        ),
        counting=Counting(excluded_product_ids=some(), excluded_collection_ids=some()),
        rewards=(FreeShipping(points_cost=1, only_customer_tags=some()),),
        stamp_cards=(StampCard(name="c", products=products),),
        challenges=(Challenge(name="d", steps=(SpendStep(products=products),)),),
        surprises=(
            Surprise(
                name="s",
                seed="x7101",
                percent=Decimal("71.02"),
                products=products,
                budget=Budget(cost=Decimal(7103)),
            ),
        ),
        tiers=Tiers(
            ladder=(
                Tier(
                    name="Gold",
                    product_ids=some(),
                    selling_plan_ids=some(),
                    customer_tags=some(),
                ),
            )
        ),
        referral=ReferralTerms(friends_per_hour_max=7104),
        valuation=Valuation(per_100_points=Decimal("7.105")),
    )

    told = "\n".join(program_in_words(program, Translator("EUR", tag)))

    assert len(names) == 12
    assert not re.search(r"7[01]|71[.,]|7[.,]1|same_|email", told)


def test_german_is_written_as_germans_write():
    german = LANGUAGES["de"]

    assert german.money(Money("1234.50", "EUR")) == "1.234,50\u00a0€"
    assert german.money(Money("5.00", "CHF")) == "5,00\u00a0CHF"
    assert german.money(Money("1200", "JPY")) == "1.200\u00a0¥"
    assert german.points(Decimal("0.50")) == "0,5 Punkte"
    assert german.points(1) == "1 Punkt"
    assert german.day(datetime(2026, 3, 3)) == "3. März 2026"  # noqa: DTZ001
    assert german.yearly("12-31") == "31. Dezember"
    assert german.yearly("02-30") == "29. Februar"
    assert german.ordinal(1200) == "1.200."
    assert german.quoted(["b", "a", "c"]) == "„a“, „b“ oder „c“"
    assert german.weekdays([0, 4, 5]) == "montags, freitags und samstags"


def test_english_is_written_as_before():
    english = LANGUAGES["en"]

    assert english.money(Money("1234.50", "EUR")) == "€1,234.50"
    assert english.money(Money("5.00", "CHF")) == "CHF 5.00"
    assert english.money(Money("1200", "JPY")) == "¥1,200"
    assert english.points(Decimal("2.50")) == "2.5 points"
    assert english.number(10**9) == "1,000,000,000"
    assert english.number(Decimal("100")) == "100"
    assert english.number(Decimal("1E+2")) == "100"
    assert [english.ordinal(n) for n in (1, 2, 3, 11, 112, 1021)] == [
        "1st",
        "2nd",
        "3rd",
        "11th",
        "112th",
        "1,021st",
    ]

"""Why something cannot be had is said in every language, and known by one code."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from app.domain.languages import ENGLISH, LANGUAGES
from app.domain.prizes import _NOT_YET
from app.domain.reasons import NO_REASON, Reason, because, in_own_words

# What is said whatever it is about.
NO_REASONS = {"earn", "while_they_last", "all", "either", "or"}
ROOT = Path(__file__).parent.parent.parent.parent


@cache
def _codes_given() -> set[str]:
    """Every code that anybody gives as a reason."""
    files = [*(ROOT / "app").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    calls = [
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "because"
    ]
    return {code for call in calls for code in _codes(call.args[0])} | {
        *_NOT_YET.values()
    }


def _codes(told: ast.expr) -> set[str]:
    if isinstance(told, ast.Constant):
        return {str(told.value)}
    if isinstance(told, ast.IfExp):
        return _codes(told.body) | _codes(told.orelse)
    of = told.args if isinstance(told, ast.Call) else []
    return {code for each in of for code in _codes(each)}


def test_each_reason_that_is_given_has_a_sentence_and_each_sentence_is_given():
    # All else that is told has a family before its name.
    plain = {code for code in LANGUAGES[ENGLISH].sentences if "." not in code}

    assert _codes_given() == plain - NO_REASONS


def test_a_reason_is_said_as_people_of_a_language_say_it():
    told = {
        str(reason): str(reason.told_in("de"))
        for reason in (
            because("too_few_points", points=1200),
            because("too_few_points", points=1),
            because("not_yet_offered", at="2026-03-01T00:00:00"),
            because("date_is_full", at="2026-12-24T18:00:00"),
            because("offered_no_more", at="2026-12-02T00:00:00"),
            because("offered_no_more", at="2026-12-24T18:00:00"),
            because("for_other_tiers", tiers=["Gold", "Silver"]),
            because("for_other_customers"),
            because("too_few_orders", orders=3),
            because("had_so_often", times=2),
        )
    }

    assert told == {
        "1,200 points too few": "1.200 Punkte zu wenig",
        "1 point too few": "1 Punkt zu wenig",
        "it is offered from 1 March 2026 on": "zu haben ab 1. März 2026",
        "24 December 2026 18:00 is full": (
            "der Termin am 24. Dezember 2026, 18:00 Uhr ist ausgebucht"
        ),
        "it was offered until the end of 1 December 2026": (
            "zu haben war das bis einschließlich 1. Dezember 2026"
        ),
        "it was offered until 24 December 2026 18:00": (
            "zu haben war das bis 24. Dezember 2026, 18:00 Uhr"
        ),
        "it is for Gold and Silver members": (
            "nur für Mitglieder mit der Stufe Gold oder Silver"
        ),
        "it is for customers that the store chose": (
            "nur für Kunden, die der Shop ausgewählt hat"
        ),
        "it is for members with 3 paid orders or more": (
            "nur für Mitglieder ab 3 bezahlten Bestellungen"
        ),
        "each member can have it 2 times": "jedes Mitglied kann das 2-mal haben",
    }


def test_what_people_say_is_told_as_it_is():
    said = in_own_words("sold out {at:day}").told_in("de")

    assert ("sold out {at:day}", "", True) == (str(said), said.code, bool(said))
    assert ("", False, False) == (str(NO_REASON), bool(NO_REASON), bool(Reason()))

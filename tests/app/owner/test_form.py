"""The form shows every setting, and sends back exactly what it was shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask, render_template
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.engagement.stamp_card import StampCard
from app.domain.program import Program
from app.domain.rewards import FreeShipping, Goods, PointsAsMoney
from app.owner.choices import without_choice
from app.owner.door import owner
from app.owner.editing import edited
from app.owner.fields import Drawing, complaints
from app.owner.form import document_of
from app.owner.sections import sections
from app.storage.draft_document import mistakes_in
from app.storage.program_document import KINDS, Mistake, dump_program, load_program
from tests.builders.sent_form import Pairs, SentForm, changed
from tests.builders.settings import any_of

READY_MADE = sorted((Path(__file__).parents[3] / "docs" / "programmes").glob("*.json"))
APP = Flask(__name__)
APP.register_blueprint(owner)
Document = dict[str, Any]


def drawn(
    document: Document,
    mistakes: list[Mistake] | None = None,
    known: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> str:
    """The page with the form of a document."""
    wrong = tuple(mistakes or ())
    whole = Drawing("EUR", wrong, known=known).program(document)
    with APP.test_request_context():
        return render_template(
            "owner/form.html",
            sections=sections(whole),
            complaints=complaints(whole, wrong),
            seen=1,
            token="token",
            touched="",
            known=known,
        )


def sent(page: str) -> Pairs:
    """What a browser sends of that form, over the wire and back."""
    pairs = SentForm(page, "/owner/program/look").pairs
    return parse_qsl(urlencode(pairs), keep_blank_values=True)


def carried(document: Document) -> Document:
    """The document without the two characters that no form of a page can carry."""
    told = json.dumps(document).replace(r"\r", "").replace(r"\u0000", "")
    without: Document = json.loads(told)
    return without


@pytest.mark.parametrize("path", READY_MADE, ids=lambda path: path.stem)
def test_a_ready_made_program_comes_back_as_it_is(path: Path):
    document = dump_program(load_program(json.loads(path.read_text())))

    assert document == document_of(sent(drawn(document)))


KNOWN = {
    "customer_tags": ("a", "vip"),
    "segments": ("1", "2"),
    "tags": ("0", "b", "tea"),
    "products": ("7", "c"),
}


@settings(max_examples=25)
@given(any_of(Program), st.sampled_from([{}, KNOWN]))
def test_any_program_comes_back_as_it_is(program: Program, known: Any):
    document = carried(dump_program(program))

    assert document == document_of(sent(drawn(document, known=known)))


def test_every_kind_can_be_chosen_and_begins_as_its_settings_say():
    document = dump_program(Program())
    for field in ("earning", "rewards", "actions"):
        base = next(
            base for base in KINDS if base.__name__.lower().startswith(field[:6])
        )
        for kind in KINDS[base]:
            touched = edited(document, f"add:{field}", kind.kind)
            entry = document[field][-1]
            assert entry["kind"] == kind.kind
            assert touched == f"{field}.{len(document[field]) - 1}"

    assert document == document_of(sent(drawn(document)))


WRONG = {
    "expires_after_months": "many",
    "credit_after_days": "",
    "expires_on": "31-12",
    "earning__0__rate": "-1",
    "earning__0__rates__0__currency": "euro",
    "earning__0__rates__0__amount": "2",
    "rewards__1__ends_at": "tomorrow",
}


def test_all_mistakes_are_told_at_once_each_at_its_field_and_nothing_is_lost():
    pairs = changed(sent(drawn(dump_program(Program()))), **WRONG)
    draft = document_of(pairs)
    mistakes = mistakes_in(draft)
    page = drawn(draft, mistakes)

    for path, words in {
        "expires_after_months": "Months until points expire",
        "credit_after_days": "And so many days have passed",
        "expires_on": "Fixed day of the year",
        "earning.0.rate": "Ways to earn › 1. Purchase › Points for each 1.00 spent",  # noqa: RUF001
        "earning.0.rates": "Ways to earn › 1. Purchase › Other rates by currency",  # noqa: RUF001
        "rewards.1.ends_at": "Rewards › 2. Amount off › Offered until",  # noqa: RUF001
    }.items():
        assert f'<a href="#{path}">{words}</a>: ' in page
        assert f'id="{path}-wrong"' in page
        assert f'"{path}"' in page
    assert len(mistakes) == len(WRONG) - 1
    assert draft == document_of(sent(page))


def test_a_currency_that_comes_twice_is_told_and_both_are_kept():
    rows = {
        "earning__0__rates__0__currency": "USD",
        "earning__0__rates__0__amount": "1",
        "earning__0__rates__1__currency": "USD",
        "earning__0__rates__1__amount": "2",
    }
    pairs = changed(sent(drawn(dump_program(Program()))), **rows)
    draft = document_of(pairs)

    assert ["earning.0.rates.USD .key"] == [each.path for each in mistakes_in(draft)]
    assert ["1", "2"] == list(draft["earning"][0]["rates"].values())


def test_what_something_brings_is_chosen_among_the_rewards_of_the_draft():
    mug = Goods(points_cost=200, key="mug", title="A mug")
    money = PointsAsMoney(points_cost=50, amount=Decimal(1), key="money")
    card = StampCard(name="coffee", reward="mug")
    document = dump_program(Program(rewards=(mug, money), stamp_cards=(card,)))
    document["rewards"].append({"kind": "goods", "key": "cup", "title": "A cup"})
    assert [
        ("", "None, it brings points", False),
        ("mug", "200 points: A mug", True),
        ("cup", "A cup", False),
    ] == _choice(document)

    edited(document, "remove:rewards.0", "")
    del document["rewards"][-1]
    mistakes = without_choice(mistakes_in(document))

    page = drawn(document, mistakes)
    assert ("mug", "“mug”, which there is not", True) == _choice(document)[-1]
    assert "Stamp cards › 1. Coffee › Reward for a full card</a>: there is no " in page  # noqa: RUF001
    assert document == document_of(sent(page))


def _choice(document: Document) -> list[tuple[str, str, bool]]:
    """What there is to choose from for the reward of the first stamp card."""
    whole = Drawing("EUR").program(document)
    [cards] = [each for each in whole.fields if each.path == "stamp_cards"]
    fields = {each.setting.name: each for each in cards.entries[0].fields}
    options = fields["reward"].options
    return [(each.value, each.label, each.is_chosen) for each in options]


TIERS = "earning.1.conditions.tiers"


def _with_tiers(*names: str, chosen: tuple[str, ...] = ()) -> Document:
    """A program with tiers of these names, and a campaign for some."""
    bonus = {"kind": "bonus", "points": 5, "conditions": {"tiers": list(chosen)}}
    told = {"earning": [{"kind": "purchase"}, bonus]}
    ladder = [{"name": name} for name in names]
    return dump_program(load_program(told | {"tiers": {"ladder": ladder}}))


def _ticked(page: str, path: str) -> list[str]:
    """What of a setting a browser would send."""
    _, *texts = (text for name, text in sent(page) if name == path)
    return [text for text in texts if text]


def test_tiers_are_ticked_among_those_of_the_draft():
    document = _with_tiers("Gold", "Big  Fish", chosen=("Gold",))
    page = drawn(document)
    boxes = re.findall(f'type="checkbox" name="{TIERS}" value="([^"]*)"', page)

    assert ["Gold", "Big  Fish"] == boxes
    assert ["Gold"] == _ticked(page, TIERS)
    assert f'<textarea id="{TIERS}"' not in page
    both = document_of([*sent(page), (TIERS, "Big  Fish")])
    assert ["Big  Fish", "Gold"] == both["earning"][1]["conditions"]["tiers"]
    none = [
        (name, text) for name, text in sent(page) if (name, text) != (TIERS, "Gold")
    ]
    assert [] == document_of(none)["earning"][1]["conditions"]["tiers"]


def test_a_tier_that_goes_stays_ticked_and_is_told_at_once():
    document = _with_tiers("Gold", "Silver", chosen=("Gold",))
    edited(document, "remove:tiers.ladder.0", "")
    mistakes = without_choice(mistakes_in(document))
    page = drawn(document, mistakes)

    assert [TIERS] == [each.path for each in mistakes]
    assert "“Gold”, which there is not" in page
    assert ["Gold"] == _ticked(page, TIERS)
    assert document == document_of(sent(page))
    assert "add one under tiers first" in drawn(_with_tiers())


def test_known_words_of_the_store_are_ticked_or_suggested_and_others_typed():
    conditions = "earning.1.conditions"
    document = _with_tiers()
    named = document["earning"][1]["conditions"]
    named |= {"customer_tags": ["press", "vip"], "tags": ["tea"], "channels": ["shop"]}
    page = drawn(document, known=KNOWN)

    assert ["vip", "press"] == _ticked(page, f"{conditions}.customer_tags")
    assert f'name="{conditions}.channels" value="pos">' in page
    assert '<datalist id="known-tags"><option value="0"></option>' in page
    assert f'name="{conditions}.tags" list="known-tags"' in page
    assert 'list="known-collections"' not in page
    pairs = [*sent(page), (f"{conditions}.tags", "milk"), (f"{conditions}.tags", "")]
    assert ["milk", "tea"] == document_of(pairs)["earning"][1]["conditions"]["tags"]
    product = {"kind": "free_product", "points_cost": 5, "product_id": "7"}
    free = dump_program(load_program({"rewards": [product]}))
    assert 'list="known-products"' in drawn(free, known=KNOWN)


def test_of_many_known_words_a_field_suggests_some():
    many = {"customer_tags": tuple(f"tag-{number:03}" for number in range(21))}
    page = drawn(_with_tiers(), known=many)

    assert 'value="tag-000">' not in page.replace('<option value="tag-000">', "")
    assert 'customer_tags" list="known-customer_tags"' in page


def test_what_is_listed_is_added_moved_and_removed():
    document = dump_program(Program())
    first, second, third = document["rewards"]

    assert "rewards.1" == edited(document, "down:rewards.0", "")
    assert [second, first, third] == document["rewards"]
    assert "rewards.1" == edited(document, "up:rewards.2", "")
    assert "rewards" == edited(document, "remove:rewards.0", "")
    assert [third, first] == document["rewards"]
    assert "tiers.ladder.0" == edited(document, "add:tiers.ladder", "")
    assert "tiers.ladder.0.needs.0" == edited(
        document, "add:tiers.ladder.0.needs", "spending"
    )
    assert document["tiers"]["ladder"][0]["needs"][0]["amount"] is None
    assert "referral" == edited(document, "add:referral", "")
    assert 500 == document["referral"]["advocate_points"]
    assert "referral" == edited(document, "remove:referral", "")
    assert document["referral"] is None


SENSELESS = """
    add add: up:rewards up:rewards.9 down:rewards.٣ add:rewards.0 add:rounding
    add:earning.0.rate remove:limits add:tiers.ladder.0.needs add:nothing.0
    eat:rewards.0 up:.1 remove:rewards.0.title add:rewards.0.0 add:rewards.x.y.z
"""


@pytest.mark.parametrize("wish", ["", *SENSELESS.split()])
def test_a_wish_that_makes_no_sense_changes_nothing(wish: str):
    document = dump_program(Program(rewards=(FreeShipping(points_cost=1),)))
    before = json.dumps(document)

    edited(document, wish, "no_such_kind")

    assert before == json.dumps(document)


def test_a_setting_that_the_form_did_not_have_stays_as_it_is_by_default():
    pairs = sent(drawn(dump_program(Program(credit_after_days=9))))
    without = [
        (name, text)
        for name, text in pairs
        if not name.startswith(("rewards", "counting", "credit_after_days"))
    ]

    assert dump_program(Program()) == dump_program(load_program(document_of(without)))

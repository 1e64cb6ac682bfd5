"""Shoppers read the whole programme in plain words, in the language of their page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.actions import Newsletter
from app.domain.challenges import Challenge, OrdersStep
from app.domain.earning import Bonus, PurchasePoints
from app.domain.earning.budget import Budget
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.program import Program
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import AmountOff, FreeShipping
from app.domain.tiers import OrdersPlaced, Spending, Tier, Tiers, Window
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import a_line, an_order

PROGRAM = Program(
    earning=(
        PurchasePoints(),
        Bonus(points=5, name="spring", budget=Budget(points=7654)),
    ),
    rewards=(AmountOff(points_cost=500, amount=Decimal("1234.5")),),
    challenges=(Challenge(name="big", steps=(OrdersStep(orders=2),)),),
    credit_after_days=14,
)


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store with a member."""
    line.set_program(PROGRAM)
    line.settle(("orders/paid", an_order(a_line("50.00"))))
    return line


def _told(line: TestLine, customer_id: str = "", **asked: str) -> dict[str, Any]:
    answer = line.ask("words", customer_id, **asked)
    assert answer.status_code == 200, answer.get_json()
    assert "no-store" == answer.headers["Cache-Control"]
    told = answer.get_json()
    assert {"parts"} == told.keys()
    assert all({"title", "lines"} == part.keys() for part in told["parts"])
    return {part["title"]: part["lines"] for part in told["parts"]}


def test_members_and_guests_read_the_same_in_their_language(shop: TestLine):
    english, german = _told(shop), _told(shop, lang="de-AT")

    assert english == _told(shop, "7001") == _told(shop, lang="pl")
    assert german == _told(shop, "7001", lang="de")
    assert english["What points buy"] == ["500 points buy: €1,234.50 off."]
    assert german["Was du für Punkte bekommst"] == [
        "Für 500 Punkte: 1.234,50\u00a0€ Rabatt."
    ]
    assert german["So sammelst du Punkte"][1] == (
        "Du bekommst 5 Punkte extra bei einer Bestellung, solange der Vorrat reicht."
    )
    assert len(english) == len(german) == 6
    assert "7654" not in str(english) + str(german)


def test_the_text_is_sent_once_for_a_version_and_a_language(shop: TestLine):
    first = shop.ask("words", "7001").headers["ETag"]

    def asked(**more: str) -> int:
        where = f"/proxy/words?{proxy_query('', **more)}"
        return shop.client.get(where, headers={"If-None-Match": first}).status_code

    assert 304 == asked()
    assert 200 == asked(lang="de")
    shop.set_program(replace(PROGRAM, rewards=(FreeShipping(points_cost=9),)))
    assert 200 == asked()


def test_a_version_that_is_yet_to_come_is_told_to_nobody(shop: TestLine):
    later = datetime.now(UTC) + timedelta(days=1)
    new = replace(PROGRAM, rewards=(FreeShipping(points_cost=9),))
    shop.set_program(new, later)

    assert ["500 points buy: €1,234.50 off."] == _told(shop)["What points buy"]


def test_what_has_ended_is_told_no_more(shop: TestLine):
    yesterday = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=2)
    over = FreeShipping(points_cost=9, ends_at=yesterday)
    shop.set_program(replace(PROGRAM, rewards=(over,)))

    assert "What points buy" not in _told(shop)


def test_another_store_reads_its_own(shop: TestLine):
    shop.add_store("other.myshopify.com")

    theirs = _told(shop, shop="other.myshopify.com")

    assert "More ways to earn" not in theirs
    assert 3 == len(theirs["What points buy"])


RICH = replace(
    PROGRAM,
    rewards=(
        AmountOff(points_cost=500, amount=Decimal(5)),
        FreeShipping(points_cost=20, key="ships"),
    ),
    actions=(Newsletter(points=9),),
    stamp_cards=(StampCard(name="card", stamps=3, reward="ships"),),
    surprises=(Surprise(name="thanks", seed="s", points=3),),
    tiers=Tiers(
        ladder=(
            Tier(name="Bronze", needs=(OrdersPlaced(orders=1),), ships_free=True),
            Tier(name="Gold", needs=(Spending(amount=Decimal(900)),), percent_off=5),
        ),
        window=Window.ROLLING,
    ),
    referral=ReferralTerms(),
    credit_after_days=0,
)
# What is the same in all languages: codes, times, and names that owners gave.
_ALIKE = {"id", "kind", "reason_code", "state", "code", "action", "won_with", "prize"}
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT")
_NAMES = {"Big", "Card", "Bronze", "Gold", "EUR"}


def _texts(told: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of an answer, with the names that lead to it."""
    if isinstance(told, dict):
        for name, each in told.items():
            yield from _texts(each, f"{path}.{name}".lstrip("."))
    elif isinstance(told, list):
        for each in told:
            yield from _texts(each, path)
    elif isinstance(told, str) and told:
        yield path, told


def test_all_that_is_told_of_a_standing_is_in_the_language_of_the_page(
    line: TestLine,
):
    line.set_program(RICH)
    line.settle(("orders/paid", an_order(a_line("50.00"))))
    line.adjust(7001, 5)
    line.redeem(7001, "ships")

    for customer_id in ("7001", ""):
        english, german = (
            [
                (path, text)
                for path, text in _texts(
                    line.ask("standing", customer_id, lang=lang).get_json()
                )
                if path.rpartition(".")[2] not in _ALIKE
                and not _TIMES.match(text)
                and text not in _NAMES
                and not path.endswith(("amount", "digits"))
            ]
            for lang in ("en", "de")
        )
        assert [path for path, _ in english] == [path for path, _ in german]
        assert [] == [each for each in english if each in german]
        assert len(english) > (20 if customer_id else 6)


def test_a_standing_is_told_in_the_language_of_the_page(shop: TestLine):
    told = shop.ask("standing", "7001", lang="de").get_json()

    assert "1 Punkt je 1,00\u00a0€ Einkaufswert" == told["program"]["ways_to_earn"][0]
    assert "1.234,50\u00a0€ Rabatt" == told["rewards"][0]["name"]
    assert told["rewards"][0]["reason"].endswith(" Punkte zu wenig")
    [step] = told["challenges"][0]["steps"]
    assert ("2 Bestellungen aufgeben", "1 von 2") == (step["text"], step["so_far"])
    assert {"Bestellung"} == {
        each["text"].partition(" ")[0] for each in told["history"]
    }
    assert (
        "Order"
        == (
            shop.ask("standing", "7001")
            .get_json()["history"][0]["text"]
            .partition(" ")[0]
        )
    )

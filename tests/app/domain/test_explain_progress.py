"""What an order brought to cards and challenges is told as it counts, or why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.engagement.engaged import Acts, engagement
from app.domain.engagement.products import Products
from app.domain.engagement.purchases import purchases
from app.domain.engagement.stamp_card import StampCard, StampFor
from app.domain.explain_progress import explain_challenges, explain_stamps
from app.domain.languages.translator import Translator
from app.domain.program import Counting, Program
from tests.app.domain.engaged import BEGIN, Ordered, histories, under
from tests.app.domain.heard import PAID, an_owned, assess, heard
from tests.builders.shopify import a_line, an_order

EUROS = Translator("EUR")
COFFEE = StampCard(name="coffee", title="Coffee card")
OTHERS = Products(product_ids=frozenset({"99"}))
STEPS = OrdersStep(orders=2), SpendStep(amount=Decimal(50)), ActStep(action="review")
WINTER = Challenge(name="winter", steps=STEPS)
# Orders are placed from 1 November at ten, UTC, on.
AFTER = datetime(2026, 11, 3)  # noqa: DTZ001
BEFORE = datetime(2026, 10, 3)  # noqa: DTZ001


def _stamps(ordered: Ordered, card: StampCard = COFFEE) -> list[str]:
    program = Program(stamp_cards=(card,))
    return list(explain_stamps(purchases([ordered.assessed(program)])))


def _steps(ordered: Ordered, *challenges: Challenge) -> list[str]:
    programs = [Program(challenges=(each,)) for each in challenges]
    bought = purchases([ordered.assessed(programs[0])])
    return list(explain_challenges(bought, programs, EUROS))


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (COFFEE, "3 stamps of “Coffee card”."),
        (replace(COFFEE, stamp_for=StampFor.VISIT), "1 stamp of “Coffee card”."),
        (
            replace(COFFEE, products=OTHERS),
            "No stamp of “Coffee card”: nothing of the order counts for it.",
        ),
        (
            replace(COFFEE, amount_min=Decimal(31)),
            "No stamp of “Coffee card”: 30.00 EUR counts for it, less than the least "
            "of 31.00 EUR.",
        ),
    ],
)
def test_each_card_tells_its_stamps_or_why_there_are_none(card: StampCard, told: str):
    assert [told] == _stamps(Ordered(1, 0, 3), card)


def test_what_went_back_is_told():
    told = "3 stamps of “Coffee card”, of which 2 went back."
    assert [told] == _stamps(Ordered(1, 0, 3, ((2, 2),)))


def test_a_gift_card_whose_shipping_counts_brings_no_stamp():
    counting = Counting(includes_shipping=True)
    program = Program(stamp_cards=(COFFEE,), counting=counting)
    shipping = {"price": "5.00", "discounted_price": "5.00"}
    told = an_order(a_line("10.00", 1, gift_card=True), shipping_lines=[shipping])
    bought = purchases([assess(an_owned(heard((PAID, told)), program))])

    [none] = explain_stamps(bought)
    assert "No stamp of “Coffee card”: nothing of the order counts for it." == none


def test_each_step_tells_how_far_the_order_brings_it_or_why_it_does_not():
    reviews = (
        "Nothing for “Write a review” of the challenge “Winter”: it follows the action "
        "review alone."
    )
    assert [
        "For “Place 2 orders” of the challenge “Winter” it counts 1 of 2.",
        "For “Spend €50.00” of the challenge “Winter” it counts €30.00 of €50.00, and "
        "€10.00 of €50.00 since some of it went back.",
        reviews,
    ] == _steps(Ordered(1, 0, 3, ((2, 2),)), WINTER)
    others = replace(WINTER, steps=(OrdersStep(products=OTHERS),))
    [told] = _steps(Ordered(1, 0, 3), others)
    assert told.endswith("“Winter”: nothing of the order counts for it.")


@pytest.mark.parametrize(
    "closed", [replace(WINTER, starts_at=AFTER), replace(WINTER, ends_at=BEFORE)]
)
def test_outside_of_its_window_a_challenge_tells_so(closed: Challenge):
    told = "Nothing for the challenge “Winter”: it was not placed within its window."
    assert [told] == _steps(Ordered(1, 0, 3), closed)
    reason = closed.closed_at(BEGIN.replace(tzinfo=None))
    german = "die Bestellung fiel nicht in den Zeitraum dafür"
    assert german == str(reason.told_in("de"))


def test_a_challenge_is_told_by_the_newest_terms():
    newer = replace(WINTER, steps=(OrdersStep(orders=9),))
    gone = replace(WINTER, name="autumn", steps=(OrdersStep(orders=4),))
    assert [
        "For “Place 4 orders” of the challenge “Autumn” it counts 1 of 4.",
        "For “Place 9 orders” of the challenge “Winter” it counts 1 of 9.",
    ] == [
        *_steps(Ordered(1, 0, 3), gone),
        *_steps(Ordered(1, 0, 3), WINTER, newer),
    ]


def test_an_order_that_was_never_paid_has_nothing_to_tell():
    assert not list(explain_stamps(()))
    assert not list(explain_challenges((), [Program(challenges=(WINTER,))], EUROS))


cards = st.builds(
    StampCard,
    name=st.just("coffee"),
    stamp_for=st.sampled_from(StampFor),
    amount_min=st.sampled_from([Decimal(0), Decimal(20), Decimal(40)]),
    products=st.sampled_from([Products(), OTHERS]),
)


@given(histories(), cards)
def test_what_orders_tell_adds_up_to_what_their_member_has(
    history: list[Ordered], card: StampCard
):
    spend = replace(WINTER, steps=(SpendStep(amount=Decimal(1000)),))
    program = Program(stamp_cards=(card,), challenges=(spend,))
    assessed = [each.assessed(program) for each in history]
    now, versions = BEGIN + timedelta(days=90), under((BEGIN, program))
    found = engagement(assessed, Acts(), versions, now).progress

    stamps, minor = 0, 0
    for each in assessed:
        bought = purchases([each])
        [card_told] = explain_stamps(bought)
        had, _, rest = card_told.partition(" stamp")
        back = rest.partition(", of which ")[2].partition(" ")[0]
        stamps += 0 if had == "No" else int(had) - int(back or 0)
        [step_told] = explain_challenges(bought, [program], EUROS)
        euros = step_told.rpartition("€1,000.00")[0].rpartition("€")[2][:-4]
        minor += int(Decimal(euros) * 100)
    assert stamps == sum(each.total for each in found.stamps)
    assert (minor,) == found.challenges[0].steps

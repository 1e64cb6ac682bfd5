"""Stamp cards: what fills them, what takes stamps back, whatever comes first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.engagement.engaged import Acts, engagement
from app.domain.engagement.products import Products
from app.domain.engagement.purchases import purchases
from app.domain.engagement.stamp_card import StampCard, StampFor
from app.domain.engagement.stamps import stamped
from app.domain.fold import fold
from app.domain.ledger import Account, Debit
from app.domain.program import Program, ReturnPolicy
from tests.app.domain.engaged import BEGIN, Ordered, histories, net, under
from tests.app.domain.heard import PAID, REFUND, an_owned, assess, heard
from tests.builders.shopify import a_line, a_refund, an_order

COFFEE = StampCard(name="coffee", stamps=5, points=40)


def _stamped(*ordered: Ordered, card: StampCard = COFFEE):
    program = Program(stamp_cards=(card,))
    found = purchases(each.assessed(program) for each in ordered)
    return stamped(found, under((BEGIN, program)))


def _stamps(*told, card: StampCard = COFFEE) -> int:
    program = Program(stamp_cards=(card,))
    bought = purchases([assess(an_owned(heard(*told), program))])
    [stamps] = stamped(bought, under((BEGIN, program))).stamps
    return stamps.total


def test_so_many_items_make_a_card_full():
    found = _stamped(Ordered(1, 0, 3), Ordered(2, 1, 9))

    assert [(12, 2)] == [(each.total, each.full) for each in found.stamps]
    [credit] = found.credits
    assert (80, "stamps/coffee-5/1/2") == (credit.points, credit.lot)


def test_a_visit_is_one_stamp_however_much_is_bought():
    visits = StampCard(name="visits", stamps=2, stamp_for=StampFor.VISIT)
    found = _stamped(
        Ordered(1, 0, 3), Ordered(2, 1, 4, ((2, 1),)), Ordered(3, 1, 4, ((2, 4),)),
        card=visits,
    )  # fmt: skip

    assert [2] == [each.total for each in found.stamps]


def test_other_products_bring_no_stamp():
    card = StampCard(name="tea", products=Products(product_ids=frozenset({"22"})))
    found = _stamped(Ordered(1, 0, 3), Ordered(2, 0, 4, product_id=22), card=card)

    assert [4] == [each.total for each in found.stamps]


def test_an_order_that_was_too_small_brings_none_and_one_that_shrank_keeps_its_own():
    card = StampCard(name="tea", amount_min=Decimal(30))
    found = _stamped(Ordered(1, 0, 2), Ordered(2, 0, 3, ((1, 2),)), card=card)

    assert [1] == [each.total for each in found.stamps]


def test_a_card_that_is_not_full_any_more_takes_its_points_back_when_it_was():
    found = _stamped(Ordered(1, 0, 5, ((3, 1),)), Ordered(2, 5, 1))

    first, second = found.credits
    assert [(40, BEGIN.day + 3)] == [(b.points, b.at.day) for b in first.reversals]
    assert (40, ()) == (second.points, second.reversals)


@pytest.mark.parametrize(
    ("refund", "left"),
    [
        (a_refund("20.00", (11, 2, "20.00")), 3),
        (a_refund("1.00"), 5),
        (a_refund("10.00"), 4),
        (a_refund("50.00"), 0),
        (a_refund(None, (11, 5, "50.00")), 5),
    ],
    ids=["units", "a gesture", "the money of one", "all money", "restocked only"],
)
def test_what_is_left_of_a_line_is_what_counts(refund, left):
    order = an_order(a_line("10.00", 5))

    assert left == _stamps((PAID, order), (REFUND, refund))


def test_gifts_and_excluded_lines_bring_no_stamp():
    gift = a_line("10.00", 2, discount="20.00")
    card = a_line("10.00", 3, id=12, gift_card=True)

    assert 0 == _stamps((PAID, an_order(gift, card)))


@pytest.mark.parametrize("policy", ReturnPolicy)
@given(histories(), st.integers(1, 4), st.sets(st.integers(0, 60)))
def test_nobody_gains_by_filling_cards_and_sending_back(
    policy: ReturnPolicy, history: list[Ordered], size: int, spends_on: set[int]
):
    card = StampCard(name="coffee", stamps=size, points=100)
    program = Program(return_policy=policy, credit_after_days=30, stamp_cards=(card,))
    versions = under((BEGIN, program))
    told = [each.assessed(program) for each in history]
    found = engagement(told, Acts(), versions, BEGIN + timedelta(days=90))
    spent = [
        Debit(f"spent/{day}", BEGIN + timedelta(days=day, hours=1), 50)
        for day in spends_on
    ]
    folded = fold(found.credits, spent, BEGIN + timedelta(days=90))

    kept = sum(each.kept for each in history)
    left = folded.balance(Account.AVAILABLE) - folded.owed
    assert kept // size * 100 - 50 * len(spends_on) == left


@given(histories(), st.integers(1, 7), st.randoms(use_true_random=False))
def test_stamps_are_what_is_kept_and_points_what_is_full(history, size, random):
    card = StampCard(name="coffee", stamps=size, points=40)
    found = _stamped(*history, card=card)
    random.shuffle(history)
    again = _stamped(*history, card=card)

    kept = sum(each.kept for each in history)
    assert [kept] * bool(history) == [each.total for each in found.stamps]
    assert kept // size * 40 == net(found.credits)
    assert set(found.credits) == set(again.credits)
    assert found.stamps == again.stamps
    for credit in found.credits:
        assert all(back.points > 0 for back in credit.reversals)
        causes = [back.cause for back in credit.reversals]
        assert len(set(causes)) == len(causes)

"""A program in plain words says what its rules do."""

import doctest
from decimal import Decimal

from hypothesis import given

from app.domain import words
from app.domain.earning import PurchasePoints
from app.domain.program import Counting, CreditWhen, Limits, Program
from app.domain.words import program_in_words
from tests.builders.settings import any_of


def test_the_example_in_the_docstring_holds():
    assert 0 == doctest.testmod(words).failed


def test_limits_waiting_and_what_does_not_count_are_told():
    program = Program(
        earning=(PurchasePoints(rate=Decimal("2.5")),),
        counting=Counting(includes_tax=True, excluded_tags=frozenset({"SALE", "art"})),
        limits=Limits(order_amount_min=Decimal(10), points_per_day_max=1000),
        credit_when=CreditWhen.FULFILLED,
        credit_after_days=14,
    )

    told = program_in_words(program, "JPY")

    assert told[:6] == [
        "You earn 2.5 points for each 1 JPY you spend.",
        "Shipping and buying gift cards earn nothing.",
        "Products tagged “art” and “sale” earn nothing.",
        "An order earns from 10 JPY on.",
        "You can earn at most 1,000 points a day.",
        "You can spend your points 14 days after the order is fulfilled.",
    ]


@given(any_of(Program))
def test_every_program_can_be_told(program):
    told = program_in_words(program, "EUR")

    assert len(told) >= len(program.earning) + len(program.rewards) + 3
    assert all(sentence.endswith(".") for sentence in told)
    assert all(sentence[0].isupper() or sentence[0].isdigit() for sentence in told)

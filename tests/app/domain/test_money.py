"""Money is whole minor units: read exactly, rounded once, never out of bounds."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import MINOR_MAX, in_words, share, to_major, to_minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("0.1", "USD", 10),
        (3, "EUR", 300),
        ("1234", "JPY", 1234),
        ("1234.00", "KRW", 1234),
        ("1.234", "KWD", 1234),
        ("7.5", "XXX", 750),
        ("-5.00", "EUR", -500),
        ("0.005", "EUR", 1),
        ("-0.005", "EUR", -1),
        ("0.0049", "EUR", 0),
        ("0.5", "JPY", 1),
        ("1e2", "EUR", 10000),
    ],
)
def test_an_amount_is_read_in_its_currency(amount, currency, minor):
    assert minor == to_minor(amount, currency)


@pytest.mark.parametrize(
    "amount", ["", "ten", "NaN", "sNaN", "Infinity", "-Infinity", "1e16", "-1e16"]
)
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(ValueError, match=r"amount|larger"):
        to_minor(amount, "EUR")


@pytest.mark.parametrize("amount", ["1e999999", "-9e999999", "1e20000"])
def test_an_amount_past_all_bounds_is_refused_like_any_other(amount):
    with pytest.raises(ValueError, match=r"amount|larger"):
        to_minor(Decimal(amount), "EUR")


def test_the_largest_amount_is_accepted_and_one_more_is_not():
    assert MINOR_MAX == to_minor(Decimal(MINOR_MAX), "JPY")
    with pytest.raises(ValueError, match="larger"):
        to_minor(Decimal(MINOR_MAX + 1), "JPY")


@given(
    st.integers(-MINOR_MAX, MINOR_MAX),
    st.sampled_from(["EUR", "JPY", "KWD", "ISK", "ZZZ"]),
)
def test_major_and_minor_units_say_the_same(minor, currency):
    assert minor == to_minor(to_major(minor, currency), currency)


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [(1250, "EUR", "12.50 EUR"), (1250, "JPY", "1250 JPY"), (5, "KWD", "0.005 KWD")],
)
def test_money_is_said_with_its_own_number_of_digits(minor, currency, words):
    assert words == in_words(minor, currency)


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 10**15))
def test_a_share_is_the_nearest_whole_unit(amount, part, whole):
    assert abs(Fraction(amount * part, whole) - share(amount, part, whole)) <= Fraction(
        1, 2
    )


@given(st.integers(0, 10**15), st.integers(0, 10**6))
def test_a_share_is_never_more_than_its_whole(amount, whole):
    assert all(share(amount, part, whole) <= amount for part in {0, whole // 2, whole})
    assert (amount if whole else 0) == share(amount, whole, whole)


def test_half_a_unit_is_shared_upward():
    assert 1 == share(1, 1, 2)

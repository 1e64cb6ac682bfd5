"""Nobody guesses the code of a reward, from other codes or by trying."""

from __future__ import annotations

from collections import Counter

import pytest

from app.domain.redemptions import code_of

_CODES = 1_000_000
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 12


@pytest.fixture(scope="module")
def codes() -> list[str]:
    """The codes of redemptions with the plainest of ids, one after another."""
    return [code_of("secret", 1, str(number)) for number in range(_CODES)]


def test_no_code_is_given_twice(codes: list[str]):
    assert _CODES == len(set(codes))
    assert {_LENGTH} == set(map(len, codes))


def test_every_letter_is_as_likely_as_any_other_in_every_place(codes: list[str]):
    """By Pearson's test, at one in a million: else some codes were tried first."""
    one_after_another, expected = "".join(codes), _CODES / len(_LETTERS)
    for place in range(2, _LENGTH):
        found = Counter(one_after_another[place::_LENGTH])
        off = sum((each - expected) ** 2 / expected for each in found.values())

        assert found.keys() == set(_LETTERS)
        # Of 30 degrees of freedom.
        assert off < 84


def test_a_code_follows_from_the_secret_and_the_program():
    ours = code_of("secret", 1, "one")

    assert ours == code_of("secret", 1, "one")
    assert 4 == len({ours, *(code_of(*each) for each in _OTHERS)})


_OTHERS = (("other", 1, "one"), ("secret", 2, "one"), ("secret", 1, "other"))
